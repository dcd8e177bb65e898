-- Programs that people let act for them over the Model Context Protocol. What one holds is a session like every other, with its tokens; here is
-- what it is narrowed to.

CREATE TABLE program_grants (
    tenant_id     UUID NOT NULL,
    session_id    UUID NOT NULL,
    -- The digest of the program's id, which may be long.
    client_digest TEXT COLLATE "C" NOT NULL,
    -- What the program calls itself.
    client_name   TEXT COLLATE "C" NOT NULL,
    -- Where its codes go.
    redirect_uri  TEXT COLLATE "C" NOT NULL,
    -- A JSON list of permissions.
    scopes        TEXT COLLATE "C" NOT NULL,
    -- The one address that its tokens are for.
    resource      TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (tenant_id, session_id)
);

-- What a program exchanges for tokens, once and within a minute. A code is kept for a while after its use, so that a second use is noticed.
CREATE TABLE program_codes (
    tenant_id     UUID   NOT NULL,
    digest        TEXT COLLATE "C" NOT NULL,
    user_id       UUID   NOT NULL,
    client_digest TEXT COLLATE "C" NOT NULL,
    client_name   TEXT COLLATE "C" NOT NULL,
    redirect_uri  TEXT COLLATE "C" NOT NULL,
    challenge     TEXT COLLATE "C" NOT NULL,
    scopes        TEXT COLLATE "C" NOT NULL,
    resource      TEXT COLLATE "C" NOT NULL,
    expires_at    BIGINT NOT NULL,
    -- The session that came of it; none before its use.
    session_id    UUID,
    PRIMARY KEY (tenant_id, digest)
);
CREATE INDEX program_codes_by_end ON program_codes (tenant_id, expires_at);

SELECT autonomos_protect('program_grants');
SELECT autonomos_protect('program_codes');
GRANT SELECT, INSERT, UPDATE, DELETE ON program_grants, program_codes TO autonomos_application_rights;
