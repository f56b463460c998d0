-- What reading the questionnaire's file told, as JSON: for its page.
ALTER TABLE questionnaires ADD COLUMN import_notes TEXT NOT NULL DEFAULT '[]';
