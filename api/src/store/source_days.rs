//! What is known of sources, day by day.

use std::collections::HashMap;

use configstream_core::Timestamp;
use configstream_core::proxy::Fingerprint;
use serde::Serialize;
use serde_json::json;
use sqlx::sqlite::SqliteRow;
use sqlx::{FromRow, Row};

use super::hours::{Bucket, days_before};
use super::rows::{count, moment, time};
use super::{Result, Store};

/// How many days tell how good a source is.
pub const SOURCE_DAYS: u64 = 14;

/// What happened to a source and its proxies.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// Tests of its proxies.
    pub tests: u32,
    /// Those that were answered.
    pub answered: u32,
    /// Rounds of tests in which at least one of them was tested.
    pub rounds: u32,
    /// Rounds in which at least one answered.
    pub rounds_up: u32,
    /// Attempts to fetch it.
    pub fetches: u32,
    /// Attempts that failed.
    pub failures: u32,
}

/// A proxy that answered once, on the list of a source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answered {
    /// The name of the source.
    pub source: String,
    /// The proxy.
    pub id: Fingerprint,
    /// When the source first listed it.
    pub since: Timestamp,
}

impl FromRow<'_, SqliteRow> for Counts {
    fn from_row(row: &SqliteRow) -> sqlx::Result<Self> {
        Ok(Self {
            tests: count(row, "tests")?,
            answered: count(row, "answered")?,
            rounds: count(row, "rounds")?,
            rounds_up: count(row, "rounds_up")?,
            fetches: count(row, "fetches")?,
            failures: count(row, "failures")?,
        })
    }
}

impl Store {
    /// Adds to what is known of sources, by their addresses.
    pub async fn count_sources(&self, counted: &HashMap<String, Counts>, now: Timestamp) -> Result<()> {
        let json = json!(counted.iter().collect::<Vec<_>>()).to_string();
        sqlx::query(ADD_COUNTS).bind(json).bind(time(Bucket::Day.start(now))).execute(&self.write).await?;
        Ok(())
    }

    /// What the last [`SOURCE_DAYS`] days tell of each source, by its address.
    pub async fn source_counts(&self, now: Timestamp) -> Result<HashMap<String, Counts>> {
        let rows = sqlx::query(
            "SELECT address, sum(tests) AS tests, sum(answered) AS answered, sum(rounds) AS rounds,
                    sum(rounds_up) AS rounds_up, sum(fetches) AS fetches, sum(failures) AS failures
             FROM source_days WHERE day > ? GROUP BY address",
        )
        .bind(time(days_before(now, SOURCE_DAYS)))
        .fetch_all(&self.read)
        .await?;
        rows.iter().map(|row| Ok((row.try_get("address")?, Counts::from_row(row)?))).collect()
    }

    /// Every proxy that ever answered, on every list that has it.
    pub async fn answered(&self) -> Result<Vec<Answered>> {
        let rows: Vec<(String, String, i64)> = sqlx::query_as(
            "SELECT source, proxy, since FROM proxies JOIN proxy_sources ON proxy = id
             WHERE answered_at IS NOT NULL",
        )
        .fetch_all(&self.read)
        .await?;
        let answered = |(source, id, since): (String, String, i64)| {
            Some(Answered { source, id: id.parse().ok()?, since: moment(since) })
        };
        Ok(rows.into_iter().filter_map(answered).collect())
    }

    /// Forgets days that count no more.
    pub(super) async fn prune_source_days(&self, now: Timestamp) -> Result<()> {
        sqlx::query("DELETE FROM source_days WHERE day <= ?")
            .bind(time(days_before(now, SOURCE_DAYS)))
            .execute(&self.write)
            .await?;
        Ok(())
    }
}

const ADD_COUNTS: &str = "
    INSERT INTO source_days (address, day, tests, answered, rounds, rounds_up, fetches, failures)
    SELECT value ->> 0, ?2, value -> 1 ->> 'tests', value -> 1 ->> 'answered', value -> 1 ->> 'rounds',
           value -> 1 ->> 'rounds_up', value -> 1 ->> 'fetches', value -> 1 ->> 'failures'
    FROM json_each(?1) WHERE true
    ON CONFLICT (address, day) DO UPDATE SET
        tests = tests + excluded.tests, answered = answered + excluded.answered,
        rounds = rounds + excluded.rounds, rounds_up = rounds_up + excluded.rounds_up,
        fetches = fetches + excluded.fetches, failures = failures + excluded.failures";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store;

    /// An hour of a day of 2026.
    fn at(day: u64, hour: u64) -> Timestamp {
        Timestamp::from_millis(1_793_750_400_000 + (day * 24 + hour) * 3_600_000)
    }

    #[tokio::test]
    async fn what_is_known_of_a_source_adds_up_over_fourteen_days_and_no_more() {
        let folder = tempfile::tempdir().unwrap();
        let store = store::open(folder.path()).await.unwrap().store;
        let one = Counts { tests: 1, answered: 2, rounds: 3, rounds_up: 4, fetches: 5, failures: 6 };
        for day in [0, 2, 2, 15] {
            store
                .count_sources(&HashMap::from(["a", "b"].map(|source| (source.to_owned(), one))), at(day, 3))
                .await
                .unwrap();
        }
        let known = store.source_counts(at(15, 3)).await.unwrap();
        let three = Counts { tests: 3, answered: 6, rounds: 9, rounds_up: 12, fetches: 15, failures: 18 };
        assert_eq!(known, HashMap::from([("a".to_owned(), three), ("b".to_owned(), three)]));
        store.prune(at(16, 3)).await.unwrap();
        let left = store.source_counts(at(2, 3)).await.unwrap();
        assert_eq!(left["a"], one);
    }
}
