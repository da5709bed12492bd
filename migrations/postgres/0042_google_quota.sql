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
