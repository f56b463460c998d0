-- Experts outside the team who read a draft by a link of their own.
CREATE TABLE experts (
    id BYTEA PRIMARY KEY,
    study_id BYTEA NOT NULL REFERENCES studies (id),
    name TEXT NOT NULL,
    -- Whether they may write, or only read.
    may_comment BOOLEAN NOT NULL,
    -- The keyed hash of the link's token.
    token_hash BYTEA NOT NULL UNIQUE,
    asked_by BYTEA NOT NULL REFERENCES users (id),
    asked_at BIGINT NOT NULL,
    -- The last day on which the link works.
    until DATE NOT NULL,
    -- When the link was taken back.
    ended_at BIGINT,
    verdict TEXT NOT NULL CHECK (verdict IN ('none', 'good', 'good-after-changes', 'not-yet')),
    verdict_at BIGINT
);
CREATE INDEX experts_by_study ON experts (study_id);

-- What members and experts say about a question of a draft, and answers to that.
CREATE TABLE comments (
    id BYTEA PRIMARY KEY,
    study_id BYTEA NOT NULL REFERENCES studies (id),
    item_id BYTEA NOT NULL,
    -- The comment that this answers.
    root_id BYTEA REFERENCES comments (id),
    -- Who wrote it: one of the two.
    expert_id BYTEA REFERENCES experts (id),
    user_id BYTEA REFERENCES users (id),
    weight TEXT NOT NULL CHECK (weight IN ('remark', 'suggestion', 'must-change')),
    body TEXT NOT NULL,
    -- What the question said then.
    wording TEXT NOT NULL,
    written_at BIGINT NOT NULL,
    resolved_at BIGINT,
    CHECK ((expert_id IS NULL) <> (user_id IS NULL))
);
CREATE INDEX comments_by_study ON comments (study_id);
CREATE INDEX comments_by_root ON comments (root_id);

INSERT INTO audit_actions (word) VALUES
    ('expert-asked'), ('expert-ended'), ('comment-written'), ('comment-removed'),
    ('comment-resolved'), ('comment-reopened'), ('verdict-given');
