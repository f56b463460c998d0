-- Who has a draft open, and what they have chosen in it.
CREATE TABLE draft_authors (
    study_id BYTEA NOT NULL REFERENCES studies (id),
    user_id BYTEA NOT NULL REFERENCES users (id),
    item_id BYTEA,
    seen_at BIGINT NOT NULL,
    PRIMARY KEY (study_id, user_id)
);
