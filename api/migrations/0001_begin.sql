-- Times are milliseconds since 1970 in UTC. A proxy's id is its fingerprint, 16 hexadecimal digits.

CREATE TABLE sources (
    name       TEXT PRIMARY KEY,
    position   INTEGER NOT NULL,
    address    TEXT NOT NULL,
    etag       TEXT,
    modified   TEXT,
    fetched_at INTEGER,
    retry_at   INTEGER,
    failures   INTEGER NOT NULL DEFAULT 0,
    error      TEXT,
    rejected   INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE proxies (
    id         TEXT PRIMARY KEY,
    config     TEXT NOT NULL,
    first_seen INTEGER NOT NULL,
    working    INTEGER,
    latency    INTEGER,
    tested_at  INTEGER,
    country    TEXT
) STRICT;

CREATE TABLE proxy_sources (
    source TEXT NOT NULL,
    place  INTEGER NOT NULL,
    proxy  TEXT NOT NULL,
    PRIMARY KEY (source, proxy)
) STRICT, WITHOUT ROWID;
CREATE INDEX proxy_sources_by_proxy ON proxy_sources (proxy);

CREATE TABLE probes (
    proxy   TEXT NOT NULL,
    at      INTEGER NOT NULL,
    working INTEGER NOT NULL,
    latency INTEGER,
    exit    TEXT,
    country TEXT
) STRICT;
CREATE INDEX probes_by_proxy ON probes (proxy, at);
CREATE INDEX probes_by_time ON probes (at);

CREATE TABLE publication (
    one      INTEGER PRIMARY KEY CHECK (one = 1),
    revision INTEGER NOT NULL
) STRICT;
INSERT INTO publication VALUES (1, 0);
