DROP INDEX sampled_units_by_replicate;
DELETE FROM preparations WHERE what = 'release';
ALTER TABLE preparations DROP CONSTRAINT preparations_what_check;
ALTER TABLE preparations ADD CONSTRAINT preparations_what_check
    CHECK (what IN ('sample', 'messages', 'closing'));
