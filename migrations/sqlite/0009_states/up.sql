-- What a column may say is a list of words: a CHECK on small tables, a table of
-- words with a foreign key on those that grow with respondents, so that a new
-- word copies no rows. Rounds: one fielding of a study. Anonymous studies keep
-- no way from a case to an answer that can be read without the keys.

CREATE TABLE case_statuses (word TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;
INSERT INTO case_statuses (word) VALUES
    ('waiting'),
    ('open'),
    ('done'),
    ('refused'),
    ('closed');
CREATE TABLE dispositions (word TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;
INSERT INTO dispositions (word) VALUES
    ('1.1'),
    ('1.2'),
    ('2.11'),
    ('2.111'),
    ('2.112'),
    ('2.1121'),
    ('2.113'),
    ('2.12'),
    ('2.21'),
    ('2.221'),
    ('2.222'),
    ('2.23'),
    ('2.24'),
    ('2.25'),
    ('2.26'),
    ('2.27'),
    ('2.31'),
    ('2.32'),
    ('2.332'),
    ('3.10'),
    ('3.11'),
    ('3.12'),
    ('3.13'),
    ('3.14'),
    ('3.15'),
    ('3.17'),
    ('3.18'),
    ('3.19'),
    ('3.21'),
    ('3.30'),
    ('3.90'),
    ('4.10'),
    ('4.31'),
    ('4.50'),
    ('4.61'),
    ('4.62'),
    ('4.70'),
    ('4.80'),
    ('4.81');
CREATE TABLE contact_events (word TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;
INSERT INTO contact_events (word) VALUES
    ('released'),
    ('invited'),
    ('hard_bounce'),
    ('soft_bounce'),
    ('out_of_office'),
    ('opened'),
    ('opted_out'),
    ('unsubscribed'),
    ('broke_off'),
    ('partial'),
    ('completed'),
    ('screened_out'),
    ('nobody_eligible'),
    ('over_quota'),
    ('duplicate'),
    ('busy'),
    ('no_answer'),
    ('voicemail_unknown'),
    ('voicemail_household_silent'),
    ('voicemail_household_message'),
    ('call_blocked'),
    ('not_in_service'),
    ('appointment_missed'),
    ('household_refused'),
    ('person_refused'),
    ('hung_up'),
    ('screener_incomplete'),
    ('nobody_home_occupied'),
    ('nobody_home_unknown'),
    ('access_denied'),
    ('address_not_found'),
    ('area_unreachable'),
    ('vacant'),
    ('second_home'),
    ('not_a_dwelling'),
    ('away_whole_period'),
    ('never_reachable'),
    ('unable'),
    ('language_problem'),
    ('died'),
    ('blank_returned'),
    ('arrived_late');
CREATE TABLE modes (word TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;
INSERT INTO modes (word) VALUES
    ('web'),
    ('email'),
    ('sms'),
    ('letter'),
    ('telephone'),
    ('in_person'),
    ('paper');
CREATE TABLE message_kinds (word TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;
INSERT INTO message_kinds (word) VALUES
    ('invitation'),
    ('reminder');
CREATE TABLE message_states (word TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;
INSERT INTO message_states (word) VALUES
    ('queued'),
    ('sending'),
    ('sent'),
    ('failed'),
    ('cancelled'),
    ('unsure');
CREATE TABLE response_states (word TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;
INSERT INTO response_states (word) VALUES
    ('open'),
    ('complete'),
    ('partial'),
    ('screened_out'),
    ('broken_off');
CREATE TABLE endings (word TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;
INSERT INTO endings (word) VALUES
    ('done'),
    ('screened_out'),
    ('refused'),
    ('closed');
CREATE TABLE audit_actions (word TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;
INSERT INTO audit_actions (word) VALUES
    ('set-up'),
    ('user-added'),
    ('sign-in-link-made'),
    ('signed-in'),
    ('signed-out'),
    ('study-made'),
    ('published'),
    ('opened'),
    ('closed'),
    ('invited'),
    ('reminded'),
    ('margins-set'),
    ('frame-read'),
    ('frame-columns-named'),
    ('frame-let-go'),
    ('plan-kept'),
    ('sample-drawn'),
    ('replicates-released'),
    ('unit-replaced'),
    ('areas-assigned'),
    ('media-added'),
    ('media-removed'),
    ('sent-again'),
    ('downloaded');

-- One fielding of a study; the first round of a study from before has its
-- identity.
CREATE TABLE rounds (
    id BLOB PRIMARY KEY,
    study_id BLOB NOT NULL REFERENCES studies (id),
    number INTEGER NOT NULL,
    opened_on TEXT,
    closed_on TEXT,
    regrouping TEXT NOT NULL,
    UNIQUE (study_id, number)
) STRICT;
INSERT INTO rounds SELECT id, id, 1, NULL, NULL, '' FROM studies;

CREATE TABLE new_roles (
    user_id BLOB NOT NULL REFERENCES users (id),
    unit_id BLOB NOT NULL REFERENCES units (id),
    role TEXT NOT NULL CHECK (role IN ('owner', 'designer', 'field_manager', 'analyst', 'viewer')),
    PRIMARY KEY (user_id, unit_id)
) STRICT;
INSERT INTO new_roles SELECT user_id, unit_id, role FROM roles;
DROP TABLE roles;
ALTER TABLE new_roles RENAME TO roles;

CREATE TABLE new_audit_entries (
    id BLOB PRIMARY KEY,
    at INTEGER NOT NULL,
    user_id BLOB,
    action TEXT NOT NULL REFERENCES audit_actions (word),
    subject TEXT NOT NULL,
    detail TEXT NOT NULL
) STRICT;
INSERT INTO new_audit_entries SELECT id, at, user_id, action, subject, detail FROM audit_entries;
DROP TABLE audit_entries;
ALTER TABLE new_audit_entries RENAME TO audit_entries;
CREATE INDEX audit_entries_by_subject ON audit_entries (subject, id);

CREATE TABLE new_studies (
    id BLOB PRIMARY KEY,
    unit_id BLOB NOT NULL REFERENCES units (id),
    name TEXT NOT NULL,
    title TEXT NOT NULL,
    privacy TEXT NOT NULL CHECK (privacy IN ('anonymous', 'confidential', 'identified')),
    status TEXT NOT NULL CHECK (status IN ('draft', 'open', 'closed')),
    organisation TEXT NOT NULL,
    phone TEXT NOT NULL,
    closes_on TEXT,
    link_ends_on TEXT,
    partial_threshold REAL NOT NULL,
    margins TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    time_zone TEXT NOT NULL DEFAULT 'Asia/Ho_Chi_Minh',
    gap_days INTEGER NOT NULL DEFAULT 2,
    privacy_reason TEXT NOT NULL DEFAULT ''
) STRICT;
INSERT INTO new_studies (
    id, unit_id, name, title, privacy, status, organisation, phone, closes_on, link_ends_on,
    partial_threshold, margins, created_at
) SELECT
    id, unit_id, name, title, privacy, status, organisation, phone, closes_on, link_ends_on,
    partial_threshold, margins, created_at
FROM studies;
DROP TABLE studies;
ALTER TABLE new_studies RENAME TO studies;
CREATE INDEX studies_by_unit ON studies (unit_id, id);

CREATE TABLE new_frames (
    id BLOB PRIMARY KEY,
    study_id BLOB NOT NULL REFERENCES studies (id),
    name TEXT NOT NULL,
    hash TEXT NOT NULL,
    units INTEGER NOT NULL,
    read_at INTEGER NOT NULL,
    as_of TEXT,
    state TEXT NOT NULL CHECK (state IN ('arriving', 'kept', 'let_go')),
    encoding TEXT NOT NULL,
    separator TEXT NOT NULL,
    roles TEXT NOT NULL,
    report TEXT NOT NULL,
    plan TEXT NOT NULL
) STRICT;
INSERT INTO new_frames SELECT
    id, study_id, name, hash, units, read_at, as_of, state, encoding, separator,
    CASE roles WHEN '' THEN 'null' ELSE roles END,
    CASE report WHEN '' THEN 'null' ELSE report END,
    plan
FROM frames;
DROP TABLE frames;
ALTER TABLE new_frames RENAME TO frames;
CREATE INDEX frames_by_study ON frames (study_id, id);

CREATE TABLE new_samples (
    id BLOB PRIMARY KEY,
    study_id BLOB NOT NULL REFERENCES studies (id),
    round_id BLOB NOT NULL UNIQUE REFERENCES rounds (id),
    frame_id BLOB NOT NULL REFERENCES frames (id),
    plan TEXT NOT NULL,
    plan_hash TEXT NOT NULL,
    seed TEXT NOT NULL,
    manifest TEXT NOT NULL,
    drawn_at INTEGER NOT NULL,
    released INTEGER NOT NULL
) STRICT;
INSERT INTO new_samples SELECT
    id, study_id, study_id, frame_id, plan, plan_hash, seed, manifest, drawn_at, released
FROM samples;
DROP TABLE samples;
ALTER TABLE new_samples RENAME TO samples;
CREATE INDEX samples_by_study ON samples (study_id);

CREATE TABLE new_cases (
    id BLOB PRIMARY KEY,
    study_id BLOB NOT NULL REFERENCES studies (id),
    round_id BLOB NOT NULL REFERENCES rounds (id),
    sampled_unit_id BLOB REFERENCES sampled_units (id),
    number INTEGER NOT NULL,
    stratum TEXT NOT NULL,
    link_hash BLOB NOT NULL UNIQUE,
    code_hash BLOB NOT NULL UNIQUE,
    language TEXT NOT NULL,
    status TEXT NOT NULL REFERENCES case_statuses (word),
    disposition TEXT NOT NULL REFERENCES dispositions (word),
    ended_on TEXT,
    UNIQUE (round_id, number)
) STRICT;
INSERT INTO new_cases SELECT
    id, study_id, study_id, sampled_unit_id, number, stratum, link_hash, code_hash, language,
    status, disposition, ended_on
FROM cases;
DROP TABLE cases;
ALTER TABLE new_cases RENAME TO cases;
CREATE INDEX cases_by_study ON cases (study_id, number);
CREATE INDEX cases_by_unit ON cases (sampled_unit_id);

CREATE TABLE new_suppressions (
    contact_hash BLOB PRIMARY KEY,
    reason TEXT NOT NULL CHECK (reason IN ('unsubscribed')),
    since TEXT NOT NULL
) STRICT;
INSERT INTO new_suppressions SELECT contact_hash, reason, since FROM suppressions;
DROP TABLE suppressions;
ALTER TABLE new_suppressions RENAME TO suppressions;

-- Letters and mails were written down as web.
CREATE TABLE new_contacts (
    id BLOB PRIMARY KEY,
    case_id BLOB NOT NULL REFERENCES cases (id),
    at INTEGER NOT NULL,
    sequence INTEGER NOT NULL,
    mode TEXT NOT NULL REFERENCES modes (word),
    event TEXT NOT NULL REFERENCES contact_events (word)
) STRICT;
INSERT INTO new_contacts SELECT
    id, case_id, at, sequence,
    CASE WHEN event IN ('invited', 'hard_bounce', 'soft_bounce') THEN 'email' ELSE mode END,
    event
FROM contacts;
DROP TABLE contacts;
ALTER TABLE new_contacts RENAME TO contacts;
CREATE UNIQUE INDEX contacts_by_case ON contacts (case_id, sequence);

-- Spread over slots, so that nodes do not queue on one row.
CREATE TABLE new_outcome_counts (
    round_id BLOB NOT NULL REFERENCES rounds (id),
    stratum TEXT NOT NULL,
    disposition TEXT NOT NULL REFERENCES dispositions (word),
    slot INTEGER NOT NULL,
    cases INTEGER NOT NULL,
    PRIMARY KEY (round_id, stratum, disposition, slot)
) STRICT;
INSERT INTO new_outcome_counts SELECT study_id, stratum, disposition, 0, cases FROM outcome_counts;
DROP TABLE outcome_counts;
ALTER TABLE new_outcome_counts RENAME TO outcome_counts;

CREATE TABLE new_outbox (
    id BLOB PRIMARY KEY,
    study_id BLOB NOT NULL REFERENCES studies (id),
    round_id BLOB NOT NULL REFERENCES rounds (id),
    case_id BLOB NOT NULL REFERENCES cases (id),
    kind TEXT NOT NULL REFERENCES message_kinds (word),
    number INTEGER NOT NULL,
    state TEXT NOT NULL REFERENCES message_states (word),
    due_at INTEGER NOT NULL,
    attempts INTEGER NOT NULL,
    problem TEXT NOT NULL,
    UNIQUE (case_id, kind, number)
) STRICT;
INSERT INTO new_outbox SELECT
    id, study_id, study_id, case_id,
    CASE kind WHEN 'invitation' THEN 'invitation' ELSE 'reminder' END,
    CASE kind WHEN 'invitation' THEN 0 ELSE CAST(substr(kind, 10) AS INTEGER) END,
    state, due_at, attempts, problem
FROM outbox;
DROP TABLE outbox;
ALTER TABLE new_outbox RENAME TO outbox;
CREATE INDEX outbox_due ON outbox (due_at) WHERE state = 'queued';
CREATE INDEX outbox_sending ON outbox (due_at) WHERE state = 'sending';
CREATE INDEX outbox_by_round ON outbox (round_id, kind, number, state);

-- While an interview of an anonymous study is open, what is known of it beside
-- its answers is sealed.
CREATE TABLE new_responses (
    id BLOB PRIMARY KEY,
    study_id BLOB NOT NULL REFERENCES studies (id),
    round_id BLOB NOT NULL REFERENCES rounds (id),
    version_id BLOB NOT NULL REFERENCES versions (id),
    state TEXT NOT NULL REFERENCES response_states (word),
    seed INTEGER NOT NULL,
    language TEXT NOT NULL,
    mode TEXT NOT NULL REFERENCES modes (word),
    began_on TEXT NOT NULL,
    ended_on TEXT,
    stratum TEXT NOT NULL,
    psu TEXT NOT NULL,
    base_weight REAL NOT NULL,
    answers TEXT,
    sealed BLOB
) STRICT, WITHOUT ROWID;
INSERT INTO new_responses SELECT
    id, study_id, study_id, version_id, state, seed, language, mode, began_on, ended_on, stratum,
    psu, base_weight, answers, NULL
FROM responses;
DROP TABLE responses;
ALTER TABLE new_responses RENAME TO responses;
CREATE INDEX responses_by_study ON responses (study_id, state, id);

-- Sealed under a key outside the database; those from before begin with 0 and
-- are plain.
CREATE TABLE new_response_revisions (
    response_id BLOB NOT NULL REFERENCES responses (id),
    sequence INTEGER NOT NULL,
    page_id BLOB NOT NULL,
    content BLOB NOT NULL,
    saved_at INTEGER NOT NULL,
    PRIMARY KEY (response_id, sequence)
) STRICT, WITHOUT ROWID;
INSERT INTO new_response_revisions SELECT
    response_id, sequence, page_id,
    CAST(x'00' || CAST('{"answers":' || answers || ',"pending":' || coalesce(pending, 'null') || '}' AS BLOB) AS BLOB),
    saved_at
FROM response_revisions;
DROP TABLE response_revisions;
ALTER TABLE new_response_revisions RENAME TO response_revisions;

-- The way from a token to an open interview of an anonymous study: a keyed mark
-- of the case, and the response's identity sealed under the token.
CREATE TABLE sealed_links (
    mark BLOB PRIMARY KEY,
    sealed BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- That a case of an anonymous study has ended: a keyed mark, and nothing on the
-- case.
CREATE TABLE ended_marks (
    mark BLOB PRIMARY KEY,
    ending TEXT NOT NULL REFERENCES endings (word)
) STRICT, WITHOUT ROWID;

-- Ended interviews of anonymous studies wait here, sealed to a batch whose key
-- goes when it has moved.
CREATE TABLE batches (
    id BLOB PRIMARY KEY,
    round_id BLOB NOT NULL REFERENCES rounds (id),
    salt BLOB NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX batches_by_round ON batches (round_id);

CREATE TABLE pooled_responses (
    id BLOB PRIMARY KEY,
    round_id BLOB NOT NULL REFERENCES rounds (id),
    batch_id BLOB NOT NULL REFERENCES batches (id),
    sealed BLOB NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX pooled_responses_by_round ON pooled_responses (round_id);

CREATE TABLE pooled_files (
    id BLOB PRIMARY KEY,
    pooled_id BLOB NOT NULL REFERENCES pooled_responses (id),
    sealed BLOB NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX pooled_files_by_response ON pooled_files (pooled_id);

-- Days of anonymous studies are kept as counts of the whole round.
CREATE TABLE day_counts (
    round_id BLOB NOT NULL REFERENCES rounds (id),
    day TEXT NOT NULL,
    what TEXT NOT NULL CHECK (what IN ('began', 'ended')),
    slot INTEGER NOT NULL,
    responses INTEGER NOT NULL,
    PRIMARY KEY (round_id, day, what, slot)
) STRICT;
