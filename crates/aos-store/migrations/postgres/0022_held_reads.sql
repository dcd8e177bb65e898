-- Reads that would spend more of a source account's requests than may be spent unasked: each waits for somebody to say so.

-- How many requests one read may spend without asking; the operator's default when null.
ALTER TABLE connections ADD COLUMN requests_max BIGINT;

CREATE TABLE held_reads (
    tenant_id     UUID             NOT NULL,
    connection_id UUID             NOT NULL,
    run_id        UUID             NOT NULL,
    held_at       BIGINT           NOT NULL,
    -- Spent by the run that stopped here, and what the whole read is thought to take; null where that cannot be told.
    spent         BIGINT           NOT NULL,
    requests      BIGINT,
    requests_max  BIGINT           NOT NULL,
    message       TEXT COLLATE "C" NOT NULL,
    -- What was to be read, as the task that reads it takes it.
    request       TEXT COLLATE "C" NOT NULL,
    -- Who said that it may go on, and when. The row stays until that read has come to its end.
    confirmed_at  BIGINT,
    confirmed_by  TEXT COLLATE "C",
    PRIMARY KEY (tenant_id, connection_id)
);

DO $$
BEGIN
    PERFORM autonomos_protect('held_reads'::REGCLASS);
END
$$;
GRANT SELECT, INSERT, UPDATE, DELETE ON held_reads TO autonomos_application_rights;
