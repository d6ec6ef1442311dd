//! How the catalogue was, hour by hour: what outlives the pruning of single probes.

use configstream_core::Timestamp;
use configstream_core::api::{Period, Stats};
use sqlx::sqlite::SqliteRow;
use sqlx::{FromRow, Row};

use super::rows::{count, moment, time};
use super::{Result, Store};

const HOUR: u64 = 60 * 60 * 1000;
const DAY: u64 = 24 * HOUR;

/// For how many days the catalogue of each hour is kept.
pub const KEEP_HOURS: u64 = 90;

/// How much time one row of a history stands for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Bucket {
    /// An hour.
    #[default]
    Hour,
    /// A day of UTC.
    Day,
}

/// The catalogue as it last was in an hour.
struct Hour {
    began: Timestamp,
    total: usize,
    tested: usize,
    working: usize,
    latency: Option<u32>,
    tests: u64,
    answered: u64,
}

impl FromRow<'_, SqliteRow> for Hour {
    fn from_row(row: &SqliteRow) -> sqlx::Result<Self> {
        Ok(Self {
            began: moment(row.try_get("hour")?),
            total: count(row, "total")?,
            tested: count(row, "tested")?,
            working: count(row, "working")?,
            latency: row.try_get("latency")?,
            tests: count(row, "tests")?,
            answered: count(row, "answered")?,
        })
    }
}

impl Bucket {
    const fn millis(self) -> u64 {
        match self {
            Self::Hour => HOUR,
            Self::Day => DAY,
        }
    }

    /// When the stretch began that a moment is in.
    pub(super) const fn start(self, at: Timestamp) -> Timestamp {
        Timestamp::from_millis(at.millis() - at.millis() % self.millis())
    }
}

impl Store {
    /// Keeps how the catalogue is now, and adds tests that were made, so many of them answered.
    pub async fn keep_hour(
        &self,
        stats: &Stats,
        (tests, answered): (usize, usize),
        now: Timestamp,
    ) -> Result<()> {
        let number = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
        sqlx::query(KEEP_HOUR)
            .bind(time(Bucket::Hour.start(now)))
            .bind(number(stats.total))
            .bind(number(stats.tested))
            .bind(number(stats.working))
            .bind(stats.median_latency)
            .bind(number(tests))
            .bind(number(answered))
            .execute(&self.write)
            .await?;
        Ok(())
    }

    /// How the catalogue was, the oldest first: the hours or days that began in the last `days` days. Those
    /// in which nothing ran are not among them.
    pub async fn periods(&self, bucket: Bucket, days: u64, now: Timestamp) -> Result<Vec<Period>> {
        let hours: Vec<Hour> =
            sqlx::query_as("SELECT * FROM hours WHERE hour > ? AND hour <= ? ORDER BY hour")
                .bind(time(first_day(bucket, days, now)))
                .bind(time(now))
                .fetch_all(&self.read)
                .await?;
        let start = |hour: &Hour| bucket.start(hour.began);
        let buckets = hours.chunk_by(|a, b| start(a) == start(b));
        Ok(buckets.filter_map(|hours| hours.last().map(|last| period(start(last), hours, last))).collect())
    }

    /// Forgets hours that are too old to be asked for.
    pub(super) async fn prune_hours(&self, now: Timestamp) -> Result<()> {
        sqlx::query("DELETE FROM hours WHERE hour <= ?")
            .bind(time(days_before(now, KEEP_HOURS)))
            .execute(&self.write)
            .await?;
        Ok(())
    }
}

const KEEP_HOUR: &str = "
    INSERT INTO hours (hour, total, tested, working, latency, tests, answered) VALUES (?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (hour) DO UPDATE SET
        total = excluded.total, tested = excluded.tested, working = excluded.working,
        latency = excluded.latency, tests = tests + excluded.tests, answered = answered + excluded.answered";

pub(super) fn days_before(now: Timestamp, days: u64) -> Timestamp {
    Timestamp::from_millis(now.millis().saturating_sub(days.saturating_mul(DAY)))
}

/// The moment after which the first hour of the wanted buckets began: a day is taken whole or not at all.
fn first_day(bucket: Bucket, days: u64, now: Timestamp) -> Timestamp {
    let before = days_before(now, days);
    match bucket {
        Bucket::Hour => before,
        Bucket::Day => Timestamp::from_millis((before.millis() / DAY + 1) * DAY - 1),
    }
}

fn period(from: Timestamp, hours: &[Hour], last: &Hour) -> Period {
    let Hour { total, tested, working, .. } = *last;
    Period {
        from,
        total,
        tested,
        working,
        success_rate: (tested > 0).then(|| working as f64 / tested as f64),
        median_latency: last.latency,
        tests: hours.iter().map(|hour| hour.tests).sum(),
        answered: hours.iter().map(|hour| hour.answered).sum(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store;

    async fn store() -> (tempfile::TempDir, Store) {
        let folder = tempfile::tempdir().unwrap();
        let store = store::open(folder.path()).await.unwrap().store;
        (folder, store)
    }

    /// An hour of a day of 2026.
    fn at(day: u64, hour: u64) -> Timestamp {
        Timestamp::from_millis(1_793_750_400_000 + day * DAY + hour * HOUR + 61_000)
    }

    fn stats(total: usize, tested: usize, working: usize) -> Stats {
        Stats { total, tested, working, median_latency: Some(working as u32), ..Stats::default() }
    }

    #[tokio::test]
    async fn an_hour_has_its_last_state_and_all_of_its_tests_and_a_day_those_of_its_hours() {
        let (_folder, store) = store().await;
        for (stats, made, day, hour) in [
            (stats(10, 0, 0), (0, 0), 0, 22),
            (stats(10, 4, 1), (4, 1), 0, 22),
            (stats(10, 8, 2), (4, 1), 0, 23),
            (stats(12, 9, 3), (6, 3), 1, 0),
        ] {
            store.keep_hour(&stats, made, at(day, hour)).await.unwrap();
        }
        let hours = store.periods(Bucket::Hour, 7, at(1, 5)).await.unwrap();
        let short = |of: &Period| (of.total, of.tested, of.working, of.tests, of.answered);
        let shown: Vec<_> = hours.iter().map(short).collect();
        assert_eq!(shown, [(10, 4, 1, 4, 1), (10, 8, 2, 4, 1), (12, 9, 3, 6, 3)]);
        assert_eq!((hours[0].from, hours[0].success_rate), (Bucket::Hour.start(at(0, 22)), Some(0.25)));
        let days = store.periods(Bucket::Day, 7, at(1, 5)).await.unwrap();
        assert_eq!(days.iter().map(short).collect::<Vec<_>>(), [(10, 8, 2, 8, 2), (12, 9, 3, 6, 3)]);
        assert_eq!((days[1].from, days[1].median_latency), (Bucket::Day.start(at(1, 0)), Some(3)));
    }

    #[tokio::test]
    async fn there_are_as_many_buckets_as_were_asked_for_and_none_is_cut() {
        let (_folder, store) = store().await;
        for hour in 0..24 * 5 {
            store.keep_hour(&stats(1, 1, 1), (1, 0), at(0, hour)).await.unwrap();
        }
        let count = async |bucket, days| store.periods(bucket, days, at(4, 23)).await.unwrap();
        assert_eq!(count(Bucket::Hour, 1).await.len(), 24);
        let days = count(Bucket::Day, 3).await;
        assert_eq!(days.iter().map(|day| day.tests).collect::<Vec<_>>(), [24, 24, 24]);
        assert_eq!(count(Bucket::Day, 90).await.len(), 5);
    }

    #[tokio::test]
    async fn hours_outlive_their_probes_and_are_forgotten_after_ninety_days() {
        let (_folder, store) = store().await;
        for day in [0, 1, 60] {
            store.keep_hour(&stats(1, 1, 1), (1, 1), at(day, 0)).await.unwrap();
        }
        store.prune(at(90, 0)).await.unwrap();
        assert_eq!(store.periods(Bucket::Day, 1000, at(90, 0)).await.unwrap().len(), 2);
    }
}
