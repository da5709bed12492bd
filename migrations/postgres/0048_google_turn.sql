-- Since when a turn holds figures of Google's: its tools answered with them, or an earlier turn did that it was answered with. Where others read and
-- nobody agreed to that, a model is not told of it. What was said before this was noted counts as such wherever anything in its conversation may
-- only be kept for a while.
ALTER TABLE turn ADD COLUMN google_at BIGINT;
UPDATE turn SET google_at = created_at WHERE conversation_id IN (SELECT conversation_id FROM message WHERE expires_at IS NOT NULL);
