-- The link by which anybody tries a draft: one a study. Its token is made from its
-- identity and a key that is not in the database.
CREATE TABLE trial_links (
    study_id BLOB PRIMARY KEY REFERENCES studies (id),
    id BLOB NOT NULL UNIQUE,
    -- The keyed hash of the token.
    token_hash BLOB NOT NULL UNIQUE,
    made_by BLOB NOT NULL REFERENCES users (id),
    made_at INTEGER NOT NULL,
    -- The last day on which it works.
    until TEXT NOT NULL
) STRICT;

-- Drafts as they were when somebody began to try them.
CREATE TABLE trial_documents (
    study_id BLOB NOT NULL REFERENCES studies (id),
    -- The last edit that it holds.
    number INTEGER NOT NULL,
    document TEXT NOT NULL,
    PRIMARY KEY (study_id, number)
) STRICT;

-- Tests. They are no responses: nothing that counts, exports or estimates knows them.
CREATE TABLE trials (
    id BLOB PRIMARY KEY,
    study_id BLOB NOT NULL REFERENCES studies (id),
    -- The link by which it began: when that ends, it goes no further.
    link_id BLOB NOT NULL,
    -- The draft that is tried.
    number INTEGER NOT NULL,
    -- The keyed hash of the token in the addresses of its pages.
    token_hash BLOB NOT NULL UNIQUE,
    language TEXT NOT NULL,
    seed INTEGER NOT NULL,
    began_on TEXT NOT NULL,
    began_at INTEGER NOT NULL,
    ended_at INTEGER,
    state TEXT NOT NULL CHECK (state IN ('open', 'complete', 'screened-out', 'refused')),
    -- Bytes of its steps.
    size INTEGER NOT NULL,
    FOREIGN KEY (study_id, number) REFERENCES trial_documents (study_id, number)
) STRICT;
CREATE INDEX trials_by_study ON trials (study_id);
CREATE INDEX trials_by_age ON trials (began_at);

-- The pages of a test as they were saved, sealed.
CREATE TABLE trial_steps (
    trial_id BLOB NOT NULL REFERENCES trials (id),
    sequence INTEGER NOT NULL,
    page_id BLOB NOT NULL,
    content BLOB NOT NULL,
    saved_at INTEGER NOT NULL,
    PRIMARY KEY (trial_id, sequence)
) STRICT;

INSERT INTO audit_actions (word) VALUES
    ('trial-link-made'), ('trial-link-ended'), ('trials-removed');
