-- On which days a key was used (UTC): one row a key and day, written with its last use. What is known of before is the last of them.
CREATE TABLE key_use_days (key_id uuid NOT NULL, day date NOT NULL, PRIMARY KEY (key_id, day));
CREATE INDEX key_use_days_day ON key_use_days (day);
INSERT INTO key_use_days (key_id, day) SELECT key_id, (last_used_at AT TIME ZONE 'UTC')::date FROM key_uses;
