-- Whoever was invited asks by their address which invitations wait for them.
CREATE INDEX invited_addresses_digest ON invited_addresses (email_digest);
