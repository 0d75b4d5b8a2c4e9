-- The authority: one row. Its key is encrypted under the key file, which is not in the database.
CREATE TABLE authority (
    id          integer PRIMARY KEY CHECK (id = 1),
    certificate text NOT NULL,
    sealed_key  bytea NOT NULL
);

-- Every certificate ever issued. The row is there before the signature: what has no fingerprint was never signed.
CREATE TABLE certificate (
    serial      text PRIMARY KEY,
    holder_kind text NOT NULL CHECK (holder_kind IN ('PERSON', 'COMPUTER', 'INSTANCE')),
    holder      text NOT NULL,
    intended_at timestamptz NOT NULL,
    not_after   timestamptz NOT NULL,
    fingerprint text UNIQUE,
    certificate text,
    sealed_key  bytea,
    revoked_at  timestamptz,
    CHECK ((fingerprint IS NULL) = (certificate IS NULL)),
    CHECK (sealed_key IS NULL OR (certificate IS NOT NULL AND revoked_at IS NULL))
);
CREATE UNIQUE INDEX certificate_one_works ON certificate (holder_kind, holder) WHERE revoked_at IS NULL;

-- One-time tokens, by the SHA-256 of their text.
CREATE TABLE token (
    hash       text PRIMARY KEY,
    scope      text NOT NULL CHECK (scope IN ('PERSON_CERTIFICATE', 'COMPUTER_REGISTRATION')),
    party      text NOT NULL REFERENCES party,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL CHECK (expires_at > created_at),
    used_at    timestamptz
);
CREATE INDEX token_expires_at ON token (expires_at);
