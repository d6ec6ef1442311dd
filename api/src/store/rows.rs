//! The rows of the tables, in types of their own: neither core's nor the wire's.

use configstream_core::catalogue::Measured;
use configstream_core::geo::Country;
use configstream_core::proxy::Fingerprint;
use configstream_core::{Proxy, Timestamp, link};
use serde::Serialize;
use sqlx::sqlite::SqliteRow;
use sqlx::{FromRow, Row};

use crate::source::Memory;
use crate::source::fetch::Validators;

/// A time as the database has it.
pub(super) fn time(moment: Timestamp) -> i64 {
    i64::try_from(moment.millis()).unwrap_or(i64::MAX)
}

/// A time of the database.
pub(super) fn moment(millis: i64) -> Timestamp {
    Timestamp::from_millis(u64::try_from(millis).unwrap_or_default())
}

/// A source and what is remembered of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceRow {
    /// Its name.
    pub name: String,
    /// The rest.
    pub memory: Memory,
}

/// A proxy as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredProxy {
    /// The proxy; `None` when this program no longer reads its link.
    pub proxy: Option<Proxy>,
    /// Its identity.
    pub id: Option<Fingerprint>,
    /// Who lists it.
    pub sources: Vec<String>,
    /// What was measured; the country is the exit's.
    pub measured: Measured,
}

/// One probe as it is stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Probed {
    /// The proxy's identity.
    pub proxy: String,
    /// When, in milliseconds since 1970.
    pub at: i64,
    /// 1 when it reached the judge, else 0.
    pub working: i64,
    /// Milliseconds from request to whole answer.
    pub latency: Option<u32>,
    /// The exit's address.
    pub exit: Option<String>,
    /// The exit's country.
    pub country: Option<String>,
}

impl Probed {
    /// When it was.
    pub fn moment(&self) -> Timestamp {
        moment(self.at)
    }
}

/// One probe with what is known of its proxy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tried {
    /// The proxy's identity.
    pub proxy: String,
    /// Its link.
    pub config: String,
    /// When.
    pub at: Timestamp,
    /// Whether it reached the judge.
    pub working: bool,
}

impl FromRow<'_, SqliteRow> for Tried {
    fn from_row(row: &SqliteRow) -> sqlx::Result<Self> {
        Ok(Self {
            proxy: row.try_get("proxy")?,
            config: row.try_get("config")?,
            at: moment(row.try_get("at")?),
            working: row.try_get::<i64, _>("working")? != 0,
        })
    }
}

/// A number that is never negative.
pub(super) fn count<T: TryFrom<i64> + Default>(row: &SqliteRow, column: &str) -> sqlx::Result<T> {
    Ok(T::try_from(row.try_get::<i64, _>(column)?).unwrap_or_default())
}

fn maybe_moment(row: &SqliteRow, column: &str) -> sqlx::Result<Option<Timestamp>> {
    Ok(row.try_get::<Option<i64>, _>(column)?.map(moment))
}

impl FromRow<'_, SqliteRow> for SourceRow {
    fn from_row(row: &SqliteRow) -> sqlx::Result<Self> {
        let memory = Memory {
            address: row.try_get("address")?,
            validators: Validators { etag: row.try_get("etag")?, modified: row.try_get("modified")? },
            fetched_at: maybe_moment(row, "fetched_at")?,
            retry_at: maybe_moment(row, "retry_at")?,
            failures: count(row, "failures")?,
            error: row.try_get("error")?,
            proxies: count(row, "proxies")?,
            rejected: count(row, "rejected")?,
        };
        Ok(Self { name: row.try_get("name")?, memory })
    }
}

impl FromRow<'_, SqliteRow> for StoredProxy {
    fn from_row(row: &SqliteRow) -> sqlx::Result<Self> {
        let country: Option<String> = row.try_get("country")?;
        let measured = Measured {
            country: country.as_deref().and_then(Country::from_code),
            latency: row.try_get("latency")?,
            working: row.try_get("working")?,
            tested_at: maybe_moment(row, "tested_at")?,
            first_seen: maybe_moment(row, "first_seen")?,
            ..Measured::default()
        };
        let (id, config): (String, String) = (row.try_get("id")?, row.try_get("config")?);
        let sources: String = row.try_get("sources")?;
        Ok(Self {
            proxy: link::parse(&config).ok(),
            id: id.parse().ok(),
            sources: serde_json::from_str(&sources).unwrap_or_default(),
            measured,
        })
    }
}

impl FromRow<'_, SqliteRow> for Probed {
    fn from_row(row: &SqliteRow) -> sqlx::Result<Self> {
        Ok(Self {
            proxy: row.try_get("proxy")?,
            at: row.try_get("at")?,
            working: row.try_get("working")?,
            latency: row.try_get("latency")?,
            exit: row.try_get("exit")?,
            country: row.try_get("country")?,
        })
    }
}
