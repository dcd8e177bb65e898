-- Tasks: what is to be done, by whom it is being done, and what came of it.

-- The record of a task: written when it is enqueued and when it ends. While it waits or runs, `state` is null and its row in task_queue
-- says how it stands.
CREATE TABLE tasks (
    tenant_id    BLOB   NOT NULL,
    id           BLOB   NOT NULL,
    kind         TEXT   NOT NULL,
    payload      TEXT   NOT NULL,
    priority     BIGINT NOT NULL,
    created_at   BIGINT NOT NULL,
    -- On whose behalf it runs, and with which role.
    principal    TEXT   NOT NULL,
    role         TEXT   NOT NULL,
    trace_id     TEXT   NOT NULL,
    max_attempts BIGINT NOT NULL,
    backoff      TEXT   NOT NULL,
    timeout_ms   BIGINT,
    exclusive    TEXT,
    callback_url TEXT,
    -- The task that follows its success, as it was asked for, and then as it was enqueued.
    next_task    TEXT,
    next_task_id BLOB,
    -- The task that it follows, or that it tells about.
    parent_id    BLOB,
    schedule_id  BLOB,
    state        TEXT,
    -- Number of the latest attempt, and of the last one it may have; both go on counting when it is replayed.
    attempt      BIGINT NOT NULL DEFAULT 0,
    last_attempt BIGINT NOT NULL DEFAULT 0,
    started_at   BIGINT,
    finished_at  BIGINT,
    result       TEXT,
    error        TEXT,
    PRIMARY KEY (tenant_id, id)
) WITHOUT ROWID;
CREATE INDEX tasks_by_exclusive ON tasks (tenant_id, exclusive, id) WHERE exclusive IS NOT NULL;
CREATE INDEX tasks_by_schedule ON tasks (tenant_id, schedule_id, id) WHERE schedule_id IS NOT NULL;

-- The tasks that wait or run, and no others. `generation` matters on PostgreSQL only.
CREATE TABLE task_queue (
    tenant_id        BLOB    NOT NULL,
    id               BLOB    NOT NULL,
    generation       BIGINT  NOT NULL,
    priority         BIGINT  NOT NULL,
    run_at           BIGINT  NOT NULL,
    -- May be claimed: its time has come and nobody has it.
    ready            BOOLEAN NOT NULL,
    attempt          BIGINT  NOT NULL,
    last_attempt     BIGINT  NOT NULL,
    exclusive        TEXT,
    worker_id        BLOB,
    claimed_at       BIGINT,
    cancel_requested BOOLEAN NOT NULL DEFAULT FALSE,
    progress         DOUBLE PRECISION,
    progress_message TEXT,
    PRIMARY KEY (tenant_id, id)
) WITHOUT ROWID;
CREATE INDEX task_queue_ready ON task_queue (tenant_id, priority, run_at, id) WHERE ready;
CREATE INDEX task_queue_running ON task_queue (worker_id, tenant_id) WHERE worker_id IS NOT NULL;
CREATE INDEX task_queue_delayed ON task_queue (run_at) WHERE NOT ready AND worker_id IS NULL;

-- Tasks that ended as failed or canceled, so that they are found among very many.
CREATE TABLE unsuccessful_tasks (
    tenant_id BLOB NOT NULL,
    state     TEXT NOT NULL,
    task_id   BLOB NOT NULL,
    PRIMARY KEY (tenant_id, state, task_id)
) WITHOUT ROWID;

-- Exclusive rights, each held by one task until it ends.
CREATE TABLE task_rights (
    tenant_id BLOB NOT NULL,
    name      TEXT NOT NULL,
    task_id   BLOB NOT NULL,
    PRIMARY KEY (tenant_id, name)
) WITHOUT ROWID;

-- Keys under which tasks were enqueued, so that asking twice enqueues once.
CREATE TABLE task_keys (
    tenant_id  BLOB   NOT NULL,
    key        TEXT   NOT NULL,
    task_id    BLOB   NOT NULL,
    -- Digest of what was asked for.
    body       BLOB   NOT NULL,
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, key)
) WITHOUT ROWID;
CREATE INDEX task_keys_by_expiry ON task_keys (expires_at);

CREATE TABLE task_logs (
    tenant_id BLOB   NOT NULL,
    task_id   BLOB   NOT NULL,
    seq       BIGINT NOT NULL,
    at        BIGINT NOT NULL,
    attempt   BIGINT NOT NULL,
    level     TEXT   NOT NULL,
    message   TEXT   NOT NULL,
    PRIMARY KEY (tenant_id, task_id, seq)
) WITHOUT ROWID;

CREATE TABLE task_settings (
    tenant_id   BLOB NOT NULL PRIMARY KEY,
    -- Tasks that run at a time; the worker's limit when null.
    max_running BIGINT,
    -- The ends that a message is posted about, as a JSON list of states.
    slack_on    TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE task_schedules (
    tenant_id    BLOB    NOT NULL,
    id           BLOB    NOT NULL,
    name         TEXT    NOT NULL,
    cron         TEXT    NOT NULL,
    zone         TEXT    NOT NULL,
    -- The task as it is enqueued each time.
    task         TEXT    NOT NULL,
    enabled      BOOLEAN NOT NULL,
    principal    TEXT    NOT NULL,
    role         TEXT    NOT NULL,
    created_at   BIGINT  NOT NULL,
    next_at      BIGINT,
    last_at      BIGINT,
    last_task_id BLOB,
    last_error   TEXT,
    PRIMARY KEY (tenant_id, id)
) WITHOUT ROWID;
CREATE UNIQUE INDEX task_schedules_by_name ON task_schedules (tenant_id, name);
CREATE INDEX task_schedules_due ON task_schedules (next_at) WHERE enabled;

-- Global: the processes that run tasks. Their tasks are others' to take once `lost` is set.
CREATE TABLE workers (
    id          BLOB    NOT NULL PRIMARY KEY,
    hostname    TEXT    NOT NULL,
    slots       BIGINT  NOT NULL,
    started_at  BIGINT  NOT NULL,
    lease_until BIGINT  NOT NULL,
    lost        BOOLEAN NOT NULL DEFAULT FALSE
) WITHOUT ROWID;
