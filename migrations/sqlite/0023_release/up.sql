-- Replicates are released in portions as well.
CREATE TABLE preparations_new (
    id BLOB PRIMARY KEY,
    study_id BLOB NOT NULL REFERENCES studies (id),
    what TEXT NOT NULL CHECK (what IN ('sample', 'messages', 'closing', 'release')),
    -- When the last portion came: one that stopped is taken back or gone on with.
    touched_at INTEGER NOT NULL
) STRICT;
INSERT INTO preparations_new SELECT id, study_id, what, touched_at FROM preparations;
DROP TABLE preparations;
ALTER TABLE preparations_new RENAME TO preparations;
CREATE INDEX preparations_by_study ON preparations (study_id, what);

-- How many units a release opens is counted before it, while others wait.
CREATE INDEX sampled_units_by_replicate ON sampled_units (sample_id, replicate);
