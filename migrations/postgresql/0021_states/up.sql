-- The last edit that a version holds: to it the draft can be brought back. Of versions
-- from before it is not known.
ALTER TABLE versions ADD COLUMN draft_number BIGINT;

-- States of a draft that somebody gave a name.
CREATE TABLE draft_states (
    id BYTEA PRIMARY KEY,
    questionnaire_id BYTEA NOT NULL REFERENCES questionnaires (id),
    -- The last edit that it holds.
    number BIGINT NOT NULL,
    name TEXT NOT NULL,
    document TEXT NOT NULL,
    named_by BYTEA NOT NULL REFERENCES users (id),
    named_at BIGINT NOT NULL,
    UNIQUE (questionnaire_id, name)
);

INSERT INTO audit_actions (word) VALUES
    ('state-named'), ('state-forgotten'), ('draft-restored');
