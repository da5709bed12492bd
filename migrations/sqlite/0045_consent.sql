-- Which tools a person lets a program see at all, beside its scopes: areas, and whether only what reads. All of them where there is none.
ALTER TABLE oauth_code ADD COLUMN areas TEXT;
ALTER TABLE oauth_grant ADD COLUMN areas TEXT;

-- What a session of MCP's older era waits for, as JSON, so that it goes on hearing after a restart.
ALTER TABLE mcp_session ADD COLUMN awaited TEXT;
