-- What users prove themselves with leaves `users`, which then holds nothing but a tenant's own rows. Runs say which attempt of
-- which task they belong to, so that whoever takes the task over can end what a dead process left open.

-- Global, like the directory: signing in happens before the tenant is known.
CREATE TABLE credentials (
    user_id       UUID             NOT NULL PRIMARY KEY,
    tenant_id     UUID             NOT NULL,
    password_hash TEXT COLLATE "C" NOT NULL
);
GRANT SELECT, INSERT, UPDATE, DELETE ON credentials TO autonomos_system_rights;
-- Row security holds for the owner too, who would see no row to take along.
ALTER TABLE users NO FORCE ROW LEVEL SECURITY;
INSERT INTO credentials (user_id, tenant_id, password_hash) SELECT id, tenant_id, password_hash FROM users;
ALTER TABLE users FORCE ROW LEVEL SECURITY;
ALTER TABLE users DROP COLUMN password_hash;

ALTER TABLE runs ADD COLUMN task_id UUID;
ALTER TABLE runs ADD COLUMN attempt BIGINT;
CREATE INDEX runs_open_by_task ON runs (tenant_id, task_id) WHERE task_id IS NOT NULL AND finished_at IS NULL;

ALTER TABLE connect_runs ADD COLUMN task_id UUID;
ALTER TABLE connect_runs ADD COLUMN attempt BIGINT;
CREATE INDEX connect_runs_open_by_task ON connect_runs (tenant_id, task_id) WHERE task_id IS NOT NULL AND finished_at IS NULL;
