DELETE FROM audit_actions WHERE word IN ('language-signed-off', 'sign-off-withdrawn');
DROP TABLE sign_offs;
