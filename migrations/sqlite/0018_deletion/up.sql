-- Since when a study is out of the way: it is in no list, and can come back.
ALTER TABLE studies ADD COLUMN archived_at INTEGER;
-- Since when a study is being deleted: from then on it is found by nobody, and what
-- belongs to it goes in portions; the row goes last.
ALTER TABLE studies ADD COLUMN deleted_at INTEGER;

INSERT INTO audit_actions (word) VALUES ('study-archived'), ('study-restored'), ('study-deleted');
