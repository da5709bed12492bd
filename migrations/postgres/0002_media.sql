-- Files brought through a link: the link is kept by its hash, what came through it names it.
CREATE TABLE upload_link (
  id TEXT PRIMARY KEY, workspace_id TEXT NOT NULL REFERENCES workspace(id), user_id TEXT NOT NULL REFERENCES users(id),
  secret_hash TEXT NOT NULL UNIQUE, created_at BIGINT NOT NULL, expires_at BIGINT NOT NULL
);
ALTER TABLE media ADD COLUMN duration_ms BIGINT NOT NULL DEFAULT 0;
ALTER TABLE media ADD COLUMN upload_id TEXT;
CREATE INDEX media_upload ON media(upload_id) WHERE upload_id IS NOT NULL;
