-- A Discord server (guild) that our bot is in; whoever runs this installation says who of it may join.
CREATE TABLE discord_guild (
  id TEXT PRIMARY KEY, name TEXT NOT NULL, joins TEXT NOT NULL, chosen TEXT NOT NULL, seen_at BIGINT NOT NULL, ended_at BIGINT
);

-- What buttons, choices and forms in a chat service stand for, where the service carries too little itself. The id is made of the rest, so
-- the same thing offered again is the same row.
CREATE TABLE offered (
  id TEXT PRIMARY KEY, place TEXT NOT NULL, action TEXT NOT NULL, value TEXT NOT NULL, offered_at BIGINT NOT NULL
);
CREATE INDEX offered_age ON offered(offered_at);
