DELETE FROM audit_entries WHERE action IN
    ('expert-asked', 'expert-ended', 'comment-written', 'comment-removed',
     'comment-resolved', 'comment-reopened', 'verdict-given');
DELETE FROM audit_actions WHERE word IN
    ('expert-asked', 'expert-ended', 'comment-written', 'comment-removed',
     'comment-resolved', 'comment-reopened', 'verdict-given');
DROP TABLE comments;
DROP TABLE experts;
