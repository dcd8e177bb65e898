-- Links by which a member who forgot their password gives themselves another one, each good once. An admin makes them.
CREATE TABLE password_resets (
    tenant_id  BLOB   NOT NULL,
    id         BLOB   NOT NULL,
    user_id    BLOB   NOT NULL,
    digest     TEXT   NOT NULL,
    created_by TEXT   NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    used_at    BIGINT,
    PRIMARY KEY (tenant_id, id)
) WITHOUT ROWID;
CREATE UNIQUE INDEX password_resets_by_digest ON password_resets (tenant_id, digest);
CREATE INDEX password_resets_by_user ON password_resets (tenant_id, user_id);
