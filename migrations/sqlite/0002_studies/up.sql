CREATE TABLE studies (
    id BLOB PRIMARY KEY,
    unit_id BLOB NOT NULL REFERENCES units (id),
    name TEXT NOT NULL,
    title TEXT NOT NULL,
    privacy TEXT NOT NULL,
    status TEXT NOT NULL,
    organisation TEXT NOT NULL,
    phone TEXT NOT NULL,
    closes_on TEXT,
    link_ends_on TEXT,
    partial_threshold REAL NOT NULL,
    margins TEXT NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;
CREATE INDEX studies_by_unit ON studies (unit_id, id);

-- The enduring record with a draft; what is published is a version.
CREATE TABLE questionnaires (
    id BLOB PRIMARY KEY,
    study_id BLOB NOT NULL UNIQUE REFERENCES studies (id),
    draft TEXT NOT NULL,
    version_id BLOB,
    updated_at INTEGER NOT NULL
) STRICT;

CREATE TABLE versions (
    id BLOB PRIMARY KEY,
    questionnaire_id BLOB NOT NULL REFERENCES questionnaires (id),
    number INTEGER NOT NULL,
    hash TEXT NOT NULL,
    document TEXT NOT NULL,
    published_at INTEGER NOT NULL,
    UNIQUE (questionnaire_id, number)
) STRICT;
