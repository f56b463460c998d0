-- What one person answered. No column here leads to the case, and rows lie in
-- the order of their random identities: not even their place in the file tells
-- who came when.
CREATE TABLE responses (
    id BLOB PRIMARY KEY,
    study_id BLOB NOT NULL REFERENCES studies (id),
    version_id BLOB NOT NULL REFERENCES versions (id),
    state TEXT NOT NULL,
    seed INTEGER NOT NULL,
    language TEXT NOT NULL,
    mode TEXT NOT NULL,
    began_on TEXT NOT NULL,
    ended_on TEXT,
    stratum TEXT NOT NULL,
    psu TEXT NOT NULL,
    base_weight REAL NOT NULL,
    answers TEXT
) STRICT, WITHOUT ROWID;
CREATE INDEX responses_by_study ON responses (study_id, state, id);

-- The way from a case to its response; in an anonymous study it is gone when
-- the response is complete.
CREATE TABLE response_links (
    case_id BLOB PRIMARY KEY REFERENCES cases (id),
    response_id BLOB NOT NULL UNIQUE REFERENCES responses (id)
) STRICT;

-- Answers are appended, a page at a time; the current ones are the fold.
CREATE TABLE response_revisions (
    response_id BLOB NOT NULL REFERENCES responses (id),
    sequence INTEGER NOT NULL,
    page_id BLOB NOT NULL,
    answers TEXT NOT NULL,
    pending TEXT,
    saved_at INTEGER NOT NULL,
    PRIMARY KEY (response_id, sequence)
) STRICT;
