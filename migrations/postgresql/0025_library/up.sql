-- Blocks of questionnaires that a unit keeps to use again. Those that the program
-- ships with are in no table.
CREATE TABLE blocks (
    id BYTEA PRIMARY KEY,
    unit_id BYTEA NOT NULL REFERENCES units (id),
    name TEXT NOT NULL,
    -- What its newest version is.
    shape TEXT NOT NULL CHECK (shape IN ('question', 'battery', 'page', 'section')),
    -- The codes of the languages in which it is whole, parted by spaces.
    languages TEXT NOT NULL,
    questions BIGINT NOT NULL,
    -- What it says, without what spellings differ in: by this it is found.
    words TEXT NOT NULL,
    -- Its newest version.
    number BIGINT NOT NULL,
    changed_at BIGINT NOT NULL,
    -- Since when it is offered no more.
    withdrawn_at BIGINT,
    UNIQUE (unit_id, name)
);

CREATE TABLE block_versions (
    block_id BYTEA NOT NULL REFERENCES blocks (id),
    -- 1, 2, …
    number BIGINT NOT NULL,
    block TEXT NOT NULL,
    -- The study whose draft it was cut out of, while there is one.
    study_id BYTEA REFERENCES studies (id),
    -- The last edit of that draft, and the number of its published version.
    draft_number BIGINT NOT NULL,
    version_number BIGINT,
    -- What was changed, in the words of who saved it.
    note TEXT NOT NULL,
    made_by BYTEA NOT NULL REFERENCES users (id),
    made_at BIGINT NOT NULL,
    PRIMARY KEY (block_id, number)
);
CREATE INDEX block_versions_by_study ON block_versions (study_id);

-- Blocks that were put into drafts. Identities in the draft are made of this identity
-- and of those in the block.
CREATE TABLE block_uses (
    id BYTEA PRIMARY KEY,
    study_id BYTEA NOT NULL REFERENCES studies (id),
    -- A block of a unit, or one that the program ships with.
    block_id BYTEA NOT NULL,
    -- The version that was put in or taken last.
    number BIGINT NOT NULL,
    made_by BYTEA NOT NULL REFERENCES users (id),
    made_at BIGINT NOT NULL
);
CREATE INDEX block_uses_by_study ON block_uses (study_id);
CREATE INDEX block_uses_by_block ON block_uses (block_id);

INSERT INTO audit_actions (word) VALUES
    ('block-saved'), ('block-renamed'), ('block-withdrawn'), ('block-inserted'),
    ('block-updated'), ('part-copied');
