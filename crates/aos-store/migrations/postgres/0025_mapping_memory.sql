-- What was decided about columns of sources: which field a column is, or is not, by whom, and how that came about. It holds names and
-- forms, and no value of any record.
CREATE TABLE mapping_memory (
    tenant_id     UUID             NOT NULL,
    id            UUID             NOT NULL,
    connection_id UUID             NOT NULL,
    -- What the connection is: the program that reads it, and the system behind it.
    connector     TEXT COLLATE "C" NOT NULL,
    system        TEXT COLLATE "C" NOT NULL,
    stream        TEXT COLLATE "C" NOT NULL,
    path          TEXT COLLATE "C" NOT NULL,
    label         TEXT COLLATE "C",
    -- Type and forms of the values, as JSON.
    portrait      TEXT COLLATE "C" NOT NULL,
    entity        TEXT COLLATE "C" NOT NULL,
    field         TEXT COLLATE "C" NOT NULL,
    -- `applied` by the matcher, `approved` or `rejected` by a person.
    outcome       TEXT COLLATE "C" NOT NULL,
    -- Whether the matcher had decided so before anybody looked, how sure it was, and what it had beside names and values.
    by_matcher    BOOLEAN          NOT NULL,
    confidence    DOUBLE PRECISION NOT NULL,
    with_memory   BOOLEAN          NOT NULL,
    with_model    BOOLEAN          NOT NULL,
    decided_by    TEXT COLLATE "C" NOT NULL,
    decided_at    BIGINT           NOT NULL,
    -- A vector of length 1, written as `[0.1,0.2]`, and the fingerprint of the model that made it; none while there is none.
    vector        TEXT COLLATE "C",
    vector_print  TEXT COLLATE "C",
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, connection_id, stream, path, entity, field)
);
CREATE INDEX mapping_memory_by_print ON mapping_memory (tenant_id, vector_print);

-- What was looked up before a source was mapped: how much of it is remembered, whether a model was asked, and what that took.
CREATE TABLE mapping_checks (
    tenant_id      UUID             NOT NULL,
    -- The run of the connection that it belongs to.
    id             UUID             NOT NULL,
    connection_id  UUID             NOT NULL,
    checked_at     BIGINT           NOT NULL,
    -- `lexical`, or the model that made the vectors that were compared.
    similarity     TEXT COLLATE "C" NOT NULL,
    fields         BIGINT           NOT NULL,
    covered        BIGINT           NOT NULL,
    -- Some columns that nothing is remembered of, as JSON.
    missing        TEXT COLLATE "C" NOT NULL,
    -- Columns that matcher and memory leave uncertain.
    uncertain      BIGINT           NOT NULL,
    recommendation TEXT COLLATE "C" NOT NULL,
    calls_estimated  BIGINT         NOT NULL,
    tokens_estimated BIGINT         NOT NULL,
    micros_estimated BIGINT,
    -- Until when somebody may choose; none where nobody was asked.
    decide_until   BIGINT,
    choice         TEXT COLLATE "C",
    -- Who chose; none where the time ran out, or nobody was asked.
    chosen_by      TEXT COLLATE "C",
    chosen_at      BIGINT,
    calls          BIGINT           NOT NULL DEFAULT 0,
    calls_saved    BIGINT           NOT NULL DEFAULT 0,
    tokens_in      BIGINT,
    tokens_out     BIGINT,
    micros         BIGINT,
    -- Columns that the model was asked about, those it named a field for, and those that are decided because of it.
    asked          BIGINT           NOT NULL DEFAULT 0,
    answered       BIGINT           NOT NULL DEFAULT 0,
    taken          BIGINT           NOT NULL DEFAULT 0,
    -- Why the model was not asked, or gave nothing.
    note           TEXT COLLATE "C",
    ended_at       BIGINT,
    PRIMARY KEY (tenant_id, id)
);

SELECT autonomos_protect('mapping_memory'), autonomos_protect('mapping_checks');
GRANT SELECT, INSERT, UPDATE, DELETE ON mapping_memory, mapping_checks TO autonomos_application_rights;

-- Lets pgvector compare the vectors, where the extension is there or may be created; says whether it does. Without it nothing is missing:
-- the vectors are read and compared by the program. Whoever installs the extension later calls this as the owner of the tables.
--
-- The tenant's rows of one model are compared exactly, found by the index over tenant and model: an approximate index over the vectors of
-- all tenants would first find neighbours and then throw other tenants' away.
CREATE FUNCTION autonomos_use_pgvector() RETURNS BOOLEAN
LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
DECLARE
    place TEXT;
BEGIN
    IF NOT EXISTS (SELECT 1 FROM pg_extension WHERE extname = 'vector') THEN
        IF NOT EXISTS (SELECT 1 FROM pg_available_extensions WHERE name = 'vector') THEN
            RETURN FALSE;
        END IF;
        BEGIN
            CREATE EXTENSION vector;
        EXCEPTION WHEN OTHERS THEN
            RAISE NOTICE 'pgvector is there and could not be created (%); vectors are compared by the program', SQLERRM;
            RETURN FALSE;
        END;
    END IF;
    SELECT quote_ident(n.nspname) INTO place
      FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace
     WHERE e.extname = 'vector';
    EXECUTE format(
        'ALTER TABLE mapping_memory
             ADD COLUMN IF NOT EXISTS embedding %s.vector GENERATED ALWAYS AS (vector::%s.vector) STORED', place, place);
    EXECUTE format(
        'CREATE OR REPLACE FUNCTION autonomos_nearest_memories(print TEXT, asked TEXT, most BIGINT)
         RETURNS TABLE (id UUID, cosine DOUBLE PRECISION)
         LANGUAGE sql STABLE SET search_path FROM CURRENT AS $body$
             SELECT m.id, 1 - (m.embedding OPERATOR(%s.<=>) asked::%s.vector)
               FROM mapping_memory m
              WHERE m.tenant_id = autonomos_tenant() AND m.vector_print = print
              ORDER BY m.embedding OPERATOR(%s.<=>) asked::%s.vector, m.id
              LIMIT most
         $body$', place, place, place, place);
    REVOKE ALL ON FUNCTION autonomos_nearest_memories(TEXT, TEXT, BIGINT) FROM PUBLIC;
    GRANT EXECUTE ON FUNCTION autonomos_nearest_memories(TEXT, TEXT, BIGINT) TO autonomos_application_rights;
    RETURN TRUE;
END
$$;
REVOKE ALL ON FUNCTION autonomos_use_pgvector() FROM PUBLIC;
SELECT autonomos_use_pgvector();
