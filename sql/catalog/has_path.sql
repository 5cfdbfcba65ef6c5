-- grain: catalog; whether any snapshot has the segment at the path asked for
SELECT count(*) > 0 FROM segment WHERE path = ?
