UPDATE cases SET status = 'open' WHERE status = 'replaced';
DELETE FROM case_statuses WHERE word = 'replaced';
ALTER TABLE samples DROP COLUMN draw_hash;
DROP TABLE sample_entries;
