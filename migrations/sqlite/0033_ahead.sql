-- Who prepares a delivery before its time shows it here, for so long; nobody else begins then.
ALTER TABLE delivery ADD COLUMN ahead_until BIGINT;
-- Things that lie at a network for a delivery that was stopped are found without reading all that ever was.
CREATE INDEX delivery_left ON delivery(account_id, slot) WHERE state='cancelled' AND (handle IS NOT NULL OR upload IS NOT NULL);
