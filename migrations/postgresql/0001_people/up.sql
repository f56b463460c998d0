-- Who works here: units form a tree, people have a role in a unit and below it.
CREATE TABLE units (
    id BYTEA PRIMARY KEY,
    parent_id BYTEA REFERENCES units (id),
    name TEXT NOT NULL,
    created_at BIGINT NOT NULL
);

CREATE TABLE users (
    id BYTEA PRIMARY KEY,
    email TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    password_hash TEXT,
    language TEXT NOT NULL,
    disabled BOOLEAN NOT NULL,
    created_at BIGINT NOT NULL
);

CREATE TABLE roles (
    user_id BYTEA NOT NULL REFERENCES users (id),
    unit_id BYTEA NOT NULL REFERENCES units (id),
    role TEXT NOT NULL,
    PRIMARY KEY (user_id, unit_id)
);

-- Only the keyed hash of a session's or link's token is kept.
CREATE TABLE sessions (
    token_hash BYTEA PRIMARY KEY,
    user_id BYTEA NOT NULL REFERENCES users (id),
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX sessions_by_expiry ON sessions (expires_at);

CREATE TABLE sign_in_links (
    token_hash BYTEA PRIMARY KEY,
    user_id BYTEA NOT NULL REFERENCES users (id),
    expires_at BIGINT NOT NULL
);

-- Attempts in a window of time, by keyed hash of what is limited.
CREATE TABLE attempts (
    subject BYTEA NOT NULL,
    window_start BIGINT NOT NULL,
    tries BIGINT NOT NULL,
    PRIMARY KEY (subject, window_start)
);

-- Who did what, to what, when; never an answer, never a contact.
CREATE TABLE audit_entries (
    id BYTEA PRIMARY KEY,
    at BIGINT NOT NULL,
    user_id BYTEA,
    action TEXT NOT NULL,
    subject TEXT NOT NULL,
    detail TEXT NOT NULL
);
