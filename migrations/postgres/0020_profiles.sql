-- What networks tell of their people: by which id they name an account to this app alone, when it was looked at last, its picture, which is ours; and
-- who asked that what came from their account be deleted: the code under which they look it up, and, until it is done, whose.
ALTER TABLE account ADD COLUMN scoped_id TEXT;
ALTER TABLE account ADD COLUMN looked_at BIGINT;
ALTER TABLE account ADD COLUMN avatar_at BIGINT;
CREATE TABLE account_avatar (
  account_id TEXT PRIMARY KEY REFERENCES account(id), bytes BYTEA NOT NULL
);
CREATE TABLE deletion_request (
  code TEXT PRIMARY KEY, network TEXT NOT NULL, remote_id TEXT, asked_at BIGINT NOT NULL, done_at BIGINT
);
CREATE INDEX deletion_request_open ON deletion_request(asked_at) WHERE done_at IS NULL;
