-- Which connections have their files watched, so that whoever looks after them needs to read no settings.

ALTER TABLE connections
  ADD COLUMN files_watched BOOLEAN GENERATED ALWAYS AS (connector = 'file' AND config LIKE '%"watch":true%') STORED;

-- Whoever looks after watched files looks at all tenants at once, and sees no more than which connections those are: no other connection, and of
-- these neither names nor settings.
CREATE POLICY system_crosses ON connections FOR SELECT TO autonomos_system_rights USING (files_watched);
GRANT SELECT (tenant_id, id, files_watched, deleted_at, paused_at, safe_mode_at) ON connections TO autonomos_system_rights;
