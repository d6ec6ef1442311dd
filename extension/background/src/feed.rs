//! The list: fetched from the API and from the user's own sources, merged, stored.

use std::collections::HashMap;

use configstream_core::catalogue::{Entry, Listed, Measured, Merge, Snapshot};
use configstream_core::message::{Action, Fault, FaultCode, OwnSource, Refresh, Settings, SourceReport};
use configstream_core::{Fingerprint, Proxy, Timestamp, link};
use configstream_web::fetch::{self, FetchError, Limits};
use configstream_web::{clock, store};

use crate::{browser, event, memory};

const FEED: Limits = Limits { bytes: 64_000_000, millis: 30_000 };
const SOURCE: Limits = Limits { bytes: 32_000_000, millis: 30_000 };

/// Fetches everything again. What fails is reported and keeps what it gave before; only a browser
/// that will not store anything is a fault.
pub(crate) async fn refresh(settings: &Settings) -> Result<Refresh, Fault> {
    let mut report = Refresh::default();
    let mut snapshot = feed(settings, &mut report).await;
    let mut merge = Merge::default();
    for source in &settings.sources {
        own(source, &mut merge, &mut report).await;
    }
    add(&mut snapshot, merge.finish(), clock::now());
    report.total = snapshot.catalogue.len();
    memory::keep_catalogue(&snapshot)
        .await
        .map_err(|error| event::fault(FaultCode::Browser, &error.to_string(), Action::None))?;
    Ok(report)
}

/// The API's list, or what it was when it was last fetched.
async fn feed(settings: &Settings, report: &mut Refresh) -> Snapshot {
    if settings.api.is_empty() {
        return empty();
    }
    let name = browser::host(&settings.api).unwrap_or_default();
    let fetched = fetch_feed(&settings.api).await;
    let error = fetched.as_ref().err().cloned();
    let snapshot = match fetched {
        Ok(snapshot) => snapshot,
        Err(_) => kept_feed().await,
    };
    report.sources.push(SourceReport { name, proxies: snapshot.catalogue.len(), error });
    snapshot
}

async fn fetch_feed(address: &str) -> Result<Snapshot, String> {
    let url = [address, "/api/v1/snapshot"].concat();
    let answer = fetch::get(&url, FEED, None).await.map_err(|error| error.to_string())?;
    if answer.status != 200 {
        return Err(status(answer.status));
    }
    let snapshot = Snapshot::decode_binary(&answer.body)
        .map_err(|_| "the answer is not a ConfigStream list".to_owned())?;
    // Without storage the list still works until the next refresh.
    drop(store::save_feed(&answer.body).await);
    Ok(snapshot)
}

async fn kept_feed() -> Snapshot {
    let bytes = store::load_feed().await.ok().flatten().unwrap_or_default();
    Snapshot::decode_binary(&bytes).unwrap_or_else(|_| empty())
}

fn empty() -> Snapshot {
    Snapshot { published_at: clock::now(), ..Snapshot::default() }
}

/// Adds one of the user's own sources; one that cannot be fetched gives what it gave before.
async fn own(source: &OwnSource, merge: &mut Merge<'_>, report: &mut Refresh) {
    let (proxies, error) = match body(source).await {
        Ok(bytes) => read(&bytes, report).await,
        Err(error) => (kept(&source.name).await, Some(error)),
    };
    report.sources.push(SourceReport { name: source.name.clone(), proxies: proxies.len(), error });
    merge.add(&source.name, proxies);
}

/// The proxies of a document, and why there are none.
async fn read(bytes: &[u8], report: &mut Refresh) -> (Vec<Proxy>, Option<String>) {
    let Some(found) = browser::read_document(bytes).await else {
        return (Vec::new(), Some("the list cannot be read in this browser".to_owned()));
    };
    report.rejected += found.rejected;
    (found.links.lines().filter_map(|link| link::parse(link).ok()).collect(), found.reason)
}

/// What the stored catalogue has from this source.
async fn kept(name: &str) -> Vec<Proxy> {
    let catalogue = memory::catalogue().await;
    let listed = catalogue.rows().filter(|row| row.sources().any(|source| source == name));
    listed.filter_map(|row| link::parse(row.link()).ok()).collect()
}

async fn body(source: &OwnSource) -> Result<Vec<u8>, String> {
    if source.url.is_empty() {
        return Ok(source.text.clone().into_bytes());
    }
    let answer =
        fetch::get(&source.url, SOURCE, None).await.map_err(|error: FetchError| error.to_string())?;
    if answer.status == 200 { Ok(answer.body) } else { Err(status(answer.status)) }
}

fn status(status: u16) -> String {
    ["the server answered with status ", &status.to_string()].concat()
}

/// Adds the user's own proxies to the API's: one that is in both gains the source and keeps what
/// tests have shown of it.
fn add(snapshot: &mut Snapshot, own: Vec<Listed>, now: Timestamp) {
    let known: HashMap<Fingerprint, u32> =
        snapshot.catalogue.rows().map(|row| (row.id(), row.number())).collect();
    let entry = |listed: Listed| match known.get(&listed.id).and_then(|row| snapshot.catalogue.row(*row)) {
        Some(row) => {
            let mut entry = row.to_entry();
            entry.sources.extend(listed.sources);
            entry
        }
        None => {
            let measured = Measured { first_seen: Some(now), ..Measured::default() };
            Entry::new(&listed.proxy, listed.sources, measured, now)
        }
    };
    let entries: Vec<Entry> = own.into_iter().map(entry).collect();
    snapshot.catalogue.extend(entries);
}
