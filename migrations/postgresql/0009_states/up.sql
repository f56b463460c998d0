-- What a column may say is a list of words: a CHECK on small tables, a table of
-- words with a foreign key on those that grow with respondents, so that a new
-- word copies no rows. Rounds: one fielding of a study. Anonymous studies keep
-- no way from a case to an answer that can be read without the keys.

CREATE TABLE case_statuses (word TEXT PRIMARY KEY);
INSERT INTO case_statuses (word) VALUES
    ('waiting'),
    ('open'),
    ('done'),
    ('refused'),
    ('closed');
CREATE TABLE dispositions (word TEXT PRIMARY KEY);
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
CREATE TABLE contact_events (word TEXT PRIMARY KEY);
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
CREATE TABLE modes (word TEXT PRIMARY KEY);
INSERT INTO modes (word) VALUES
    ('web'),
    ('email'),
    ('sms'),
    ('letter'),
    ('telephone'),
    ('in_person'),
    ('paper');
CREATE TABLE message_kinds (word TEXT PRIMARY KEY);
INSERT INTO message_kinds (word) VALUES
    ('invitation'),
    ('reminder');
CREATE TABLE message_states (word TEXT PRIMARY KEY);
INSERT INTO message_states (word) VALUES
    ('queued'),
    ('sending'),
    ('sent'),
    ('failed'),
    ('cancelled'),
    ('unsure');
CREATE TABLE response_states (word TEXT PRIMARY KEY);
INSERT INTO response_states (word) VALUES
    ('open'),
    ('complete'),
    ('partial'),
    ('screened_out'),
    ('broken_off');
CREATE TABLE endings (word TEXT PRIMARY KEY);
INSERT INTO endings (word) VALUES
    ('done'),
    ('screened_out'),
    ('refused'),
    ('closed');
CREATE TABLE audit_actions (word TEXT PRIMARY KEY);
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
    id BYTEA PRIMARY KEY,
    study_id BYTEA NOT NULL REFERENCES studies (id),
    number BIGINT NOT NULL,
    opened_on DATE,
    closed_on DATE,
    regrouping TEXT NOT NULL,
    UNIQUE (study_id, number)
);
INSERT INTO rounds SELECT id, id, 1, NULL, NULL, '' FROM studies;

ALTER TABLE roles ADD CHECK (role IN ('owner', 'designer', 'field_manager', 'analyst', 'viewer'));

ALTER TABLE audit_entries ADD FOREIGN KEY (action) REFERENCES audit_actions (word);
CREATE INDEX audit_entries_by_subject ON audit_entries (subject, id);

ALTER TABLE studies ADD CHECK (privacy IN ('anonymous', 'confidential', 'identified'));
ALTER TABLE studies ADD CHECK (status IN ('draft', 'open', 'closed'));
ALTER TABLE studies ADD COLUMN time_zone TEXT NOT NULL DEFAULT 'Asia/Ho_Chi_Minh';
ALTER TABLE studies ADD COLUMN gap_days BIGINT NOT NULL DEFAULT 2;
ALTER TABLE studies ADD COLUMN privacy_reason TEXT NOT NULL DEFAULT '';

UPDATE frames SET roles = 'null' WHERE roles = '';
UPDATE frames SET report = 'null' WHERE report = '';
ALTER TABLE frames ADD CHECK (state IN ('arriving', 'kept', 'let_go'));

ALTER TABLE samples ADD COLUMN round_id BYTEA REFERENCES rounds (id);
UPDATE samples SET round_id = study_id;
ALTER TABLE samples ALTER COLUMN round_id SET NOT NULL;
ALTER TABLE samples ADD UNIQUE (round_id);
ALTER TABLE samples DROP CONSTRAINT samples_study_id_key;
CREATE INDEX samples_by_study ON samples (study_id);

ALTER TABLE cases ADD COLUMN round_id BYTEA REFERENCES rounds (id);
UPDATE cases SET round_id = study_id;
ALTER TABLE cases ALTER COLUMN round_id SET NOT NULL;
ALTER TABLE cases ADD UNIQUE (round_id, number);
ALTER TABLE cases DROP CONSTRAINT cases_study_id_number_key;
ALTER TABLE cases ADD FOREIGN KEY (status) REFERENCES case_statuses (word);
ALTER TABLE cases ADD FOREIGN KEY (disposition) REFERENCES dispositions (word);
CREATE INDEX cases_by_study ON cases (study_id, number);
CREATE INDEX cases_by_unit ON cases (sampled_unit_id);

ALTER TABLE suppressions ADD CHECK (reason IN ('unsubscribed'));

-- Letters and mails were written down as web.
UPDATE contacts SET mode = 'email' WHERE event IN ('invited', 'hard_bounce', 'soft_bounce');
ALTER TABLE contacts ADD FOREIGN KEY (mode) REFERENCES modes (word);
ALTER TABLE contacts ADD FOREIGN KEY (event) REFERENCES contact_events (word);

-- Spread over slots, so that nodes do not queue on one row.
ALTER TABLE outcome_counts RENAME COLUMN study_id TO round_id;
ALTER TABLE outcome_counts DROP CONSTRAINT outcome_counts_study_id_fkey;
ALTER TABLE outcome_counts ADD FOREIGN KEY (round_id) REFERENCES rounds (id);
ALTER TABLE outcome_counts ADD FOREIGN KEY (disposition) REFERENCES dispositions (word);
ALTER TABLE outcome_counts ADD COLUMN slot BIGINT NOT NULL DEFAULT 0;
ALTER TABLE outcome_counts DROP CONSTRAINT outcome_counts_pkey;
ALTER TABLE outcome_counts ADD PRIMARY KEY (round_id, stratum, disposition, slot);

ALTER TABLE outbox ADD COLUMN round_id BYTEA REFERENCES rounds (id);
UPDATE outbox SET round_id = study_id;
ALTER TABLE outbox ALTER COLUMN round_id SET NOT NULL;
ALTER TABLE outbox ADD COLUMN number BIGINT NOT NULL DEFAULT 0;
ALTER TABLE outbox DROP CONSTRAINT outbox_case_id_kind_key;
UPDATE outbox SET number = CAST(substr(kind, 10) AS BIGINT), kind = 'reminder'
WHERE kind <> 'invitation';
ALTER TABLE outbox ALTER COLUMN number DROP DEFAULT;
ALTER TABLE outbox ADD UNIQUE (case_id, kind, number);
ALTER TABLE outbox ADD FOREIGN KEY (kind) REFERENCES message_kinds (word);
ALTER TABLE outbox ADD FOREIGN KEY (state) REFERENCES message_states (word);
CREATE INDEX outbox_by_round ON outbox (round_id, kind, number, state);

-- While an interview of an anonymous study is open, what is known of it beside
-- its answers is sealed.
ALTER TABLE responses ADD COLUMN round_id BYTEA REFERENCES rounds (id);
UPDATE responses SET round_id = study_id;
ALTER TABLE responses ALTER COLUMN round_id SET NOT NULL;
ALTER TABLE responses ADD COLUMN sealed BYTEA;
ALTER TABLE responses ADD FOREIGN KEY (state) REFERENCES response_states (word);
ALTER TABLE responses ADD FOREIGN KEY (mode) REFERENCES modes (word);

-- Sealed under a key outside the database; those from before begin with 0 and
-- are plain.
ALTER TABLE response_revisions ADD COLUMN content BYTEA;
UPDATE response_revisions SET content = '\x00'::bytea || convert_to(
    '{"answers":' || answers || ',"pending":' || coalesce(pending, 'null') || '}', 'UTF8'
);
ALTER TABLE response_revisions ALTER COLUMN content SET NOT NULL;
ALTER TABLE response_revisions DROP COLUMN answers;
ALTER TABLE response_revisions DROP COLUMN pending;

-- The way from a token to an open interview of an anonymous study: a keyed mark
-- of the case, and the response's identity sealed under the token.
CREATE TABLE sealed_links (
    mark BYTEA PRIMARY KEY,
    sealed BYTEA NOT NULL
);

-- That a case of an anonymous study has ended: a keyed mark, and nothing on the
-- case.
CREATE TABLE ended_marks (
    mark BYTEA PRIMARY KEY,
    ending TEXT NOT NULL REFERENCES endings (word)
);

-- Ended interviews of anonymous studies wait here, sealed to a batch whose key
-- goes when it has moved.
CREATE TABLE batches (
    id BYTEA PRIMARY KEY,
    round_id BYTEA NOT NULL REFERENCES rounds (id),
    salt BYTEA NOT NULL
);
CREATE INDEX batches_by_round ON batches (round_id);

CREATE TABLE pooled_responses (
    id BYTEA PRIMARY KEY,
    round_id BYTEA NOT NULL REFERENCES rounds (id),
    batch_id BYTEA NOT NULL REFERENCES batches (id),
    sealed BYTEA NOT NULL
);
CREATE INDEX pooled_responses_by_round ON pooled_responses (round_id);

CREATE TABLE pooled_files (
    id BYTEA PRIMARY KEY,
    pooled_id BYTEA NOT NULL REFERENCES pooled_responses (id),
    sealed BYTEA NOT NULL
);
CREATE INDEX pooled_files_by_response ON pooled_files (pooled_id);

-- Days of anonymous studies are kept as counts of the whole round.
CREATE TABLE day_counts (
    round_id BYTEA NOT NULL REFERENCES rounds (id),
    day DATE NOT NULL,
    what TEXT NOT NULL CHECK (what IN ('began', 'ended')),
    slot BIGINT NOT NULL,
    responses BIGINT NOT NULL,
    PRIMARY KEY (round_id, day, what, slot)
);
