-- The audit trail: who changed what, in the transaction of the change. Nothing of it is ever edited or deleted.
CREATE TABLE event (
    id      BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at      TIMESTAMPTZ NOT NULL,
    who     TEXT NOT NULL,              -- reference; 'nobody' for one who showed no identity, 'master' for itself
    proof   TEXT NOT NULL,              -- fingerprint of the certificate, or 'session n'; empty without an identity
    address TEXT NOT NULL,              -- from where; empty for the Master itself
    request TEXT NOT NULL,              -- id of the request, as the log has it
    action  TEXT NOT NULL,              -- such as 'computer.register'
    object  TEXT NOT NULL,              -- reference of what was changed
    before  TEXT NOT NULL,              -- in short, without secrets
    after   TEXT NOT NULL
);
CREATE INDEX event_object ON event (object, id);
CREATE INDEX event_who ON event (who, id);

CREATE FUNCTION refuse_history() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'event is append-only: what happened has happened';
END $$;
CREATE TRIGGER event_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON event
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_history();
