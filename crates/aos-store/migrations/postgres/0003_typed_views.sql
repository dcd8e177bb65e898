-- Typed views for BI tools, one per entity of the shipped ontology: what holds now, one row per record and table it came from.
-- They show what row security shows to whoever asks. Texts and dates come as text; numbers keep every digit.

-- Reads a number; null where the text is none, so that one bad value does not spoil a whole report. An exponent of more than
-- three digits is no number here: it would be written out.
CREATE FUNCTION autonomos_number(value TEXT) RETURNS NUMERIC
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN value ~ '^[-+]?[0-9]+(\.[0-9]+)?([eE][-+]?[0-9]{1,3})?$' THEN value::NUMERIC END;

CREATE FUNCTION autonomos_boolean(value TEXT) RETURNS BOOLEAN
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN value IN ('true', 'false') THEN value::BOOLEAN END;

CREATE VIEW materialized_accounts WITH (security_invoker = TRUE) AS
SELECT m.tenant_id, m.connection_id, m.record_id, m.fragment, m.position,
       e.data::JSON ->> 'account_id' AS account_id,
       e.data::JSON ->> 'name' AS name,
       e.data::JSON ->> 'type' AS type,
       e.data::JSON ->> 'industry' AS industry,
       autonomos_number(e.data::JSON ->> 'annual_revenue') AS annual_revenue,
       autonomos_number(e.data::JSON ->> 'employee_count') AS employee_count,
       e.data::JSON ->> 'website' AS website,
       e.data::JSON ->> 'phone' AS phone,
       e.data::JSON ->> 'owner_id' AS owner_id,
       e.data::JSON ->> 'parent_account_id' AS parent_account_id,
       e.data::JSON ->> 'status' AS status,
       e.data::JSON ->> 'created_at' AS created_at,
       e.data::JSON ->> 'updated_at' AS updated_at
  FROM materialized m
  JOIN canonical_stream e ON e.tenant_id = m.tenant_id AND e.position = m.position
 WHERE m.entity = 'account' AND NOT m.deleted;

CREATE VIEW materialized_opportunities WITH (security_invoker = TRUE) AS
SELECT m.tenant_id, m.connection_id, m.record_id, m.fragment, m.position,
       e.data::JSON ->> 'opportunity_id' AS opportunity_id,
       e.data::JSON ->> 'account_id' AS account_id,
       e.data::JSON ->> 'contact_id' AS contact_id,
       e.data::JSON ->> 'name' AS name,
       e.data::JSON ->> 'stage' AS stage,
       autonomos_number(e.data::JSON ->> 'amount') AS amount,
       e.data::JSON ->> 'currency' AS currency,
       e.data::JSON ->> 'close_date' AS close_date,
       autonomos_number(e.data::JSON ->> 'probability') AS probability,
       e.data::JSON ->> 'type' AS type,
       e.data::JSON ->> 'description' AS description,
       e.data::JSON ->> 'next_step' AS next_step,
       e.data::JSON ->> 'owner_id' AS owner_id,
       e.data::JSON ->> 'created_at' AS created_at,
       e.data::JSON ->> 'updated_at' AS updated_at
  FROM materialized m
  JOIN canonical_stream e ON e.tenant_id = m.tenant_id AND e.position = m.position
 WHERE m.entity = 'opportunity' AND NOT m.deleted;

CREATE VIEW materialized_contacts WITH (security_invoker = TRUE) AS
SELECT m.tenant_id, m.connection_id, m.record_id, m.fragment, m.position,
       e.data::JSON ->> 'contact_id' AS contact_id,
       e.data::JSON ->> 'account_id' AS account_id,
       e.data::JSON ->> 'first_name' AS first_name,
       e.data::JSON ->> 'last_name' AS last_name,
       e.data::JSON ->> 'name' AS name,
       e.data::JSON ->> 'email' AS email,
       e.data::JSON ->> 'phone' AS phone,
       e.data::JSON ->> 'mobile_phone' AS mobile_phone,
       e.data::JSON ->> 'title' AS title,
       e.data::JSON ->> 'department' AS department,
       e.data::JSON ->> 'role' AS role,
       e.data::JSON ->> 'owner_id' AS owner_id,
       e.data::JSON ->> 'created_at' AS created_at,
       e.data::JSON ->> 'updated_at' AS updated_at
  FROM materialized m
  JOIN canonical_stream e ON e.tenant_id = m.tenant_id AND e.position = m.position
 WHERE m.entity = 'contact' AND NOT m.deleted;

CREATE VIEW materialized_tickets WITH (security_invoker = TRUE) AS
SELECT m.tenant_id, m.connection_id, m.record_id, m.fragment, m.position,
       e.data::JSON ->> 'ticket_id' AS ticket_id,
       e.data::JSON ->> 'account_id' AS account_id,
       e.data::JSON ->> 'requester_id' AS requester_id,
       e.data::JSON ->> 'assignee_id' AS assignee_id,
       e.data::JSON ->> 'subject' AS subject,
       e.data::JSON ->> 'description' AS description,
       e.data::JSON ->> 'status' AS status,
       e.data::JSON ->> 'priority' AS priority,
       e.data::JSON ->> 'type' AS type,
       e.data::JSON ->> 'created_at' AS created_at,
       e.data::JSON ->> 'updated_at' AS updated_at
  FROM materialized m
  JOIN canonical_stream e ON e.tenant_id = m.tenant_id AND e.position = m.position
 WHERE m.entity = 'ticket' AND NOT m.deleted;

CREATE VIEW materialized_aws_resources WITH (security_invoker = TRUE) AS
SELECT m.tenant_id, m.connection_id, m.record_id, m.fragment, m.position,
       e.data::JSON ->> 'resource_id' AS resource_id,
       e.data::JSON ->> 'resource_type' AS resource_type,
       e.data::JSON ->> 'region' AS region,
       e.data::JSON ->> 'instance_type' AS instance_type,
       autonomos_number(e.data::JSON ->> 'vcpus') AS vcpus,
       autonomos_number(e.data::JSON ->> 'memory') AS memory,
       autonomos_number(e.data::JSON ->> 'storage') AS storage,
       e.data::JSON ->> 'storage_type' AS storage_type,
       e.data::JSON ->> 'storage_class' AS storage_class,
       e.data::JSON ->> 'db_engine' AS db_engine,
       e.data::JSON ->> 'instance_class' AS instance_class,
       autonomos_number(e.data::JSON ->> 'allocated_storage') AS allocated_storage,
       autonomos_number(e.data::JSON ->> 'size_gb') AS size_gb,
       autonomos_number(e.data::JSON ->> 'object_count') AS object_count,
       e.data::JSON ->> 'versioning' AS versioning,
       autonomos_number(e.data::JSON ->> 'cpu_utilization') AS cpu_utilization,
       autonomos_number(e.data::JSON ->> 'memory_utilization') AS memory_utilization,
       autonomos_number(e.data::JSON ->> 'network_in') AS network_in,
       autonomos_number(e.data::JSON ->> 'network_out') AS network_out,
       autonomos_number(e.data::JSON ->> 'db_connections') AS db_connections,
       autonomos_number(e.data::JSON ->> 'read_latency') AS read_latency,
       autonomos_number(e.data::JSON ->> 'write_latency') AS write_latency,
       autonomos_number(e.data::JSON ->> 'get_requests') AS get_requests,
       autonomos_number(e.data::JSON ->> 'put_requests') AS put_requests,
       autonomos_number(e.data::JSON ->> 'data_transfer_out') AS data_transfer_out,
       autonomos_number(e.data::JSON ->> 'monthly_cost') AS monthly_cost,
       e.data::JSON ->> 'last_analyzed' AS last_analyzed,
       e.data::JSON ->> 'created_at' AS created_at
  FROM materialized m
  JOIN canonical_stream e ON e.tenant_id = m.tenant_id AND e.position = m.position
 WHERE m.entity = 'aws_resource' AND NOT m.deleted;

CREATE VIEW materialized_cost_reports WITH (security_invoker = TRUE) AS
SELECT m.tenant_id, m.connection_id, m.record_id, m.fragment, m.position,
       e.data::JSON ->> 'cost_id' AS cost_id,
       e.data::JSON ->> 'report_date' AS report_date,
       e.data::JSON ->> 'service_category' AS service_category,
       e.data::JSON ->> 'resource_id' AS resource_id,
       autonomos_number(e.data::JSON ->> 'cost') AS cost,
       autonomos_number(e.data::JSON ->> 'monthly_cost') AS monthly_cost,
       autonomos_number(e.data::JSON ->> 'usage') AS usage,
       e.data::JSON ->> 'usage_type' AS usage_type,
       e.data::JSON ->> 'region' AS region,
       e.data::JSON ->> 'currency' AS currency,
       e.data::JSON ->> 'billing_account_id' AS billing_account_id,
       e.data::JSON ->> 'usage_account_id' AS usage_account_id,
       e.data::JSON ->> 'created_at' AS created_at
  FROM materialized m
  JOIN canonical_stream e ON e.tenant_id = m.tenant_id AND e.position = m.position
 WHERE m.entity = 'cost_report' AND NOT m.deleted;

CREATE VIEW materialized_health WITH (security_invoker = TRUE) AS
SELECT m.tenant_id, m.connection_id, m.record_id, m.fragment, m.position,
       e.data::JSON ->> 'account_id' AS account_id,
       autonomos_number(e.data::JSON ->> 'health_score') AS health_score,
       e.data::JSON ->> 'risk_level' AS risk_level,
       e.data::JSON ->> 'details' AS details,
       e.data::JSON ->> 'last_updated' AS last_updated
  FROM materialized m
  JOIN canonical_stream e ON e.tenant_id = m.tenant_id AND e.position = m.position
 WHERE m.entity = 'health' AND NOT m.deleted;

CREATE VIEW materialized_usage WITH (security_invoker = TRUE) AS
SELECT m.tenant_id, m.connection_id, m.record_id, m.fragment, m.position,
       e.data::JSON ->> 'account_id' AS account_id,
       autonomos_number(e.data::JSON ->> 'last_login_days') AS last_login_days,
       autonomos_number(e.data::JSON ->> 'sessions_30d') AS sessions_30d,
       autonomos_number(e.data::JSON ->> 'avg_session_duration') AS avg_session_duration,
       autonomos_number(e.data::JSON ->> 'features_used') AS features_used,
       autonomos_number(e.data::JSON ->> 'active_users') AS active_users
  FROM materialized m
  JOIN canonical_stream e ON e.tenant_id = m.tenant_id AND e.position = m.position
 WHERE m.entity = 'usage' AND NOT m.deleted;

GRANT SELECT
   ON materialized_accounts, materialized_opportunities, materialized_contacts, materialized_tickets, materialized_aws_resources,
      materialized_cost_reports, materialized_health, materialized_usage
   TO autonomos_application_rights;
