-- Canonical events and what they add up to.

-- One row per tenant. Taking positions from here orders them by commit: a reader of "position > n" cannot miss a smaller
-- one that commits later. `epoch` changes when rows vanish without a tombstone, so that followers start again.
CREATE TABLE stream_heads (
    tenant_id BLOB   NOT NULL PRIMARY KEY,
    position  BIGINT NOT NULL,
    epoch     BIGINT NOT NULL
) WITHOUT ROWID;

-- Append-only, clustered by tenant and position. The one place that holds `data` and `extras`: of old versions and new.
CREATE TABLE canonical_stream (
    tenant_id       BLOB   NOT NULL,
    position        BIGINT NOT NULL,
    dedupe_key      BLOB   NOT NULL,
    connection_id   BLOB   NOT NULL,
    entity          TEXT   NOT NULL,
    record_id       TEXT   NOT NULL,
    fragment        TEXT   NOT NULL,
    op              TEXT   NOT NULL,
    source_version  BIGINT NOT NULL,
    mapping_version BIGINT NOT NULL,
    segment_id      BLOB   NOT NULL,
    raw_position    BIGINT NOT NULL,
    emitted_at      BIGINT NOT NULL,
    run_id          BLOB   NOT NULL,
    data            TEXT   NOT NULL,
    extras          TEXT   NOT NULL,
    PRIMARY KEY (tenant_id, position)
) WITHOUT ROWID;
-- record_id is part of what the dedupe key digests; standing in front of it keeps neighbours of a load together, so that a
-- page touches few leaves of the index instead of one per event.
CREATE UNIQUE INDEX canonical_stream_dedupe ON canonical_stream (tenant_id, record_id, dedupe_key);

-- Which event holds for each fragment of each record now. Its data is the event's, at `position`.
CREATE TABLE materialized (
    tenant_id       BLOB    NOT NULL,
    entity          TEXT    NOT NULL,
    connection_id   BLOB    NOT NULL,
    record_id       TEXT    NOT NULL,
    fragment        TEXT    NOT NULL,
    source_version  BIGINT  NOT NULL,
    mapping_version BIGINT  NOT NULL,
    content_hash    BIGINT  NOT NULL,
    position        BIGINT  NOT NULL,
    deleted         BOOLEAN NOT NULL,
    updated_at      BIGINT  NOT NULL,
    PRIMARY KEY (tenant_id, entity, connection_id, record_id, fragment)
) WITHOUT ROWID;
CREATE UNIQUE INDEX materialized_by_position ON materialized (tenant_id, position);

-- Live rows per fragment, kept with the rows, so that nobody has to count them.
CREATE TABLE entity_counts (
    tenant_id     BLOB   NOT NULL,
    connection_id BLOB   NOT NULL,
    entity        TEXT   NOT NULL,
    fragment      TEXT   NOT NULL,
    live_rows     BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, connection_id, entity, fragment)
) WITHOUT ROWID;
