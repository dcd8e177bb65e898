-- How far each entity's records have been compared, so that whoever counts golden records knows whether they are of today.
CREATE TABLE resolutions (
    tenant_id BLOB   NOT NULL,
    entity    TEXT   NOT NULL,
    -- The last change and the epoch that the comparison has seen.
    position  BIGINT NOT NULL,
    epoch     BIGINT NOT NULL,
    records   BIGINT NOT NULL,
    ended_at  BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, entity)
) WITHOUT ROWID;
