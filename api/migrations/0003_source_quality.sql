-- What is known of a source, by the day of UTC that began at `day`. It goes by its address, for names are numbered
-- anew when one of the same name is left out.
CREATE TABLE source_days (
    address   TEXT NOT NULL,
    day       INTEGER NOT NULL,
    tests     INTEGER NOT NULL,
    answered  INTEGER NOT NULL,
    rounds    INTEGER NOT NULL,
    rounds_up INTEGER NOT NULL,
    fetches   INTEGER NOT NULL,
    failures  INTEGER NOT NULL,
    PRIMARY KEY (address, day)
) STRICT, WITHOUT ROWID;

-- When the source first listed the proxy; 0 is before this was kept.
ALTER TABLE proxy_sources ADD COLUMN since INTEGER NOT NULL DEFAULT 0;

-- When the proxy last answered a test.
ALTER TABLE proxies ADD COLUMN answered_at INTEGER;
UPDATE proxies SET answered_at = (SELECT max(at) FROM probes WHERE proxy = id AND probes.working);
CREATE INDEX proxies_answered ON proxies (id) WHERE answered_at IS NOT NULL;
