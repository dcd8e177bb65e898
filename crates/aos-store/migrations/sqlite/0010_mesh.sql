-- What the mesh knows of its sources beyond their records: how far each stream is read and how surely, what each run did with it,
-- how healthy a connection is, and what an account allows.

ALTER TABLE connections ADD COLUMN paused_at BIGINT;
ALTER TABLE connections ADD COLUMN paused_reason TEXT;
-- Without a complete read for so long it is stale, and an alert says so; the operator's default when null.
ALTER TABLE connections ADD COLUMN stale_after_us BIGINT;

-- What the source declares of the stream: label, fields, key, cursor field, how deletes are known.
ALTER TABLE streams ADD COLUMN declared TEXT;
-- The cursor at the end of the last complete read: all before it was surely read.
ALTER TABLE streams ADD COLUMN cursor TEXT;
-- A read that is not at its end: where it goes on, and what it has to remember.
ALTER TABLE streams ADD COLUMN reading TEXT;
-- When the stream was last read to its end, and last read whole.
ALTER TABLE streams ADD COLUMN completed_at BIGINT;
ALTER TABLE streams ADD COLUMN whole_at BIGINT;
-- Up to when deletes are known.
ALTER TABLE streams ADD COLUMN deletes_known_at BIGINT;
-- The newest time of change that a complete read met, in microseconds.
ALTER TABLE streams ADD COLUMN newest_version BIGINT;
-- After how long it is stale, and whether anybody wants to know; copied from its connection, so that who looks for what is stale need not
-- see connections.
ALTER TABLE streams ADD COLUMN stale_after_us BIGINT;
ALTER TABLE streams ADD COLUMN watched BOOLEAN NOT NULL DEFAULT TRUE;

ALTER TABLE runs ADD COLUMN mode TEXT NOT NULL DEFAULT 'incremental';
-- For a throttled run: when the source takes requests again.
ALTER TABLE runs ADD COLUMN resume_at BIGINT;

ALTER TABLE run_streams ADD COLUMN requests BIGINT NOT NULL DEFAULT 0;
-- Records found gone, whether the source said so or a whole read did not meet them.
ALTER TABLE run_streams ADD COLUMN deleted BIGINT NOT NULL DEFAULT 0;
-- Records that became visible after later ones had been read, and by how much the latest was late.
ALTER TABLE run_streams ADD COLUMN late BIGINT NOT NULL DEFAULT 0;
ALTER TABLE run_streams ADD COLUMN lateness_us BIGINT NOT NULL DEFAULT 0;
-- How many records the read should have brought by the source's own word, and how much that word is worth.
ALTER TABLE run_streams ADD COLUMN source_count BIGINT;
ALTER TABLE run_streams ADD COLUMN source_bound TEXT;
ALTER TABLE run_streams ADD COLUMN outcome TEXT;
ALTER TABLE run_streams ADD COLUMN problem TEXT;
ALTER TABLE run_streams ADD COLUMN problem_code TEXT;

-- Looks at a source, the latest ones of each connection.
CREATE TABLE connection_checks (
    tenant_id     BLOB    NOT NULL,
    id            BLOB    NOT NULL,
    connection_id BLOB    NOT NULL,
    at            BIGINT  NOT NULL,
    ok            BOOLEAN NOT NULL,
    latency_us    BIGINT  NOT NULL,
    code          TEXT,
    message       TEXT    NOT NULL,
    PRIMARY KEY (tenant_id, id)
) WITHOUT ROWID;
CREATE INDEX connection_checks_by_connection ON connection_checks (tenant_id, connection_id, id);

-- What happened to a connection that people should know: alerts that came and went, pauses, throttling, circuits.
CREATE TABLE connection_events (
    tenant_id     BLOB   NOT NULL,
    id            BLOB   NOT NULL,
    connection_id BLOB   NOT NULL,
    stream        TEXT   NOT NULL,
    at            BIGINT NOT NULL,
    kind          TEXT   NOT NULL,
    message       TEXT   NOT NULL,
    detail        TEXT   NOT NULL,
    PRIMARY KEY (tenant_id, id)
) WITHOUT ROWID;
CREATE INDEX connection_events_by_connection ON connection_events (tenant_id, connection_id, id);

-- Alerts that stand: raised once, cleared when what they say is true no more.
CREATE TABLE connection_alerts (
    tenant_id     BLOB   NOT NULL,
    connection_id BLOB   NOT NULL,
    stream        TEXT   NOT NULL,
    kind          TEXT   NOT NULL,
    raised_at     BIGINT NOT NULL,
    message       TEXT   NOT NULL,
    PRIMARY KEY (tenant_id, connection_id, stream, kind)
) WITHOUT ROWID;

-- Accounts at sources, which several connections and all processes share: pauses they asked for, what they said is left, their circuit.
CREATE TABLE source_accounts (
    tenant_id     BLOB   NOT NULL,
    account       TEXT   NOT NULL,
    paused_until  BIGINT,
    requests_left BIGINT,
    requests_max  BIGINT,
    told_at       BIGINT,
    -- Syncs in a row that could not reach it; from some on it is left alone until `closed_until`.
    failures      BIGINT NOT NULL DEFAULT 0,
    opened_at     BIGINT,
    closed_until  BIGINT,
    last_error    TEXT,
    updated_at    BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, account)
) WITHOUT ROWID;
