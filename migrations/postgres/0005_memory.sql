-- Somebody else's words came into a conversation: until they are forgotten, standing permission does not count in it.
ALTER TABLE conversation ADD COLUMN tainted_at BIGINT;
-- Goes up with every forgetting, so that a title or summary of what is gone is not written afterwards.
ALTER TABLE conversation ADD COLUMN generation BIGINT NOT NULL DEFAULT 0;

-- Accounts whose data a message holds, by id with spaces between: it is emptied when one of them is disconnected.
ALTER TABLE message ADD COLUMN account_ids TEXT;
CREATE INDEX message_account ON message(account_ids) WHERE account_ids IS NOT NULL;
-- Media that a person showed with their words, by id with spaces between.
ALTER TABLE message ADD COLUMN media_ids TEXT;
