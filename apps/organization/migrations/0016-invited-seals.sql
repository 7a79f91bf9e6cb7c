-- By which key an invited address is sealed; NULL: nobody knows, so it is sealed again.
ALTER TABLE invited_addresses ADD COLUMN sealed_by text;
