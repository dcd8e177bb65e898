-- Questions that were asked of the unified views, what became of them, and what people thought of the answers. The rows of an answer are not
-- kept: its receipt holds their digest, and they can be had again.

CREATE TABLE questions (
    tenant_id  BLOB   NOT NULL,
    id         BLOB   NOT NULL,
    asked_by   TEXT   NOT NULL,
    asked_at   BIGINT NOT NULL,
    question   TEXT   NOT NULL,
    -- As whom it was asked, where that was said.
    persona    TEXT,
    -- Whether the answer was made for somebody who sees personal data.
    clear      BOOLEAN NOT NULL,
    plan       TEXT,
    answer     TEXT,
    refusal    TEXT,
    receipt    TEXT,
    rating     TEXT,
    notes      TEXT,
    rated_by   TEXT,
    rated_at   BIGINT,
    PRIMARY KEY (tenant_id, id)
) WITHOUT ROWID;
