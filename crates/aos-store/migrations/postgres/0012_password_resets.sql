-- Links by which a member who forgot their password gives themselves another one, each good once. An admin makes them.
CREATE TABLE password_resets (
    tenant_id  UUID             NOT NULL,
    id         UUID             NOT NULL,
    user_id    UUID             NOT NULL,
    digest     TEXT COLLATE "C" NOT NULL,
    created_by TEXT COLLATE "C" NOT NULL,
    created_at BIGINT           NOT NULL,
    expires_at BIGINT           NOT NULL,
    used_at    BIGINT,
    PRIMARY KEY (tenant_id, id)
);
CREATE UNIQUE INDEX password_resets_by_digest ON password_resets (tenant_id, digest);
CREATE INDEX password_resets_by_user ON password_resets (tenant_id, user_id);

DO $$
BEGIN
    PERFORM autonomos_protect('password_resets'::REGCLASS);
END
$$;
GRANT SELECT, INSERT, UPDATE, DELETE ON password_resets TO autonomos_application_rights;

-- Whoever signs heads now and then looks which chains have grown; it reads and signs each one as its tenant.
GRANT SELECT ON audit_checkpoints TO autonomos_system_rights;
CREATE POLICY system_looks ON audit_checkpoints FOR SELECT TO autonomos_system_rights USING (TRUE);
