-- The audit trail becomes a chain, requests are remembered by their Idempotency-Key, and a tenant has feature flags.

-- Entries from before stay as they are, outside the chain: their `seq` is null. The chain of a tenant begins with its next entry.
ALTER TABLE audit ADD COLUMN trace_id TEXT COLLATE "C";
ALTER TABLE audit ADD COLUMN seq BIGINT;
ALTER TABLE audit ADD COLUMN link BYTEA;
CREATE UNIQUE INDEX audit_by_seq ON audit (tenant_id, seq) WHERE seq IS NOT NULL;

-- How far each tenant's chain goes. Locked by whoever adds an entry, until its transaction ends.
CREATE TABLE audit_heads (
    tenant_id UUID   NOT NULL PRIMARY KEY,
    seq       BIGINT NOT NULL,
    link      BYTEA  NOT NULL
-- Every entry writes this row anew: room on its page keeps that off the index.
) WITH (fillfactor = 50);

-- Heads that were signed. Nothing here needs to be believed: the signature says whether it is true.
CREATE TABLE audit_checkpoints (
    tenant_id UUID             NOT NULL,
    seq       BIGINT           NOT NULL,
    link      BYTEA            NOT NULL,
    at        BIGINT           NOT NULL,
    key       TEXT COLLATE "C" NOT NULL,
    signature TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (tenant_id, seq)
);

-- A request under a key: while it is carried out it has an owner and no status; afterwards it has its answer.
CREATE TABLE idempotency_keys (
    tenant_id   UUID             NOT NULL,
    principal   TEXT COLLATE "C" NOT NULL,
    route       TEXT COLLATE "C" NOT NULL,
    key         TEXT COLLATE "C" NOT NULL,
    -- SHA-256 of what was asked: method, path, query and body.
    asked       BYTEA            NOT NULL,
    owner       UUID             NOT NULL,
    -- Until then nobody else takes the request up; after that its owner is taken for dead.
    lease_until BIGINT           NOT NULL,
    expires_at  BIGINT           NOT NULL,
    status      BIGINT,
    headers     TEXT COLLATE "C",
    -- Null where the answer was too large to keep.
    body        BYTEA,
    PRIMARY KEY (tenant_id, principal, route, key)
);
CREATE INDEX idempotency_keys_by_end ON idempotency_keys (tenant_id, expires_at);

CREATE TABLE feature_flags (
    tenant_id  UUID             NOT NULL,
    name       TEXT COLLATE "C" NOT NULL,
    value      BOOLEAN          NOT NULL,
    changed_at BIGINT           NOT NULL,
    changed_by TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (tenant_id, name)
);

DO $$
DECLARE
    tenant_table REGCLASS;
BEGIN
    FOREACH tenant_table IN ARRAY ARRAY['audit_heads', 'audit_checkpoints', 'idempotency_keys', 'feature_flags']::REGCLASS[] LOOP
        PERFORM autonomos_protect(tenant_table);
    END LOOP;
END
$$;

-- What was done stays written down, and what was signed stays signed.
GRANT SELECT, INSERT ON audit_checkpoints TO autonomos_application_rights;
GRANT SELECT, INSERT, UPDATE ON audit_heads TO autonomos_application_rights;
GRANT SELECT, INSERT, UPDATE, DELETE ON idempotency_keys, feature_flags TO autonomos_application_rights;
-- What the system role does is written down in its transaction too.
GRANT INSERT ON audit TO autonomos_system_rights;
GRANT SELECT, INSERT, UPDATE ON audit_heads TO autonomos_system_rights;
CREATE POLICY system_writes_down ON audit FOR INSERT TO autonomos_system_rights WITH CHECK (TRUE);
CREATE POLICY system_writes_down ON audit_heads TO autonomos_system_rights USING (TRUE) WITH CHECK (TRUE);
