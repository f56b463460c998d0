-- The example study, whose people are invented.
ALTER TABLE studies ADD COLUMN example TEXT NOT NULL DEFAULT 'no'
    CHECK (example IN ('no', 'filling', 'filled'));
