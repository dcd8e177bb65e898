-- Golden records: which records of a tenant's connections are one thing, by what model, and what people ruled about it.

-- The model that each entity's records are compared by; the latest one.
CREATE TABLE resolution_models (
    tenant_id  BLOB   NOT NULL,
    entity     TEXT   NOT NULL,
    body       TEXT   NOT NULL,
    -- How many records it was fitted on.
    fitted_on  BIGINT NOT NULL,
    fitted_at  BIGINT NOT NULL,
    -- Grows with every resolution that changed something, so that of two at once one begins again.
    revision   BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, entity)
) WITHOUT ROWID;

-- Things with several records, and those whose id does not follow from their only record.
CREATE TABLE golden_records (
    tenant_id   BLOB   NOT NULL,
    entity      TEXT   NOT NULL,
    id          BLOB   NOT NULL,
    -- The probability of the weakest pair that holds it together.
    cohesion    REAL   NOT NULL,
    -- 0 when it is no more: it was merged, or its records are gone.
    members     BIGINT NOT NULL,
    merged_into BLOB,
    split_from  BLOB,
    created_at  BIGINT NOT NULL,
    updated_at  BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, entity, id)
) WITHOUT ROWID;

CREATE TABLE golden_members (
    tenant_id     BLOB   NOT NULL,
    entity        TEXT   NOT NULL,
    connection_id BLOB   NOT NULL,
    record_id     TEXT   NOT NULL,
    golden_id     BLOB   NOT NULL,
    PRIMARY KEY (tenant_id, entity, connection_id, record_id)
) WITHOUT ROWID;
CREATE INDEX golden_members_by_record ON golden_members (tenant_id, entity, golden_id);

-- What people said about two records; one that was taken back stays as what was once said.
CREATE TABLE golden_rulings (
    tenant_id        BLOB   NOT NULL,
    id               BLOB   NOT NULL,
    entity           TEXT   NOT NULL,
    left_connection  BLOB   NOT NULL,
    left_record      TEXT   NOT NULL,
    right_connection BLOB   NOT NULL,
    right_record     TEXT   NOT NULL,
    verdict          TEXT   NOT NULL,
    reason           TEXT,
    -- What the model had said, as natural log odds.
    log_odds         REAL,
    ruled_by         TEXT   NOT NULL,
    ruled_at         BIGINT NOT NULL,
    undone_by        TEXT,
    undone_at        BIGINT,
    PRIMARY KEY (tenant_id, id)
) WITHOUT ROWID;
CREATE INDEX golden_rulings_by_entity ON golden_rulings (tenant_id, entity, id);
