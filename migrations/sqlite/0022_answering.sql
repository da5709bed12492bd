-- Assistants before which their person said that they sit themselves: only there an answer that the client brings counts as their gesture.
CREATE TABLE answers_here (
  user_id TEXT NOT NULL REFERENCES users(id), grantee TEXT NOT NULL, since BIGINT NOT NULL, PRIMARY KEY (user_id, grantee)
);

-- When somebody else's words last went to whoever holds a standing permission: it does not count for a while after.
CREATE TABLE grant_strange (
  user_id TEXT NOT NULL REFERENCES users(id), grantee TEXT NOT NULL, at BIGINT NOT NULL, PRIMARY KEY (user_id, grantee)
);

-- A question that was put to a client and not answered yet, with the call that left it. The row is what an answer is held against, and goes with it.
CREATE TABLE asked_here (
  approval_id TEXT PRIMARY KEY, user_id TEXT NOT NULL REFERENCES users(id), grantee TEXT NOT NULL, tool_call TEXT NOT NULL,
  answer TEXT NOT NULL, expires_at BIGINT NOT NULL
);
CREATE INDEX asked_here_user ON asked_here(user_id);
CREATE INDEX asked_here_expiry ON asked_here(expires_at);

-- Whether a workspace holds anything written beside somebody else's words is asked at every call of an assistant.
CREATE INDEX post_strange ON post(workspace_id) WHERE tainted_at IS NOT NULL;
CREATE INDEX media_strange ON media(workspace_id) WHERE tainted_at IS NOT NULL;
CREATE INDEX conversation_strange ON conversation(user_id) WHERE tainted_at IS NOT NULL;

-- The accounts that a program may see and use; all of them where there is none.
ALTER TABLE oauth_code ADD COLUMN accounts TEXT;
ALTER TABLE oauth_grant ADD COLUMN accounts TEXT;

-- Whom a subject of the trusted outside issuer stands for: such a consent has no tokens of ours.
ALTER TABLE oauth_grant ADD COLUMN subject TEXT;
CREATE UNIQUE INDEX oauth_grant_subject ON oauth_grant(client_id, subject) WHERE subject IS NOT NULL AND revoked_at IS NULL;
