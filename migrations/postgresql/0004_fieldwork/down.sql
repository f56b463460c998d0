DROP TABLE outbox;
DROP TABLE outcome_counts;
DROP TABLE contacts;
DROP TABLE suppressions;
DROP TABLE contact_details;
DROP TABLE cases;
