CREATE TABLE cases (
    id BYTEA PRIMARY KEY,
    study_id BYTEA NOT NULL REFERENCES studies (id),
    sampled_unit_id BYTEA REFERENCES sampled_units (id),
    number BIGINT NOT NULL,
    stratum TEXT NOT NULL,
    link_hash BYTEA NOT NULL UNIQUE,
    code_hash BYTEA NOT NULL UNIQUE,
    language TEXT NOT NULL,
    status TEXT NOT NULL,
    disposition TEXT NOT NULL,
    ended_on DATE,
    UNIQUE (study_id, number)
);

-- Who a case is: sealed under a key that is not in the database.
CREATE TABLE contact_details (
    case_id BYTEA PRIMARY KEY REFERENCES cases (id),
    sealed BYTEA NOT NULL
);

-- Addresses that asked for no more mail, by keyed hash.
CREATE TABLE suppressions (
    contact_hash BYTEA PRIMARY KEY,
    reason TEXT NOT NULL,
    since DATE NOT NULL
);

-- Everything that happened to a case, in the order of its own sequence;
-- nothing here is ever changed. Identities are random: they tell no time.
CREATE TABLE contacts (
    id BYTEA PRIMARY KEY,
    case_id BYTEA NOT NULL REFERENCES cases (id),
    at BIGINT NOT NULL,
    sequence BIGINT NOT NULL,
    mode TEXT NOT NULL,
    event TEXT NOT NULL
);
CREATE UNIQUE INDEX contacts_by_case ON contacts (case_id, sequence);

-- Cases by stratum and disposition, changed with the case itself.
CREATE TABLE outcome_counts (
    study_id BYTEA NOT NULL REFERENCES studies (id),
    stratum TEXT NOT NULL,
    disposition TEXT NOT NULL,
    cases BIGINT NOT NULL,
    PRIMARY KEY (study_id, stratum, disposition)
);

CREATE TABLE outbox (
    id BYTEA PRIMARY KEY,
    study_id BYTEA NOT NULL REFERENCES studies (id),
    case_id BYTEA NOT NULL REFERENCES cases (id),
    kind TEXT NOT NULL,
    state TEXT NOT NULL,
    due_at BIGINT NOT NULL,
    attempts BIGINT NOT NULL,
    problem TEXT NOT NULL,
    UNIQUE (case_id, kind)
);
CREATE INDEX outbox_due ON outbox (due_at) WHERE state = 'queued';
CREATE INDEX outbox_sending ON outbox (due_at) WHERE state = 'sending';
