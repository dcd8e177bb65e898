-- The first tables. Every key of a tenant's table starts with tenant_id. Identifiers are 16-byte blobs, times are
-- microseconds since the epoch (UTC), JSON is text.

CREATE TABLE tenants (
    id         BLOB   NOT NULL PRIMARY KEY,
    name       TEXT   NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE INDEX tenants_by_name ON tenants (name);

CREATE TABLE users (
    tenant_id     BLOB   NOT NULL REFERENCES tenants (id),
    id            BLOB   NOT NULL,
    email         TEXT   NOT NULL,
    name          TEXT   NOT NULL,
    password_hash TEXT   NOT NULL,
    role          TEXT   NOT NULL,
    created_at    BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, id)
) WITHOUT ROWID;

-- Global: the one way from an e-mail address to its tenant.
CREATE TABLE sign_in_directory (
    email_normalized TEXT NOT NULL PRIMARY KEY,
    tenant_id        BLOB NOT NULL,
    user_id          BLOB NOT NULL
) WITHOUT ROWID;

CREATE TABLE revoked_tokens (
    tenant_id  BLOB   NOT NULL,
    jti        TEXT   NOT NULL,
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, jti)
) WITHOUT ROWID;

CREATE TABLE tenant_settings (
    tenant_id BLOB NOT NULL,
    key       TEXT NOT NULL,
    value     TEXT NOT NULL,
    PRIMARY KEY (tenant_id, key)
) WITHOUT ROWID;

CREATE TABLE ontology_extensions (
    tenant_id  BLOB   NOT NULL,
    version    BIGINT NOT NULL,
    body       TEXT   NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, version)
) WITHOUT ROWID;

CREATE TABLE connections (
    tenant_id  BLOB   NOT NULL REFERENCES tenants (id),
    id         BLOB   NOT NULL,
    name       TEXT   NOT NULL,
    system     TEXT   NOT NULL,
    connector  TEXT   NOT NULL,
    config     TEXT   NOT NULL,
    created_at BIGINT NOT NULL,
    deleted_at BIGINT,
    PRIMARY KEY (tenant_id, id)
) WITHOUT ROWID;
CREATE UNIQUE INDEX connections_by_name ON connections (tenant_id, name) WHERE deleted_at IS NULL;

-- The cursor of a stream lives here: version and generation mean "read completely up to this version of the source".
CREATE TABLE streams (
    tenant_id        BLOB   NOT NULL,
    connection_id    BLOB   NOT NULL,
    name             TEXT   NOT NULL,
    shape            TEXT,
    fingerprint      TEXT,
    version          TEXT,
    generation       BIGINT NOT NULL DEFAULT 0,
    -- Generation of the first page that ever landed; pages of the same one need not be compared with what is materialized.
    first_generation BIGINT,
    records_read     BIGINT NOT NULL DEFAULT 0,
    status_text      TEXT   NOT NULL DEFAULT '',
    updated_at       BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, connection_id, name)
) WITHOUT ROWID;

CREATE TABLE mappings (
    tenant_id     BLOB    NOT NULL,
    connection_id BLOB    NOT NULL,
    stream        TEXT    NOT NULL,
    version       BIGINT  NOT NULL,
    body          TEXT    NOT NULL,
    matched       TEXT    NOT NULL,
    active        BOOLEAN NOT NULL,
    origin        TEXT    NOT NULL,
    created_at    BIGINT  NOT NULL,
    PRIMARY KEY (tenant_id, connection_id, stream, version)
) WITHOUT ROWID;
CREATE UNIQUE INDEX mappings_active ON mappings (tenant_id, connection_id, stream) WHERE active;

CREATE TABLE segments (
    tenant_id     BLOB   NOT NULL,
    id            BLOB   NOT NULL,
    connection_id BLOB   NOT NULL,
    stream        TEXT   NOT NULL,
    run_id        BLOB   NOT NULL,
    path          TEXT   NOT NULL,
    records       BIGINT NOT NULL,
    malformed     BIGINT NOT NULL,
    bytes         BIGINT NOT NULL,
    raw_bytes     BIGINT NOT NULL,
    checksum      TEXT   NOT NULL,
    generation    BIGINT NOT NULL,
    created_at    BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, id)
) WITHOUT ROWID;
CREATE INDEX segments_by_connection ON segments (tenant_id, connection_id);

CREATE TABLE runs (
    tenant_id     BLOB   NOT NULL,
    id            BLOB   NOT NULL,
    connection_id BLOB   NOT NULL,
    started_at    BIGINT NOT NULL,
    finished_at   BIGINT,
    outcome       TEXT,
    error         TEXT,
    trace_id      TEXT   NOT NULL,
    PRIMARY KEY (tenant_id, id)
) WITHOUT ROWID;
CREATE INDEX runs_by_connection ON runs (tenant_id, connection_id, id);

CREATE TABLE run_streams (
    tenant_id BLOB   NOT NULL,
    run_id    BLOB   NOT NULL,
    stream    TEXT   NOT NULL,
    read      BIGINT NOT NULL,
    landed    BIGINT NOT NULL,
    duplicate BIGINT NOT NULL,
    filtered  BIGINT NOT NULL,
    rejected  BIGINT NOT NULL,
    warnings  TEXT   NOT NULL,
    PRIMARY KEY (tenant_id, run_id, stream)
) WITHOUT ROWID;

CREATE TABLE connect_runs (
    tenant_id   BLOB   NOT NULL,
    id          BLOB   NOT NULL,
    status      TEXT   NOT NULL,
    sources     TEXT   NOT NULL,
    started_at  BIGINT NOT NULL,
    finished_at BIGINT,
    error       TEXT,
    elapsed_ms  BIGINT,
    PRIMARY KEY (tenant_id, id)
) WITHOUT ROWID;

CREATE TABLE rejections (
    tenant_id     BLOB   NOT NULL,
    id            BLOB   NOT NULL,
    connection_id BLOB   NOT NULL,
    stream        TEXT   NOT NULL,
    run_id        BLOB   NOT NULL,
    level         TEXT   NOT NULL,
    code          TEXT   NOT NULL,
    message       TEXT   NOT NULL,
    column_name   TEXT,
    raw           TEXT   NOT NULL,
    position      BIGINT NOT NULL,
    evidence_hash BIGINT NOT NULL,
    created_at    BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, id)
) WITHOUT ROWID;
CREATE UNIQUE INDEX rejections_by_evidence ON rejections (tenant_id, connection_id, stream, evidence_hash);

CREATE TABLE audit (
    tenant_id BLOB   NOT NULL,
    id        BLOB   NOT NULL,
    at        BIGINT NOT NULL,
    principal TEXT   NOT NULL,
    action    TEXT   NOT NULL,
    resource  TEXT   NOT NULL,
    detail    TEXT   NOT NULL,
    PRIMARY KEY (tenant_id, id)
) WITHOUT ROWID;
