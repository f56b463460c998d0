-- People are invited by letter, see their sessions, and sign in with a second factor.

-- Of a session: by what device, when it was last used (to the hour), and what it
-- still waits for before it opens anything. Those of before end: nobody could end
-- them by name.
DROP TABLE sessions;
CREATE TABLE sessions (
    token_hash BYTEA PRIMARY KEY,
    id BYTEA NOT NULL UNIQUE,
    user_id BYTEA NOT NULL REFERENCES users (id),
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    device TEXT NOT NULL,
    seen_at BIGINT NOT NULL,
    stage TEXT NOT NULL CHECK (stage IN ('whole', 'code', 'setup'))
);
CREATE INDEX sessions_by_expiry ON sessions (expires_at);
CREATE INDEX sessions_by_user ON sessions (user_id);

-- Who was asked to work here and has not come yet. Only the keyed hash of the link's
-- token is kept, and there is none before the letter is written.
CREATE TABLE invited_people (
    id BYTEA PRIMARY KEY,
    email TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    language TEXT NOT NULL,
    unit_id BYTEA NOT NULL REFERENCES units (id),
    role TEXT NOT NULL
        CHECK (role IN ('owner', 'designer', 'field_manager', 'analyst', 'viewer')),
    invited_by BYTEA NOT NULL REFERENCES users (id),
    invited_at BIGINT NOT NULL,
    token_hash BYTEA UNIQUE,
    expires_at BIGINT,
    sent_at BIGINT,
    problem TEXT NOT NULL DEFAULT ''
);
CREATE INDEX invited_people_by_unit ON invited_people (unit_id);

ALTER TABLE account_letters ADD COLUMN kind TEXT NOT NULL DEFAULT 'password'
    CHECK (kind IN ('password', 'invitation', 'factor_removed'));

-- The secret is sealed by the contact key; the last step that was used is never
-- taken again. Of a recovery code there is the keyed hash, until it is used.
CREATE TABLE second_factors (
    user_id BYTEA PRIMARY KEY REFERENCES users (id),
    sealed BYTEA NOT NULL,
    since BIGINT NOT NULL,
    last_step BIGINT NOT NULL
);

CREATE TABLE recovery_codes (
    code_hash BYTEA PRIMARY KEY,
    user_id BYTEA NOT NULL REFERENCES users (id)
);
CREATE INDEX recovery_codes_by_user ON recovery_codes (user_id);

-- When somebody last signed in is asked for everybody in a unit at once.
CREATE INDEX audit_entries_by_user ON audit_entries (user_id, action, at);

INSERT INTO audit_actions (word) VALUES
    ('unit-added'),
    ('unit-renamed'),
    ('person-invited'),
    ('invitation-sent-again'),
    ('invitation-withdrawn'),
    ('person-joined'),
    ('role-set'),
    ('role-ended'),
    ('person-disabled'),
    ('person-enabled'),
    ('account-changed'),
    ('password-changed'),
    ('sessions-ended'),
    ('factor-set-up'),
    ('factor-removed'),
    ('recovery-codes-made'),
    ('recovery-code-used');
