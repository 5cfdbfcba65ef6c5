-- grain: segment; one new one
INSERT INTO segment VALUES (?, ?, ?, NULL, ?, ?, ?, ?)
