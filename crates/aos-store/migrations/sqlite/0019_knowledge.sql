-- The knowledge base: documents, the pieces they are cut into, the index of their words, and vectors.

-- Counts what changed in a tenant's knowledge base, so that whoever keeps a part of it in memory sees with one look whether it still holds.
CREATE TABLE knowledge_heads (
    tenant_id BLOB   NOT NULL PRIMARY KEY,
    revision  BIGINT NOT NULL
) WITHOUT ROWID;

-- One row for each location. Its id follows from the tenant and the location, so that the same location read again is the same document.
CREATE TABLE knowledge_documents (
    tenant_id    BLOB    NOT NULL,
    id           BLOB    NOT NULL,
    location     TEXT    NOT NULL,
    title        TEXT    NOT NULL,
    format       TEXT    NOT NULL,
    -- Each tag between two bars: `|policy|travel|`; a bar alone when there is none.
    tags         TEXT    NOT NULL,
    -- The least role that may see it.
    least_role   TEXT    NOT NULL,
    -- Whether personal data was taken out before anything was kept, and how often it was.
    redacted     BOOLEAN NOT NULL,
    redactions   BIGINT  NOT NULL,
    chunks       BIGINT  NOT NULL,
    -- Chunks that look as if they told a model what to do.
    marked       BIGINT  NOT NULL,
    characters   BIGINT  NOT NULL,
    tokens       BIGINT  NOT NULL,
    content_hash TEXT    NOT NULL,
    -- The model that its vectors are of; none while it has none.
    vector_model TEXT,
    vector_print TEXT,
    -- The head's revision when it was last changed.
    revision     BIGINT  NOT NULL,
    created_by   TEXT    NOT NULL,
    created_at   BIGINT  NOT NULL,
    updated_at   BIGINT  NOT NULL,
    PRIMARY KEY (tenant_id, id)
) WITHOUT ROWID;

-- The pieces of a document in order. What decides who sees them stands here again, so that a search needs nothing else.
CREATE TABLE knowledge_chunks (
    tenant_id   BLOB   NOT NULL,
    document_id BLOB   NOT NULL,
    ordinal     BIGINT NOT NULL,
    -- Its row in the index of words.
    text_id     BIGINT NOT NULL,
    least_role  TEXT   NOT NULL,
    tags        TEXT   NOT NULL,
    -- The headings that it stands under, outermost first, as JSON and as words.
    section     TEXT   NOT NULL,
    heading     TEXT   NOT NULL,
    page        BIGINT,
    -- Where it stands in the document's text, in characters; the end is not part of it.
    from_char   BIGINT NOT NULL,
    to_char     BIGINT NOT NULL,
    body        TEXT   NOT NULL,
    tokens      BIGINT NOT NULL,
    -- Why it looks as if it told a model what to do, as JSON.
    marks       TEXT   NOT NULL,
    -- The tenant, who may see it and its tags as words that stand for nothing else.
    scope       TEXT   NOT NULL,
    PRIMARY KEY (tenant_id, document_id, ordinal)
) WITHOUT ROWID;
CREATE INDEX knowledge_chunks_by_text ON knowledge_chunks (tenant_id, text_id);

-- Which words stand in which chunks. It keeps no text: that is the chunks'. Rows come and go with them.
CREATE VIRTUAL TABLE knowledge_text USING fts5 (
    scope, heading, body,
    content = '',
    tokenize = 'porter unicode61 remove_diacritics 2'
);
-- What is deleted leaves no words behind.
INSERT INTO knowledge_text (knowledge_text, rank) VALUES ('secure-delete', 1);
-- Who may see a chunk says nothing about how well it fits; a word in a heading says twice as much as one in the text.
INSERT INTO knowledge_text (knowledge_text, rank) VALUES ('rank', 'bm25(0.0, 2.0, 1.0)');

CREATE TRIGGER knowledge_text_comes AFTER INSERT ON knowledge_chunks BEGIN
    INSERT INTO knowledge_text (rowid, scope, heading, body) VALUES (new.text_id, new.scope, new.heading, new.body);
END;
CREATE TRIGGER knowledge_text_goes AFTER DELETE ON knowledge_chunks BEGIN
    INSERT INTO knowledge_text (knowledge_text, rowid, scope, heading, body)
    VALUES ('delete', old.text_id, old.scope, old.heading, old.body);
END;

-- Vectors of length 1, as 32-bit floating-point numbers with the lowest byte first.
CREATE TABLE knowledge_vectors (
    tenant_id   BLOB   NOT NULL,
    document_id BLOB   NOT NULL,
    ordinal     BIGINT NOT NULL,
    vector      BLOB   NOT NULL,
    PRIMARY KEY (tenant_id, document_id, ordinal)
) WITHOUT ROWID;

-- What people said of what they found.
CREATE TABLE knowledge_feedback (
    tenant_id   BLOB   NOT NULL,
    id          BLOB   NOT NULL,
    -- What was looked for, without personal data.
    asked       TEXT   NOT NULL,
    document_id BLOB,
    ordinal     BIGINT,
    rating      TEXT   NOT NULL,
    notes       TEXT,
    given_by    TEXT   NOT NULL,
    given_at    BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, id)
) WITHOUT ROWID;
