-- grain: migration; one that was carried out
INSERT INTO migration VALUES (?, ?, ?)
