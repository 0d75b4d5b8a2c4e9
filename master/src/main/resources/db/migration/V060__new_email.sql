-- The address that a person has given and not verified yet; the one before holds until then.
ALTER TABLE person ADD COLUMN new_email TEXT NOT NULL DEFAULT '';
