-- How often somebody wants to hear what is going on without asking (empty: not at all), and when they last did.
ALTER TABLE identity ADD COLUMN digest TEXT NOT NULL DEFAULT '';
ALTER TABLE identity ADD COLUMN digest_at BIGINT NOT NULL DEFAULT 0;
