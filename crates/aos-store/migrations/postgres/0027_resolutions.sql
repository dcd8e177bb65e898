-- How far each entity's records have been compared, so that whoever counts golden records knows whether they are of today.
CREATE TABLE resolutions (
    tenant_id UUID   NOT NULL,
    entity    TEXT COLLATE "C"   NOT NULL,
    -- The last change and the epoch that the comparison has seen.
    position  BIGINT NOT NULL,
    epoch     BIGINT NOT NULL,
    records   BIGINT NOT NULL,
    ended_at  BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, entity)
);

SELECT autonomos_protect('resolutions');
GRANT SELECT, INSERT, UPDATE, DELETE ON resolutions TO autonomos_application_rights;
