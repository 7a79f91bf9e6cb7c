-- Connections that organization has removed: whom they knew is let go one after the other.
CREATE TABLE sso_removed (connection_id uuid PRIMARY KEY);
