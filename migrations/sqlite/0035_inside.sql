-- What the bytes of a medium tell beside its size (frames, pages, codec, ...), as JSON; nothing where nothing more is known.
ALTER TABLE media ADD COLUMN inside TEXT;
