DELETE FROM audit_entries WHERE action IN
    ('trial-link-made', 'trial-link-ended', 'trials-removed');
DELETE FROM audit_actions WHERE word IN
    ('trial-link-made', 'trial-link-ended', 'trials-removed');
DROP TABLE trial_steps;
DROP TABLE trials;
DROP TABLE trial_documents;
DROP TABLE trial_links;
