ALTER TABLE questionnaires DROP COLUMN import_notes;
