-- Sessions of MCP's older era, so that a restart breaks no client: what the client said of itself when it began, by the hash of the
-- session's id. `client_id` is the program (or the personal token), `grantee` the consent it last came with, which ends them.
CREATE TABLE mcp_session (
  id_hash TEXT PRIMARY KEY, user_id TEXT NOT NULL REFERENCES users(id), client_id TEXT NOT NULL, grantee TEXT NOT NULL,
  opened TEXT NOT NULL, created_at BIGINT NOT NULL, last_used_at BIGINT NOT NULL
);
CREATE INDEX mcp_session_user ON mcp_session(user_id, created_at);
