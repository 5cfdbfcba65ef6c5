-- grain: snapshot; the one that has the name asked for
SELECT snapshot FROM name WHERE name = ?
