-- Programs that people let in over OAuth: what they are, what each person let each of them do, and the secrets they hold, as hashes.
-- `used_at` is set when a person let it in for the first time; whoever never was is forgotten after a day.
CREATE TABLE oauth_client (
  id TEXT PRIMARY KEY, kind TEXT NOT NULL, name TEXT NOT NULL, redirects TEXT NOT NULL, secret_hash TEXT,
  created_at BIGINT NOT NULL, checked_at BIGINT NOT NULL, used_at BIGINT
);
CREATE INDEX oauth_client_unused ON oauth_client(created_at) WHERE used_at IS NULL;

-- One consent, and so one family of tokens: ending it ends all of them at once.
CREATE TABLE oauth_grant (
  id TEXT PRIMARY KEY, user_id TEXT NOT NULL REFERENCES users(id), client_id TEXT NOT NULL REFERENCES oauth_client(id),
  scopes TEXT NOT NULL, resource TEXT NOT NULL, created_at BIGINT NOT NULL, last_used_at BIGINT, revoked_at BIGINT
);
CREATE INDEX oauth_grant_user ON oauth_grant(user_id, client_id);

-- Kept after it was spent, so that a second use is recognised and ends what the first one gave.
CREATE TABLE oauth_code (
  code_hash TEXT PRIMARY KEY, user_id TEXT NOT NULL REFERENCES users(id), client_id TEXT NOT NULL REFERENCES oauth_client(id),
  redirect TEXT NOT NULL, challenge TEXT NOT NULL, scopes TEXT NOT NULL, resource TEXT NOT NULL, created_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL, used_at BIGINT, replayed_at BIGINT, grant_id TEXT
);
CREATE INDEX oauth_code_user ON oauth_code(user_id);

-- `salt` with the refresh token itself makes its successor, so that whoever lost the answer gets the same one again.
CREATE TABLE oauth_token (
  secret_hash TEXT PRIMARY KEY, grant_id TEXT NOT NULL REFERENCES oauth_grant(id), kind TEXT NOT NULL, scopes TEXT NOT NULL,
  salt TEXT, created_at BIGINT NOT NULL, expires_at BIGINT NOT NULL, spent_at BIGINT
);
CREATE INDEX oauth_token_grant ON oauth_token(grant_id);
CREATE INDEX oauth_token_expiry ON oauth_token(expires_at);
