-- What was told to the public, so that two tables cannot be subtracted to show one claimant.
CREATE TABLE release (
    number      INTEGER PRIMARY KEY,
    at          TEXT NOT NULL,
    population  TEXT NOT NULL,
    told        TEXT NOT NULL
) STRICT;

CREATE TRIGGER release_stays BEFORE UPDATE ON release BEGIN SELECT RAISE(ABORT, 'releases are not changed'); END;
CREATE TRIGGER release_is_kept BEFORE DELETE ON release BEGIN SELECT RAISE(ABORT, 'releases are not deleted'); END;
