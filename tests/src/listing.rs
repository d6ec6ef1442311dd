//! Lists such as the API gives, without an API that tests proxies.

use configstream_core::Timestamp;
use configstream_core::catalogue::{Catalogue, Entry, Measured, Snapshot};
use configstream_core::geo::Country;

/// A list of these proxies.
pub fn snapshot(proxies: Vec<Entry>) -> Snapshot {
    Snapshot { revision: 1, published_at: now(), catalogue: Catalogue::new(proxies) }
}

/// The proxy of a link, with what tests have shown of it; nothing where the link does not read.
pub fn record(link: &str, measured: Measured) -> Option<Entry> {
    let proxy = configstream_core::link::parse(link).ok()?;
    Some(Entry::new(&proxy, vec!["lists.example".to_owned()], measured, now()))
}

/// What a test has just shown: the country's code, whether the proxy works, and its milliseconds.
pub fn tested(country: &str, working: Option<bool>, latency: u32) -> Measured {
    Measured {
        country: Country::from_code(country),
        latency: working.unwrap_or_default().then_some(latency),
        working,
        tested_at: working.map(|_| now()),
        first_seen: Some(now()),
        ..Measured::default()
    }
}

fn now() -> Timestamp {
    let elapsed = std::time::SystemTime::UNIX_EPOCH.elapsed().unwrap_or_default();
    Timestamp::from_millis(u64::try_from(elapsed.as_millis()).unwrap_or_default())
}
