-- Changes of films that are on a network already, each with its question. What stood there and what would stand there is sealed: it is the
-- network's data, and emptied when it may be kept no longer. Approved ones are due (next_at) until they are done or ended, whoever dies meanwhile.
CREATE TABLE video_edit (
  approval_id TEXT PRIMARY KEY, workspace_id TEXT NOT NULL, user_id TEXT NOT NULL, account_id TEXT NOT NULL, sealed BYTEA,
  state TEXT NOT NULL, said TEXT, created_at BIGINT NOT NULL, approved_at BIGINT, next_at BIGINT, tries BIGINT NOT NULL, owner TEXT, lease_until BIGINT
);
CREATE INDEX video_edit_due ON video_edit(next_at);
