-- Agents of a tenant: how far each may go, what it used of what it may, what it proposes, and what pilots found.

-- What was said about an agent. A pilot of which nothing was said is as it ships.
CREATE TABLE agents (
    tenant_id  UUID   NOT NULL,
    id         TEXT COLLATE "C"   NOT NULL,
    -- The key that the agent acts with; none for a pilot, which runs as a task.
    api_key_id UUID,
    body       TEXT COLLATE "C"   NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, id)
);
CREATE UNIQUE INDEX agents_by_key ON agents (tenant_id, api_key_id);

-- What an agent has used in a day (counted from 1970) of what it may use.
CREATE TABLE agent_usage (
    tenant_id UUID   NOT NULL,
    agent     TEXT COLLATE "C"   NOT NULL,
    day       BIGINT NOT NULL,
    meter     TEXT COLLATE "C"   NOT NULL,
    used      BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, agent, day, meter)
);

-- What an agent would do, once a person has approved it.
CREATE TABLE agent_proposals (
    tenant_id   UUID   NOT NULL,
    id          UUID   NOT NULL,
    agent       TEXT COLLATE "C"   NOT NULL,
    task_kind   TEXT COLLATE "C"   NOT NULL,
    payload     TEXT COLLATE "C"   NOT NULL,
    reason      TEXT COLLATE "C"   NOT NULL,
    state       TEXT COLLATE "C"   NOT NULL,
    proposed_by TEXT COLLATE "C"   NOT NULL,
    proposed_at BIGINT NOT NULL,
    decided_by  TEXT COLLATE "C",
    decided_at  BIGINT,
    task_id     UUID,
    PRIMARY KEY (tenant_id, id)
);

CREATE TABLE agent_runs (
    tenant_id   UUID   NOT NULL,
    id          UUID   NOT NULL,
    agent       TEXT COLLATE "C"   NOT NULL,
    started_at  BIGINT NOT NULL,
    finished_at BIGINT NOT NULL,
    body        TEXT COLLATE "C"   NOT NULL,
    PRIMARY KEY (tenant_id, id)
);

-- What a pilot found. The same thing found again is the same row.
CREATE TABLE agent_findings (
    tenant_id     UUID   NOT NULL,
    id            UUID   NOT NULL,
    agent         TEXT COLLATE "C"   NOT NULL,
    kind          TEXT COLLATE "C"   NOT NULL,
    subject       TEXT COLLATE "C"   NOT NULL,
    state         TEXT COLLATE "C"   NOT NULL,
    body          TEXT COLLATE "C"   NOT NULL,
    -- A decimal number as text, so that no digit is lost; none where nobody knows.
    amount        TEXT COLLATE "C",
    currency      TEXT COLLATE "C",
    confidence    DOUBLE PRECISION,
    first_seen_at BIGINT NOT NULL,
    last_seen_at  BIGINT NOT NULL,
    resolved_at   BIGINT,
    times_seen    BIGINT NOT NULL,
    feedback      TEXT COLLATE "C",
    feedback_note TEXT COLLATE "C",
    feedback_by   TEXT COLLATE "C",
    ignored_until BIGINT,
    PRIMARY KEY (tenant_id, id)
);
CREATE INDEX agent_findings_by_agent ON agent_findings (tenant_id, agent, state);

SELECT autonomos_protect('agents');
SELECT autonomos_protect('agent_usage');
SELECT autonomos_protect('agent_proposals');
SELECT autonomos_protect('agent_runs');
SELECT autonomos_protect('agent_findings');
GRANT SELECT, INSERT, UPDATE, DELETE ON agents, agent_usage, agent_proposals, agent_runs, agent_findings
   TO autonomos_application_rights;
