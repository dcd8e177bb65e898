-- What changed after a position is read from the events, as it is on PostgreSQL. This index had to be written twice with every row that is
-- replaced, which is most of what mapping records anew writes.
DROP INDEX materialized_by_position;
