-- Calls of MCP clients that take longer than a client waits and have no key of the client's own: asked for by a handle of ours, which
-- stands here as its hash. `bound` is to whom (the consent or token, with its accounts), `tool_call` the hash of the call itself. `owner` is the process
-- that works on it; `answer` is sealed, and goes soon.
CREATE TABLE late_call (
  handle_hash TEXT PRIMARY KEY, user_id TEXT NOT NULL REFERENCES users(id), bound TEXT NOT NULL, tool_call TEXT NOT NULL,
  owner TEXT NOT NULL, state TEXT NOT NULL, answer BYTEA, created_at BIGINT NOT NULL, expires_at BIGINT NOT NULL
);
CREATE INDEX late_call_user ON late_call(user_id);
CREATE INDEX late_call_end ON late_call(expires_at);
