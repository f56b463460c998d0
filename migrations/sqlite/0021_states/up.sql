-- The last edit that a version holds: to it the draft can be brought back. Of versions
-- from before it is not known.
ALTER TABLE versions ADD COLUMN draft_number INTEGER;

-- States of a draft that somebody gave a name.
CREATE TABLE draft_states (
    id BLOB PRIMARY KEY,
    questionnaire_id BLOB NOT NULL REFERENCES questionnaires (id),
    -- The last edit that it holds.
    number INTEGER NOT NULL,
    name TEXT NOT NULL,
    document TEXT NOT NULL,
    named_by BLOB NOT NULL REFERENCES users (id),
    named_at INTEGER NOT NULL,
    UNIQUE (questionnaire_id, name)
) STRICT;

INSERT INTO audit_actions (word) VALUES
    ('state-named'), ('state-forgotten'), ('draft-restored');
