-- grain: catalog; whether a snapshot of the number asked for was committed
SELECT count(*) > 0 FROM snapshot WHERE id = ?
