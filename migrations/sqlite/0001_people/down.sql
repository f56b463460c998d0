DROP TABLE audit_entries;
DROP TABLE attempts;
DROP TABLE sign_in_links;
DROP TABLE sessions;
DROP TABLE roles;
DROP TABLE users;
DROP TABLE units;
