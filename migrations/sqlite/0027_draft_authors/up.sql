-- Who has a draft open, and what they have chosen in it.
CREATE TABLE draft_authors (
    study_id BLOB NOT NULL REFERENCES studies (id),
    user_id BLOB NOT NULL REFERENCES users (id),
    item_id BLOB,
    seen_at INTEGER NOT NULL,
    PRIMARY KEY (study_id, user_id)
) STRICT;
