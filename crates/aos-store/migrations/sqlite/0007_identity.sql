-- Who is let in: sessions with rotating refresh tokens, API keys, invitations, sign-in through other providers, and the counts
-- that slow guessing down. `revoked_tokens` is not read any more; it stays for processes of the version before,
-- and a later migration takes it away.

-- One sign-in of one user. An access token names it, and is good while it stands.
CREATE TABLE sessions (
    tenant_id  BLOB   NOT NULL,
    id         BLOB   NOT NULL,
    user_id    BLOB   NOT NULL,
    -- How the user proved who they are: password, invitation, or oidc:<provider>.
    method     TEXT   NOT NULL,
    created_at BIGINT NOT NULL,
    -- When a token of it was last renewed.
    renewed_at BIGINT NOT NULL,
    renewals   BIGINT NOT NULL DEFAULT 0,
    expires_at BIGINT NOT NULL,
    ended_at   BIGINT,
    -- Why it ended before its time: signed_out, reuse, password, revoked.
    ended_by   TEXT,
    PRIMARY KEY (tenant_id, id)
) WITHOUT ROWID;
CREATE INDEX sessions_by_user ON sessions (tenant_id, user_id, created_at);

-- Every refresh token of a session, by its digest. At most one of them is good: the one that was not used.
CREATE TABLE refresh_tokens (
    tenant_id  BLOB   NOT NULL,
    digest     TEXT   NOT NULL,
    session_id BLOB   NOT NULL,
    issued_at  BIGINT NOT NULL,
    used_at    BIGINT,
    PRIMARY KEY (tenant_id, digest)
) WITHOUT ROWID;
CREATE INDEX refresh_tokens_by_session ON refresh_tokens (tenant_id, session_id);

CREATE TABLE api_keys (
    tenant_id    BLOB   NOT NULL,
    id           BLOB   NOT NULL,
    name         TEXT   NOT NULL,
    digest       TEXT   NOT NULL,
    -- Its last characters, by which people tell keys apart.
    ending       TEXT   NOT NULL,
    role         TEXT   NOT NULL,
    -- A JSON list of permissions; null is the whole role.
    scopes       TEXT,
    created_by   TEXT   NOT NULL,
    created_at   BIGINT NOT NULL,
    expires_at   BIGINT,
    -- To about ten minutes.
    last_used_at BIGINT,
    revoked_at   BIGINT,
    PRIMARY KEY (tenant_id, id)
) WITHOUT ROWID;
CREATE UNIQUE INDEX api_keys_by_digest ON api_keys (tenant_id, digest);

CREATE TABLE invitations (
    tenant_id   BLOB   NOT NULL,
    id          BLOB   NOT NULL,
    email       TEXT   NOT NULL,
    role        TEXT   NOT NULL,
    digest      TEXT   NOT NULL,
    created_by  TEXT   NOT NULL,
    created_at  BIGINT NOT NULL,
    expires_at  BIGINT NOT NULL,
    accepted_at BIGINT,
    revoked_at  BIGINT,
    PRIMARY KEY (tenant_id, id)
) WITHOUT ROWID;
CREATE UNIQUE INDEX invitations_by_digest ON invitations (tenant_id, digest);

-- When a provider last vouched for the user's e-mail address; null when nobody did.
ALTER TABLE users ADD COLUMN email_verified_at BIGINT;

-- Global, like the directory: whom a provider means is asked before the tenant is known.
CREATE TABLE identities (
    issuer    TEXT   NOT NULL,
    subject   TEXT   NOT NULL,
    tenant_id BLOB   NOT NULL,
    user_id   BLOB   NOT NULL,
    linked_at BIGINT NOT NULL,
    PRIMARY KEY (issuer, subject)
) WITHOUT ROWID;
CREATE INDEX identities_by_user ON identities (tenant_id, user_id);

-- Global: sign-ins that were begun at a provider and are not back yet, each good once.
CREATE TABLE oidc_attempts (
    state_digest   TEXT   NOT NULL PRIMARY KEY,
    -- What the browser that began holds in a cookie.
    browser_digest TEXT   NOT NULL,
    -- Provider, nonce, PKCE verifier and what it is for, as JSON.
    body           TEXT   NOT NULL,
    expires_at     BIGINT NOT NULL
) WITHOUT ROWID;
CREATE INDEX oidc_attempts_by_end ON oidc_attempts (expires_at);

-- Global: attempts to sign in and to register, counted per account and per address in windows of time.
CREATE TABLE sign_in_attempts (
    bucket     TEXT   NOT NULL PRIMARY KEY,
    attempts   BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
) WITHOUT ROWID;
CREATE INDEX sign_in_attempts_by_end ON sign_in_attempts (expires_at);
