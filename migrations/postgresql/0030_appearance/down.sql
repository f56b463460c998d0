DELETE FROM audit_actions WHERE word = 'appearance-changed';
DROP TABLE logos;
DROP TABLE unit_appearances;
ALTER TABLE studies DROP COLUMN appearance;
