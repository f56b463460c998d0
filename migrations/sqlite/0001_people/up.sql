-- Who works here: units form a tree, people have a role in a unit and below it.
CREATE TABLE units (
    id BLOB PRIMARY KEY,
    parent_id BLOB REFERENCES units (id),
    name TEXT NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE users (
    id BLOB PRIMARY KEY,
    email TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    password_hash TEXT,
    language TEXT NOT NULL,
    disabled INTEGER NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE roles (
    user_id BLOB NOT NULL REFERENCES users (id),
    unit_id BLOB NOT NULL REFERENCES units (id),
    role TEXT NOT NULL,
    PRIMARY KEY (user_id, unit_id)
) STRICT;

-- Only the keyed hash of a session's or link's token is kept.
CREATE TABLE sessions (
    token_hash BLOB PRIMARY KEY,
    user_id BLOB NOT NULL REFERENCES users (id),
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT;
CREATE INDEX sessions_by_expiry ON sessions (expires_at);

CREATE TABLE sign_in_links (
    token_hash BLOB PRIMARY KEY,
    user_id BLOB NOT NULL REFERENCES users (id),
    expires_at INTEGER NOT NULL
) STRICT;

-- Attempts in a window of time, by keyed hash of what is limited.
CREATE TABLE attempts (
    subject BLOB NOT NULL,
    window_start INTEGER NOT NULL,
    tries INTEGER NOT NULL,
    PRIMARY KEY (subject, window_start)
) STRICT;

-- Who did what, to what, when; never an answer, never a contact.
CREATE TABLE audit_entries (
    id BLOB PRIMARY KEY,
    at INTEGER NOT NULL,
    user_id BLOB,
    action TEXT NOT NULL,
    subject TEXT NOT NULL,
    detail TEXT NOT NULL
) STRICT;
