-- Programs that people let act for them over the Model Context Protocol. What one holds is a session like every other, with its tokens; here is
-- what it is narrowed to.

CREATE TABLE program_grants (
    tenant_id     BLOB NOT NULL,
    session_id    BLOB NOT NULL,
    -- The digest of the program's id, which may be long.
    client_digest TEXT NOT NULL,
    -- What the program calls itself.
    client_name   TEXT NOT NULL,
    -- Where its codes go.
    redirect_uri  TEXT NOT NULL,
    -- A JSON list of permissions.
    scopes        TEXT NOT NULL,
    -- The one address that its tokens are for.
    resource      TEXT NOT NULL,
    PRIMARY KEY (tenant_id, session_id)
) WITHOUT ROWID;

-- What a program exchanges for tokens, once and within a minute. A code is kept for a while after its use, so that a second use is noticed.
CREATE TABLE program_codes (
    tenant_id     BLOB   NOT NULL,
    digest        TEXT   NOT NULL,
    user_id       BLOB   NOT NULL,
    client_digest TEXT   NOT NULL,
    client_name   TEXT   NOT NULL,
    redirect_uri  TEXT   NOT NULL,
    challenge     TEXT   NOT NULL,
    scopes        TEXT   NOT NULL,
    resource      TEXT   NOT NULL,
    expires_at    BIGINT NOT NULL,
    -- The session that came of it; none before its use.
    session_id    BLOB,
    PRIMARY KEY (tenant_id, digest)
) WITHOUT ROWID;
CREATE INDEX program_codes_by_end ON program_codes (tenant_id, expires_at);
