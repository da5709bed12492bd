-- When a person first chose their settings. Until then language follows their browser, and the page of today asks for the time zone.
ALTER TABLE users ADD COLUMN chosen_at BIGINT;
-- Whoever lives in another zone than the first one has chosen it.
UPDATE users SET chosen_at = created_at WHERE zone <> 'UTC' OR lang <> 'en';
