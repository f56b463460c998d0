-- Whoever stands for a translation: a language of a draft is signed off, text by text.
CREATE TABLE sign_offs (
    study_id BLOB NOT NULL REFERENCES studies (id),
    -- The code of the language.
    language TEXT NOT NULL,
    -- A short hash of each text with what it translates, by its place.
    texts TEXT NOT NULL,
    signed_by BLOB NOT NULL REFERENCES users (id),
    signed_at INTEGER NOT NULL,
    PRIMARY KEY (study_id, language)
) STRICT;
INSERT INTO audit_actions (word) VALUES ('language-signed-off'), ('sign-off-withdrawn');
