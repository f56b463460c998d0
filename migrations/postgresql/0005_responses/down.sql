DROP TABLE response_revisions;
DROP TABLE response_links;
DROP TABLE responses;
