DELETE FROM audit_entries WHERE action IN ('study-archived', 'study-restored', 'study-deleted');
DELETE FROM audit_actions WHERE word IN ('study-archived', 'study-restored', 'study-deleted');
ALTER TABLE studies DROP COLUMN deleted_at;
ALTER TABLE studies DROP COLUMN archived_at;
