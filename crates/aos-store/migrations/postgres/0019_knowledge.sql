-- The knowledge base: documents, the pieces they are cut into, the index of their words, and vectors.

-- Counts what changed in a tenant's knowledge base, so that whoever keeps a part of it in memory sees with one look whether it still holds.
CREATE TABLE knowledge_heads (
    tenant_id UUID   NOT NULL PRIMARY KEY,
    revision  BIGINT NOT NULL
);

-- One row for each location. Its id follows from the tenant and the location, so that the same location read again is the same document.
CREATE TABLE knowledge_documents (
    tenant_id    UUID    NOT NULL,
    id           UUID    NOT NULL,
    location     TEXT COLLATE "C"    NOT NULL,
    title        TEXT COLLATE "C"    NOT NULL,
    format       TEXT COLLATE "C"    NOT NULL,
    -- Each tag between two bars: `|policy|travel|`; a bar alone when there is none.
    tags         TEXT COLLATE "C"    NOT NULL,
    -- The least role that may see it.
    least_role   TEXT COLLATE "C"    NOT NULL,
    -- Whether personal data was taken out before anything was kept, and how often it was.
    redacted     BOOLEAN NOT NULL,
    redactions   BIGINT  NOT NULL,
    chunks       BIGINT  NOT NULL,
    -- Chunks that look as if they told a model what to do.
    marked       BIGINT  NOT NULL,
    characters   BIGINT  NOT NULL,
    tokens       BIGINT  NOT NULL,
    content_hash TEXT COLLATE "C"    NOT NULL,
    -- The model that its vectors are of; none while it has none.
    vector_model TEXT COLLATE "C",
    vector_print TEXT COLLATE "C",
    -- The head's revision when it was last changed.
    revision     BIGINT  NOT NULL,
    created_by   TEXT COLLATE "C"    NOT NULL,
    created_at   BIGINT  NOT NULL,
    updated_at   BIGINT  NOT NULL,
    PRIMARY KEY (tenant_id, id)
);

-- The pieces of a document in order. What decides who sees them stands here again, so that a search needs nothing else.
CREATE TABLE knowledge_chunks (
    tenant_id   UUID   NOT NULL,
    document_id UUID   NOT NULL,
    ordinal     BIGINT NOT NULL,
    least_role  TEXT COLLATE "C"   NOT NULL,
    tags        TEXT COLLATE "C"   NOT NULL,
    -- The headings that it stands under, outermost first, as JSON and as words.
    section     TEXT COLLATE "C"   NOT NULL,
    heading     TEXT COLLATE "C"   NOT NULL,
    page        BIGINT,
    -- Where it stands in the document's text, in characters; the end is not part of it.
    from_char   BIGINT NOT NULL,
    to_char     BIGINT NOT NULL,
    body        TEXT COLLATE "C"   NOT NULL,
    tokens      BIGINT NOT NULL,
    -- Why it looks as if it told a model what to do, as JSON.
    marks       TEXT COLLATE "C"   NOT NULL,
    words       TSVECTOR NOT NULL GENERATED ALWAYS AS (
        setweight(to_tsvector('english', heading), 'A') || setweight(to_tsvector('english', body), 'B')) STORED,
    PRIMARY KEY (tenant_id, document_id, ordinal)
);
CREATE INDEX knowledge_chunks_by_words ON knowledge_chunks USING GIN (words);

-- Vectors of length 1, as 32-bit floating-point numbers with the lowest byte first.
CREATE TABLE knowledge_vectors (
    tenant_id   UUID   NOT NULL,
    document_id UUID   NOT NULL,
    ordinal     BIGINT NOT NULL,
    vector      BYTEA  NOT NULL,
    PRIMARY KEY (tenant_id, document_id, ordinal)
);

-- What people said of what they found.
CREATE TABLE knowledge_feedback (
    tenant_id   UUID   NOT NULL,
    id          UUID   NOT NULL,
    -- What was looked for, without personal data.
    asked       TEXT COLLATE "C"   NOT NULL,
    document_id UUID,
    ordinal     BIGINT,
    rating      TEXT COLLATE "C"   NOT NULL,
    notes       TEXT COLLATE "C",
    given_by    TEXT COLLATE "C"   NOT NULL,
    given_at    BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, id)
);

SELECT autonomos_protect('knowledge_heads'), autonomos_protect('knowledge_documents'), autonomos_protect('knowledge_chunks'),
       autonomos_protect('knowledge_vectors'), autonomos_protect('knowledge_feedback');
GRANT SELECT, INSERT, UPDATE, DELETE
   ON knowledge_heads, knowledge_documents, knowledge_chunks, knowledge_vectors, knowledge_feedback TO autonomos_application_rights;

-- Finds the chunks of the transaction's tenant that have some of the words, the best ones first.
--
-- Under row security PostgreSQL does not look into an index of words: whether a word is there must not be asked about rows that the
-- asker may not see, and the operator that asks is not known to keep that to itself. So this function asks as the owner of the tables,
-- whose own policy lets it, and it is the function that names the tenant. It gives back places, no text: those are then read as the asker.
CREATE POLICY owner_searches ON knowledge_chunks FOR SELECT TO CURRENT_USER USING (TRUE);
CREATE FUNCTION autonomos_knowledge_matches(asked TEXT, roles TEXT, tag TEXT, most BIGINT)
RETURNS TABLE (document_id UUID, ordinal BIGINT)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
    SELECT c.document_id, c.ordinal
      FROM knowledge_chunks c, to_tsquery('pg_catalog.english', asked) AS asking
     WHERE c.tenant_id = autonomos_tenant() AND c.words @@ asking
       AND c.least_role = ANY (string_to_array(roles, ',')) AND (tag IS NULL OR strpos(c.tags, '|' || tag || '|') > 0)
     ORDER BY ts_rank(c.words, asking) DESC, c.document_id, c.ordinal
     LIMIT most
$$;
REVOKE ALL ON FUNCTION autonomos_knowledge_matches(TEXT, TEXT, TEXT, BIGINT) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION autonomos_knowledge_matches(TEXT, TEXT, TEXT, BIGINT) TO autonomos_application_rights;
