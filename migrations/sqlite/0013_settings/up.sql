-- What only people know of how a study was made: for its report.
ALTER TABLE studies ADD COLUMN statement TEXT NOT NULL DEFAULT '{}';

INSERT INTO audit_actions (word) VALUES ('settings-changed');
