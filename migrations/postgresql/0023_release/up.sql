-- Replicates are released in portions as well.
ALTER TABLE preparations DROP CONSTRAINT preparations_what_check;
ALTER TABLE preparations ADD CONSTRAINT preparations_what_check
    CHECK (what IN ('sample', 'messages', 'closing', 'release'));

-- How many units a release opens is counted before it, while others wait.
CREATE INDEX sampled_units_by_replicate ON sampled_units (sample_id, replicate);
