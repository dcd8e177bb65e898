-- Who is let in: sessions with rotating refresh tokens, API keys, invitations, sign-in through other providers, and the counts
-- that slow guessing down. `revoked_tokens` is not read any more; it stays for processes of the version before,
-- and a later migration takes it away.

-- One sign-in of one user. An access token names it, and is good while it stands.
CREATE TABLE sessions (
    tenant_id  UUID             NOT NULL,
    id         UUID             NOT NULL,
    user_id    UUID             NOT NULL,
    -- How the user proved who they are: password, invitation, or oidc:<provider>.
    method     TEXT COLLATE "C" NOT NULL,
    created_at BIGINT           NOT NULL,
    -- When a token of it was last renewed.
    renewed_at BIGINT           NOT NULL,
    renewals   BIGINT           NOT NULL DEFAULT 0,
    expires_at BIGINT           NOT NULL,
    ended_at   BIGINT,
    -- Why it ended before its time: signed_out, reuse, password, revoked.
    ended_by   TEXT COLLATE "C",
    PRIMARY KEY (tenant_id, id)
);
CREATE INDEX sessions_by_user ON sessions (tenant_id, user_id, created_at);

-- Every refresh token of a session, by its digest. At most one of them is good: the one that was not used.
CREATE TABLE refresh_tokens (
    tenant_id  UUID             NOT NULL,
    digest     TEXT COLLATE "C" NOT NULL,
    session_id UUID             NOT NULL,
    issued_at  BIGINT           NOT NULL,
    used_at    BIGINT,
    PRIMARY KEY (tenant_id, digest)
);
CREATE INDEX refresh_tokens_by_session ON refresh_tokens (tenant_id, session_id);

CREATE TABLE api_keys (
    tenant_id    UUID             NOT NULL,
    id           UUID             NOT NULL,
    name         TEXT COLLATE "C" NOT NULL,
    digest       TEXT COLLATE "C" NOT NULL,
    -- Its last characters, by which people tell keys apart.
    ending       TEXT COLLATE "C" NOT NULL,
    role         TEXT COLLATE "C" NOT NULL,
    -- A JSON list of permissions; null is the whole role.
    scopes       TEXT COLLATE "C",
    created_by   TEXT COLLATE "C" NOT NULL,
    created_at   BIGINT           NOT NULL,
    expires_at   BIGINT,
    -- To about ten minutes.
    last_used_at BIGINT,
    revoked_at   BIGINT,
    PRIMARY KEY (tenant_id, id)
);
CREATE UNIQUE INDEX api_keys_by_digest ON api_keys (tenant_id, digest);

CREATE TABLE invitations (
    tenant_id   UUID             NOT NULL,
    id          UUID             NOT NULL,
    email       TEXT COLLATE "C" NOT NULL,
    role        TEXT COLLATE "C" NOT NULL,
    digest      TEXT COLLATE "C" NOT NULL,
    created_by  TEXT COLLATE "C" NOT NULL,
    created_at  BIGINT           NOT NULL,
    expires_at  BIGINT           NOT NULL,
    accepted_at BIGINT,
    revoked_at  BIGINT,
    PRIMARY KEY (tenant_id, id)
);
CREATE UNIQUE INDEX invitations_by_digest ON invitations (tenant_id, digest);

-- When a provider last vouched for the user's e-mail address; null when nobody did.
ALTER TABLE users ADD COLUMN email_verified_at BIGINT;

-- Global, like the directory: whom a provider means is asked before the tenant is known.
CREATE TABLE identities (
    issuer    TEXT COLLATE "C" NOT NULL,
    subject   TEXT COLLATE "C" NOT NULL,
    tenant_id UUID             NOT NULL,
    user_id   UUID             NOT NULL,
    linked_at BIGINT           NOT NULL,
    PRIMARY KEY (issuer, subject)
);
CREATE INDEX identities_by_user ON identities (tenant_id, user_id);

-- Global: sign-ins that were begun at a provider and are not back yet, each good once.
CREATE TABLE oidc_attempts (
    state_digest   TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    -- What the browser that began holds in a cookie.
    browser_digest TEXT COLLATE "C" NOT NULL,
    -- Provider, nonce, PKCE verifier and what it is for, as JSON.
    body           TEXT COLLATE "C" NOT NULL,
    expires_at     BIGINT           NOT NULL
);
CREATE INDEX oidc_attempts_by_end ON oidc_attempts (expires_at);

-- Global: attempts to sign in and to register, counted per account and per address in windows of time.
CREATE TABLE sign_in_attempts (
    bucket     TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    attempts   BIGINT           NOT NULL,
    expires_at BIGINT           NOT NULL
);
CREATE INDEX sign_in_attempts_by_end ON sign_in_attempts (expires_at);

DO $$
DECLARE
    tenant_table REGCLASS;
BEGIN
    FOREACH tenant_table IN ARRAY ARRAY['sessions', 'refresh_tokens', 'api_keys', 'invitations']::REGCLASS[] LOOP
        PERFORM autonomos_protect(tenant_table);
    END LOOP;
    -- A member joins and leaves in one transaction of the tenant, which therefore writes its own rows of these; it reads none.
    FOREACH tenant_table IN ARRAY ARRAY['sign_in_directory', 'credentials', 'identities']::REGCLASS[] LOOP
        PERFORM autonomos_protect(tenant_table);
        EXECUTE format('CREATE POLICY system_crosses ON %s TO autonomos_system_rights USING (TRUE) WITH CHECK (TRUE)', tenant_table);
    END LOOP;
END
$$;

GRANT SELECT, INSERT, UPDATE, DELETE ON sessions, refresh_tokens, api_keys, invitations TO autonomos_application_rights;
GRANT SELECT (tenant_id, user_id), INSERT, UPDATE (password_hash), DELETE ON credentials TO autonomos_application_rights;
GRANT SELECT (tenant_id, user_id), INSERT, DELETE ON sign_in_directory, identities TO autonomos_application_rights;
GRANT SELECT, INSERT, UPDATE, DELETE ON identities, oidc_attempts, sign_in_attempts TO autonomos_system_rights;
