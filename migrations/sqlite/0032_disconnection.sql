-- Disconnections that were begun and are not over: approved and not carried out yet (no gone_at), or carried out here and not confirmed by the
-- network. What revoking takes stays sealed here until it is confirmed or given up, a day at most; nothing is published with it.
CREATE TABLE disconnection (
  account_id TEXT PRIMARY KEY, workspace_id TEXT NOT NULL, user_id TEXT NOT NULL, network TEXT NOT NULL, remote_id TEXT NOT NULL,
  acts_as TEXT NOT NULL, handle TEXT NOT NULL, access BLOB, refresh BLOB, withdrawn BIGINT NOT NULL, asked_at BIGINT NOT NULL,
  gone_at BIGINT, tries BIGINT NOT NULL, next_at BIGINT NOT NULL, owner TEXT, lease_until BIGINT
);
CREATE INDEX disconnection_due ON disconnection(next_at);
