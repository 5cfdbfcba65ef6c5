-- grain: file; all segments of all snapshots
SELECT DISTINCT path FROM segment ORDER BY path
