-- Questions that were asked of the unified views, what became of them, and what people thought of the answers. The rows of an answer are not
-- kept: its receipt holds their digest, and they can be had again.

CREATE TABLE questions (
    tenant_id  UUID   NOT NULL,
    id         UUID   NOT NULL,
    asked_by   TEXT COLLATE "C"   NOT NULL,
    asked_at   BIGINT NOT NULL,
    question   TEXT COLLATE "C"   NOT NULL,
    -- As whom it was asked, where that was said.
    persona    TEXT COLLATE "C",
    -- Whether the answer was made for somebody who sees personal data.
    clear      BOOLEAN NOT NULL,
    plan       TEXT COLLATE "C",
    answer     TEXT COLLATE "C",
    refusal    TEXT COLLATE "C",
    receipt    TEXT COLLATE "C",
    rating     TEXT COLLATE "C",
    notes      TEXT COLLATE "C",
    rated_by   TEXT COLLATE "C",
    rated_at   BIGINT,
    PRIMARY KEY (tenant_id, id)
);

SELECT autonomos_protect('questions');
GRANT SELECT, INSERT, UPDATE, DELETE ON questions TO autonomos_application_rights;
