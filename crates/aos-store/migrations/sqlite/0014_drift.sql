-- Drift: what was accepted and what was seen of each stream, mappings by the epoch of the shape they are for, re-mapping from the lake, and
-- the queue of what a person is to decide.

-- Counts the changes of a stream's shape: which mapping a raw record is to be read under follows from when its segment was written.
ALTER TABLE segments ADD COLUMN epoch BIGINT NOT NULL DEFAULT 0;
ALTER TABLE mappings ADD COLUMN epoch BIGINT NOT NULL DEFAULT 0;
-- The version it was made from, and the shape that was accepted with it.
ALTER TABLE mappings ADD COLUMN base_version BIGINT;
ALTER TABLE mappings ADD COLUMN shape_id BLOB;
-- When a record was read without this rejection, after a repair.
ALTER TABLE rejections ADD COLUMN resolved_at BIGINT;

-- Shapes with sketches of their values. They are never changed.
CREATE TABLE stream_shapes (
    tenant_id     BLOB   NOT NULL,
    id            BLOB   NOT NULL,
    connection_id BLOB   NOT NULL,
    stream        TEXT   NOT NULL,
    fingerprint   TEXT   NOT NULL,
    body          TEXT   NOT NULL,
    created_at    BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, id)
) WITHOUT ROWID;
CREATE INDEX stream_shapes_by_stream ON stream_shapes (tenant_id, connection_id, stream, id);

CREATE TABLE stream_profiles (
    tenant_id     BLOB   NOT NULL,
    connection_id BLOB   NOT NULL,
    stream        TEXT   NOT NULL,
    epoch         BIGINT NOT NULL DEFAULT 0,
    accepted_id   BLOB,
    -- What was last seen while it differed from what is accepted, and what the difference is.
    observed_id   BLOB,
    drift         TEXT,
    -- Raw records of the shape that was seen, in the lake: a segment that no read was committed with.
    sample        TEXT,
    contract      TEXT,
    updated_at    BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, connection_id, stream)
) WITHOUT ROWID;

-- What each run saw, without sketches; the latest ones of each stream.
CREATE TABLE stream_observations (
    tenant_id     BLOB   NOT NULL,
    id            BLOB   NOT NULL,
    connection_id BLOB   NOT NULL,
    stream        TEXT   NOT NULL,
    run_id        BLOB   NOT NULL,
    at            BIGINT NOT NULL,
    epoch         BIGINT NOT NULL,
    fingerprint   TEXT   NOT NULL,
    sampled       BIGINT NOT NULL,
    shape         TEXT   NOT NULL,
    changes       TEXT   NOT NULL,
    PRIMARY KEY (tenant_id, id)
) WITHOUT ROWID;
CREATE INDEX stream_observations_by_stream ON stream_observations (tenant_id, connection_id, stream, id);

-- One re-mapping of what is in the lake, segment by segment, the newest first.
CREATE TABLE remaps (
    tenant_id      BLOB   NOT NULL,
    id             BLOB   NOT NULL,
    connection_id  BLOB   NOT NULL,
    stream         TEXT   NOT NULL,
    version        BIGINT NOT NULL,
    epoch          BIGINT NOT NULL,
    state          TEXT   NOT NULL,
    segments       BIGINT NOT NULL,
    segments_done  BIGINT NOT NULL,
    -- The segment that was re-mapped last; those before it follow.
    done_down_to   BLOB,
    records        BIGINT NOT NULL DEFAULT 0,
    landed         BIGINT NOT NULL DEFAULT 0,
    removed        BIGINT NOT NULL DEFAULT 0,
    restored       BIGINT NOT NULL DEFAULT 0,
    created_at     BIGINT NOT NULL,
    finished_at    BIGINT,
    PRIMARY KEY (tenant_id, id)
) WITHOUT ROWID;
CREATE INDEX remaps_by_stream ON remaps (tenant_id, connection_id, stream, id);

CREATE TABLE reviews (
    tenant_id     BLOB   NOT NULL,
    id            BLOB   NOT NULL,
    kind          TEXT   NOT NULL,
    -- What it is about, in the words of its kind: one open item for each.
    subject       TEXT   NOT NULL,
    connection_id BLOB,
    stream        TEXT,
    title         TEXT   NOT NULL,
    payload       TEXT   NOT NULL,
    confidence    REAL,
    severity      TEXT   NOT NULL,
    state         TEXT   NOT NULL,
    -- Grows with every change, so that nobody decides what they have not seen.
    revision      BIGINT NOT NULL,
    assignee      TEXT,
    created_at    BIGINT NOT NULL,
    updated_at    BIGINT NOT NULL,
    expires_at    BIGINT,
    escalate_at   BIGINT,
    decided_at    BIGINT,
    decided_by    TEXT,
    outcome       TEXT,
    PRIMARY KEY (tenant_id, id)
) WITHOUT ROWID;
CREATE UNIQUE INDEX reviews_open ON reviews (tenant_id, kind, subject) WHERE state = 'open';
CREATE INDEX reviews_by_subject ON reviews (tenant_id, kind, subject, id);

CREATE TABLE review_comments (
    tenant_id BLOB   NOT NULL,
    review_id BLOB   NOT NULL,
    id        BLOB   NOT NULL,
    at        BIGINT NOT NULL,
    author    TEXT   NOT NULL,
    text      TEXT   NOT NULL,
    PRIMARY KEY (tenant_id, review_id, id)
) WITHOUT ROWID;

-- What people decided, as evidence of how often a probability is right.
CREATE TABLE review_decisions (
    tenant_id   BLOB    NOT NULL,
    id          BLOB    NOT NULL,
    review_id   BLOB    NOT NULL,
    kind        TEXT    NOT NULL,
    at          BIGINT  NOT NULL,
    by_whom     TEXT    NOT NULL,
    action      TEXT    NOT NULL,
    probability REAL,
    was_right   BOOLEAN,
    features    TEXT    NOT NULL,
    PRIMARY KEY (tenant_id, id)
) WITHOUT ROWID;
CREATE INDEX review_decisions_by_kind ON review_decisions (tenant_id, kind, id);
