-- What needs a person is said once with the answer of a tool; what was there before is not told anew.
ALTER TABLE notice ADD COLUMN tool_told_at BIGINT;
UPDATE notice SET tool_told_at = created_at;
CREATE INDEX notice_untold ON notice(user_id) WHERE tool_told_at IS NULL;
