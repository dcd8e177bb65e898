-- What language and embedding models were asked: how much of each day's budget is spent or held, what each feature and model used, and
-- the calls themselves. Nothing that was said to a model or by it is kept.

-- One row a tenant and day (days since 1970-01-01, UTC). Held is what calls under way may use at most.
CREATE TABLE model_days (
    tenant_id   BLOB   NOT NULL,
    day         BIGINT NOT NULL,
    tokens_used BIGINT NOT NULL,
    tokens_held BIGINT NOT NULL,
    -- Millionths of a US dollar.
    micros_used BIGINT NOT NULL,
    micros_held BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, day)
) WITHOUT ROWID;

CREATE TABLE model_usage (
    tenant_id  BLOB   NOT NULL,
    day        BIGINT NOT NULL,
    feature    TEXT   NOT NULL,
    model      TEXT   NOT NULL,
    calls      BIGINT NOT NULL,
    failed     BIGINT NOT NULL,
    -- Calls of which the provider did not say what they used.
    uncounted  BIGINT NOT NULL,
    tokens_in  BIGINT NOT NULL,
    tokens_out BIGINT NOT NULL,
    -- Of the calls whose price is known, in millionths of a US dollar.
    micros     BIGINT NOT NULL,
    unpriced   BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, day, feature, model)
) WITHOUT ROWID;

CREATE TABLE model_calls (
    tenant_id   BLOB   NOT NULL,
    id          BLOB   NOT NULL,
    at          BIGINT NOT NULL,
    feature     TEXT   NOT NULL,
    model       TEXT   NOT NULL,
    -- ok, or the word for what went wrong.
    outcome     TEXT   NOT NULL,
    attempts    BIGINT NOT NULL,
    duration_ms BIGINT NOT NULL,
    tokens_in   BIGINT,
    tokens_out  BIGINT,
    micros      BIGINT,
    PRIMARY KEY (tenant_id, id)
) WITHOUT ROWID;
CREATE INDEX model_calls_by_time ON model_calls (tenant_id, at);

-- What was counted since somebody set it back.
CREATE TABLE model_totals (
    tenant_id   BLOB   NOT NULL,
    calls       BIGINT NOT NULL,
    tokens      BIGINT NOT NULL,
    calls_saved BIGINT NOT NULL,
    since       BIGINT NOT NULL,
    PRIMARY KEY (tenant_id)
) WITHOUT ROWID;
