-- Golden records: which records of a tenant's connections are one thing, by what model, and what people ruled about it.

-- The model that each entity's records are compared by; the latest one.
CREATE TABLE resolution_models (
    tenant_id  UUID   NOT NULL,
    entity     TEXT COLLATE "C"   NOT NULL,
    body       TEXT COLLATE "C"   NOT NULL,
    -- How many records it was fitted on.
    fitted_on  BIGINT NOT NULL,
    fitted_at  BIGINT NOT NULL,
    -- Grows with every resolution that changed something, so that of two at once one begins again.
    revision   BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, entity)
);

-- Things with several records, and those whose id does not follow from their only record.
CREATE TABLE golden_records (
    tenant_id   UUID   NOT NULL,
    entity      TEXT COLLATE "C"   NOT NULL,
    id          UUID   NOT NULL,
    -- The probability of the weakest pair that holds it together.
    cohesion    DOUBLE PRECISION   NOT NULL,
    -- 0 when it is no more: it was merged, or its records are gone.
    members     BIGINT NOT NULL,
    merged_into UUID,
    split_from  UUID,
    created_at  BIGINT NOT NULL,
    updated_at  BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, entity, id)
);

CREATE TABLE golden_members (
    tenant_id     UUID   NOT NULL,
    entity        TEXT COLLATE "C"   NOT NULL,
    connection_id UUID   NOT NULL,
    record_id     TEXT COLLATE "C"   NOT NULL,
    golden_id     UUID   NOT NULL,
    PRIMARY KEY (tenant_id, entity, connection_id, record_id)
);
CREATE INDEX golden_members_by_record ON golden_members (tenant_id, entity, golden_id);

-- What people said about two records; one that was taken back stays as what was once said.
CREATE TABLE golden_rulings (
    tenant_id        UUID   NOT NULL,
    id               UUID   NOT NULL,
    entity           TEXT COLLATE "C"   NOT NULL,
    left_connection  UUID   NOT NULL,
    left_record      TEXT COLLATE "C"   NOT NULL,
    right_connection UUID   NOT NULL,
    right_record     TEXT COLLATE "C"   NOT NULL,
    verdict          TEXT COLLATE "C"   NOT NULL,
    reason           TEXT COLLATE "C",
    -- What the model had said, as natural log odds.
    log_odds         DOUBLE PRECISION,
    ruled_by         TEXT COLLATE "C"   NOT NULL,
    ruled_at         BIGINT NOT NULL,
    undone_by        TEXT COLLATE "C",
    undone_at        BIGINT,
    PRIMARY KEY (tenant_id, id)
);
CREATE INDEX golden_rulings_by_entity ON golden_rulings (tenant_id, entity, id);

SELECT autonomos_protect('resolution_models');
SELECT autonomos_protect('golden_records');
SELECT autonomos_protect('golden_members');
SELECT autonomos_protect('golden_rulings');
GRANT SELECT, INSERT, UPDATE, DELETE ON resolution_models, golden_records, golden_members, golden_rulings
   TO autonomos_application_rights;
