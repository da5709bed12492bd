-- A team that removes the app takes nobody's posts away: its members are strangers until it comes back, and then they are who they were.
ALTER TABLE identity ADD COLUMN ended_at BIGINT;

-- The organisation a team belongs to: its members are people of the organisation, also after a restart.
ALTER TABLE slack_team ADD COLUMN enterprise TEXT;
-- One process renews a pair of tokens at a time: whoever holds the lease, for the generation it has seen.
ALTER TABLE slack_team ADD COLUMN generation BIGINT NOT NULL DEFAULT 0;
ALTER TABLE slack_team ADD COLUMN renewing_until BIGINT NOT NULL DEFAULT 0;
-- Slack does not take the refresh token any more: the app must be installed again.
ALTER TABLE slack_team ADD COLUMN broken_at BIGINT;

-- A message that is still being written; set until it is whole, so that nothing stays open behind a process that died.
ALTER TABLE sent_message ADD COLUMN open_since BIGINT;

-- Strangers who opened a conversation with us: greeted once a day, not each time.
CREATE TABLE greeting (place TEXT NOT NULL, subject TEXT NOT NULL, greeted_at BIGINT NOT NULL, PRIMARY KEY (place, subject));

-- Who may approve a post beside whose it is.
CREATE TABLE post_approver (
  post_id TEXT NOT NULL, user_id TEXT NOT NULL, named_by TEXT NOT NULL, named_at BIGINT NOT NULL, PRIMARY KEY (post_id, user_id)
);

-- Messages elsewhere that show a post: drawn anew when something happens to it.
CREATE TABLE post_card (
  place TEXT NOT NULL, team TEXT NOT NULL, thread TEXT NOT NULL, ts TEXT NOT NULL, post_id TEXT NOT NULL, user_id TEXT NOT NULL,
  shown_at BIGINT NOT NULL, PRIMARY KEY (place, team, thread, ts)
);
CREATE INDEX post_card_post ON post_card(post_id);

-- What a person agreed to in a room: that others read along, that figures of Google's leave for there.
CREATE TABLE place_agreement (
  user_id TEXT NOT NULL, place TEXT NOT NULL, room TEXT NOT NULL, kind TEXT NOT NULL, given_at BIGINT NOT NULL,
  PRIMARY KEY (user_id, place, room, kind)
);
INSERT INTO place_agreement(user_id, place, room, kind, given_at) SELECT user_id, place, room, 'readers', given_at FROM place_consent;
DROP TABLE place_consent;
ALTER TABLE place_agreement RENAME TO place_consent;

-- What wrote a post: the client that called, or the model that answered, where that is known.
CREATE TABLE post_origin (
  post_id TEXT NOT NULL, at BIGINT NOT NULL, via TEXT NOT NULL, client TEXT NOT NULL, model TEXT NOT NULL, PRIMARY KEY (post_id, via, client, model)
);
