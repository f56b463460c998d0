DELETE FROM audit_entries WHERE action = 'questionnaire-edited';
DELETE FROM audit_actions WHERE word = 'questionnaire-edited';
ALTER TABLE questionnaires DROP COLUMN conflicts;
ALTER TABLE questionnaires DROP COLUMN draft_number;
DROP TABLE draft_edits;
