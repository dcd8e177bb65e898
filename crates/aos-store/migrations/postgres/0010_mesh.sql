-- What the mesh knows of its sources beyond their records: how far each stream is read and how surely, what each run did with it,
-- how healthy a connection is, and what an account allows.

ALTER TABLE connections ADD COLUMN paused_at BIGINT;
ALTER TABLE connections ADD COLUMN paused_reason TEXT COLLATE "C";
-- Without a complete read for so long it is stale, and an alert says so; the operator's default when null.
ALTER TABLE connections ADD COLUMN stale_after_us BIGINT;

-- What the source declares of the stream: label, fields, key, cursor field, how deletes are known.
ALTER TABLE streams ADD COLUMN declared TEXT COLLATE "C";
-- The cursor at the end of the last complete read: all before it was surely read.
ALTER TABLE streams ADD COLUMN cursor TEXT COLLATE "C";
-- A read that is not at its end: where it goes on, and what it has to remember.
ALTER TABLE streams ADD COLUMN reading TEXT COLLATE "C";
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

ALTER TABLE runs ADD COLUMN mode TEXT COLLATE "C" NOT NULL DEFAULT 'incremental';
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
ALTER TABLE run_streams ADD COLUMN source_bound TEXT COLLATE "C";
ALTER TABLE run_streams ADD COLUMN outcome TEXT COLLATE "C";
ALTER TABLE run_streams ADD COLUMN problem TEXT COLLATE "C";
ALTER TABLE run_streams ADD COLUMN problem_code TEXT COLLATE "C";

-- Looks at a source, the latest ones of each connection.
CREATE TABLE connection_checks (
    tenant_id     UUID    NOT NULL,
    id            UUID    NOT NULL,
    connection_id UUID    NOT NULL,
    at            BIGINT  NOT NULL,
    ok            BOOLEAN NOT NULL,
    latency_us    BIGINT  NOT NULL,
    code          TEXT COLLATE "C",
    message       TEXT COLLATE "C"    NOT NULL,
    PRIMARY KEY (tenant_id, id)
);
CREATE INDEX connection_checks_by_connection ON connection_checks (tenant_id, connection_id, id);

-- What happened to a connection that people should know: alerts that came and went, pauses, throttling, circuits.
CREATE TABLE connection_events (
    tenant_id     UUID   NOT NULL,
    id            UUID   NOT NULL,
    connection_id UUID   NOT NULL,
    stream        TEXT COLLATE "C"   NOT NULL,
    at            BIGINT NOT NULL,
    kind          TEXT COLLATE "C"   NOT NULL,
    message       TEXT COLLATE "C"   NOT NULL,
    detail        TEXT COLLATE "C"   NOT NULL,
    PRIMARY KEY (tenant_id, id)
);
CREATE INDEX connection_events_by_connection ON connection_events (tenant_id, connection_id, id);

-- Alerts that stand: raised once, cleared when what they say is true no more.
CREATE TABLE connection_alerts (
    tenant_id     UUID   NOT NULL,
    connection_id UUID   NOT NULL,
    stream        TEXT COLLATE "C"   NOT NULL,
    kind          TEXT COLLATE "C"   NOT NULL,
    raised_at     BIGINT NOT NULL,
    message       TEXT COLLATE "C"   NOT NULL,
    PRIMARY KEY (tenant_id, connection_id, stream, kind)
);

-- Accounts at sources, which several connections and all processes share: pauses they asked for, what they said is left, their circuit.
CREATE TABLE source_accounts (
    tenant_id     UUID   NOT NULL,
    account       TEXT COLLATE "C"   NOT NULL,
    paused_until  BIGINT,
    requests_left BIGINT,
    requests_max  BIGINT,
    told_at       BIGINT,
    -- Syncs in a row that could not reach it; from some on it is left alone until `closed_until`.
    failures      BIGINT NOT NULL DEFAULT 0,
    opened_at     BIGINT,
    closed_until  BIGINT,
    last_error    TEXT COLLATE "C",
    updated_at    BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, account)
);

SELECT autonomos_protect('connection_checks');
SELECT autonomos_protect('connection_events');
SELECT autonomos_protect('connection_alerts');
SELECT autonomos_protect('source_accounts');
GRANT SELECT, INSERT, UPDATE, DELETE ON connection_checks, connection_events, connection_alerts, source_accounts
   TO autonomos_application_rights;

-- Whoever looks for what is stale looks at all tenants at once, sees no more than that, and does no more than say so.
CREATE POLICY system_crosses ON streams FOR SELECT TO autonomos_system_rights USING (TRUE);
CREATE POLICY system_crosses ON connection_alerts TO autonomos_system_rights USING (TRUE) WITH CHECK (TRUE);
CREATE POLICY system_crosses ON connection_events FOR INSERT TO autonomos_system_rights WITH CHECK (TRUE);
GRANT SELECT (tenant_id, connection_id, name, completed_at, updated_at, stale_after_us, watched) ON streams
   TO autonomos_system_rights;
GRANT SELECT (tenant_id, connection_id, stream, kind), INSERT ON connection_alerts TO autonomos_system_rights;
GRANT INSERT ON connection_events TO autonomos_system_rights;
