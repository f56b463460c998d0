DROP TABLE versions;
DROP TABLE questionnaires;
DROP TABLE studies;
