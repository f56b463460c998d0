-- How whoever asks appears to respondents: one accent colour and a logo.
ALTER TABLE studies ADD COLUMN appearance TEXT NOT NULL DEFAULT '{}';
-- What studies made in a unit, or below it, take over.
CREATE TABLE unit_appearances (
    unit_id BLOB PRIMARY KEY NOT NULL REFERENCES units (id),
    appearance TEXT NOT NULL
);
-- Pictures, by the study or unit that has them.
CREATE TABLE logos (
    owner_id BLOB PRIMARY KEY NOT NULL,
    hash TEXT NOT NULL,
    media_type TEXT NOT NULL,
    bytes BLOB NOT NULL
);
INSERT INTO audit_actions (word) VALUES ('appearance-changed');
