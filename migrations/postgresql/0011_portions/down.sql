DROP INDEX outbox_by_preparation;
ALTER TABLE outbox DROP COLUMN preparation_id;
DROP TABLE preparations;
