-- Whether links in a person's posts get tags that web analytics read ('plain' when they do not want them).
ALTER TABLE users ADD COLUMN links TEXT NOT NULL DEFAULT '';
