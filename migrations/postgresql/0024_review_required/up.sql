-- Whether a questionnaire is published only when its experts say that it is good.
ALTER TABLE studies ADD COLUMN review_required BOOLEAN NOT NULL DEFAULT false;
