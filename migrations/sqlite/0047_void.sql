-- Why a question cannot be answered any more that nobody answered: its account was disconnected. Only of those that are void.
ALTER TABLE approval ADD COLUMN reason TEXT;
