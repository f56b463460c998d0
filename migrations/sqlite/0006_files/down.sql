DROP TABLE arm_counts;
DROP TABLE response_files;
DROP TABLE media;
