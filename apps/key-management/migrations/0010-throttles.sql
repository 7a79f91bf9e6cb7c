-- formerly KeyManagementThrottles0000000000006

CREATE TABLE throttles (subject text PRIMARY KEY, taken integer NOT NULL, since timestamptz NOT NULL, next_at timestamptz NOT NULL);
