-- One-time tokens for more purposes: bound to a project, a function, one address of the Master; listed and withdrawn.
ALTER TABLE token
    DROP CONSTRAINT token_scope_check,
    ADD CONSTRAINT token_scope_check CHECK (scope IN ('PERSON_CERTIFICATE', 'COMPUTER_REGISTRATION', 'INVITATION',
        'SIGN_IN', 'EMAIL_VERIFICATION', 'PASSWORD_RECOVERY', 'FEED')),
    ADD COLUMN id           BIGINT GENERATED ALWAYS AS IDENTITY UNIQUE,
    ADD COLUMN project      TEXT REFERENCES project,
    ADD COLUMN function     TEXT,
    ADD COLUMN path         TEXT,                      -- what a FEED token reads, by GET and as often as one likes
    ADD COLUMN withdrawn_at TIMESTAMPTZ,
    ADD CONSTRAINT token_invites CHECK ((scope = 'INVITATION') = (function IS NOT NULL)),
    ADD CONSTRAINT token_feeds CHECK ((scope = 'FEED') = (path IS NOT NULL));
UPDATE token SET project = 'PROJ-1' WHERE scope = 'COMPUTER_REGISTRATION';
CREATE INDEX token_party ON token (party, id);
