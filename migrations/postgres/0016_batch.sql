-- The posts of a question about several, with what became of each. `outcome` is written once: by the answer, or before it by whatever made
-- this post's part of the question void (an edit, a withdrawal, a newer question about it).
CREATE TABLE approval_item (
  approval_id TEXT NOT NULL REFERENCES approval(id), no BIGINT NOT NULL, post_id TEXT NOT NULL REFERENCES post(id),
  outcome TEXT, why TEXT,
  PRIMARY KEY (approval_id, no)
);
CREATE INDEX approval_item_post ON approval_item(post_id);
