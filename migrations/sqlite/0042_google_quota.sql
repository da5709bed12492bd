-- What is left of Google's limits, by property, site or project (its name hashed) and limit; a row counts until its time is over. Nobody's data.
CREATE TABLE google_quota (
    purse TEXT NOT NULL,
    bucket TEXT NOT NULL,
    left_over BIGINT NOT NULL,
    most BIGINT NOT NULL,
    ends_at BIGINT NOT NULL,
    seen_at BIGINT NOT NULL,
    PRIMARY KEY (purse, bucket)
);
-- Lists of pages whose index state is asked for within them, what is known of each sealed; what is left goes on when it may.
CREATE TABLE inspection_list (
    handle TEXT PRIMARY KEY,
    user_id TEXT NOT NULL,
    login_id TEXT NOT NULL,
    body BLOB NOT NULL,
    waiting BIGINT NOT NULL,
    next_at BIGINT NOT NULL,
    made_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX inspection_list_next ON inspection_list(next_at) WHERE waiting > 0;
