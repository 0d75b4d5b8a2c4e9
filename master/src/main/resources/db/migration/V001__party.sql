-- Who can ask. One row per person; a Computer and a SoftwareInstance are holders of certificates without being parties.
CREATE SEQUENCE person_number;
CREATE TABLE party (
    reference  TEXT PRIMARY KEY CHECK (reference <> ''),
    kind       TEXT NOT NULL CHECK (kind IN ('PERSON', 'ORGANISATION', 'PROJECT', 'NETWORK')),
    title      TEXT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL
);
-- The default project: everybody's, free of charge.
INSERT INTO party VALUES ('PROJECT-1', 'PROJECT', 'Default project', now());
