-- grain: segment; the live one at a path ends with a snapshot
UPDATE segment SET end_snapshot = ? WHERE path = ? AND end_snapshot IS NULL
