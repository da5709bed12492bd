-- Somebody else's words stay marked where they went: in posts that a turn wrote while it could read them, in media fetched from an address.
ALTER TABLE post ADD COLUMN tainted_at BIGINT;
ALTER TABLE media ADD COLUMN tainted_at BIGINT;

-- A medium whose posts were forgotten: its file goes, and then this row, also after a crash in between.
ALTER TABLE media ADD COLUMN forgotten_at BIGINT;
CREATE INDEX media_forgotten ON media(forgotten_at) WHERE forgotten_at IS NOT NULL;
