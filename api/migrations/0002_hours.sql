-- The catalogue as it last was in the hour that began at `hour`, and the tests that were made in it.
CREATE TABLE hours (
    hour     INTEGER PRIMARY KEY,
    total    INTEGER NOT NULL,
    tested   INTEGER NOT NULL,
    working  INTEGER NOT NULL,
    latency  INTEGER,
    tests    INTEGER NOT NULL,
    answered INTEGER NOT NULL
) STRICT;
