-- Reports of Google Analytics and Search Console: the Google accounts they are read through, the properties and sites that are seen with
-- them, and answers that are kept for a while. Whatever Google said is sealed; `acts_as` is for accounts that stand for a channel.
CREATE TABLE google_login (
  id TEXT PRIMARY KEY, workspace_id TEXT NOT NULL REFERENCES workspace(id), user_id TEXT NOT NULL REFERENCES users(id),
  subject TEXT NOT NULL, acts_as TEXT NOT NULL DEFAULT '', email TEXT NOT NULL, wanted TEXT NOT NULL, scopes TEXT NOT NULL,
  health TEXT NOT NULL, access BLOB NOT NULL, refresh BLOB NOT NULL, expires_at BIGINT NOT NULL, ends_at BIGINT,
  generation BIGINT NOT NULL, connected_at BIGINT NOT NULL, UNIQUE (workspace_id, subject, acts_as)
);
CREATE TABLE report_source (
  login_id TEXT NOT NULL REFERENCES google_login(id), kind TEXT NOT NULL, source TEXT NOT NULL, user_id TEXT NOT NULL,
  facts BLOB NOT NULL, seen_at BIGINT NOT NULL, chosen_at BIGINT, PRIMARY KEY (login_id, kind, source)
);
CREATE TABLE report_cache (
  user_id TEXT NOT NULL, request TEXT NOT NULL, part BIGINT NOT NULL, login_id TEXT NOT NULL, body BLOB NOT NULL,
  made_at BIGINT NOT NULL, expires_at BIGINT NOT NULL, PRIMARY KEY (user_id, request, part)
);
CREATE INDEX report_cache_end ON report_cache(expires_at);
CREATE INDEX report_cache_login ON report_cache(login_id);
