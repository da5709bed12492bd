-- What happens to an occurrence of a rule that passes unsent (`skip`, `latest`, `ask`); none for a post with one time.
ALTER TABLE delivery ADD COLUMN catch_up TEXT;
-- When a person sent it on its way themselves: from then on the grace window counts anew.
ALTER TABLE delivery ADD COLUMN person_at BIGINT;
-- The times in a week at which somebody likes to post.
ALTER TABLE users ADD COLUMN slots TEXT NOT NULL DEFAULT '';
-- How far a standing permission goes in a day, and when it sleeps: minutes of the day in the person's zone.
CREATE TABLE grant_limit (
  user_id TEXT NOT NULL REFERENCES users(id), grantee TEXT NOT NULL, posts_a_day BIGINT, quiet_from BIGINT, quiet_until BIGINT,
  PRIMARY KEY (user_id, grantee)
);
-- What was last told of the next day's posts, so that a person hears of a change and not every hour.
CREATE TABLE rehearsal (
  workspace_id TEXT PRIMARY KEY REFERENCES workspace(id), told TEXT NOT NULL, at BIGINT NOT NULL
);
