-- Pictures, sounds and films that a questionnaire shows, by the name it calls
-- them.
CREATE TABLE media (
    study_id BYTEA NOT NULL REFERENCES studies (id),
    name TEXT NOT NULL,
    media_type TEXT NOT NULL,
    size BIGINT NOT NULL,
    bytes BYTEA NOT NULL,
    PRIMARY KEY (study_id, name)
);

-- Files that respondents sent in, under random identities: what a person called
-- a file is kept nowhere, nor in which order they came.
CREATE TABLE response_files (
    id BYTEA PRIMARY KEY,
    response_id BYTEA NOT NULL REFERENCES responses (id),
    ending TEXT NOT NULL,
    bytes BYTEA NOT NULL
);
CREATE INDEX response_files_by_response ON response_files (response_id);

-- How often each arm of a split ballot was given, so that arms stay even.
CREATE TABLE arm_counts (
    study_id BYTEA NOT NULL REFERENCES studies (id),
    item_id BYTEA NOT NULL,
    code TEXT NOT NULL,
    given BIGINT NOT NULL,
    PRIMARY KEY (study_id, item_id, code)
);
