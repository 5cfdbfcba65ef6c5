-- grain: file; the segments of all snapshots
SELECT DISTINCT table_name, path, rows, bytes, file_sha256, logical_hash
FROM segment
ORDER BY path
