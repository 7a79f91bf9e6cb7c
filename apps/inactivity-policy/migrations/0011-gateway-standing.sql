-- How a gateway stood when it was heard last: its address, the real time of its start, whether it held a lease, keys in its memory. NULL: it did not say.
ALTER TABLE gateways ADD COLUMN address text, ADD COLUMN started_at timestamptz, ADD COLUMN leased boolean, ADD COLUMN keys integer;
