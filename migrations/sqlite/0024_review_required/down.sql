ALTER TABLE studies DROP COLUMN review_required;
