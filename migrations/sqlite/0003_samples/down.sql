DROP TABLE sampled_units;
DROP TABLE samples;
DROP TABLE frames;
