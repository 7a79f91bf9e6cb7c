-- Who waits for a mail is served before who is only told something: 1 waits for it, 2 should know soon, 3 has time.
-- A process of the release before adds mails without saying which: they stand in the middle.
ALTER TABLE mails_due ADD COLUMN priority smallint NOT NULL DEFAULT 2;
UPDATE mails_due SET priority = CASE
  WHEN letter IN ('sign-up', 'already-registered', 'invitation') THEN 1
  WHEN letter IN ('inactivity-warning', 'suspended') THEN 3
  ELSE 2 END;
CREATE INDEX mails_due_turn ON mails_due (priority, next_at);
-- Until when the mails that were taken use up MAILS_PER_SECOND, for all processes of the service.
CREATE TABLE mail_pace (
  one boolean PRIMARY KEY DEFAULT true CHECK (one),
  used_until timestamptz NOT NULL);
INSERT INTO mail_pace (used_until) VALUES (clock_timestamp());
