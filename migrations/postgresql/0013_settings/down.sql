ALTER TABLE studies DROP COLUMN statement;
