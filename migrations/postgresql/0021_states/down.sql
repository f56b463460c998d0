DELETE FROM audit_entries WHERE action IN
    ('state-named', 'state-forgotten', 'draft-restored');
DELETE FROM audit_actions WHERE word IN
    ('state-named', 'state-forgotten', 'draft-restored');
DROP TABLE draft_states;
ALTER TABLE versions DROP COLUMN draft_number;
