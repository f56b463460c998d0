-- A frame waits sealed, in parts, until it is drawn from or let go; then its
-- hash, its counts and its day stay, and no one in it.
ALTER TABLE frames ADD COLUMN as_of TEXT;
ALTER TABLE frames ADD COLUMN state TEXT NOT NULL DEFAULT 'let_go';
ALTER TABLE frames ADD COLUMN encoding TEXT NOT NULL DEFAULT 'utf8';
ALTER TABLE frames ADD COLUMN separator TEXT NOT NULL DEFAULT ',';
ALTER TABLE frames ADD COLUMN roles TEXT NOT NULL DEFAULT '';
ALTER TABLE frames ADD COLUMN report TEXT NOT NULL DEFAULT '';
ALTER TABLE frames ADD COLUMN plan TEXT NOT NULL DEFAULT '';
CREATE INDEX frames_by_study ON frames (study_id, id);

CREATE TABLE frame_parts (
    frame_id BLOB NOT NULL REFERENCES frames (id),
    sequence INTEGER NOT NULL,
    sealed BLOB NOT NULL,
    PRIMARY KEY (frame_id, sequence)
) STRICT;

-- Replicates are released whole; 0 of a sample without any.
ALTER TABLE samples ADD COLUMN released INTEGER NOT NULL DEFAULT 0;
ALTER TABLE sampled_units ADD COLUMN replicate INTEGER NOT NULL DEFAULT 0;
-- What the frame says of a unit that the questionnaire may use.
ALTER TABLE sampled_units ADD COLUMN attributes TEXT NOT NULL DEFAULT '{}';

-- The clusters drawn: where they lie and who works in them.
CREATE TABLE areas (
    sample_id BLOB NOT NULL REFERENCES samples (id),
    stratum TEXT NOT NULL,
    psu TEXT NOT NULL,
    population INTEGER NOT NULL,
    cases INTEGER NOT NULL,
    latitude REAL,
    longitude REAL,
    assignee_id BLOB REFERENCES users (id),
    PRIMARY KEY (sample_id, stratum, psu)
) STRICT;

-- Units that took the place of others, and why.
CREATE TABLE substitutions (
    sample_id BLOB NOT NULL REFERENCES samples (id),
    unit_key TEXT NOT NULL,
    by_key TEXT NOT NULL,
    reason TEXT NOT NULL,
    on_day TEXT NOT NULL,
    user_id BLOB REFERENCES users (id),
    PRIMARY KEY (sample_id, unit_key)
) STRICT;
