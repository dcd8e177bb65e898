-- The audit trail becomes a chain, requests are remembered by their Idempotency-Key, and a tenant has feature flags.

-- Entries from before stay as they are, outside the chain: their `seq` is null. The chain of a tenant begins with its next entry.
ALTER TABLE audit ADD COLUMN trace_id TEXT;
ALTER TABLE audit ADD COLUMN seq BIGINT;
ALTER TABLE audit ADD COLUMN link BLOB;
CREATE UNIQUE INDEX audit_by_seq ON audit (tenant_id, seq) WHERE seq IS NOT NULL;

-- How far each tenant's chain goes. Locked by whoever adds an entry, until its transaction ends.
CREATE TABLE audit_heads (
    tenant_id BLOB   NOT NULL PRIMARY KEY,
    seq       BIGINT NOT NULL,
    link      BLOB   NOT NULL
) WITHOUT ROWID;

-- Heads that were signed. Nothing here needs to be believed: the signature says whether it is true.
CREATE TABLE audit_checkpoints (
    tenant_id BLOB   NOT NULL,
    seq       BIGINT NOT NULL,
    link      BLOB   NOT NULL,
    at        BIGINT NOT NULL,
    key       TEXT   NOT NULL,
    signature TEXT   NOT NULL,
    PRIMARY KEY (tenant_id, seq)
) WITHOUT ROWID;

-- A request under a key: while it is carried out it has an owner and no status; afterwards it has its answer.
CREATE TABLE idempotency_keys (
    tenant_id   BLOB   NOT NULL,
    principal   TEXT   NOT NULL,
    route       TEXT   NOT NULL,
    key         TEXT   NOT NULL,
    -- SHA-256 of what was asked: method, path, query and body.
    asked       BLOB   NOT NULL,
    owner       BLOB   NOT NULL,
    -- Until then nobody else takes the request up; after that its owner is taken for dead.
    lease_until BIGINT NOT NULL,
    expires_at  BIGINT NOT NULL,
    status      BIGINT,
    headers     TEXT,
    -- Null where the answer was too large to keep.
    body        BLOB,
    PRIMARY KEY (tenant_id, principal, route, key)
) WITHOUT ROWID;
CREATE INDEX idempotency_keys_by_end ON idempotency_keys (tenant_id, expires_at);

CREATE TABLE feature_flags (
    tenant_id  BLOB    NOT NULL,
    name       TEXT    NOT NULL,
    value      BOOLEAN NOT NULL,
    changed_at BIGINT  NOT NULL,
    changed_by TEXT    NOT NULL,
    PRIMARY KEY (tenant_id, name)
) WITHOUT ROWID;
