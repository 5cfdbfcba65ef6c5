-- grain: migration; those the catalog has been through
SELECT number, name, sha256 FROM migration ORDER BY number
