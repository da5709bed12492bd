-- What an upload in pieces needs to go on after a cut, sealed: whoever has it may upload.
ALTER TABLE delivery ADD COLUMN upload BYTEA;
