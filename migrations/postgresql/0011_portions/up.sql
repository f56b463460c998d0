-- What is prepared in portions and not there yet for anybody: a sample that is being
-- stored, messages that are being queued, interviews that are being ended with their
-- study. The row goes with the last portion, and all of it is there at once.
CREATE TABLE preparations (
    id BYTEA PRIMARY KEY,
    study_id BYTEA NOT NULL REFERENCES studies (id),
    what TEXT NOT NULL CHECK (what IN ('sample', 'messages', 'closing')),
    -- When the last portion came: one that stopped is taken back or gone on with.
    touched_at BIGINT NOT NULL
);
CREATE INDEX preparations_by_study ON preparations (study_id, what);

-- The preparation that a message belongs to, or belonged to.
ALTER TABLE outbox ADD COLUMN preparation_id BYTEA;
CREATE INDEX outbox_by_preparation ON outbox (preparation_id);
