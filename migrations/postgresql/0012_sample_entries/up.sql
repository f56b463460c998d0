-- What was decided after a draw, in order, each bound by its hash to what stands
-- before it. Samples of which something was decided before this table was here get
-- those decisions with the next one.
CREATE TABLE sample_entries (
    sample_id BYTEA NOT NULL REFERENCES samples (id),
    number BIGINT NOT NULL,
    entry TEXT NOT NULL,
    PRIMARY KEY (sample_id, number)
);

-- The hash of the draw that the first entry is bound to; empty for older draws,
-- whose record is then read.
ALTER TABLE samples ADD COLUMN draw_hash TEXT NOT NULL DEFAULT '';

-- Another took the place of its unit.
INSERT INTO case_statuses (word) VALUES ('replaced');
