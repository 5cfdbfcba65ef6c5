-- grain: one statement a table of the catalog: names that were given to snapshots
CREATE TABLE name (
    name VARCHAR PRIMARY KEY,
    snapshot BIGINT NOT NULL,
    given_in BIGINT NOT NULL
);
