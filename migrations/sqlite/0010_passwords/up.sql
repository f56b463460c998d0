-- A link that was sent may sign in or set a new password. Letters to accounts wait
-- here until they are sent: whoever asks for one learns nothing of the account.
ALTER TABLE sign_in_links ADD COLUMN purpose TEXT NOT NULL DEFAULT 'sign_in'
    CHECK (purpose IN ('sign_in', 'password'));
CREATE INDEX sign_in_links_by_user ON sign_in_links (user_id);

CREATE TABLE account_letters (
    id BLOB PRIMARY KEY,
    email TEXT NOT NULL,
    asked_at INTEGER NOT NULL,
    due_at INTEGER NOT NULL
) STRICT;
CREATE INDEX account_letters_by_due ON account_letters (due_at);

INSERT INTO audit_actions (word) VALUES
    ('password-link-made'),
    ('password-set');
