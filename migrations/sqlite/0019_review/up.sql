-- Experts outside the team who read a draft by a link of their own.
CREATE TABLE experts (
    id BLOB PRIMARY KEY,
    study_id BLOB NOT NULL REFERENCES studies (id),
    name TEXT NOT NULL,
    -- Whether they may write, or only read.
    may_comment INTEGER NOT NULL CHECK (may_comment IN (0, 1)),
    -- The keyed hash of the link's token.
    token_hash BLOB NOT NULL UNIQUE,
    asked_by BLOB NOT NULL REFERENCES users (id),
    asked_at INTEGER NOT NULL,
    -- The last day on which the link works.
    until TEXT NOT NULL,
    -- When the link was taken back.
    ended_at INTEGER,
    verdict TEXT NOT NULL CHECK (verdict IN ('none', 'good', 'good-after-changes', 'not-yet')),
    verdict_at INTEGER
) STRICT;
CREATE INDEX experts_by_study ON experts (study_id);

-- What members and experts say about a question of a draft, and answers to that.
CREATE TABLE comments (
    id BLOB PRIMARY KEY,
    study_id BLOB NOT NULL REFERENCES studies (id),
    item_id BLOB NOT NULL,
    -- The comment that this answers.
    root_id BLOB REFERENCES comments (id),
    -- Who wrote it: one of the two.
    expert_id BLOB REFERENCES experts (id),
    user_id BLOB REFERENCES users (id),
    weight TEXT NOT NULL CHECK (weight IN ('remark', 'suggestion', 'must-change')),
    body TEXT NOT NULL,
    -- What the question said then.
    wording TEXT NOT NULL,
    written_at INTEGER NOT NULL,
    resolved_at INTEGER,
    CHECK ((expert_id IS NULL) <> (user_id IS NULL))
) STRICT;
CREATE INDEX comments_by_study ON comments (study_id);
CREATE INDEX comments_by_root ON comments (root_id);

INSERT INTO audit_actions (word) VALUES
    ('expert-asked'), ('expert-ended'), ('comment-written'), ('comment-removed'),
    ('comment-resolved'), ('comment-reopened'), ('verdict-given');
