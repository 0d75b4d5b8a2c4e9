-- What moved between parties. Append-only: a Movement may be closed once, and nothing else about it ever changes.
CREATE TABLE movement (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    cause       text NOT NULL UNIQUE,
    resource    text NOT NULL,
    unit        text NOT NULL,
    source      text NOT NULL,
    destination text NOT NULL,
    item        text NOT NULL,
    start_at    timestamptz NOT NULL,
    stop_at     timestamptz CHECK (stop_at >= start_at),
    quantity    numeric(30, 6) CHECK (quantity > 0),
    recorded_at timestamptz NOT NULL DEFAULT now(),
    CHECK ((stop_at IS NULL) = (quantity IS NULL))
);
CREATE INDEX movement_item ON movement (item);
CREATE INDEX movement_source ON movement (source, id);
CREATE INDEX movement_destination ON movement (destination, id);

-- The two lines of each closed Movement; they sum to zero.
CREATE TABLE posting (
    movement_id bigint NOT NULL REFERENCES movement,
    side        text NOT NULL CHECK (side IN ('source', 'destination')),
    party       text NOT NULL,
    quantity    numeric(30, 6) NOT NULL CHECK (quantity <> 0 AND (quantity < 0) = (side = 'source')),
    PRIMARY KEY (movement_id, side)
);
CREATE INDEX posting_party ON posting (party);

CREATE FUNCTION refuse_edit() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only: post a reversing movement instead', TG_TABLE_NAME;
END $$;

CREATE TRIGGER movement_is_append_only BEFORE DELETE ON movement FOR EACH ROW EXECUTE FUNCTION refuse_edit();
CREATE TRIGGER posting_is_append_only BEFORE UPDATE OR DELETE ON posting FOR EACH ROW EXECUTE FUNCTION refuse_edit();
CREATE TRIGGER movement_is_closed_once BEFORE UPDATE ON movement FOR EACH ROW
    WHEN (OLD.stop_at IS NOT NULL
          OR (OLD.cause, OLD.resource, OLD.unit, OLD.source, OLD.destination, OLD.item, OLD.start_at)
             IS DISTINCT FROM (NEW.cause, NEW.resource, NEW.unit, NEW.source, NEW.destination, NEW.item, NEW.start_at))
    EXECUTE FUNCTION refuse_edit();
