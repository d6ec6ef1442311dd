//! The database: history, and what is published before the first fetch after a restart.
//!
//! `SQLite` in WAL mode. One connection writes, a few read: two writers would only wait for each
//! other. Lists go in as one JSON text each, which `SQLite` takes apart itself; row by row a list of
//! a hundred thousand would take seconds.

mod hours;
mod migrations;
mod open;
mod rows;
mod source_days;

pub use hours::{Bucket, KEEP_HOURS};
pub use open::{OpenError, Opened, ask, open};
pub use rows::{Probed, SourceRow, StoredProxy, Tried};
pub use source_days::{Answered, Counts, SOURCE_DAYS};

use std::collections::HashMap;

use configstream_core::Timestamp;
use configstream_core::catalogue::Listed;
use configstream_core::proxy::Fingerprint;
use futures_util::TryStreamExt;
use serde_json::json;
use sqlx::sqlite::SqlitePool;

use crate::source::{Memory, Source};
use rows::{moment, time};

/// How long failed probes are kept, in milliseconds: three days.
const KEEP_FAILED: u64 = 3 * 24 * 60 * 60 * 1000;
/// How long successful probes are kept, in milliseconds: thirty days.
const KEEP_WORKING: u64 = 30 * 24 * 60 * 60 * 1000;

/// The database. Cloning shares its connections.
#[derive(Clone, Debug)]
pub struct Store {
    write: SqlitePool,
    read: SqlitePool,
}

/// What a call of the store gives.
pub type Result<T> = std::result::Result<T, sqlx::Error>;

impl Store {
    /// What is remembered of each source, by name.
    pub async fn memories(&self) -> Result<HashMap<String, Memory>> {
        let rows = self.sources().await?;
        Ok(rows.into_iter().map(|row| (row.name, row.memory)).collect())
    }

    /// Every source in order.
    pub async fn sources(&self) -> Result<Vec<SourceRow>> {
        sqlx::query_as(
            "SELECT name, address, etag, modified, fetched_at, retry_at, failures, error, rejected,
                    (SELECT count(*) FROM proxy_sources WHERE source = name) AS proxies
             FROM sources ORDER BY position",
        )
        .fetch_all(&self.read)
        .await
    }

    /// The links that a source listed when it last answered, in its order.
    pub async fn links_of(&self, source: &str) -> Result<Vec<String>> {
        sqlx::query_scalar(
            "SELECT config FROM proxy_sources JOIN proxies ON id = proxy WHERE source = ? ORDER BY place",
        )
        .bind(source)
        .fetch_all(&self.read)
        .await
    }

    /// Every proxy with its sources and its last measurement, in the order of the sources.
    pub async fn proxies(&self) -> Result<Vec<StoredProxy>> {
        sqlx::query_as(
            "SELECT id, config, first_seen, working, latency, tested_at, country,
                    json_group_array(source ORDER BY position) AS sources
             FROM proxy_sources
             JOIN proxies ON id = proxy
             JOIN sources ON name = source
             GROUP BY id ORDER BY min(position), min(place)",
        )
        .fetch_all(&self.read)
        .await
    }

    /// Keeps what a fetch brought: the sources in their order, and every proxy with who lists it.
    /// What is in neither is forgotten.
    pub async fn keep_list(
        &self,
        sources: &[(Source, Memory)],
        listed: &[Listed],
        now: Timestamp,
    ) -> Result<()> {
        let mut change = self.write.begin().await?;
        let statements = [
            ("DELETE FROM sources", None),
            (INSERT_SOURCES, Some(sources_json(sources))),
            (UPSERT_PROXIES, Some(proxies_json(listed))),
            // Listed no more, unless it is listed again: the time of the first listing stays.
            ("UPDATE proxy_sources SET place = -1", None),
            (UPSERT_LISTINGS, Some(listings_json(listed))),
            ("DELETE FROM proxy_sources WHERE place < 0", None),
            ("DELETE FROM proxies WHERE id NOT IN (SELECT proxy FROM proxy_sources)", None),
        ];
        for (sql, json) in statements {
            let query = sqlx::query(sql);
            let query = match json {
                Some(json) => query.bind(json).bind(time(now)),
                None => query,
            };
            query.execute(&mut *change).await?;
        }
        change.commit().await
    }

    /// Keeps results of probes, as the proxies' last measurement and as history.
    pub async fn keep_probes(&self, probed: &[Probed]) -> Result<()> {
        let json = json!(probed).to_string();
        let mut change = self.write.begin().await?;
        sqlx::query(INSERT_PROBES).bind(&json).execute(&mut *change).await?;
        sqlx::query(UPDATE_MEASURED).bind(&json).execute(&mut *change).await?;
        change.commit().await
    }

    /// Forgets what is too old to matter.
    pub async fn prune(&self, now: Timestamp) -> Result<()> {
        let before = |keep: u64| time(Timestamp::from_millis(now.millis().saturating_sub(keep)));
        sqlx::query("DELETE FROM probes WHERE at < ? OR (at < ? AND NOT working)")
            .bind(before(KEEP_WORKING))
            .bind(before(KEEP_FAILED))
            .execute(&self.write)
            .await?;
        self.prune_hours(now).await?;
        self.prune_source_days(now).await
    }

    /// The last fifty probes of a proxy, newest first.
    pub async fn history(&self, id: Fingerprint) -> Result<Vec<Probed>> {
        sqlx::query_as("SELECT * FROM probes WHERE proxy = ? ORDER BY at DESC LIMIT 50")
            .bind(id.to_string())
            .fetch_all(&self.read)
            .await
    }

    /// Every probe of the last three days, oldest first, but for those of the running hour. Older ones
    /// would mislead: of them only the successful are kept.
    pub async fn tried(&self, now: Timestamp) -> Result<Vec<Tried>> {
        let hour = 60 * 60 * 1000;
        let before = |millis: u64| time(Timestamp::from_millis(now.millis().saturating_sub(millis)));
        sqlx::query_as(
            "SELECT probes.proxy, config, at, probes.working
             FROM probes JOIN proxies ON id = probes.proxy
             WHERE at >= ? AND at < ? ORDER BY at",
        )
        .bind(before(KEEP_FAILED - hour))
        .bind(before(now.millis() % hour))
        .fetch_all(&self.read)
        .await
    }

    /// Gives the last `most` probes of the last three days to `take`, the oldest first: whose, when, and
    /// whether it reached the judge. They are read one by one and not held.
    pub async fn each_probe(
        &self,
        most: u32,
        now: Timestamp,
        mut take: impl FnMut(Fingerprint, Timestamp, bool),
    ) -> Result<()> {
        let since = now.millis().saturating_sub(KEEP_FAILED);
        let mut probes = sqlx::query_as::<_, (String, i64, i64)>(
            "SELECT proxy, at, working FROM
                 (SELECT proxy, at, working FROM probes WHERE at >= ? ORDER BY at DESC LIMIT ?)
             ORDER BY at",
        )
        .bind(time(Timestamp::from_millis(since)))
        .bind(most)
        .fetch(&self.read);
        while let Some((id, at, working)) = probes.try_next().await? {
            if let Ok(id) = id.parse() {
                take(id, moment(at), working != 0);
            }
        }
        Ok(())
    }

    /// The next revision. It is kept before it is used, so it grows across restarts.
    pub async fn next_revision(&self) -> Result<u64> {
        let revision: i64 =
            sqlx::query_scalar("UPDATE publication SET revision = revision + 1 RETURNING revision")
                .fetch_one(&self.write)
                .await?;
        Ok(u64::try_from(revision).unwrap_or_default())
    }

    /// Writes what is in the log to the database file and closes it.
    pub async fn close(&self) {
        self.read.close().await;
        self.write.close().await;
    }
}

const INSERT_SOURCES: &str = "
    INSERT INTO sources (name, position, address, etag, modified, fetched_at, retry_at, failures, error, rejected)
    SELECT value ->> 'name', key, value ->> 'address', value ->> 'etag', value ->> 'modified',
           value ->> 'fetched_at', value ->> 'retry_at', value ->> 'failures', value ->> 'error',
           value ->> 'rejected'
    FROM json_each(?1)";

const UPSERT_PROXIES: &str = "
    INSERT INTO proxies (id, config, first_seen)
    SELECT value ->> 0, value ->> 1, ?2 FROM json_each(?1) WHERE true
    ON CONFLICT (id) DO UPDATE SET config = excluded.config";

const UPSERT_LISTINGS: &str = "
    INSERT INTO proxy_sources (source, place, proxy, since)
    SELECT source.value, proxy.key, proxy.value ->> 0, ?2
    FROM json_each(?1) AS proxy, json_each(proxy.value, '$[1]') AS source WHERE true
    ON CONFLICT (source, proxy) DO UPDATE SET place = excluded.place";

const INSERT_PROBES: &str = "
    INSERT INTO probes (proxy, at, working, latency, exit, country)
    SELECT value ->> 'proxy', value ->> 'at', value ->> 'working', value ->> 'latency', value ->> 'exit',
           value ->> 'country'
    FROM json_each(?)";

const UPDATE_MEASURED: &str = "
    UPDATE proxies SET working = probe.value ->> 'working', latency = probe.value ->> 'latency',
           tested_at = probe.value ->> 'at', country = coalesce(probe.value ->> 'country', country),
           answered_at = iif(probe.value ->> 'working', probe.value ->> 'at', answered_at)
    FROM json_each(?) AS probe WHERE proxies.id = probe.value ->> 'proxy'";

fn sources_json(sources: &[(Source, Memory)]) -> String {
    let row = |(source, memory): &(Source, Memory)| {
        json!({
            "name": source.name,
            "address": source.address(),
            "etag": memory.validators.etag,
            "modified": memory.validators.modified,
            "fetched_at": memory.fetched_at.map(time),
            "retry_at": memory.retry_at.map(time),
            "failures": memory.failures,
            "error": memory.error,
            "rejected": memory.rejected,
        })
    };
    json!(sources.iter().map(row).collect::<Vec<_>>()).to_string()
}

fn proxies_json(listed: &[Listed]) -> String {
    let row = |listed: &Listed| json!([listed.id.to_string(), configstream_core::link::print(&listed.proxy)]);
    json!(listed.iter().map(row).collect::<Vec<_>>()).to_string()
}

fn listings_json(listed: &[Listed]) -> String {
    let row = |listed: &Listed| json!([listed.id.to_string(), listed.sources]);
    json!(listed.iter().map(row).collect::<Vec<_>>()).to_string()
}

#[cfg(test)]
mod tests {
    use configstream_core::catalogue::Merge;
    use configstream_core::link;

    use super::*;
    use crate::source::config;

    fn at(millis: u64) -> Timestamp {
        Timestamp::from_millis(millis)
    }

    /// Keeps that the sources `a` and `b` list these ports.
    async fn keep(store: &Store, a: &[u16], b: &[u16], now: Timestamp) -> Vec<Listed> {
        let (sources, _) = config::sources(&["a", "b"].map(str::to_owned), false);
        let mut merge = Merge::default();
        for (source, ports) in sources.iter().zip([a, b]) {
            let proxies = ports.iter().map(|port| link::parse(&format!("http://192.0.2.1:{port}")).unwrap());
            merge.add(&source.name, proxies);
        }
        let listed = merge.finish();
        let sources: Vec<_> = sources.into_iter().map(|source| (source, Memory::default())).collect();
        store.keep_list(&sources, &listed, now).await.unwrap();
        listed
    }

    #[tokio::test]
    async fn when_a_source_first_listed_a_proxy_is_kept_for_as_long_as_it_lists_it() {
        let folder = tempfile::tempdir().unwrap();
        let store = open(folder.path()).await.unwrap().store;
        keep(&store, &[1, 2], &[], at(10)).await;
        let listed = keep(&store, &[2, 3], &[2, 1], at(20)).await;
        let probed = |listed: &Listed| Probed {
            proxy: listed.id.to_string(),
            at: 30,
            working: i64::from(listed.proxy.endpoint.port != 3),
            latency: None,
            exit: None,
            country: None,
        };
        store.keep_probes(&listed.iter().map(probed).collect::<Vec<_>>()).await.unwrap();
        let mut found: Vec<_> = store.answered().await.unwrap().into_iter().collect();
        found.sort_by_key(|one| (one.source.clone(), one.since, one.id));
        let shown: Vec<_> = found.iter().map(|one| (one.source.as_str(), one.since)).collect();
        assert_eq!(shown, [("a", at(10)), ("b", at(20)), ("b", at(20))]);
        assert_eq!(found[0].id, listed[0].id, "the one that both have kept listing");
        assert_eq!(store.links_of("b").await.unwrap(), ["http://192.0.2.1:2", "http://192.0.2.1:1"]);
        assert_eq!(store.links_of("a").await.unwrap(), ["http://192.0.2.1:2", "http://192.0.2.1:3"]);
    }

    #[tokio::test]
    async fn a_proxy_that_answered_once_is_one_that_did_though_it_fails_now() {
        let folder = tempfile::tempdir().unwrap();
        let store = open(folder.path()).await.unwrap().store;
        let listed = keep(&store, &[1], &[], at(10)).await;
        for (at, working) in [(20, 1), (30, 0)] {
            let proxy = listed[0].id.to_string();
            let probed = Probed { proxy, at, working, latency: None, exit: None, country: None };
            store.keep_probes(&[probed]).await.unwrap();
        }
        assert_eq!(store.answered().await.unwrap().len(), 1);
        assert_eq!(store.proxies().await.unwrap()[0].measured.working, Some(false));
    }
}
