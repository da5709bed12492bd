-- What networks counted of posts, sealed, one row for each time it was read; and for each account when it is read next, why it is not, and how many
-- follow it.
CREATE TABLE post_figures (
  attempt_id TEXT NOT NULL REFERENCES attempt(id), age_h BIGINT NOT NULL, account_id TEXT NOT NULL REFERENCES account(id),
  user_id TEXT NOT NULL, post_id TEXT NOT NULL, body BYTEA NOT NULL, read_at BIGINT NOT NULL, PRIMARY KEY (attempt_id, age_h)
);
CREATE INDEX post_figures_account ON post_figures(account_id, read_at);
CREATE INDEX post_figures_end ON post_figures(read_at);
CREATE TABLE figures_turn (
  account_id TEXT PRIMARY KEY REFERENCES account(id), user_id TEXT NOT NULL, next_at BIGINT NOT NULL, why TEXT, followers BYTEA,
  followers_at BIGINT
);
CREATE INDEX attempt_out ON attempt(account_id, ended_at) WHERE outcome = 'accepted' AND part = 0;
