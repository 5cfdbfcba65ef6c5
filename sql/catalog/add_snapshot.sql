-- grain: snapshot; one new one
INSERT INTO snapshot VALUES (?, ?, ?::TIMESTAMPTZ::TIMESTAMP, ?, ?)
