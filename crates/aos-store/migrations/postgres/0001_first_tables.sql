-- The first tables. Every key of a tenant's table starts with tenant_id. Times are microseconds since the epoch (UTC), JSON is
-- text, and text is compared byte by byte, as SQLite does.
--
-- `autonomos migrate` has made two roles that nobody signs in as: members of autonomos_application_rights see one tenant at a time,
-- members of autonomos_system_rights the few rows that cross tenants.

-- Returns the tenant that the transaction was begun for; null when it was begun for none, so that nothing is seen. A setting
-- that was ever set locally reads as '' afterwards.
CREATE FUNCTION autonomos_tenant() RETURNS UUID
LANGUAGE sql STABLE PARALLEL SAFE
RETURN NULLIF(current_setting('aos.tenant_id', TRUE), '')::UUID;

-- Puts a table under row security, of its owner too: the application sees and writes the rows of one tenant. As a sub-select,
-- the tenant is looked up once per statement instead of once per row.
CREATE FUNCTION autonomos_protect(tenant_table REGCLASS) RETURNS VOID
LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', tenant_table);
    EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', tenant_table);
    EXECUTE format(
        'CREATE POLICY one_tenant ON %s TO autonomos_application_rights
             USING (tenant_id = (SELECT autonomos_tenant())) WITH CHECK (tenant_id = (SELECT autonomos_tenant()))',
        tenant_table);
END
$$;
REVOKE ALL ON FUNCTION autonomos_protect(REGCLASS) FROM PUBLIC;

CREATE TABLE tenants (
    id         UUID             NOT NULL PRIMARY KEY,
    name       TEXT COLLATE "C" NOT NULL,
    created_at BIGINT           NOT NULL
);
CREATE INDEX tenants_by_name ON tenants (name);

CREATE TABLE users (
    tenant_id     UUID             NOT NULL REFERENCES tenants (id),
    id            UUID             NOT NULL,
    email         TEXT COLLATE "C" NOT NULL,
    name          TEXT COLLATE "C" NOT NULL,
    password_hash TEXT COLLATE "C" NOT NULL,
    role          TEXT COLLATE "C" NOT NULL,
    created_at    BIGINT           NOT NULL,
    PRIMARY KEY (tenant_id, id)
);

-- Global: the one way from an e-mail address to its tenant.
CREATE TABLE sign_in_directory (
    email_normalized TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    tenant_id        UUID             NOT NULL,
    user_id          UUID             NOT NULL
);

CREATE TABLE revoked_tokens (
    tenant_id  UUID             NOT NULL,
    jti        TEXT COLLATE "C" NOT NULL,
    expires_at BIGINT           NOT NULL,
    PRIMARY KEY (tenant_id, jti)
);

CREATE TABLE tenant_settings (
    tenant_id UUID             NOT NULL,
    key       TEXT COLLATE "C" NOT NULL,
    value     TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (tenant_id, key)
);

CREATE TABLE ontology_extensions (
    tenant_id  UUID             NOT NULL,
    version    BIGINT           NOT NULL,
    body       TEXT COLLATE "C" NOT NULL,
    created_at BIGINT           NOT NULL,
    PRIMARY KEY (tenant_id, version)
);

CREATE TABLE connections (
    tenant_id  UUID             NOT NULL REFERENCES tenants (id),
    id         UUID             NOT NULL,
    name       TEXT COLLATE "C" NOT NULL,
    system     TEXT COLLATE "C" NOT NULL,
    connector  TEXT COLLATE "C" NOT NULL,
    config     TEXT COLLATE "C" NOT NULL,
    created_at BIGINT           NOT NULL,
    deleted_at BIGINT,
    PRIMARY KEY (tenant_id, id)
);
CREATE UNIQUE INDEX connections_by_name ON connections (tenant_id, name) WHERE deleted_at IS NULL;

-- The cursor of a stream lives here: version and generation mean "read completely up to this version of the source".
CREATE TABLE streams (
    tenant_id        UUID             NOT NULL,
    connection_id    UUID             NOT NULL,
    name             TEXT COLLATE "C" NOT NULL,
    shape            TEXT COLLATE "C",
    fingerprint      TEXT COLLATE "C",
    version          TEXT COLLATE "C",
    generation       BIGINT           NOT NULL DEFAULT 0,
    -- Generation of the first page that ever landed; pages of the same one need not be compared with what is materialized.
    first_generation BIGINT,
    records_read     BIGINT           NOT NULL DEFAULT 0,
    status_text      TEXT COLLATE "C" NOT NULL DEFAULT '',
    updated_at       BIGINT           NOT NULL,
    PRIMARY KEY (tenant_id, connection_id, name)
);

CREATE TABLE mappings (
    tenant_id     UUID             NOT NULL,
    connection_id UUID             NOT NULL,
    stream        TEXT COLLATE "C" NOT NULL,
    version       BIGINT           NOT NULL,
    body          TEXT COLLATE "C" NOT NULL,
    matched       TEXT COLLATE "C" NOT NULL,
    active        BOOLEAN          NOT NULL,
    origin        TEXT COLLATE "C" NOT NULL,
    created_at    BIGINT           NOT NULL,
    PRIMARY KEY (tenant_id, connection_id, stream, version)
);
CREATE UNIQUE INDEX mappings_active ON mappings (tenant_id, connection_id, stream) WHERE active;

CREATE TABLE segments (
    tenant_id     UUID             NOT NULL,
    id            UUID             NOT NULL,
    connection_id UUID             NOT NULL,
    stream        TEXT COLLATE "C" NOT NULL,
    run_id        UUID             NOT NULL,
    path          TEXT COLLATE "C" NOT NULL,
    records       BIGINT           NOT NULL,
    malformed     BIGINT           NOT NULL,
    bytes         BIGINT           NOT NULL,
    raw_bytes     BIGINT           NOT NULL,
    checksum      TEXT COLLATE "C" NOT NULL,
    generation    BIGINT           NOT NULL,
    created_at    BIGINT           NOT NULL,
    PRIMARY KEY (tenant_id, id)
);
CREATE INDEX segments_by_connection ON segments (tenant_id, connection_id);

CREATE TABLE runs (
    tenant_id     UUID             NOT NULL,
    id            UUID             NOT NULL,
    connection_id UUID             NOT NULL,
    started_at    BIGINT           NOT NULL,
    finished_at   BIGINT,
    outcome       TEXT COLLATE "C",
    error         TEXT COLLATE "C",
    trace_id      TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (tenant_id, id)
);
CREATE INDEX runs_by_connection ON runs (tenant_id, connection_id, id);

CREATE TABLE run_streams (
    tenant_id UUID             NOT NULL,
    run_id    UUID             NOT NULL,
    stream    TEXT COLLATE "C" NOT NULL,
    read      BIGINT           NOT NULL,
    landed    BIGINT           NOT NULL,
    duplicate BIGINT           NOT NULL,
    filtered  BIGINT           NOT NULL,
    rejected  BIGINT           NOT NULL,
    warnings  TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (tenant_id, run_id, stream)
);

CREATE TABLE connect_runs (
    tenant_id   UUID             NOT NULL,
    id          UUID             NOT NULL,
    status      TEXT COLLATE "C" NOT NULL,
    sources     TEXT COLLATE "C" NOT NULL,
    started_at  BIGINT           NOT NULL,
    finished_at BIGINT,
    error       TEXT COLLATE "C",
    elapsed_ms  BIGINT,
    PRIMARY KEY (tenant_id, id)
);

CREATE TABLE rejections (
    tenant_id     UUID             NOT NULL,
    id            UUID             NOT NULL,
    connection_id UUID             NOT NULL,
    stream        TEXT COLLATE "C" NOT NULL,
    run_id        UUID             NOT NULL,
    level         TEXT COLLATE "C" NOT NULL,
    code          TEXT COLLATE "C" NOT NULL,
    message       TEXT COLLATE "C" NOT NULL,
    column_name   TEXT COLLATE "C",
    raw           TEXT COLLATE "C" NOT NULL,
    position      BIGINT           NOT NULL,
    evidence_hash BIGINT           NOT NULL,
    created_at    BIGINT           NOT NULL,
    PRIMARY KEY (tenant_id, id)
);
CREATE UNIQUE INDEX rejections_by_evidence ON rejections (tenant_id, connection_id, stream, evidence_hash);

CREATE TABLE audit (
    tenant_id UUID             NOT NULL,
    id        UUID             NOT NULL,
    at        BIGINT           NOT NULL,
    principal TEXT COLLATE "C" NOT NULL,
    action    TEXT COLLATE "C" NOT NULL,
    resource  TEXT COLLATE "C" NOT NULL,
    detail    TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (tenant_id, id)
);

DO $$
DECLARE
    tenant_table REGCLASS;
BEGIN
    FOREACH tenant_table IN ARRAY ARRAY[
        'users', 'revoked_tokens', 'tenant_settings', 'ontology_extensions', 'connections', 'streams', 'mappings', 'segments',
        'runs', 'run_streams', 'connect_runs', 'rejections', 'audit'
    ]::REGCLASS[] LOOP
        PERFORM autonomos_protect(tenant_table);
    END LOOP;
END
$$;

GRANT SELECT, INSERT, UPDATE, DELETE
   ON users, revoked_tokens, tenant_settings, ontology_extensions, connections, streams, mappings, segments, runs, run_streams,
      connect_runs, rejections
   TO autonomos_application_rights;
-- What was done stays written down.
GRANT SELECT, INSERT ON audit TO autonomos_application_rights;

-- Global tables are the system role's alone.
GRANT SELECT, INSERT, UPDATE, DELETE ON tenants, sign_in_directory TO autonomos_system_rights;
-- A user is made together with the entry in the directory; who it is, is read as the tenant afterwards.
GRANT INSERT ON users TO autonomos_system_rights;
CREATE POLICY system_registers ON users FOR INSERT TO autonomos_system_rights WITH CHECK (TRUE);
