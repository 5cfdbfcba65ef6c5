-- grain: one statement a table of the catalog: which migrations it has been through
CREATE TABLE migration (
    number BIGINT PRIMARY KEY,
    name VARCHAR NOT NULL,
    sha256 VARCHAR NOT NULL
);
