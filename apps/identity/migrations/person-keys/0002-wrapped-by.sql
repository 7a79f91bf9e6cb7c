-- By which master key a person's key is wrapped; NULL: nobody knows, so it is wrapped again.
ALTER TABLE person_keys ADD COLUMN wrapped_by text;
