-- The keys that sign. A root signs issuing keys and nothing else, the issuing key signs what callers and servers show;
-- of each kind the newest that has not ended is used. A root that an earlier Master made may sign no other authority
-- (its path length is 0): it goes on signing the server's certificate, since that root is what its nodes trust.
CREATE TABLE signing_key (
    id          integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind        text NOT NULL CHECK (kind IN ('ROOT', 'ISSUING')),
    root        integer REFERENCES signing_key,    -- of an issuing key: who signed it
    certificate text NOT NULL,                     -- PEM; of an imported root followed by what stands above it
    sealed_key  bytea,                             -- encrypted under the key file; none = lost with it
    made_at     timestamptz NOT NULL,
    ended_at    timestamptz,                       -- signs nothing any more
    ended_why   text CHECK (ended_why IN ('ROTATED', 'STOLEN', 'LOST')),
    CHECK ((kind = 'ISSUING') = (root IS NOT NULL)),
    CHECK ((ended_at IS NULL) = (ended_why IS NULL))
);
CREATE UNIQUE INDEX signing_key_one_issues ON signing_key (kind) WHERE kind = 'ISSUING' AND ended_at IS NULL;
INSERT INTO signing_key (kind, certificate, sealed_key, made_at)
    SELECT 'ROOT', certificate, sealed_key, now() FROM authority;

-- A certificate that was replaced by a renewed one works for a while beside it: its revoked_at lies ahead.
ALTER TABLE certificate
    ADD COLUMN issuer     integer REFERENCES signing_key,   -- none: the root of an earlier Master
    ADD COLUMN reason     text CHECK (reason IN ('REVOKED', 'REPLACED', 'EXPIRED', 'KEY_STOLEN')),
    ADD COLUMN changed_in xid8;                             -- the transaction that moved revoked_at
CREATE INDEX certificate_changed_in ON certificate (changed_in) WHERE changed_in IS NOT NULL;
CREATE INDEX certificate_revoked_at ON certificate (revoked_at) WHERE revoked_at IS NOT NULL;
CREATE INDEX certificate_not_after ON certificate (not_after);
CREATE INDEX certificate_holder ON certificate (holder);
CREATE INDEX certificate_issuer ON certificate (issuer);

-- When each was last shown; apart, because it moves often.
CREATE TABLE certificate_use (
    fingerprint text PRIMARY KEY,
    used_at     timestamptz NOT NULL
);
