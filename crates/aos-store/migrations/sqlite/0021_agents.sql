-- Agents of a tenant: how far each may go, what it used of what it may, what it proposes, and what pilots found.

-- What was said about an agent. A pilot of which nothing was said is as it ships.
CREATE TABLE agents (
    tenant_id  BLOB   NOT NULL,
    id         TEXT   NOT NULL,
    -- The key that the agent acts with; none for a pilot, which runs as a task.
    api_key_id BLOB,
    body       TEXT   NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, id)
) WITHOUT ROWID;
CREATE UNIQUE INDEX agents_by_key ON agents (tenant_id, api_key_id);

-- What an agent has used in a day (counted from 1970) of what it may use.
CREATE TABLE agent_usage (
    tenant_id BLOB   NOT NULL,
    agent     TEXT   NOT NULL,
    day       BIGINT NOT NULL,
    meter     TEXT   NOT NULL,
    used      BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, agent, day, meter)
) WITHOUT ROWID;

-- What an agent would do, once a person has approved it.
CREATE TABLE agent_proposals (
    tenant_id   BLOB   NOT NULL,
    id          BLOB   NOT NULL,
    agent       TEXT   NOT NULL,
    task_kind   TEXT   NOT NULL,
    payload     TEXT   NOT NULL,
    reason      TEXT   NOT NULL,
    state       TEXT   NOT NULL,
    proposed_by TEXT   NOT NULL,
    proposed_at BIGINT NOT NULL,
    decided_by  TEXT,
    decided_at  BIGINT,
    task_id     BLOB,
    PRIMARY KEY (tenant_id, id)
) WITHOUT ROWID;

CREATE TABLE agent_runs (
    tenant_id   BLOB   NOT NULL,
    id          BLOB   NOT NULL,
    agent       TEXT   NOT NULL,
    started_at  BIGINT NOT NULL,
    finished_at BIGINT NOT NULL,
    body        TEXT   NOT NULL,
    PRIMARY KEY (tenant_id, id)
) WITHOUT ROWID;

-- What a pilot found. The same thing found again is the same row.
CREATE TABLE agent_findings (
    tenant_id     BLOB   NOT NULL,
    id            BLOB   NOT NULL,
    agent         TEXT   NOT NULL,
    kind          TEXT   NOT NULL,
    subject       TEXT   NOT NULL,
    state         TEXT   NOT NULL,
    body          TEXT   NOT NULL,
    -- A decimal number as text, so that no digit is lost; none where nobody knows.
    amount        TEXT,
    currency      TEXT,
    confidence    REAL,
    first_seen_at BIGINT NOT NULL,
    last_seen_at  BIGINT NOT NULL,
    resolved_at   BIGINT,
    times_seen    BIGINT NOT NULL,
    feedback      TEXT,
    feedback_note TEXT,
    feedback_by   TEXT,
    ignored_until BIGINT,
    PRIMARY KEY (tenant_id, id)
) WITHOUT ROWID;
CREATE INDEX agent_findings_by_agent ON agent_findings (tenant_id, agent, state);
