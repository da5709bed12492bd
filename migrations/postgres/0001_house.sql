-- The whole house at once: people, accounts, posts, deliveries. Times are Unix milliseconds; a `_at` that is NULL has not happened.

CREATE TABLE users (
  id TEXT PRIMARY KEY, lang TEXT NOT NULL, zone TEXT NOT NULL, hold_ms BIGINT NOT NULL, stdio_grant TEXT NOT NULL,
  created_at BIGINT NOT NULL
);

CREATE TABLE identity (
  provider TEXT NOT NULL, subject TEXT NOT NULL, user_id TEXT NOT NULL REFERENCES users(id), created_at BIGINT NOT NULL,
  PRIMARY KEY (provider, subject)
);

CREATE TABLE workspace (id TEXT PRIMARY KEY, paused_at BIGINT, created_at BIGINT NOT NULL);

CREATE TABLE membership (
  workspace_id TEXT NOT NULL REFERENCES workspace(id), user_id TEXT NOT NULL REFERENCES users(id), role TEXT NOT NULL,
  PRIMARY KEY (workspace_id, user_id)
);

CREATE TABLE session (
  id TEXT PRIMARY KEY, user_id TEXT NOT NULL REFERENCES users(id), secret_hash TEXT NOT NULL UNIQUE, user_agent TEXT NOT NULL,
  created_at BIGINT NOT NULL, last_used_at BIGINT NOT NULL, expires_at BIGINT NOT NULL
);
CREATE INDEX session_of_user ON session(user_id);

CREATE TABLE sign_in_link (
  id TEXT PRIMARY KEY, user_id TEXT NOT NULL REFERENCES users(id), secret_hash TEXT NOT NULL UNIQUE,
  created_at BIGINT NOT NULL, expires_at BIGINT NOT NULL, used_at BIGINT
);

CREATE TABLE access_token (
  id TEXT PRIMARY KEY, user_id TEXT NOT NULL REFERENCES users(id), name TEXT NOT NULL, secret_hash TEXT NOT NULL UNIQUE,
  grant_word TEXT NOT NULL, created_at BIGINT NOT NULL, last_used_at BIGINT, revoked_at BIGINT
);
CREATE INDEX access_token_user ON access_token(user_id);

-- A connection begun and not yet finished. `verifier` is sealed; the state itself is kept only as a hash.
CREATE TABLE oauth_state (
  state_hash TEXT PRIMARY KEY, user_id TEXT NOT NULL REFERENCES users(id), session_id TEXT NOT NULL, network TEXT NOT NULL,
  verifier BYTEA NOT NULL, created_at BIGINT NOT NULL, expires_at BIGINT NOT NULL
);

CREATE TABLE account (
  id TEXT PRIMARY KEY, workspace_id TEXT NOT NULL REFERENCES workspace(id), user_id TEXT NOT NULL REFERENCES users(id),
  network TEXT NOT NULL, remote_id TEXT NOT NULL, handle TEXT NOT NULL, name TEXT NOT NULL, scopes TEXT NOT NULL,
  health TEXT NOT NULL, paused_at BIGINT, connected_at BIGINT NOT NULL,
  UNIQUE (workspace_id, network, remote_id)
);

-- Sealed under the key of the user who connected. `generation` goes up with each rotation; the lease keeps refreshes single.
CREATE TABLE account_token (
  account_id TEXT PRIMARY KEY REFERENCES account(id), user_id TEXT NOT NULL, access BYTEA NOT NULL, refresh BYTEA,
  expires_at BIGINT NOT NULL, generation BIGINT NOT NULL, refresh_owner TEXT, refresh_until BIGINT
);

CREATE TABLE post (
  id TEXT PRIMARY KEY, workspace_id TEXT NOT NULL REFERENCES workspace(id), user_id TEXT NOT NULL, revision BIGINT NOT NULL,
  created_at BIGINT NOT NULL, edited_at BIGINT NOT NULL, withdrawn_at BIGINT, paused_at BIGINT
);
CREATE INDEX post_recent ON post(workspace_id, edited_at);

-- Never changed once written: an edit writes new rows under the next revision, so what was approved stays what it was.
CREATE TABLE variant (
  id TEXT PRIMARY KEY, workspace_id TEXT NOT NULL, post_id TEXT NOT NULL REFERENCES post(id), revision BIGINT NOT NULL,
  account_id TEXT NOT NULL REFERENCES account(id), content TEXT NOT NULL
);
CREATE INDEX variant_post ON variant(post_id, revision);

CREATE TABLE media (
  id TEXT PRIMARY KEY, workspace_id TEXT NOT NULL REFERENCES workspace(id), user_id TEXT NOT NULL, mime TEXT NOT NULL,
  bytes BIGINT NOT NULL, sha256 TEXT NOT NULL, width BIGINT NOT NULL, height BIGINT NOT NULL, alt TEXT, created_at BIGINT NOT NULL
);

CREATE TABLE approval (
  id TEXT PRIMARY KEY, workspace_id TEXT NOT NULL, user_id TEXT NOT NULL REFERENCES users(id), post_id TEXT, act TEXT NOT NULL,
  hash TEXT NOT NULL, decision TEXT NOT NULL, created_at BIGINT NOT NULL, expires_at BIGINT NOT NULL, decided_at BIGINT,
  decided_via TEXT
);
CREATE INDEX approval_waiting ON approval(user_id, created_at) WHERE decision = 'pending';
CREATE INDEX approval_post ON approval(post_id);

CREATE TABLE delivery (
  id TEXT PRIMARY KEY, workspace_id TEXT NOT NULL, user_id TEXT NOT NULL, post_id TEXT NOT NULL REFERENCES post(id),
  variant_id TEXT NOT NULL REFERENCES variant(id), account_id TEXT NOT NULL REFERENCES account(id),
  approval_id TEXT NOT NULL REFERENCES approval(id), slot BIGINT NOT NULL, zone TEXT NOT NULL, state TEXT NOT NULL,
  epoch BIGINT NOT NULL, owner TEXT, lease_until BIGINT, next_at BIGINT, handle TEXT, content_hash TEXT NOT NULL, reason TEXT,
  parts BIGINT NOT NULL, accepted BIGINT NOT NULL, tries BIGINT NOT NULL, refreshed BIGINT NOT NULL, unknown_since BIGINT,
  absent_at BIGINT, was_ambiguous BIGINT NOT NULL, created_at BIGINT NOT NULL,
  UNIQUE (variant_id, account_id, slot)
);
-- What is due, whatever its state: claims cost by what is due, not by what is stored.
CREATE INDEX delivery_next ON delivery(next_at, id) WHERE next_at IS NOT NULL;
CREATE INDEX delivery_post ON delivery(post_id);
-- One at a time per account, kept by the database and not only by the claim.
CREATE UNIQUE INDEX delivery_one_at_a_time ON delivery(account_id) WHERE state IN ('leased', 'armed');

-- Append-only: only outcome, ended_at, evidence and what the network called the result are ever filled in.
CREATE TABLE attempt (
  id TEXT PRIMARY KEY, delivery_id TEXT NOT NULL REFERENCES delivery(id), account_id TEXT NOT NULL, part BIGINT NOT NULL,
  no BIGINT NOT NULL, epoch BIGINT NOT NULL, kind TEXT NOT NULL, fingerprint TEXT NOT NULL, started_at BIGINT NOT NULL,
  sent_deadline BIGINT NOT NULL, ended_at BIGINT, outcome TEXT, evidence TEXT, remote_id TEXT, permalink TEXT,
  UNIQUE (delivery_id, part, no)
);
-- I1: one live commit per part.
CREATE UNIQUE INDEX attempt_one_live_commit ON attempt(delivery_id, part)
  WHERE kind = 'commit' AND (outcome IS NULL OR outcome IN ('accepted', 'unknown'));
-- I10: one remote id, one delivery.
CREATE UNIQUE INDEX attempt_one_remote_id ON attempt(account_id, remote_id) WHERE remote_id IS NOT NULL;

CREATE TABLE notice (
  id TEXT PRIMARY KEY, user_id TEXT NOT NULL REFERENCES users(id), post_id TEXT, what TEXT NOT NULL, created_at BIGINT NOT NULL
);
CREATE INDEX notice_recent ON notice(user_id, created_at);

-- Same key and same arguments give the same answer for a day.
CREATE TABLE idempotency (
  user_id TEXT NOT NULL, key TEXT NOT NULL, arguments_hash TEXT NOT NULL, answer TEXT, created_at BIGINT NOT NULL,
  PRIMARY KEY (user_id, key)
);

-- Who did what through which door, without content; each row carries the hash of the one before it.
CREATE TABLE audit (
  no BIGINT PRIMARY KEY, at BIGINT NOT NULL, workspace_id TEXT NOT NULL, user_id TEXT NOT NULL, via TEXT NOT NULL,
  what TEXT NOT NULL, about TEXT NOT NULL, previous_hash TEXT NOT NULL, hash TEXT NOT NULL
);
