-- formerly IdentityThrottles0000000000004

CREATE TABLE throttles (subject text PRIMARY KEY, taken integer NOT NULL, since timestamptz NOT NULL, next_at timestamptz NOT NULL);
DROP TABLE attempts;
