-- Conversations: everything said in them is sealed under the key of the person whose they are.
CREATE TABLE conversation (
  id TEXT PRIMARY KEY, user_id TEXT NOT NULL REFERENCES users(id), title BYTEA, summary BYTEA, summary_upto TEXT,
  created_at BIGINT NOT NULL, last_at BIGINT NOT NULL
);
CREATE INDEX conversation_recent ON conversation(user_id, last_at);

-- Where a conversation is held. A thread elsewhere can be pointed to the same one: begun here, continued there.
CREATE TABLE thread (
  place TEXT NOT NULL, thread TEXT NOT NULL, user_id TEXT NOT NULL, conversation_id TEXT NOT NULL REFERENCES conversation(id),
  PRIMARY KEY (place, thread, user_id)
);
CREATE INDEX thread_conversation ON thread(conversation_id);

-- One message of a person and all that followed from it. A turn whose lease has lapsed died with its process.
CREATE TABLE turn (
  id TEXT PRIMARY KEY, conversation_id TEXT NOT NULL REFERENCES conversation(id), state TEXT NOT NULL, owner TEXT NOT NULL,
  lease_until BIGINT NOT NULL, model TEXT, tokens BIGINT NOT NULL, created_at BIGINT NOT NULL, ended_at BIGINT
);
CREATE INDEX turn_conversation ON turn(conversation_id);
CREATE UNIQUE INDEX turn_one_running ON turn(conversation_id) WHERE state = 'running';

CREATE TABLE message (
  id TEXT PRIMARY KEY, conversation_id TEXT NOT NULL REFERENCES conversation(id), turn_id TEXT NOT NULL REFERENCES turn(id),
  kind TEXT NOT NULL, body BYTEA NOT NULL, tokens BIGINT NOT NULL, expires_at BIGINT, created_at BIGINT NOT NULL
);
CREATE INDEX message_conversation ON message(conversation_id, turn_id, id);
CREATE INDEX message_expiry ON message(expires_at) WHERE expires_at IS NOT NULL;

CREATE TABLE profile (user_id TEXT PRIMARY KEY REFERENCES users(id), body BYTEA NOT NULL);

-- What a person agreed to before their words went to a model, and what that cost them this month.
CREATE TABLE model_consent (user_id TEXT NOT NULL, tier TEXT NOT NULL, given_at BIGINT NOT NULL, PRIMARY KEY (user_id, tier));
CREATE TABLE model_use (user_id TEXT NOT NULL, month TEXT NOT NULL, tokens BIGINT NOT NULL, PRIMARY KEY (user_id, month));

ALTER TABLE users ADD COLUMN chat_grant TEXT NOT NULL DEFAULT 'drafts';
