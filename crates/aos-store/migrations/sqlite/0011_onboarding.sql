-- How connections come to be let at their sources: who changed a secret, grants that owners gave, consents on their way, and what is proposed
-- to be connected, step by step, until somebody promotes it.

-- Who put what is kept now; none for what was kept before this was asked.
ALTER TABLE secrets ADD COLUMN changed_by TEXT;

-- Where the credentials of the whole connection are, e.g. `consent:` or `sp:reader`; none where each secret says so itself.
ALTER TABLE connections ADD COLUMN credential_locator TEXT;
-- Since when nothing may be read of it but a sample; none once it was promoted, and for those that people add themselves.
ALTER TABLE connections ADD COLUMN safe_mode_at BIGINT;

-- What account owners gave us leave to read with. Its tokens are among the secrets, under the purpose `grant` and the connection's id.
CREATE TABLE grants (
    tenant_id      BLOB   NOT NULL,
    connection_id  BLOB   NOT NULL,
    -- Grows with every change; a change names the version it was made from.
    version        BIGINT NOT NULL,
    state          TEXT   NOT NULL,
    expires_at     BIGINT,
    scopes         TEXT   NOT NULL,
    api_base       TEXT,
    message        TEXT   NOT NULL,
    changed_at     BIGINT NOT NULL,
    -- Who gave it, and when.
    given_by       TEXT   NOT NULL,
    given_at       BIGINT NOT NULL,
    -- Until when one process has the right to renew it.
    renewing_until BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (tenant_id, connection_id)
) WITHOUT ROWID;

-- Owners who were sent to their vendor and have not come back. What has to be remembered of each is among the secrets, under the purpose
-- `consent` and the digest.
CREATE TABLE consents (
    tenant_id     BLOB   NOT NULL,
    digest        TEXT   NOT NULL,
    connection_id BLOB   NOT NULL,
    user_id       BLOB   NOT NULL,
    expires_at    BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, digest)
) WITHOUT ROWID;

-- What is proposed to be connected.
CREATE TABLE intents (
    tenant_id     BLOB   NOT NULL,
    id            BLOB   NOT NULL,
    name          TEXT   NOT NULL,
    source_type   TEXT   NOT NULL,
    namespace     TEXT   NOT NULL,
    state         TEXT   NOT NULL,
    -- Why it goes no further, for programs and for people; none while it does.
    code          TEXT,
    message       TEXT,
    connection_id BLOB,
    -- The intent as it was proposed.
    body          TEXT   NOT NULL,
    created_by    TEXT   NOT NULL,
    created_at    BIGINT NOT NULL,
    updated_at    BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, id)
) WITHOUT ROWID;
CREATE INDEX intents_by_connection ON intents (tenant_id, connection_id);

-- What became of an intent, step by step; added and never changed.
CREATE TABLE intent_transitions (
    tenant_id  BLOB   NOT NULL,
    intent_id  BLOB   NOT NULL,
    id         BLOB   NOT NULL,
    from_state TEXT   NOT NULL,
    to_state   TEXT   NOT NULL,
    at         BIGINT NOT NULL,
    principal  TEXT   NOT NULL,
    message    TEXT   NOT NULL,
    detail     TEXT   NOT NULL,
    PRIMARY KEY (tenant_id, intent_id, id)
) WITHOUT ROWID;

-- The first records of each stream of an intent, for whoever decides. They go with the decision.
CREATE TABLE intent_samples (
    tenant_id BLOB   NOT NULL,
    intent_id BLOB   NOT NULL,
    stream    TEXT   NOT NULL,
    -- The entity it would feed, when it would feed one, and how sure that is.
    entity     TEXT,
    confidence REAL,
    records    TEXT   NOT NULL,
    PRIMARY KEY (tenant_id, intent_id, stream)
) WITHOUT ROWID;
