-- The channel in which somebody wants to hear what became of their posts; empty: in their direct thread with us.
ALTER TABLE identity ADD COLUMN news TEXT NOT NULL DEFAULT '';
