-- When a connection last signed nobody in: what came through it before stays shut when it is enforced again.
CREATE TABLE sso_turned_off (connection_id uuid PRIMARY KEY, at timestamptz NOT NULL);
