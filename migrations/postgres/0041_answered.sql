-- When a question that was put to a client was answered there: a client that lost what it was told may ask again, and decides nothing by it.
ALTER TABLE asked_here ADD COLUMN answered_at BIGINT;
