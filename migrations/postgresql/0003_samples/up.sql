-- A frame is read, checked, drawn from and let go: what stays is its hash and
-- its counts, never its people.
CREATE TABLE frames (
    id BYTEA PRIMARY KEY,
    study_id BYTEA NOT NULL REFERENCES studies (id),
    name TEXT NOT NULL,
    hash TEXT NOT NULL,
    units BIGINT NOT NULL,
    read_at BIGINT NOT NULL
);

CREATE TABLE samples (
    id BYTEA PRIMARY KEY,
    study_id BYTEA NOT NULL UNIQUE REFERENCES studies (id),
    frame_id BYTEA NOT NULL REFERENCES frames (id),
    plan TEXT NOT NULL,
    plan_hash TEXT NOT NULL,
    seed TEXT NOT NULL,
    manifest TEXT NOT NULL,
    drawn_at BIGINT NOT NULL
);

CREATE TABLE sampled_units (
    id BYTEA PRIMARY KEY,
    sample_id BYTEA NOT NULL REFERENCES samples (id),
    unit_key TEXT NOT NULL,
    stratum TEXT NOT NULL,
    psu TEXT NOT NULL,
    probability DOUBLE PRECISION NOT NULL,
    base_weight DOUBLE PRECISION NOT NULL,
    UNIQUE (sample_id, unit_key)
);
