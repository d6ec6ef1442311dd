//! The list: fetched from the API and from the user's own sources, merged, stored.

use std::collections::HashMap;

use configstream_core::Fingerprint;
use configstream_core::catalogue::{Catalogue, Entry, Snapshot};
use configstream_core::message::{Action, Fault, FaultCode, OwnSource, Refresh, Settings, SourceReport};
use configstream_core::score::Ranking;
use configstream_web::feed::{self, Fetched, Known};
use configstream_web::fetch::{self, FetchError, Limits};
use configstream_web::{clock, store};

use crate::memory::Feed;
use crate::{browser, event, memory};

const FEED: Limits = Limits { bytes: 64_000_000, millis: 30_000 };
const SOURCE: Limits = Limits { bytes: 32_000_000, millis: 30_000 };

/// Fetches everything again. What fails is reported and keeps what it gave before; only a browser
/// that will not store anything is a fault.
pub(crate) async fn refresh(settings: &Settings) -> Result<Refresh, Fault> {
    let mut report = Refresh::default();
    let mut snapshot = feed(settings, &mut report).await;
    for source in &settings.sources {
        let own = own(source, &mut report).await;
        add(&mut snapshot.catalogue, own);
    }
    if !settings.sources.is_empty() {
        // A proxy that is listed once more has another score.
        snapshot.catalogue.rescore(&Ranking::default(), snapshot.published_at);
    }
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
    let (snapshot, error) = match fetch_feed(&settings.api).await {
        Ok(snapshot) => (snapshot, None),
        Err(error) => (kept_feed(&settings.api).await.unwrap_or_else(empty), Some(error)),
    };
    report.sources.push(SourceReport { name, proxies: snapshot.catalogue.len(), error });
    snapshot
}

/// The list, of which only what changed is fetched, if the last one is still here.
async fn fetch_feed(api: &str) -> Result<Snapshot, String> {
    let known = memory::feed(api).await.and_then(Feed::known);
    match get(api, known.as_ref()).await? {
        Some(snapshot) => Ok(snapshot),
        None => match kept_feed(api).await {
            Some(snapshot) => Ok(snapshot),
            None => get(api, None).await?.ok_or_else(|| status(304)),
        },
    }
}

/// The list; `None` where it is the known one.
async fn get(api: &str, known: Option<&Known>) -> Result<Option<Snapshot>, String> {
    let kept = async || store::load_feed().await.ok().flatten();
    match feed::get(api, FEED, known, kept).await.map_err(|error| error.to_string())? {
        Fetched::Unchanged => Ok(None),
        Fetched::Status(code) => Err(status(code)),
        Fetched::New { bytes, etag } => keep(api, &bytes, etag).await.map(Some),
    }
}

/// Reads a list and keeps it. Without storage it still works until the next refresh.
async fn keep(api: &str, bytes: &[u8], etag: Option<String>) -> Result<Snapshot, String> {
    let snapshot =
        Snapshot::decode_binary(bytes).map_err(|_| "the answer is not a ConfigStream list".to_owned())?;
    if store::save_feed(bytes).await.is_ok() {
        memory::keep_feed(&Feed { api: api.to_owned(), etag, revision: snapshot.revision }).await;
    }
    Ok(snapshot)
}

/// What this API listed when it was last fetched.
async fn kept_feed(api: &str) -> Option<Snapshot> {
    let known = memory::feed(api).await?;
    let kept = Snapshot::decode_binary(&store::load_feed().await.ok()??).ok()?;
    (kept.revision == known.revision).then_some(kept)
}

fn empty() -> Snapshot {
    Snapshot { published_at: clock::now(), ..Snapshot::default() }
}

/// What one of the user's own sources lists; one that cannot be fetched gives what it gave before.
async fn own(source: &OwnSource, report: &mut Refresh) -> Vec<Entry> {
    let (entries, error) = match body(source).await {
        Ok(bytes) => read(&bytes, &source.name, report).await,
        Err(error) => (kept(&source.name).await, Some(error)),
    };
    report.sources.push(SourceReport { name: source.name.clone(), proxies: entries.len(), error });
    entries
}

/// What a document lists, and why it lists nothing.
async fn read(bytes: &[u8], source: &str, report: &mut Refresh) -> (Vec<Entry>, Option<String>) {
    let found = browser::read_document(bytes, source, clock::now()).await;
    let read = found.and_then(|found| Some((Snapshot::decode_binary(&found.snapshot).ok()?, found)));
    let Some((snapshot, found)) = read else {
        return (Vec::new(), Some("the list cannot be read in this browser".to_owned()));
    };
    report.rejected += found.rejected;
    (snapshot.catalogue.rows().map(|row| row.to_entry()).collect(), found.reason)
}

/// What the stored catalogue has from this source.
async fn kept(name: &str) -> Vec<Entry> {
    let catalogue = memory::catalogue().await;
    let listed = catalogue.rows().filter(|row| row.sources().any(|source| source == name));
    listed.map(|row| Entry { sources: vec![name.to_owned()], ..row.to_entry() }).collect()
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

/// Adds the user's own proxies: one that is there already gains the source, and keeps its name and what
/// tests have shown of it.
fn add(catalogue: &mut Catalogue, own: Vec<Entry>) {
    let known: HashMap<Fingerprint, u32> = catalogue.rows().map(|row| (row.id(), row.number())).collect();
    let merged = |entry: Entry| match known.get(&entry.id).and_then(|row| catalogue.row(*row)) {
        Some(row) => {
            let mut known = row.to_entry();
            known
                .sources
                .extend(entry.sources.into_iter().filter(|source| row.sources().all(|of| of != source)));
            known
        }
        None => entry,
    };
    let entries: Vec<Entry> = own.into_iter().map(merged).collect();
    catalogue.extend(entries);
}
