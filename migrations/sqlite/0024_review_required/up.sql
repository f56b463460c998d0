-- Whether a questionnaire is published only when its experts say that it is good.
ALTER TABLE studies ADD COLUMN review_required INTEGER NOT NULL DEFAULT 0
    CHECK (review_required IN (0, 1));
