-- The installation's keys that a gateway knew when it was heard last: a purpose and names. NULL: it did not say.
ALTER TABLE gateways ADD COLUMN rings text[];
