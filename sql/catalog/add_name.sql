-- grain: name; one new one
INSERT INTO name VALUES (?, ?, ?)
