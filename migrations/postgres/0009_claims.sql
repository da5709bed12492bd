-- Claims cost by what is due and not by what is stored: an index for each question that the publisher asks. Each holds all that its question
-- needs, so that choosing reads no row; `delivery_next`, which held every state, made a look walk past everything that waits.
DROP INDEX delivery_next;
CREATE INDEX delivery_due ON delivery(next_at, id, account_id, slot, state) WHERE state IN ('scheduled', 'waiting');
CREATE INDEX delivery_look ON delivery(next_at, id) WHERE state IN ('unknown', 'processing');
CREATE INDEX delivery_time_out ON delivery(next_at, id) WHERE state IN ('leased', 'armed', 'blocked', 'unapproved');
-- Work that is under way, by whose it is: what a dead process left is taken over at once.
CREATE INDEX delivery_held ON delivery(owner) WHERE state IN ('leased', 'armed');

-- Which generation of tokens the network refused: only a newer one is tried again.
ALTER TABLE delivery ADD COLUMN refused_generation BIGINT;

-- A network that refuses this server as a whole (credits used up, the app's permissions): nothing of it is claimed until then.
CREATE TABLE network_stop (network TEXT PRIMARY KEY, until BIGINT NOT NULL, why TEXT NOT NULL, stopped_at BIGINT NOT NULL);

-- A duplicate refusal after an unclear try was written as a refusal, so that nothing stood open where the delivery says "unknown".
UPDATE attempt SET outcome = 'unknown' WHERE outcome = 'refused'
  AND no = (SELECT MAX(b.no) FROM attempt b WHERE b.delivery_id = attempt.delivery_id AND b.part = attempt.part)
  AND EXISTS (SELECT 1 FROM delivery d WHERE d.id = attempt.delivery_id AND d.accepted = attempt.part AND d.state IN ('unknown', 'needs_human'))
  AND NOT EXISTS (SELECT 1 FROM attempt o WHERE o.delivery_id = attempt.delivery_id AND o.part = attempt.part
    AND (o.outcome IS NULL OR o.outcome IN ('accepted', 'unknown')));
