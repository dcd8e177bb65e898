-- Endpoints that are told about the end of tasks, one row per URL of a tenant, made with the first delivery to it.
CREATE TABLE callback_endpoints (
    tenant_id       UUID             NOT NULL,
    id              UUID             NOT NULL,
    url             TEXT COLLATE "C" NOT NULL,
    created_at      BIGINT           NOT NULL,
    -- Of the latest attempt to deliver: when, for which task, and what was wrong with it; null when it was taken.
    last_at         BIGINT,
    last_task_id    UUID,
    last_error      TEXT COLLATE "C",
    delivered_at    BIGINT,
    -- Since when, and how often, nothing was taken any more.
    failing_since   BIGINT,
    failures        BIGINT           NOT NULL DEFAULT 0,
    disabled_at     BIGINT,
    disabled_reason TEXT COLLATE "C",
    PRIMARY KEY (tenant_id, id)
);
CREATE UNIQUE INDEX callback_endpoints_by_url ON callback_endpoints (tenant_id, url);

SELECT autonomos_protect('callback_endpoints');
GRANT SELECT, INSERT, UPDATE, DELETE ON callback_endpoints TO autonomos_application_rights;
