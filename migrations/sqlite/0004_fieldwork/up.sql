CREATE TABLE cases (
    id BLOB PRIMARY KEY,
    study_id BLOB NOT NULL REFERENCES studies (id),
    sampled_unit_id BLOB REFERENCES sampled_units (id),
    number INTEGER NOT NULL,
    stratum TEXT NOT NULL,
    link_hash BLOB NOT NULL UNIQUE,
    code_hash BLOB NOT NULL UNIQUE,
    language TEXT NOT NULL,
    status TEXT NOT NULL,
    disposition TEXT NOT NULL,
    ended_on TEXT,
    UNIQUE (study_id, number)
) STRICT;

-- Who a case is: sealed under a key that is not in the database.
CREATE TABLE contact_details (
    case_id BLOB PRIMARY KEY REFERENCES cases (id),
    sealed BLOB NOT NULL
) STRICT;

-- Addresses that asked for no more mail, by keyed hash.
CREATE TABLE suppressions (
    contact_hash BLOB PRIMARY KEY,
    reason TEXT NOT NULL,
    since TEXT NOT NULL
) STRICT;

-- Everything that happened to a case, in the order of its own sequence;
-- nothing here is ever changed. Identities are random: they tell no time.
CREATE TABLE contacts (
    id BLOB PRIMARY KEY,
    case_id BLOB NOT NULL REFERENCES cases (id),
    at INTEGER NOT NULL,
    sequence INTEGER NOT NULL,
    mode TEXT NOT NULL,
    event TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX contacts_by_case ON contacts (case_id, sequence);

-- Cases by stratum and disposition, changed with the case itself.
CREATE TABLE outcome_counts (
    study_id BLOB NOT NULL REFERENCES studies (id),
    stratum TEXT NOT NULL,
    disposition TEXT NOT NULL,
    cases INTEGER NOT NULL,
    PRIMARY KEY (study_id, stratum, disposition)
) STRICT;

CREATE TABLE outbox (
    id BLOB PRIMARY KEY,
    study_id BLOB NOT NULL REFERENCES studies (id),
    case_id BLOB NOT NULL REFERENCES cases (id),
    kind TEXT NOT NULL,
    state TEXT NOT NULL,
    due_at INTEGER NOT NULL,
    attempts INTEGER NOT NULL,
    problem TEXT NOT NULL,
    UNIQUE (case_id, kind)
) STRICT;
CREATE INDEX outbox_due ON outbox (due_at) WHERE state = 'queued';
CREATE INDEX outbox_sending ON outbox (due_at) WHERE state = 'sending';
