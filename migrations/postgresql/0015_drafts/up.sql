-- What authors did to a draft, in the order that is the same for everybody.
CREATE TABLE draft_edits (
    questionnaire_id BYTEA NOT NULL REFERENCES questionnaires (id),
    number BIGINT NOT NULL,
    author_id BYTEA NOT NULL REFERENCES users (id),
    -- Its author's own name for it: sent twice, it is done once.
    sent_as BYTEA NOT NULL,
    step TEXT NOT NULL CHECK (step IN ('change', 'undo', 'redo')),
    -- The edit that an undo or a redo takes back.
    of_number BIGINT,
    operations TEXT NOT NULL,
    inverses TEXT NOT NULL,
    -- What could not be done, with its words, and why.
    refused TEXT NOT NULL,
    made_at BIGINT NOT NULL,
    PRIMARY KEY (questionnaire_id, number),
    UNIQUE (questionnaire_id, sent_as)
);
CREATE INDEX draft_edits_by_author ON draft_edits (questionnaire_id, author_id, number);

-- How many edits the stored draft holds: those after it are done to it when it is read.
ALTER TABLE questionnaires ADD COLUMN draft_number BIGINT NOT NULL DEFAULT 0;
-- What authors disagree about in the stored draft.
ALTER TABLE questionnaires ADD COLUMN conflicts TEXT NOT NULL DEFAULT '[]';

INSERT INTO audit_actions (word) VALUES ('questionnaire-edited');
