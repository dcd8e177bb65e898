-- What came of the latest comparison of an entity's records, so that whoever counts golden records knows what is still open. Unknown of
-- comparisons that were noted before.
ALTER TABLE resolutions ADD COLUMN links BIGINT;
ALTER TABLE resolutions ADD COLUMN uncertain BIGINT;
