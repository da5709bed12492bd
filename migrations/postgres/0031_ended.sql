-- Why an account must be connected again, when its grant ends unless something renews it, and the lease that keeps refreshes of a Google
-- account single between processes. What is its own refresh token (Meta's), or has none, ends with itself.
ALTER TABLE account ADD COLUMN ended_by TEXT;
ALTER TABLE account_token ADD COLUMN ends_at BIGINT;
UPDATE account_token SET ends_at = expires_at WHERE refresh IS NULL OR account_id IN (SELECT id FROM account WHERE network IN ('threads', 'instagram'));
ALTER TABLE google_login ADD COLUMN ended_by TEXT;
ALTER TABLE google_login ADD COLUMN refresh_owner TEXT;
ALTER TABLE google_login ADD COLUMN refresh_until BIGINT;
