-- Reads that would spend more of a source account's requests than may be spent unasked: each waits for somebody to say so.

-- How many requests one read may spend without asking; the operator's default when null.
ALTER TABLE connections ADD COLUMN requests_max BIGINT;

CREATE TABLE held_reads (
    tenant_id     BLOB   NOT NULL,
    connection_id BLOB   NOT NULL,
    run_id        BLOB   NOT NULL,
    held_at       BIGINT NOT NULL,
    -- Spent by the run that stopped here, and what the whole read is thought to take; null where that cannot be told.
    spent         BIGINT NOT NULL,
    requests      BIGINT,
    requests_max  BIGINT NOT NULL,
    message       TEXT   NOT NULL,
    -- What was to be read, as the task that reads it takes it.
    request       TEXT   NOT NULL,
    -- Who said that it may go on, and when. The row stays until that read has come to its end.
    confirmed_at  BIGINT,
    confirmed_by  TEXT,
    PRIMARY KEY (tenant_id, connection_id)
) WITHOUT ROWID;
