-- What a chat service delivered and we acknowledged. The body is sealed and goes when the work is done; the key stays for a week, so that
-- the same thing delivered again, or told twice under two ids, is done once.
CREATE TABLE inbox (
  key TEXT PRIMARY KEY, event_id TEXT UNIQUE, place TEXT NOT NULL, body BLOB, owner TEXT NOT NULL, lease_until BIGINT NOT NULL,
  tries BIGINT NOT NULL, received_at BIGINT NOT NULL, done_at BIGINT
);
CREATE INDEX inbox_open ON inbox(place, lease_until) WHERE done_at IS NULL;
CREATE INDEX inbox_done ON inbox(done_at) WHERE done_at IS NOT NULL;

-- A Slack team or organisation that installed the app; tokens are sealed under the key of the person who installed it.
CREATE TABLE slack_team (
  id TEXT PRIMARY KEY, name TEXT NOT NULL, app_id TEXT NOT NULL, bot_user TEXT NOT NULL, user_id TEXT NOT NULL REFERENCES users(id),
  access BLOB, refresh BLOB, expires_at BIGINT, joins TEXT NOT NULL, chosen TEXT NOT NULL, installed_at BIGINT NOT NULL, ended_at BIGINT
);

-- Somebody in a chat asks to be one of our people: page and code, both kept by their hash.
CREATE TABLE link_request (
  secret_hash TEXT PRIMARY KEY, place TEXT NOT NULL, subject TEXT NOT NULL, shown TEXT NOT NULL, user_id TEXT, code_hash TEXT,
  tries BIGINT NOT NULL, created_at BIGINT NOT NULL, expires_at BIGINT NOT NULL, used_at BIGINT
);
CREATE INDEX link_request_subject ON link_request(place, subject);

ALTER TABLE identity ADD COLUMN shown TEXT NOT NULL DEFAULT '';
-- Where notices go: the direct thread with somebody there.
ALTER TABLE identity ADD COLUMN thread TEXT NOT NULL DEFAULT '';

-- Messages and files of ours in other places, so that forgetting can remove them.
CREATE TABLE sent_message (
  place TEXT NOT NULL, team TEXT NOT NULL, thread TEXT NOT NULL, ts TEXT NOT NULL, user_id TEXT NOT NULL, about TEXT NOT NULL,
  inbox_key TEXT, sent_at BIGINT NOT NULL, PRIMARY KEY (place, team, thread, ts)
);
CREATE INDEX sent_message_about ON sent_message(about);
CREATE INDEX sent_message_inbox ON sent_message(inbox_key) WHERE inbox_key IS NOT NULL;

-- Which notices a person was told elsewhere already.
CREATE TABLE notice_told (notice_id TEXT NOT NULL, place TEXT NOT NULL, told_at BIGINT NOT NULL, PRIMARY KEY (notice_id, place));

-- Rooms of other places in which a person agreed that everybody there may read along.
CREATE TABLE place_consent (user_id TEXT NOT NULL, place TEXT NOT NULL, room TEXT NOT NULL, given_at BIGINT NOT NULL, PRIMARY KEY (user_id, place, room));

-- What a turn answers, so that it is not answered twice when its delivery is worked on again.
ALTER TABLE turn ADD COLUMN source TEXT;
CREATE UNIQUE INDEX turn_source ON turn(source) WHERE source IS NOT NULL;
