-- A person's Stop may reach another process than the one that answers: it is written here, and the one that answers looks.
ALTER TABLE turn ADD COLUMN stop_asked_at BIGINT;
