//! The wire types of the hosted API, shared by server and clients. `REST` under `/api/v1`, JSON,
//! latency in milliseconds, scores 0 to 100, times in RFC 3339 UTC.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub use crate::catalogue::BadSnapshot;
use crate::catalogue::{Catalogue, Entry, Measured, Row};
use crate::geo::Country;
use crate::{Protocol, Timestamp, link, score};

#[cfg(feature = "openapi")]
use utoipa::ToSchema;

/// One proxy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(ToSchema))]
pub struct Proxy {
    /// Its identity: 16 hexadecimal digits.
    pub id: String,
    /// The whole proxy as a link.
    pub config: String,
    /// What it speaks.
    pub protocol: Protocol,
    /// Host name or address, IPv6 without brackets.
    pub address: String,
    /// 1 to 65535.
    pub port: u16,
    /// The name that its first list gives it.
    pub name: String,
    /// The country's short English name: of the exit where a test saw it, else of the address.
    pub country: Option<String>,
    /// The country's ISO 3166-1 alpha-2 code.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub country_code: Option<Country>,
    /// The city, where known.
    #[serde(default)]
    pub city: Option<String>,
    /// Milliseconds from request to whole answer.
    pub latency: Option<u32>,
    /// 0 to 100.
    pub score: u8,
    /// The chance that it works when it is next tried, per mille; `null` when nothing is predicted.
    #[serde(default)]
    pub reliability: Option<u16>,
    /// Whether the last test reached the judge; `null` when never tested.
    pub is_working: Option<bool>,
    /// When it was last tested.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = DateTime))]
    pub tested_at: Option<Timestamp>,
    /// When a source first listed it.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = DateTime))]
    pub first_seen: Option<Timestamp>,
    /// Who lists it.
    pub sources: Vec<String>,
    /// What is wrong with its security: `no-encryption`, `certificate-not-checked`, `broken-cipher` …
    pub security_issues: Vec<String>,
    /// How bytes are carried: `tcp`, `ws`, `grpc` …
    pub transport: String,
    /// `tls`, `reality`, or nothing.
    pub tls: Option<String>,
}

/// The whole catalogue as it was at one moment.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(ToSchema))]
pub struct Snapshot {
    /// The version of this form: [`Snapshot::VERSION`].
    pub version: u32,
    /// Grows with each published snapshot.
    pub revision: u64,
    /// When it was published.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub published_at: Timestamp,
    /// Every proxy.
    pub proxies: Vec<Proxy>,
}

/// Totals over the catalogue.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(ToSchema))]
pub struct Stats {
    /// How many proxies there are.
    pub total: usize,
    /// How many were ever tested.
    pub tested: usize,
    /// How many answered their last test.
    pub working: usize,
    /// `working` of `tested`, 0 to 1; `null` when none was tested.
    pub success_rate: Option<f64>,
    /// The median latency of the working ones, in milliseconds.
    pub median_latency: Option<u32>,
    /// How many sources gave at least one proxy.
    pub sources: usize,
    /// The snapshot's revision.
    pub revision: u64,
    /// When it was published.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = DateTime))]
    pub published_at: Option<Timestamp>,
    /// Proxies per protocol.
    pub protocols: BTreeMap<String, usize>,
    /// Proxies per country code.
    pub countries: BTreeMap<String, usize>,
    /// Proxies per region: `africa`, `americas`, `asia`, `europe`, `oceania`.
    #[serde(default)]
    pub regions: BTreeMap<String, usize>,
    /// How fast the working ones are; `null` when no latency is known.
    #[serde(default)]
    pub latency_percentiles: Option<Percentiles>,
    /// The histogram of the working ones' latencies: always the same twenty bins, the fastest first.
    #[serde(default)]
    pub latency_histogram: Vec<LatencyBin>,
}

/// Latencies, in milliseconds, that so many of a hundred working proxies are not slower than.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(ToSchema))]
pub struct Percentiles {
    /// 10 of 100.
    pub p10: u32,
    /// Half of them: the median.
    pub p50: u32,
    /// 90 of 100.
    pub p90: u32,
    /// 99 of 100.
    pub p99: u32,
}

/// One bin of the histogram of latencies.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(ToSchema))]
pub struct LatencyBin {
    /// It holds what is less than this, in milliseconds, and no less than the bin before; `null` for the
    /// last, which holds all the rest.
    pub below: Option<u32>,
    /// How many working proxies it holds.
    pub working: usize,
}

/// One protocol or country and how many proxies it has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(ToSchema))]
pub struct Count {
    /// The protocol's key or the country's code.
    pub key: String,
    /// The name to show.
    pub name: String,
    /// All of them.
    pub total: usize,
    /// Those that answered their last test.
    pub working: usize,
}

/// One proxy, why its score is what it is, and what tests have shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(ToSchema))]
pub struct Detail {
    /// The proxy.
    #[serde(flatten)]
    pub proxy: Proxy,
    /// The parts that add up to its score.
    pub reasons: Vec<Reason>,
    /// Its last tests, newest first.
    pub history: Vec<Test>,
}

/// One part of a score.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(ToSchema))]
pub struct Reason {
    /// What counted, in words and numbers.
    pub what: String,
    /// What it gave.
    pub points: u8,
    /// The most that it can give.
    pub of: u8,
}

/// One test of a proxy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(ToSchema))]
pub struct Test {
    /// When it ended.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub tested_at: Timestamp,
    /// Whether the judge was reached.
    pub is_working: bool,
    /// Milliseconds from request to whole answer.
    pub latency: Option<u32>,
    /// The address that the judge saw.
    pub exit: Option<String>,
    /// The code of that address' country.
    pub country_code: Option<String>,
}

/// A source: what it lists, what came of asking it, and how good it is. Its address is not told: it may hold
/// a token.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(ToSchema))]
pub struct SourceReport {
    /// Its name, as in a proxy's `sources`.
    pub name: String,
    /// How many proxies it lists.
    pub proxies: usize,
    /// How many of its lines were no proxy.
    pub rejected: usize,
    /// When it was last asked.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = DateTime))]
    pub fetched_at: Option<Timestamp>,
    /// It is not asked before this.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = DateTime))]
    pub retry_at: Option<Timestamp>,
    /// What was wrong the last time; its older list is kept meanwhile.
    pub error: Option<String>,
    /// How good it is, 0 to 100, by its last fourteen days; `null` before that was looked at.
    #[serde(default)]
    pub score: Option<u8>,
    /// The parts that add up to its score.
    #[serde(default)]
    pub reasons: Vec<Reason>,
    /// Which it is in the order of scores, 1 for the best; the first fifty are fetched first. `null` for one
    /// that is pruned.
    #[serde(default)]
    pub rank: Option<usize>,
    /// Whether it scores below 30 and failed more than five times: it is then asked once a day, and its older
    /// list is kept. A file of the user's own never is.
    #[serde(default)]
    pub is_pruned: bool,
}

/// The catalogue in a stretch of time: an hour or a day of UTC.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(ToSchema))]
pub struct Period {
    /// When it began.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub from: Timestamp,
    /// How many proxies there were when it ended, or are now.
    pub total: usize,
    /// How many of them had ever been tested.
    pub tested: usize,
    /// How many had answered their last test.
    pub working: usize,
    /// `working` of `tested`, 0 to 1; `null` when none was tested.
    pub success_rate: Option<f64>,
    /// The median latency of the working ones, in milliseconds.
    pub median_latency: Option<u32>,
    /// Tests that were made in it.
    pub tests: u64,
    /// Those of them that were answered.
    pub answered: u64,
}

/// What a judge saw of its caller.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(ToSchema))]
pub struct ExitReport {
    /// The caller's address.
    pub address: String,
    /// Its country's short English name, where known.
    pub country: Option<String>,
    /// Its country's code, where known.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub country_code: Option<Country>,
    /// The autonomous system, where known.
    pub asn: Option<u32>,
    /// The request's header fields as received, names in lower case.
    pub headers: BTreeMap<String, String>,
}

/// Whether the API is well.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(ToSchema))]
pub struct Health {
    /// `ok`, or `starting` before the first snapshot.
    pub status: String,
    /// The version of the program.
    pub version: String,
    /// Seconds since it started.
    pub uptime: u64,
    /// The snapshot's revision; 0 before the first.
    pub revision: u64,
    /// How many proxies it holds.
    pub proxies: usize,
}

/// An error, as RFC 9457 has it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(ToSchema))]
pub struct Problem {
    /// `about:blank`, or an address that describes the kind.
    #[serde(rename = "type")]
    pub kind: String,
    /// The status' usual words.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// Stable, for programs: `bad-parameter`, `not-found` …
    pub code: String,
    /// What was wrong; it names the field.
    pub detail: String,
    /// The request's id, as in the `x-request-id` header.
    pub request_id: Option<String>,
}

impl Snapshot {
    /// The version of the form that this program writes, and the only one that it reads.
    pub const VERSION: u32 = 1;

    /// The form in which a catalogue is published and stored.
    pub fn encode(&self) -> Vec<u8> {
        serde_json::to_vec(self).unwrap_or_default()
    }

    /// Reads what [`encode`](Self::encode) wrote; damaged bytes and other versions are refused
    /// whole.
    pub fn decode(bytes: &[u8]) -> Result<Self, BadSnapshot> {
        let snapshot: Self = serde_json::from_slice(bytes).map_err(|_| BadSnapshot::Damaged)?;
        if snapshot.version == Self::VERSION {
            Ok(snapshot)
        } else {
            Err(BadSnapshot::Version(snapshot.version))
        }
    }

    /// The rows. A record whose link does not read is left out.
    pub fn catalogue(&self) -> Catalogue {
        Catalogue::new(self.proxies.iter().filter_map(Proxy::entry).collect())
    }
}

impl From<score::Reason> for Reason {
    fn from(reason: score::Reason) -> Self {
        Self { what: reason.what, points: reason.points, of: reason.of }
    }
}

impl From<Row<'_>> for Proxy {
    fn from(row: Row<'_>) -> Self {
        Self::from(&row.to_entry())
    }
}

impl From<&Entry> for Proxy {
    fn from(entry: &Entry) -> Self {
        let measured = &entry.measured;
        Self {
            id: entry.id.to_string(),
            config: entry.link.clone(),
            protocol: entry.protocol,
            address: entry.host.clone(),
            port: entry.port,
            name: entry.name.clone(),
            country: measured.country.map(|country| country.name().to_owned()),
            country_code: measured.country,
            city: measured.city.as_ref().map(ToString::to_string),
            latency: measured.latency,
            score: entry.score,
            reliability: measured.reliability,
            is_working: measured.working,
            tested_at: measured.tested_at,
            first_seen: measured.first_seen,
            sources: entry.sources.clone(),
            security_issues: entry.issues.iter().map(|issue| issue.key().to_owned()).collect(),
            transport: entry.network.key().to_owned(),
            tls: entry.security.map(|security| security.key().to_owned()),
        }
    }
}

impl Proxy {
    /// The row of this record. All that a link says is read from the link, so that a record cannot
    /// say one thing and connect to another.
    pub fn entry(&self) -> Option<Entry> {
        let proxy = link::parse(&self.config).ok()?;
        let measured = Measured {
            country: self.country_code,
            city: self.city.as_deref().map(Into::into),
            latency: self.latency,
            working: self.is_working,
            tested_at: self.tested_at,
            first_seen: self.first_seen,
            reliability: self.reliability,
        };
        let mut entry = Entry::new(&proxy, self.sources.clone(), measured, Timestamp::default());
        entry.score = self.score;
        Some(entry)
    }
}
