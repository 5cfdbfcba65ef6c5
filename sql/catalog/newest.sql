-- grain: catalog; the newest snapshot, 0 where there is none
SELECT coalesce(max(id), 0) FROM snapshot
