-- The link by which anybody tries a draft: one a study. Its token is made from its
-- identity and a key that is not in the database.
CREATE TABLE trial_links (
    study_id BYTEA PRIMARY KEY REFERENCES studies (id),
    id BYTEA NOT NULL UNIQUE,
    -- The keyed hash of the token.
    token_hash BYTEA NOT NULL UNIQUE,
    made_by BYTEA NOT NULL REFERENCES users (id),
    made_at BIGINT NOT NULL,
    -- The last day on which it works.
    until DATE NOT NULL
);

-- Drafts as they were when somebody began to try them.
CREATE TABLE trial_documents (
    study_id BYTEA NOT NULL REFERENCES studies (id),
    -- The last edit that it holds.
    number BIGINT NOT NULL,
    document TEXT NOT NULL,
    PRIMARY KEY (study_id, number)
);

-- Tests. They are no responses: nothing that counts, exports or estimates knows them.
CREATE TABLE trials (
    id BYTEA PRIMARY KEY,
    study_id BYTEA NOT NULL REFERENCES studies (id),
    -- The link by which it began: when that ends, it goes no further.
    link_id BYTEA NOT NULL,
    -- The draft that is tried.
    number BIGINT NOT NULL,
    -- The keyed hash of the token in the addresses of its pages.
    token_hash BYTEA NOT NULL UNIQUE,
    language TEXT NOT NULL,
    seed BIGINT NOT NULL,
    began_on DATE NOT NULL,
    began_at BIGINT NOT NULL,
    ended_at BIGINT,
    state TEXT NOT NULL CHECK (state IN ('open', 'complete', 'screened-out', 'refused')),
    -- Bytes of its steps.
    size BIGINT NOT NULL,
    FOREIGN KEY (study_id, number) REFERENCES trial_documents (study_id, number)
);
CREATE INDEX trials_by_study ON trials (study_id);
CREATE INDEX trials_by_age ON trials (began_at);

-- The pages of a test as they were saved, sealed.
CREATE TABLE trial_steps (
    trial_id BYTEA NOT NULL REFERENCES trials (id),
    sequence BIGINT NOT NULL,
    page_id BYTEA NOT NULL,
    content BYTEA NOT NULL,
    saved_at BIGINT NOT NULL,
    PRIMARY KEY (trial_id, sequence)
);

INSERT INTO audit_actions (word) VALUES
    ('trial-link-made'), ('trial-link-ended'), ('trials-removed');
