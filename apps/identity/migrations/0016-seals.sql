-- By which master key a row is sealed; NULL: nobody knows, so it is sealed again.
ALTER TABLE session_devices ADD COLUMN sealed_by text;
ALTER TABLE pending_addresses ADD COLUMN sealed_by text;
