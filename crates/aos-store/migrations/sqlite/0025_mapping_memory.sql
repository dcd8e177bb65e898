-- What was decided about columns of sources: which field a column is, or is not, by whom, and how that came about. It holds names and
-- forms, and no value of any record.
CREATE TABLE mapping_memory (
    tenant_id     BLOB    NOT NULL,
    id            BLOB    NOT NULL,
    connection_id BLOB    NOT NULL,
    -- What the connection is: the program that reads it, and the system behind it.
    connector     TEXT    NOT NULL,
    system        TEXT    NOT NULL,
    stream        TEXT    NOT NULL,
    path          TEXT    NOT NULL,
    label         TEXT,
    -- Type and forms of the values, as JSON.
    portrait      TEXT    NOT NULL,
    entity        TEXT    NOT NULL,
    field         TEXT    NOT NULL,
    -- `applied` by the matcher, `approved` or `rejected` by a person.
    outcome       TEXT    NOT NULL,
    -- Whether the matcher had decided so before anybody looked, how sure it was, and what it had beside names and values.
    by_matcher    BOOLEAN NOT NULL,
    confidence    REAL    NOT NULL,
    with_memory   BOOLEAN NOT NULL,
    with_model    BOOLEAN NOT NULL,
    decided_by    TEXT    NOT NULL,
    decided_at    BIGINT  NOT NULL,
    -- A vector of length 1, written as `[0.1,0.2]`, and the fingerprint of the model that made it; none while there is none.
    vector        TEXT,
    vector_print  TEXT,
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, connection_id, stream, path, entity, field)
) WITHOUT ROWID;
CREATE INDEX mapping_memory_by_print ON mapping_memory (tenant_id, vector_print);

-- What was looked up before a source was mapped: how much of it is remembered, whether a model was asked, and what that took.
CREATE TABLE mapping_checks (
    tenant_id      BLOB    NOT NULL,
    -- The run of the connection that it belongs to.
    id             BLOB    NOT NULL,
    connection_id  BLOB    NOT NULL,
    checked_at     BIGINT  NOT NULL,
    -- `lexical`, or the model that made the vectors that were compared.
    similarity     TEXT    NOT NULL,
    fields         BIGINT  NOT NULL,
    covered        BIGINT  NOT NULL,
    -- Some columns that nothing is remembered of, as JSON.
    missing        TEXT    NOT NULL,
    -- Columns that matcher and memory leave uncertain.
    uncertain      BIGINT  NOT NULL,
    recommendation TEXT    NOT NULL,
    calls_estimated  BIGINT NOT NULL,
    tokens_estimated BIGINT NOT NULL,
    micros_estimated BIGINT,
    -- Until when somebody may choose; none where nobody was asked.
    decide_until   BIGINT,
    choice         TEXT,
    -- Who chose; none where the time ran out, or nobody was asked.
    chosen_by      TEXT,
    chosen_at      BIGINT,
    calls          BIGINT  NOT NULL DEFAULT 0,
    calls_saved    BIGINT  NOT NULL DEFAULT 0,
    tokens_in      BIGINT,
    tokens_out     BIGINT,
    micros         BIGINT,
    -- Columns that the model was asked about, those it named a field for, and those that are decided because of it.
    asked          BIGINT  NOT NULL DEFAULT 0,
    answered       BIGINT  NOT NULL DEFAULT 0,
    taken          BIGINT  NOT NULL DEFAULT 0,
    -- Why the model was not asked, or gave nothing.
    note           TEXT,
    ended_at       BIGINT,
    PRIMARY KEY (tenant_id, id)
) WITHOUT ROWID;
