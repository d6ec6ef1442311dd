//! Sources: who lists proxies. An address, a file, or each file of a folder.

pub mod config;
pub mod fetch;
pub mod files;
pub mod shape;
pub mod standing;

use std::mem::Discriminant;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use configstream_core::document::{Facts, Hint};
use configstream_core::{Protocol, Proxy, Timestamp};
use futures_util::{StreamExt, stream};
use url::Url;

use fetch::{Fetcher, Validators};

/// The most that one source may send, in bytes; after decompression.
pub const MOST_BYTES: usize = 64 * 1024 * 1024;

/// How many sources are fetched at one time.
pub const PARALLEL: usize = 32;

/// One source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// Its name: in logs, in the API and in the database. Holds no secret.
    pub name: String,
    /// Where it is.
    pub place: Place,
    /// What a bare `host:port` of it speaks, where the list does not say so itself.
    pub bare: Option<Protocol>,
}

/// Where a source is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// An http(s) address; it may hold a token.
    Url(Url),
    /// A file, or a folder whose files are sources of their own.
    Path(PathBuf),
}

/// Why a source gave nothing. One sentence, without the tokens of its address.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SourceError {
    /// No connection.
    #[error("cannot be reached: {0}")]
    Unreachable(String),
    /// TLS failed.
    #[error("its TLS certificate or handshake failed: {0}")]
    Tls(String),
    /// Too slow.
    #[error("gave no whole answer within {} s", .0.as_secs())]
    Timeout(Duration),
    /// Redirects without end.
    #[error("redirects more than {0} times")]
    Redirects(usize),
    /// Not a success.
    #[error("answered with status {status}")]
    Status {
        /// The HTTP status.
        status: u16,
        /// What its Retry-After asks for.
        retry_after: Option<Duration>,
    },
    /// More than [`MOST_BYTES`].
    #[error("sent more than {} MiB; the rest was not read", MOST_BYTES / 1024 / 1024)]
    TooBig,
    /// More lines than any list has.
    #[error("has more than {} lines", shape::MOST_LINES)]
    TooManyLines,
    /// The connection ended early.
    #[error("broke off: {0}")]
    BrokeOff(String),
    /// A web page; what core says of it.
    #[error("is {0}")]
    WebPage(String),
    /// Nothing in it.
    #[error("is empty")]
    Empty,
    /// Lines, but no proxy.
    #[error("holds no proxy: {rejected} lines were rejected, the first because {reason}")]
    NoProxy {
        /// How many.
        rejected: usize,
        /// Why the first one was.
        reason: String,
    },
    /// No such file.
    #[error("there is no such file or folder")]
    Missing,
    /// A file that cannot be read.
    #[error("cannot be read: {0}")]
    Unreadable(String),
}

impl SourceError {
    /// The kind of trouble, whatever its details.
    pub fn kind(&self) -> Discriminant<Self> {
        std::mem::discriminant(self)
    }
}

/// What a source lists.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listing {
    /// Its proxies, in order.
    pub proxies: Vec<Proxy>,
    /// How many lines were no proxy.
    pub rejected: usize,
    /// With what the next request asks whether anything changed.
    pub validators: Validators,
    /// What the source says of itself, in headers first.
    pub facts: Box<Facts>,
}

/// What came of asking a source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// A new list.
    Listed(Listing),
    /// The list is as it was: HTTP 304.
    Unchanged,
    /// Not asked: it wants to be left alone until then.
    Waiting(Timestamp),
    /// Nothing usable.
    Failed(SourceError),
}

/// What the store remembers of a source.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Memory {
    /// The address from which the list came.
    pub address: String,
    /// What the last answer said.
    pub validators: Validators,
    /// When it was last asked.
    pub fetched_at: Option<Timestamp>,
    /// Do not ask before.
    pub retry_at: Option<Timestamp>,
    /// Failures in a row.
    pub failures: u32,
    /// What was wrong the last time.
    pub error: Option<String>,
    /// How many proxies it lists.
    pub proxies: usize,
    /// How many of its lines were no proxy.
    pub rejected: usize,
}

impl Source {
    /// Whether it lies on this machine, so that nobody else writes it.
    pub fn is_local(&self) -> bool {
        matches!(self.place, Place::Path(_))
    }

    /// The name, and where it is when the name does not say so, for messages. Holds no secret.
    pub fn shown(&self) -> String {
        let place = match &self.place {
            Place::Url(url) => config::short(url),
            Place::Path(path) => path.display().to_string(),
        };
        if place == self.name { place } else { format!("{} ({place})", self.name) }
    }

    /// The address as the store keeps it.
    pub fn address(&self) -> String {
        match &self.place {
            Place::Url(url) => url.to_string(),
            Place::Path(path) => path.display().to_string(),
        }
    }
}

/// Asks every source, [`PARALLEL`] at a time; the answers are in the order of the sources.
pub async fn ask_all(
    fetcher: &Fetcher,
    sources: Vec<(Source, Memory)>,
    now: Timestamp,
) -> Vec<(Source, Answer)> {
    let fetcher = Arc::new(fetcher.clone());
    let asked = sources.into_iter().map(|(source, memory)| {
        let fetcher = Arc::clone(&fetcher);
        async move {
            let answer = ask(&fetcher, &source, &memory, now).await;
            (source, answer)
        }
    });
    stream::iter(asked).buffered(PARALLEL).collect().await
}

async fn ask(fetcher: &Fetcher, source: &Source, memory: &Memory, now: Timestamp) -> Answer {
    if let Some(until) = memory.retry_at.filter(|until| *until > now) {
        return Answer::Waiting(until);
    }
    let same = memory.address == source.address();
    let validators = if same { memory.validators.clone() } else { Validators::default() };
    let body = match &source.place {
        Place::Url(url) => fetcher.get(url, &validators).await,
        Place::Path(path) => files::read(path).await,
    };
    let hint = Hint::from(source.bare).or(Hint::of_name(&source.address()));
    match body {
        Ok(Some(body)) => read(body, hint).await.map_or_else(Answer::Failed, Answer::Listed),
        Ok(None) => Answer::Unchanged,
        Err(error) => Answer::Failed(error),
    }
}

/// Reads a document away from the threads that serve requests.
async fn read(body: fetch::Body, hint: Hint) -> Result<Listing, SourceError> {
    let fetch::Body { bytes, validators, mut facts } = body;
    let read = tokio::task::spawn_blocking(move || shape::read(&bytes, hint));
    let reading = read.await.map_err(|_| SourceError::BrokeOff("reading was interrupted".to_owned()))??;
    facts.add(&reading.facts);
    Ok(Listing {
        rejected: shape::rejected(&reading),
        proxies: reading.proxies,
        validators,
        facts: facts.into(),
    })
}
