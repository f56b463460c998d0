DROP TABLE draft_authors;
