-- Secrets, sealed with keys of their tenants, which are wrapped with the master key; and tenants that are being deleted.

-- A tenant's data keys. Secrets are sealed with the newest; older ones go once nothing is sealed with them any more.
CREATE TABLE tenant_keys (
    tenant_id  BLOB   NOT NULL,
    version    BIGINT NOT NULL,
    wrapped    BLOB   NOT NULL,
    -- Name of the master key that it is wrapped with.
    master_key TEXT   NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, version)
) WITHOUT ROWID;

CREATE TABLE secrets (
    tenant_id   BLOB   NOT NULL,
    purpose     TEXT   NOT NULL,
    name        TEXT   NOT NULL,
    -- Grows with every change; what is sealed is bound to it.
    version     BIGINT NOT NULL,
    key_version BIGINT NOT NULL,
    sealed      BLOB   NOT NULL,
    created_at  BIGINT NOT NULL,
    updated_at  BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, purpose, name),
    FOREIGN KEY (tenant_id, key_version) REFERENCES tenant_keys (tenant_id, version)
) WITHOUT ROWID;

-- Settings that hold a secret in the clear, from before there were keys. The next start of the program seals them.
CREATE TABLE unsealed_secrets (
    tenant_id BLOB NOT NULL,
    key       TEXT NOT NULL,
    PRIMARY KEY (tenant_id, key)
) WITHOUT ROWID;
INSERT INTO unsealed_secrets (tenant_id, key)
SELECT tenant_id, key FROM tenant_settings WHERE key IN ('callback_secrets', 'slack_webhook');

-- Global: deletions of tenants, begun and finished. All that stays of a tenant. The column is not called tenant_id: every table that has one is
-- emptied of the tenant.
CREATE TABLE tenant_deletions (
    tenant       BLOB   NOT NULL PRIMARY KEY,
    id           BLOB   NOT NULL UNIQUE,
    requested_by TEXT   NOT NULL,
    begun_at     BIGINT NOT NULL,
    -- Who works on it, and until when nobody else does.
    holder       BLOB,
    held_until   BIGINT NOT NULL DEFAULT 0,
    finished_at  BIGINT,
    certificate  TEXT
) WITHOUT ROWID;
