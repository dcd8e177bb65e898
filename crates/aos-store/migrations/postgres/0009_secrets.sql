-- Secrets, sealed with keys of their tenants, which are wrapped with the master key; and tenants that are being deleted.

-- A tenant's data keys. Secrets are sealed with the newest; older ones go once nothing is sealed with them any more.
CREATE TABLE tenant_keys (
    tenant_id  UUID             NOT NULL,
    version    BIGINT           NOT NULL,
    wrapped    BYTEA            NOT NULL,
    -- Name of the master key that it is wrapped with.
    master_key TEXT COLLATE "C" NOT NULL,
    created_at BIGINT           NOT NULL,
    PRIMARY KEY (tenant_id, version)
);

CREATE TABLE secrets (
    tenant_id   UUID             NOT NULL,
    purpose     TEXT COLLATE "C" NOT NULL,
    name        TEXT COLLATE "C" NOT NULL,
    -- Grows with every change; what is sealed is bound to it.
    version     BIGINT           NOT NULL,
    key_version BIGINT           NOT NULL,
    sealed      BYTEA            NOT NULL,
    created_at  BIGINT           NOT NULL,
    updated_at  BIGINT           NOT NULL,
    PRIMARY KEY (tenant_id, purpose, name),
    FOREIGN KEY (tenant_id, key_version) REFERENCES tenant_keys (tenant_id, version)
);

-- Settings that hold a secret in the clear, from before there were keys. The next start of the program seals them.
CREATE TABLE unsealed_secrets (
    tenant_id UUID             NOT NULL,
    key       TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (tenant_id, key)
);
-- Row security holds for the owner too, who would find none.
ALTER TABLE tenant_settings NO FORCE ROW LEVEL SECURITY;
INSERT INTO unsealed_secrets (tenant_id, key)
SELECT tenant_id, key FROM tenant_settings WHERE key IN ('callback_secrets', 'slack_webhook');
ALTER TABLE tenant_settings FORCE ROW LEVEL SECURITY;

SELECT autonomos_protect('tenant_keys'), autonomos_protect('secrets'), autonomos_protect('unsealed_secrets');
GRANT SELECT, INSERT, UPDATE, DELETE ON tenant_keys, secrets, unsealed_secrets TO autonomos_application_rights;
-- Which tenants have any is asked before a tenant is known.
GRANT SELECT ON unsealed_secrets TO autonomos_system_rights;
CREATE POLICY system_finds ON unsealed_secrets FOR SELECT TO autonomos_system_rights USING (TRUE);

-- Global: deletions of tenants, begun and finished. All that stays of a tenant. The column is not called tenant_id: every table that has one is
-- emptied of the tenant.
CREATE TABLE tenant_deletions (
    tenant       UUID             NOT NULL PRIMARY KEY,
    id           UUID             NOT NULL UNIQUE,
    requested_by TEXT COLLATE "C" NOT NULL,
    begun_at     BIGINT           NOT NULL,
    -- Who works on it, and until when nobody else does.
    holder       UUID,
    held_until   BIGINT           NOT NULL DEFAULT 0,
    finished_at  BIGINT,
    certificate  TEXT COLLATE "C"
);
GRANT SELECT, INSERT, UPDATE ON tenant_deletions TO autonomos_system_rights;
GRANT SELECT (tenant) ON tenant_deletions TO autonomos_application_rights;

-- Returns the tenant that the transaction was begun for; null when it was begun for none, or for one that is being deleted: from the commit
-- that begins a deletion on, no statement of the application sees a row of the tenant, or writes one. It is asked once per statement.
CREATE OR REPLACE FUNCTION autonomos_tenant() RETURNS UUID
LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
DECLARE
    asked UUID := NULLIF(current_setting('aos.tenant_id', TRUE), '')::UUID;
BEGIN
    IF asked IS NULL OR EXISTS (SELECT FROM tenant_deletions WHERE tenant = asked) THEN
        RETURN NULL;
    END IF;
    RETURN asked;
END
$$;

-- Lets the owner of the tables see and delete what belongs to a tenant that is being deleted, and nothing else.
CREATE FUNCTION autonomos_let_erase(tenant_table REGCLASS) RETURNS VOID
LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format(
        'CREATE POLICY owner_sees_deleted ON %s FOR SELECT TO CURRENT_USER USING (tenant_id IN (SELECT tenant FROM tenant_deletions))',
        tenant_table);
    EXECUTE format(
        'CREATE POLICY owner_erases ON %s FOR DELETE TO CURRENT_USER USING (tenant_id IN (SELECT tenant FROM tenant_deletions))',
        tenant_table);
END
$$;
REVOKE ALL ON FUNCTION autonomos_let_erase(REGCLASS) FROM PUBLIC;

-- As before, and what it protects can be erased with its tenant.
CREATE OR REPLACE FUNCTION autonomos_protect(tenant_table REGCLASS) RETURNS VOID
LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', tenant_table);
    EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', tenant_table);
    EXECUTE format(
        'CREATE POLICY one_tenant ON %s TO autonomos_application_rights
             USING (tenant_id = (SELECT autonomos_tenant())) WITH CHECK (tenant_id = (SELECT autonomos_tenant()))',
        tenant_table);
    PERFORM autonomos_let_erase(tenant_table);
END
$$;

DO $$
DECLARE
    tenant_table REGCLASS;
BEGIN
    FOR tenant_table IN
        SELECT c.oid
          FROM pg_class c
          JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'tenant_id' AND NOT a.attisdropped
         WHERE c.relnamespace = (SELECT relnamespace FROM pg_class WHERE oid = to_regclass('tenants'))
           AND c.relkind IN ('r', 'p') AND c.relrowsecurity
    LOOP
        PERFORM autonomos_let_erase(tenant_table);
    END LOOP;
END
$$;

-- Removes at most so many rows of a tenant that is being deleted from a table, and returns how many. Runs as the owner of the tables, so that
-- not even the audit trail, which nobody may rewrite, is left behind.
CREATE FUNCTION autonomos_erase(tenant_table REGCLASS, erased UUID, most BIGINT) RETURNS BIGINT
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
    removed BIGINT;
BEGIN
    IF NOT EXISTS (SELECT FROM tenant_deletions WHERE tenant = erased) THEN
        RAISE EXCEPTION 'tenant % is not being deleted', erased USING ERRCODE = 'insufficient_privilege';
    END IF;
    EXECUTE format('DELETE FROM ONLY %1$s WHERE ctid = ANY (ARRAY(SELECT ctid FROM ONLY %1$s WHERE tenant_id = $1 LIMIT $2))', tenant_table)
      USING erased, most;
    GET DIAGNOSTICS removed = ROW_COUNT;
    RETURN removed;
END
$$;
REVOKE ALL ON FUNCTION autonomos_erase(REGCLASS, UUID, BIGINT) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION autonomos_erase(REGCLASS, UUID, BIGINT) TO autonomos_system_rights;

-- Counts what is left of a tenant that is being deleted in a table.
CREATE FUNCTION autonomos_left(tenant_table REGCLASS, erased UUID) RETURNS BIGINT
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
    remaining BIGINT;
BEGIN
    IF NOT EXISTS (SELECT FROM tenant_deletions WHERE tenant = erased) THEN
        RAISE EXCEPTION 'tenant % is not being deleted', erased USING ERRCODE = 'insufficient_privilege';
    END IF;
    EXECUTE format('SELECT COUNT(*) FROM ONLY %s WHERE tenant_id = $1', tenant_table) INTO remaining USING erased;
    RETURN remaining;
END
$$;
REVOKE ALL ON FUNCTION autonomos_left(REGCLASS, UUID) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION autonomos_left(REGCLASS, UUID) TO autonomos_system_rights;
