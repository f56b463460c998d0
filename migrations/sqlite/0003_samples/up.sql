-- A frame is read, checked, drawn from and let go: what stays is its hash and
-- its counts, never its people.
CREATE TABLE frames (
    id BLOB PRIMARY KEY,
    study_id BLOB NOT NULL REFERENCES studies (id),
    name TEXT NOT NULL,
    hash TEXT NOT NULL,
    units INTEGER NOT NULL,
    read_at INTEGER NOT NULL
) STRICT;

CREATE TABLE samples (
    id BLOB PRIMARY KEY,
    study_id BLOB NOT NULL UNIQUE REFERENCES studies (id),
    frame_id BLOB NOT NULL REFERENCES frames (id),
    plan TEXT NOT NULL,
    plan_hash TEXT NOT NULL,
    seed TEXT NOT NULL,
    manifest TEXT NOT NULL,
    drawn_at INTEGER NOT NULL
) STRICT;

CREATE TABLE sampled_units (
    id BLOB PRIMARY KEY,
    sample_id BLOB NOT NULL REFERENCES samples (id),
    unit_key TEXT NOT NULL,
    stratum TEXT NOT NULL,
    psu TEXT NOT NULL,
    probability REAL NOT NULL,
    base_weight REAL NOT NULL,
    UNIQUE (sample_id, unit_key)
) STRICT;
