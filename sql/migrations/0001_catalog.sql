-- grain: one statement a table of the catalog
CREATE TABLE snapshot (
    id BIGINT PRIMARY KEY,
    parent BIGINT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    stage VARCHAR NOT NULL,
    lineage VARCHAR NOT NULL
);

CREATE TABLE segment (
    table_name VARCHAR NOT NULL,
    path VARCHAR NOT NULL,
    begin_snapshot BIGINT NOT NULL,
    end_snapshot BIGINT,
    rows BIGINT NOT NULL,
    bytes BIGINT NOT NULL,
    file_sha256 VARCHAR NOT NULL,
    logical_hash VARCHAR NOT NULL
);
