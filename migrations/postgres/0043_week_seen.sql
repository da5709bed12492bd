-- Whether a person wants the week's summary on the page Today, and up to when they have seen it; nothing for whoever does not.
ALTER TABLE users ADD COLUMN week_seen_at BIGINT;
