-- Which tools a person lets a program see at all, beside its scopes: areas, and whether only what reads. All of them where there is none.
ALTER TABLE oauth_code ADD COLUMN areas TEXT;
ALTER TABLE oauth_grant ADD COLUMN areas TEXT;
