-- What one person answered. No column here leads to the case. (Where rows lie
-- in the server's files is the server's; see docs/ARCHITECTURE.md.)
CREATE TABLE responses (
    id BYTEA PRIMARY KEY,
    study_id BYTEA NOT NULL REFERENCES studies (id),
    version_id BYTEA NOT NULL REFERENCES versions (id),
    state TEXT NOT NULL,
    seed BIGINT NOT NULL,
    language TEXT NOT NULL,
    mode TEXT NOT NULL,
    began_on DATE NOT NULL,
    ended_on DATE,
    stratum TEXT NOT NULL,
    psu TEXT NOT NULL,
    base_weight DOUBLE PRECISION NOT NULL,
    answers TEXT
);
CREATE INDEX responses_by_study ON responses (study_id, state, id);

-- The way from a case to its response; in an anonymous study it is gone when
-- the response is complete.
CREATE TABLE response_links (
    case_id BYTEA PRIMARY KEY REFERENCES cases (id),
    response_id BYTEA NOT NULL UNIQUE REFERENCES responses (id)
);

-- Answers are appended, a page at a time; the current ones are the fold.
CREATE TABLE response_revisions (
    response_id BYTEA NOT NULL REFERENCES responses (id),
    sequence BIGINT NOT NULL,
    page_id BYTEA NOT NULL,
    answers TEXT NOT NULL,
    pending TEXT,
    saved_at BIGINT NOT NULL,
    PRIMARY KEY (response_id, sequence)
);
