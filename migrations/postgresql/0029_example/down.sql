ALTER TABLE studies DROP COLUMN example;
