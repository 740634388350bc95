CREATE TABLE claim (
    id           TEXT PRIMARY KEY,
    category     TEXT NOT NULL,
    loss         TEXT,
    currency     TEXT NOT NULL DEFAULT 'USDT',
    status       TEXT NOT NULL,
    account_tag  TEXT UNIQUE,
    record       BLOB,
    made_at      TEXT NOT NULL
) STRICT;

CREATE TABLE evidence (
    claim   TEXT NOT NULL REFERENCES claim (id) ON DELETE CASCADE,
    item    TEXT NOT NULL,
    note    TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (claim, item)
) STRICT;

CREATE TABLE consent (
    claim     TEXT NOT NULL REFERENCES claim (id) ON DELETE CASCADE,
    purpose   TEXT NOT NULL,
    given_at  TEXT NOT NULL,
    PRIMARY KEY (claim, purpose)
) STRICT;

CREATE TABLE personal_file (
    claim       TEXT NOT NULL REFERENCES claim (id) ON DELETE CASCADE,
    number      INTEGER NOT NULL,
    name        BLOB NOT NULL,
    content     BLOB NOT NULL,
    commitment  TEXT NOT NULL,
    added_at    TEXT NOT NULL,
    PRIMARY KEY (claim, number)
) STRICT;

CREATE TABLE step (
    number  INTEGER PRIMARY KEY,
    at      TEXT NOT NULL,
    claim   TEXT NOT NULL,
    what    TEXT NOT NULL,
    detail  TEXT NOT NULL,
    chain   TEXT NOT NULL
) STRICT;

CREATE TRIGGER step_stays BEFORE UPDATE ON step BEGIN SELECT RAISE(ABORT, 'steps are not changed'); END;
CREATE TRIGGER step_is_kept BEFORE DELETE ON step BEGIN SELECT RAISE(ABORT, 'steps are not deleted'); END;
