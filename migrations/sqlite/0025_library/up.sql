-- Blocks of questionnaires that a unit keeps to use again. Those that the program
-- ships with are in no table.
CREATE TABLE blocks (
    id BLOB PRIMARY KEY,
    unit_id BLOB NOT NULL REFERENCES units (id),
    name TEXT NOT NULL,
    -- What its newest version is.
    shape TEXT NOT NULL CHECK (shape IN ('question', 'battery', 'page', 'section')),
    -- The codes of the languages in which it is whole, parted by spaces.
    languages TEXT NOT NULL,
    questions INTEGER NOT NULL,
    -- What it says, without what spellings differ in: by this it is found.
    words TEXT NOT NULL,
    -- Its newest version.
    number INTEGER NOT NULL,
    changed_at INTEGER NOT NULL,
    -- Since when it is offered no more.
    withdrawn_at INTEGER,
    UNIQUE (unit_id, name)
) STRICT;

CREATE TABLE block_versions (
    block_id BLOB NOT NULL REFERENCES blocks (id),
    -- 1, 2, …
    number INTEGER NOT NULL,
    block TEXT NOT NULL,
    -- The study whose draft it was cut out of, while there is one.
    study_id BLOB REFERENCES studies (id),
    -- The last edit of that draft, and the number of its published version.
    draft_number INTEGER NOT NULL,
    version_number INTEGER,
    -- What was changed, in the words of who saved it.
    note TEXT NOT NULL,
    made_by BLOB NOT NULL REFERENCES users (id),
    made_at INTEGER NOT NULL,
    PRIMARY KEY (block_id, number)
) STRICT;
CREATE INDEX block_versions_by_study ON block_versions (study_id);

-- Blocks that were put into drafts. Identities in the draft are made of this identity
-- and of those in the block.
CREATE TABLE block_uses (
    id BLOB PRIMARY KEY,
    study_id BLOB NOT NULL REFERENCES studies (id),
    -- A block of a unit, or one that the program ships with.
    block_id BLOB NOT NULL,
    -- The version that was put in or taken last.
    number INTEGER NOT NULL,
    made_by BLOB NOT NULL REFERENCES users (id),
    made_at INTEGER NOT NULL
) STRICT;
CREATE INDEX block_uses_by_study ON block_uses (study_id);
CREATE INDEX block_uses_by_block ON block_uses (block_id);

INSERT INTO audit_actions (word) VALUES
    ('block-saved'), ('block-renamed'), ('block-withdrawn'), ('block-inserted'),
    ('block-updated'), ('part-copied');
