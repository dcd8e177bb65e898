-- Canonical events and what they add up to.

-- One row per tenant. Taking positions from here orders them by commit: a reader of "position > n" cannot miss a smaller
-- one that commits later. `epoch` changes when rows vanish without a tombstone, so that followers start again.
CREATE TABLE stream_heads (
    tenant_id UUID   NOT NULL PRIMARY KEY,
    position  BIGINT NOT NULL,
    epoch     BIGINT NOT NULL
);

-- Append-only. The one place that holds `data` and `extras`: of old versions and new.
CREATE TABLE canonical_stream (
    tenant_id       UUID             NOT NULL,
    position        BIGINT           NOT NULL,
    dedupe_key      BYTEA            NOT NULL,
    connection_id   UUID             NOT NULL,
    entity          TEXT COLLATE "C" NOT NULL,
    record_id       TEXT COLLATE "C" NOT NULL,
    fragment        TEXT COLLATE "C" NOT NULL,
    op              TEXT COLLATE "C" NOT NULL,
    source_version  BIGINT           NOT NULL,
    mapping_version BIGINT           NOT NULL,
    segment_id      UUID             NOT NULL,
    raw_position    BIGINT           NOT NULL,
    emitted_at      BIGINT           NOT NULL,
    run_id          UUID             NOT NULL,
    data            TEXT COLLATE "C" NOT NULL,
    extras          TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (tenant_id, position)
);
-- record_id is part of what the dedupe key digests; standing in front of it keeps neighbours of a load together, so that a
-- page touches few leaves of the index instead of one per event.
CREATE UNIQUE INDEX canonical_stream_dedupe ON canonical_stream (tenant_id, record_id, dedupe_key);

-- The texts of long records are compressed; of the two ways there are, the fast one, where the server was built with it.
DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_settings WHERE name = 'default_toast_compression' AND 'lz4' = ANY (enumvals)) THEN
        ALTER TABLE canonical_stream ALTER COLUMN data SET COMPRESSION lz4, ALTER COLUMN extras SET COMPRESSION lz4;
    END IF;
END
$$;

-- Which event holds for each fragment of each record now. Its data is the event's, at `position`.
--
-- A change writes only into the row's own page as long as no indexed column changes and the page has room: so there is no index
-- of positions, unlike in SQLite, and half of each page is kept free.
CREATE TABLE materialized (
    tenant_id       UUID             NOT NULL,
    entity          TEXT COLLATE "C" NOT NULL,
    connection_id   UUID             NOT NULL,
    record_id       TEXT COLLATE "C" NOT NULL,
    fragment        TEXT COLLATE "C" NOT NULL,
    source_version  BIGINT           NOT NULL,
    mapping_version BIGINT           NOT NULL,
    content_hash    BIGINT           NOT NULL,
    position        BIGINT           NOT NULL,
    deleted         BOOLEAN          NOT NULL,
    updated_at      BIGINT           NOT NULL,
    PRIMARY KEY (tenant_id, entity, connection_id, record_id, fragment)
) WITH (fillfactor = 45);

-- Live rows per fragment, kept with the rows, so that nobody has to count them.
CREATE TABLE entity_counts (
    tenant_id     UUID             NOT NULL,
    connection_id UUID             NOT NULL,
    entity        TEXT COLLATE "C" NOT NULL,
    fragment      TEXT COLLATE "C" NOT NULL,
    live_rows     BIGINT           NOT NULL,
    PRIMARY KEY (tenant_id, connection_id, entity, fragment)
);

SELECT autonomos_protect('stream_heads'), autonomos_protect('canonical_stream'), autonomos_protect('materialized'),
       autonomos_protect('entity_counts');

GRANT SELECT, INSERT, UPDATE, DELETE ON stream_heads, canonical_stream, materialized, entity_counts TO autonomos_application_rights;

-- The head of a tenant's stream is made together with the tenant.
GRANT INSERT ON stream_heads TO autonomos_system_rights;
CREATE POLICY system_registers ON stream_heads FOR INSERT TO autonomos_system_rights WITH CHECK (TRUE);
