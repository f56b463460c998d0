DELETE FROM audit_entries WHERE action IN
    ('block-saved', 'block-renamed', 'block-withdrawn', 'block-inserted', 'block-updated',
     'part-copied');
DELETE FROM audit_actions WHERE word IN
    ('block-saved', 'block-renamed', 'block-withdrawn', 'block-inserted', 'block-updated',
     'part-copied');
DROP TABLE block_uses;
DROP TABLE block_versions;
DROP TABLE blocks;
