-- How people sign in: by password, by a link in a mail, by certificate; and the sessions that this begins.
CREATE TABLE login (
    name          TEXT PRIMARY KEY CHECK (name = lower(name)),
    person        TEXT NOT NULL UNIQUE REFERENCES person,
    password_hash TEXT NOT NULL,                 -- Argon2id with its parameters
    changed_at    TIMESTAMPTZ NOT NULL,
    blocked_at    TIMESTAMPTZ
);

-- Attempts that failed, or are being made, by what they were made at: 'login alice', 'address 192.0.2.1'.
CREATE TABLE sign_in_attempt (
    subject    TEXT PRIMARY KEY,
    failures   INT NOT NULL,
    last_at    TIMESTAMPTZ NOT NULL,
    wait_until TIMESTAMPTZ NOT NULL
);
CREATE INDEX sign_in_attempt_last ON sign_in_attempt (last_at);

-- Sessions, by the SHA-256 of their cookie.
CREATE TABLE session (
    id         BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    hash       TEXT NOT NULL UNIQUE,
    person     TEXT NOT NULL REFERENCES person,
    way        TEXT NOT NULL CHECK (way IN ('password', 'link', 'certificate')),
    address    TEXT NOT NULL,
    agent      TEXT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    used_at    TIMESTAMPTZ NOT NULL,             -- written once a minute at most
    expires_at TIMESTAMPTZ NOT NULL,
    ended_at   TIMESTAMPTZ
);
CREATE INDEX session_person ON session (person, id);
CREATE INDEX session_expires ON session (expires_at);

-- Mails to be sent. A link's token is made when its mail is, so that none rests here.
CREATE TABLE mail (
    id         BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    scope      TEXT NOT NULL CHECK (scope IN ('EMAIL_VERIFICATION', 'SIGN_IN', 'PASSWORD_RECOVERY')),
    person     TEXT NOT NULL REFERENCES person,
    recipient  TEXT NOT NULL,
    root       TEXT NOT NULL,                    -- of the Master, as who asked for it reaches it
    created_at TIMESTAMPTZ NOT NULL,
    next_at    TIMESTAMPTZ NOT NULL,
    attempts   INT NOT NULL DEFAULT 0,
    sent_at    TIMESTAMPTZ,
    error      TEXT NOT NULL DEFAULT ''
);
CREATE INDEX mail_due ON mail (next_at) WHERE sent_at IS NULL;
