CREATE TABLE studies (
    id BYTEA PRIMARY KEY,
    unit_id BYTEA NOT NULL REFERENCES units (id),
    name TEXT NOT NULL,
    title TEXT NOT NULL,
    privacy TEXT NOT NULL,
    status TEXT NOT NULL,
    organisation TEXT NOT NULL,
    phone TEXT NOT NULL,
    closes_on DATE,
    link_ends_on DATE,
    partial_threshold DOUBLE PRECISION NOT NULL,
    margins TEXT NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE INDEX studies_by_unit ON studies (unit_id, id);

-- The enduring record with a draft; what is published is a version.
CREATE TABLE questionnaires (
    id BYTEA PRIMARY KEY,
    study_id BYTEA NOT NULL UNIQUE REFERENCES studies (id),
    draft TEXT NOT NULL,
    version_id BYTEA,
    updated_at BIGINT NOT NULL
);

CREATE TABLE versions (
    id BYTEA PRIMARY KEY,
    questionnaire_id BYTEA NOT NULL REFERENCES questionnaires (id),
    number BIGINT NOT NULL,
    hash TEXT NOT NULL,
    document TEXT NOT NULL,
    published_at BIGINT NOT NULL,
    UNIQUE (questionnaire_id, number)
);
