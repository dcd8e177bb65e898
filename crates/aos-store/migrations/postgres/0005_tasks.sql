-- Tasks: what is to be done, by whom it is being done, and what came of it.

-- The database's own time, in microseconds: leases and due times are compared with one clock, whatever the machines' clocks say.
CREATE FUNCTION autonomos_now() RETURNS BIGINT
LANGUAGE sql VOLATILE PARALLEL SAFE
RETURN (EXTRACT(EPOCH FROM clock_timestamp()) * 1000000)::BIGINT;

-- The record of a task: written when it is enqueued and when it ends. While it waits or runs, `state` is null and its row in task_queue
-- says how it stands. Nothing that changes is indexed and pages keep room, so that an end is written beside its row (a HOT update).
CREATE TABLE tasks (
    tenant_id    UUID             NOT NULL,
    id           UUID             NOT NULL,
    kind         TEXT COLLATE "C" NOT NULL,
    payload      TEXT COLLATE "C" NOT NULL,
    priority     BIGINT           NOT NULL,
    created_at   BIGINT           NOT NULL,
    -- On whose behalf it runs, and with which role.
    principal    TEXT COLLATE "C" NOT NULL,
    role         TEXT COLLATE "C" NOT NULL,
    trace_id     TEXT COLLATE "C" NOT NULL,
    max_attempts BIGINT           NOT NULL,
    backoff      TEXT COLLATE "C" NOT NULL,
    timeout_ms   BIGINT,
    exclusive    TEXT COLLATE "C",
    callback_url TEXT COLLATE "C",
    -- The task that follows its success, as it was asked for, and then as it was enqueued.
    next_task    TEXT COLLATE "C",
    next_task_id UUID,
    -- The task that it follows, or that it tells about.
    parent_id    UUID,
    schedule_id  UUID,
    state        TEXT COLLATE "C",
    -- Number of the latest attempt, and of the last one it may have; both go on counting when it is replayed.
    attempt      BIGINT           NOT NULL DEFAULT 0,
    last_attempt BIGINT           NOT NULL DEFAULT 0,
    started_at   BIGINT,
    finished_at  BIGINT,
    result       TEXT COLLATE "C",
    error        TEXT COLLATE "C",
    PRIMARY KEY (tenant_id, id)
) WITH (fillfactor = 75);
CREATE INDEX tasks_by_exclusive ON tasks (tenant_id, exclusive, id) WHERE exclusive IS NOT NULL;
CREATE INDEX tasks_by_schedule ON tasks (tenant_id, schedule_id, id) WHERE schedule_id IS NOT NULL;

-- The tasks that wait or run, and no others. Three partitions take turns: what is enqueued goes to the current one; one that has
-- run empty is truncated, so dead rows do not pile up, not even while some session's old snapshot keeps vacuum from
-- removing them. (A partition that a long backlog keeps from running empty is vacuumed by what has died, not by its share.) Delayed tasks wait in a partition of their own, so that they do not keep the others from running empty.
CREATE TABLE task_queue (
    tenant_id        UUID    NOT NULL,
    id               UUID    NOT NULL,
    generation       BIGINT  NOT NULL,
    priority         BIGINT  NOT NULL,
    run_at           BIGINT  NOT NULL,
    -- May be claimed: its time has come and nobody has it.
    ready            BOOLEAN NOT NULL,
    attempt          BIGINT  NOT NULL,
    last_attempt     BIGINT  NOT NULL,
    exclusive        TEXT COLLATE "C",
    worker_id        UUID,
    claimed_at       BIGINT,
    cancel_requested BOOLEAN NOT NULL DEFAULT FALSE,
    progress         DOUBLE PRECISION,
    progress_message TEXT COLLATE "C",
    PRIMARY KEY (tenant_id, id, generation)
) PARTITION BY LIST (generation);
CREATE TABLE task_queue_0 PARTITION OF task_queue FOR VALUES IN (0)
    WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 20000, vacuum_truncate = FALSE);
CREATE TABLE task_queue_1 PARTITION OF task_queue FOR VALUES IN (1)
    WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 20000, vacuum_truncate = FALSE);
CREATE TABLE task_queue_2 PARTITION OF task_queue FOR VALUES IN (2)
    WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 20000, vacuum_truncate = FALSE);
CREATE TABLE task_queue_delayed PARTITION OF task_queue FOR VALUES IN (3)
    WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 20000, vacuum_truncate = FALSE);
-- What lets queries for ready or running tasks leave the delayed ones out, and the other way round.
ALTER TABLE task_queue_0 ADD CHECK (ready OR worker_id IS NOT NULL);
ALTER TABLE task_queue_1 ADD CHECK (ready OR worker_id IS NOT NULL);
ALTER TABLE task_queue_2 ADD CHECK (ready OR worker_id IS NOT NULL);
ALTER TABLE task_queue_delayed ADD CHECK (NOT ready), ADD CHECK (worker_id IS NULL);
CREATE INDEX task_queue_ready_0 ON task_queue_0 (tenant_id, priority, run_at, id) WHERE ready;
CREATE INDEX task_queue_ready_1 ON task_queue_1 (tenant_id, priority, run_at, id) WHERE ready;
CREATE INDEX task_queue_ready_2 ON task_queue_2 (tenant_id, priority, run_at, id) WHERE ready;
CREATE INDEX task_queue_running_0 ON task_queue_0 (worker_id, tenant_id) WHERE worker_id IS NOT NULL;
CREATE INDEX task_queue_running_1 ON task_queue_1 (worker_id, tenant_id) WHERE worker_id IS NOT NULL;
CREATE INDEX task_queue_running_2 ON task_queue_2 (worker_id, tenant_id) WHERE worker_id IS NOT NULL;
CREATE INDEX task_queue_due ON task_queue_delayed (run_at);

-- Which partition is the current one. A sequence has one row version only, however often it changes.
CREATE SEQUENCE task_generation AS BIGINT MINVALUE 0 MAXVALUE 2 START 0 CYCLE;

-- Tasks that ended as failed or canceled, so that they are found among very many.
CREATE TABLE unsuccessful_tasks (
    tenant_id UUID             NOT NULL,
    state     TEXT COLLATE "C" NOT NULL,
    task_id   UUID             NOT NULL,
    PRIMARY KEY (tenant_id, state, task_id)
);

-- Exclusive rights, each held by one task until it ends.
CREATE TABLE task_rights (
    tenant_id UUID             NOT NULL,
    name      TEXT COLLATE "C" NOT NULL,
    task_id   UUID             NOT NULL,
    PRIMARY KEY (tenant_id, name)
);

-- Keys under which tasks were enqueued, so that asking twice enqueues once.
CREATE TABLE task_keys (
    tenant_id  UUID             NOT NULL,
    key        TEXT COLLATE "C" NOT NULL,
    task_id    UUID             NOT NULL,
    -- Digest of what was asked for.
    body       BYTEA            NOT NULL,
    expires_at BIGINT           NOT NULL,
    PRIMARY KEY (tenant_id, key)
);
CREATE INDEX task_keys_by_expiry ON task_keys (expires_at);

CREATE TABLE task_logs (
    tenant_id UUID             NOT NULL,
    task_id   UUID             NOT NULL,
    seq       BIGINT           NOT NULL,
    at        BIGINT           NOT NULL,
    attempt   BIGINT           NOT NULL,
    level     TEXT COLLATE "C" NOT NULL,
    message   TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (tenant_id, task_id, seq)
);

CREATE TABLE task_settings (
    tenant_id   UUID             NOT NULL PRIMARY KEY,
    -- Tasks that run at a time; the worker's limit when null.
    max_running BIGINT,
    -- The ends that a message is posted about, as a JSON list of states.
    slack_on    TEXT COLLATE "C" NOT NULL
);

CREATE TABLE task_schedules (
    tenant_id    UUID             NOT NULL,
    id           UUID             NOT NULL,
    name         TEXT COLLATE "C" NOT NULL,
    cron         TEXT COLLATE "C" NOT NULL,
    zone         TEXT COLLATE "C" NOT NULL,
    -- The task as it is enqueued each time.
    task         TEXT COLLATE "C" NOT NULL,
    enabled      BOOLEAN          NOT NULL,
    principal    TEXT COLLATE "C" NOT NULL,
    role         TEXT COLLATE "C" NOT NULL,
    created_at   BIGINT           NOT NULL,
    next_at      BIGINT,
    last_at      BIGINT,
    last_task_id UUID,
    last_error   TEXT COLLATE "C",
    PRIMARY KEY (tenant_id, id)
);
CREATE UNIQUE INDEX task_schedules_by_name ON task_schedules (tenant_id, name);
CREATE INDEX task_schedules_due ON task_schedules (next_at) WHERE enabled;

-- Global: the processes that run tasks. Their tasks are others' to take once `lost` is set.
CREATE TABLE workers (
    id          UUID             NOT NULL PRIMARY KEY,
    hostname    TEXT COLLATE "C" NOT NULL,
    slots       BIGINT           NOT NULL,
    started_at  BIGINT           NOT NULL,
    lease_until BIGINT           NOT NULL,
    lost        BOOLEAN          NOT NULL DEFAULT FALSE
) WITH (fillfactor = 50);

-- Claiming, finishing and scheduling cross tenants; everything else about tasks happens as the tenant. A partition that is asked
-- directly shows nothing but the tenant's rows, to nobody but its owner: rights are given on the whole table.
DO $$
DECLARE
    tenant_table REGCLASS;
BEGIN
    FOREACH tenant_table IN ARRAY ARRAY[
        'tasks', 'task_queue', 'task_queue_0', 'task_queue_1', 'task_queue_2', 'task_queue_delayed', 'unsuccessful_tasks',
        'task_rights', 'task_keys', 'task_logs', 'task_settings', 'task_schedules'
    ]::REGCLASS[] LOOP
        PERFORM autonomos_protect(tenant_table);
    END LOOP;
    FOREACH tenant_table IN ARRAY ARRAY[
        'tasks', 'task_queue', 'unsuccessful_tasks', 'task_rights', 'task_keys', 'task_logs', 'task_settings', 'task_schedules'
    ]::REGCLASS[] LOOP
        EXECUTE format('CREATE POLICY system_crosses ON %s TO autonomos_system_rights USING (TRUE) WITH CHECK (TRUE)', tenant_table);
    END LOOP;
END
$$;

GRANT SELECT, INSERT, UPDATE, DELETE
   ON tasks, task_queue, unsuccessful_tasks, task_rights, task_keys, task_logs, task_settings, task_schedules
   TO autonomos_application_rights;
GRANT SELECT ON task_generation TO autonomos_application_rights;

GRANT SELECT, INSERT, UPDATE, DELETE
   ON tasks, task_queue, unsuccessful_tasks, task_rights, task_keys, task_logs, workers
   TO autonomos_system_rights;
GRANT SELECT, UPDATE ON task_schedules TO autonomos_system_rights;
GRANT SELECT ON task_settings TO autonomos_system_rights;
GRANT SELECT, UPDATE ON task_generation TO autonomos_system_rights;
GRANT TRUNCATE ON task_queue_0, task_queue_1, task_queue_2 TO autonomos_system_rights;
