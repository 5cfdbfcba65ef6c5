-- grain: segment; those that make up the snapshot asked for
SELECT table_name, path, rows, bytes, file_sha256, logical_hash
FROM segment
WHERE begin_snapshot <= $1 AND (end_snapshot IS NULL OR end_snapshot > $1)
ORDER BY table_name, path
