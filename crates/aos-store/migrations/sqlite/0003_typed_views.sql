-- Typed views for BI tools, one per entity of the shipped ontology: what holds now, one row per record and table it came from.
-- Texts and dates come as text, booleans as 0 or 1. Decimals are SQLite's floating numbers here; where every digit counts, use
-- the query endpoint, which is exact.

CREATE VIEW materialized_accounts AS
SELECT m.tenant_id, m.connection_id, m.record_id, m.fragment, m.position,
       json_extract(e.data, '$.account_id') AS account_id,
       json_extract(e.data, '$.name') AS name,
       json_extract(e.data, '$.type') AS type,
       json_extract(e.data, '$.industry') AS industry,
       json_extract(e.data, '$.annual_revenue') AS annual_revenue,
       json_extract(e.data, '$.employee_count') AS employee_count,
       json_extract(e.data, '$.website') AS website,
       json_extract(e.data, '$.phone') AS phone,
       json_extract(e.data, '$.owner_id') AS owner_id,
       json_extract(e.data, '$.parent_account_id') AS parent_account_id,
       json_extract(e.data, '$.status') AS status,
       json_extract(e.data, '$.created_at') AS created_at,
       json_extract(e.data, '$.updated_at') AS updated_at
  FROM materialized m
  JOIN canonical_stream e ON e.tenant_id = m.tenant_id AND e.position = m.position
 WHERE m.entity = 'account' AND NOT m.deleted;

CREATE VIEW materialized_opportunities AS
SELECT m.tenant_id, m.connection_id, m.record_id, m.fragment, m.position,
       json_extract(e.data, '$.opportunity_id') AS opportunity_id,
       json_extract(e.data, '$.account_id') AS account_id,
       json_extract(e.data, '$.contact_id') AS contact_id,
       json_extract(e.data, '$.name') AS name,
       json_extract(e.data, '$.stage') AS stage,
       json_extract(e.data, '$.amount') AS amount,
       json_extract(e.data, '$.currency') AS currency,
       json_extract(e.data, '$.close_date') AS close_date,
       json_extract(e.data, '$.probability') AS probability,
       json_extract(e.data, '$.type') AS type,
       json_extract(e.data, '$.description') AS description,
       json_extract(e.data, '$.next_step') AS next_step,
       json_extract(e.data, '$.owner_id') AS owner_id,
       json_extract(e.data, '$.created_at') AS created_at,
       json_extract(e.data, '$.updated_at') AS updated_at
  FROM materialized m
  JOIN canonical_stream e ON e.tenant_id = m.tenant_id AND e.position = m.position
 WHERE m.entity = 'opportunity' AND NOT m.deleted;

CREATE VIEW materialized_contacts AS
SELECT m.tenant_id, m.connection_id, m.record_id, m.fragment, m.position,
       json_extract(e.data, '$.contact_id') AS contact_id,
       json_extract(e.data, '$.account_id') AS account_id,
       json_extract(e.data, '$.first_name') AS first_name,
       json_extract(e.data, '$.last_name') AS last_name,
       json_extract(e.data, '$.name') AS name,
       json_extract(e.data, '$.email') AS email,
       json_extract(e.data, '$.phone') AS phone,
       json_extract(e.data, '$.mobile_phone') AS mobile_phone,
       json_extract(e.data, '$.title') AS title,
       json_extract(e.data, '$.department') AS department,
       json_extract(e.data, '$.role') AS role,
       json_extract(e.data, '$.owner_id') AS owner_id,
       json_extract(e.data, '$.created_at') AS created_at,
       json_extract(e.data, '$.updated_at') AS updated_at
  FROM materialized m
  JOIN canonical_stream e ON e.tenant_id = m.tenant_id AND e.position = m.position
 WHERE m.entity = 'contact' AND NOT m.deleted;

CREATE VIEW materialized_tickets AS
SELECT m.tenant_id, m.connection_id, m.record_id, m.fragment, m.position,
       json_extract(e.data, '$.ticket_id') AS ticket_id,
       json_extract(e.data, '$.account_id') AS account_id,
       json_extract(e.data, '$.requester_id') AS requester_id,
       json_extract(e.data, '$.assignee_id') AS assignee_id,
       json_extract(e.data, '$.subject') AS subject,
       json_extract(e.data, '$.description') AS description,
       json_extract(e.data, '$.status') AS status,
       json_extract(e.data, '$.priority') AS priority,
       json_extract(e.data, '$.type') AS type,
       json_extract(e.data, '$.created_at') AS created_at,
       json_extract(e.data, '$.updated_at') AS updated_at
  FROM materialized m
  JOIN canonical_stream e ON e.tenant_id = m.tenant_id AND e.position = m.position
 WHERE m.entity = 'ticket' AND NOT m.deleted;

CREATE VIEW materialized_aws_resources AS
SELECT m.tenant_id, m.connection_id, m.record_id, m.fragment, m.position,
       json_extract(e.data, '$.resource_id') AS resource_id,
       json_extract(e.data, '$.resource_type') AS resource_type,
       json_extract(e.data, '$.region') AS region,
       json_extract(e.data, '$.instance_type') AS instance_type,
       json_extract(e.data, '$.vcpus') AS vcpus,
       json_extract(e.data, '$.memory') AS memory,
       json_extract(e.data, '$.storage') AS storage,
       json_extract(e.data, '$.storage_type') AS storage_type,
       json_extract(e.data, '$.storage_class') AS storage_class,
       json_extract(e.data, '$.db_engine') AS db_engine,
       json_extract(e.data, '$.instance_class') AS instance_class,
       json_extract(e.data, '$.allocated_storage') AS allocated_storage,
       json_extract(e.data, '$.size_gb') AS size_gb,
       json_extract(e.data, '$.object_count') AS object_count,
       json_extract(e.data, '$.versioning') AS versioning,
       json_extract(e.data, '$.cpu_utilization') AS cpu_utilization,
       json_extract(e.data, '$.memory_utilization') AS memory_utilization,
       json_extract(e.data, '$.network_in') AS network_in,
       json_extract(e.data, '$.network_out') AS network_out,
       json_extract(e.data, '$.db_connections') AS db_connections,
       json_extract(e.data, '$.read_latency') AS read_latency,
       json_extract(e.data, '$.write_latency') AS write_latency,
       json_extract(e.data, '$.get_requests') AS get_requests,
       json_extract(e.data, '$.put_requests') AS put_requests,
       json_extract(e.data, '$.data_transfer_out') AS data_transfer_out,
       json_extract(e.data, '$.monthly_cost') AS monthly_cost,
       json_extract(e.data, '$.last_analyzed') AS last_analyzed,
       json_extract(e.data, '$.created_at') AS created_at
  FROM materialized m
  JOIN canonical_stream e ON e.tenant_id = m.tenant_id AND e.position = m.position
 WHERE m.entity = 'aws_resource' AND NOT m.deleted;

CREATE VIEW materialized_cost_reports AS
SELECT m.tenant_id, m.connection_id, m.record_id, m.fragment, m.position,
       json_extract(e.data, '$.cost_id') AS cost_id,
       json_extract(e.data, '$.report_date') AS report_date,
       json_extract(e.data, '$.service_category') AS service_category,
       json_extract(e.data, '$.resource_id') AS resource_id,
       json_extract(e.data, '$.cost') AS cost,
       json_extract(e.data, '$.monthly_cost') AS monthly_cost,
       json_extract(e.data, '$.usage') AS usage,
       json_extract(e.data, '$.usage_type') AS usage_type,
       json_extract(e.data, '$.region') AS region,
       json_extract(e.data, '$.currency') AS currency,
       json_extract(e.data, '$.billing_account_id') AS billing_account_id,
       json_extract(e.data, '$.usage_account_id') AS usage_account_id,
       json_extract(e.data, '$.created_at') AS created_at
  FROM materialized m
  JOIN canonical_stream e ON e.tenant_id = m.tenant_id AND e.position = m.position
 WHERE m.entity = 'cost_report' AND NOT m.deleted;

CREATE VIEW materialized_health AS
SELECT m.tenant_id, m.connection_id, m.record_id, m.fragment, m.position,
       json_extract(e.data, '$.account_id') AS account_id,
       json_extract(e.data, '$.health_score') AS health_score,
       json_extract(e.data, '$.risk_level') AS risk_level,
       json_extract(e.data, '$.details') AS details,
       json_extract(e.data, '$.last_updated') AS last_updated
  FROM materialized m
  JOIN canonical_stream e ON e.tenant_id = m.tenant_id AND e.position = m.position
 WHERE m.entity = 'health' AND NOT m.deleted;

CREATE VIEW materialized_usage AS
SELECT m.tenant_id, m.connection_id, m.record_id, m.fragment, m.position,
       json_extract(e.data, '$.account_id') AS account_id,
       json_extract(e.data, '$.last_login_days') AS last_login_days,
       json_extract(e.data, '$.sessions_30d') AS sessions_30d,
       json_extract(e.data, '$.avg_session_duration') AS avg_session_duration,
       json_extract(e.data, '$.features_used') AS features_used,
       json_extract(e.data, '$.active_users') AS active_users
  FROM materialized m
  JOIN canonical_stream e ON e.tenant_id = m.tenant_id AND e.position = m.position
 WHERE m.entity = 'usage' AND NOT m.deleted;
