//! Fetching over HTTP: conditional requests, a cap while streaming, timeouts, and retries that grow
//! longer and obey Retry-After.

use std::error::Error;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use configstream_core::document::Facts;
use futures_util::StreamExt;
use reqwest::header::{
    ETAG, HeaderMap, HeaderName, HeaderValue, IF_MODIFIED_SINCE, IF_NONE_MATCH, LAST_MODIFIED, RETRY_AFTER,
};
use reqwest::{Client, Response, StatusCode, redirect};
use tokio::sync::Semaphore;
use url::Url;

use super::{MOST_BYTES, SourceError};
use crate::tls;

const CONNECT: Duration = Duration::from_secs(5);
const TOTAL: Duration = Duration::from_secs(30);
const REDIRECTS: usize = 5;
const ATTEMPTS: u32 = 3;
/// The wait before the second attempt; each further one is four times as long.
const FIRST_WAIT: Duration = Duration::from_millis(500);
/// The longest Retry-After for which a run waits; a longer one is kept for the next run.
const LONGEST_WAIT: Duration = Duration::from_secs(5);
/// Beyond this size a body needs one of [`LARGE_BODIES`] places, so that thirty-two greedy sources
/// cannot take 64 MiB each.
const LARGE: usize = 1024 * 1024;
const LARGE_BODIES: usize = 3;

/// What an answer says about its own version.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Validators {
    /// The `ETag` field.
    pub etag: Option<String>,
    /// The `Last-Modified` field.
    pub modified: Option<String>,
}

/// A whole body.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Body {
    /// The bytes, decompressed.
    pub bytes: Vec<u8>,
    /// For the next request.
    pub validators: Validators,
    /// What the headers say of the list.
    pub facts: Facts,
}

/// Fetches addresses. Cloning shares its connections.
#[derive(Clone, Debug)]
pub struct Fetcher {
    client: Client,
    large: Arc<Semaphore>,
}

impl Fetcher {
    /// A fetcher; fails only where TLS cannot be set up at all.
    pub fn new() -> reqwest::Result<Self> {
        let client = Client::builder()
            .tls_backend_preconfigured(tls::client_config())
            .user_agent(concat!("configstream/", env!("CARGO_PKG_VERSION")))
            .redirect(redirect::Policy::limited(REDIRECTS))
            .referer(false)
            .connect_timeout(CONNECT)
            .timeout(TOTAL)
            .build()?;
        Ok(Self { client, large: Arc::new(Semaphore::new(LARGE_BODIES)) })
    }

    /// The body behind an address; `None` when it is as the validators say.
    pub async fn get(&self, url: &Url, validators: &Validators) -> Result<Option<Body>, SourceError> {
        let mut wait = FIRST_WAIT;
        for _ in 1..ATTEMPTS {
            match self.get_once(url, validators).await {
                Err(error) if error.may_pass() => {
                    let asked = error.retry_after().unwrap_or(wait);
                    if asked > LONGEST_WAIT {
                        return Err(error);
                    }
                    tokio::time::sleep(asked.max(jittered(wait))).await;
                }
                other => return other,
            }
            wait *= 4;
        }
        self.get_once(url, validators).await
    }

    async fn get_once(&self, url: &Url, validators: &Validators) -> Result<Option<Body>, SourceError> {
        let mut request = self.client.get(url.clone());
        if let Some(etag) = &validators.etag {
            request = request.header(IF_NONE_MATCH, etag);
        }
        if let Some(modified) = &validators.modified {
            request = request.header(IF_MODIFIED_SINCE, modified);
        }
        let response = request.send().await.map_err(|error| why(&error))?;
        match response.status() {
            StatusCode::NOT_MODIFIED => Ok(None),
            status if status.is_success() => self.body(response).await.map(Some),
            status => Err(SourceError::Status {
                status: status.as_u16(),
                retry_after: retry_after(response.headers(), SystemTime::now()),
            }),
        }
    }

    /// Reads a body up to the cap, whatever length it announces.
    async fn body(&self, response: Response) -> Result<Body, SourceError> {
        if response.content_length().is_some_and(|length| length > MOST_BYTES as u64) {
            return Err(SourceError::TooBig);
        }
        let field = |name| Some(response.headers().get(name)?.to_str().ok()?.to_owned());
        let validators = Validators { etag: field(ETAG), modified: field(LAST_MODIFIED) };
        let facts = facts(response.headers());
        let mut bytes = Vec::new();
        let mut place = None;
        let mut chunks = response.bytes_stream();
        while let Some(chunk) = chunks.next().await {
            let chunk = chunk.map_err(|error| why(&error))?;
            if bytes.len() + chunk.len() > MOST_BYTES {
                return Err(SourceError::TooBig);
            }
            if bytes.len() + chunk.len() > LARGE && place.is_none() {
                place = self.large.acquire().await.ok();
            }
            bytes.extend_from_slice(&chunk);
        }
        Ok(Body { bytes, validators, facts })
    }
}

impl SourceError {
    /// Whether the same request may succeed a moment later.
    fn may_pass(&self) -> bool {
        match self {
            Self::Unreachable(_) | Self::BrokeOff(_) => true,
            Self::Status { status, .. } => matches!(status, 429 | 500 | 502..=504),
            _ => false,
        }
    }

    /// What a Retry-After asked for.
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Status { retry_after, .. } => *retry_after,
            _ => None,
        }
    }
}

/// What headers say of the list; titles come in UTF-8, whatever the rules of HTTP.
fn facts(headers: &HeaderMap) -> Facts {
    let text = |(name, value)| {
        let (name, value): (&HeaderName, &HeaderValue) = (name, value);
        Some((name.as_str(), std::str::from_utf8(value.as_bytes()).ok()?))
    };
    Facts::of_headers(headers.iter().filter_map(text))
}

/// Up to a quarter more, so that sources on one host are not asked again in step.
fn jittered(wait: Duration) -> Duration {
    let nanos = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().subsec_nanos();
    wait + wait * (nanos / 1000 % 256) / 1024
}

/// Seconds, or a date (RFC 9110, section 10.2.3).
fn retry_after(headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let moment = http_date(text)?;
    Some(moment.duration_since(now).unwrap_or_default())
}

/// `Sun, 06 Nov 1994 08:49:37 GMT`, the one form that is still sent.
fn http_date(text: &str) -> Option<SystemTime> {
    const MONTHS: [&str; 12] =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let mut words = text.split_whitespace().skip(1);
    let (day, month, year, time) = (words.next()?, words.next()?, words.next()?, words.next()?);
    let month = MONTHS.iter().position(|name| *name == month)? + 1;
    humantime::parse_rfc3339(&format!("{year}-{month:02}-{day:0>2}T{time}Z")).ok()
}

/// The kind of a failure, and its root, without the address.
fn why(error: &reqwest::Error) -> SourceError {
    let root = root(error);
    if let Some(tls) = tls_error(error) {
        return SourceError::Tls(tls);
    }
    match () {
        () if error.is_redirect() => SourceError::Redirects(REDIRECTS),
        () if error.is_connect() => SourceError::Unreachable(root),
        () if error.is_timeout() => SourceError::Timeout(TOTAL),
        () if error.is_request() => SourceError::Unreachable(root),
        () => SourceError::BrokeOff(root),
    }
}

fn chain<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |error: &&'a (dyn Error + 'static)| (*error).source())
}

/// The innermost message: what the operating system or the TLS library said.
fn root(error: &(dyn Error + 'static)) -> String {
    chain(error).last().map(ToString::to_string).unwrap_or_default()
}

/// What rustls said. It comes wrapped in one or more `io::Error`, whose `source` passes it over.
fn tls_error(error: &(dyn Error + 'static)) -> Option<String> {
    let tls = chain(error).find_map(|error| within(error).downcast_ref::<rustls::Error>());
    tls.map(ToString::to_string)
}

/// What an `io::Error` holds, however often it is wrapped in another.
fn within<'a>(mut error: &'a (dyn Error + 'static)) -> &'a (dyn Error + 'static) {
    while let Some(inner) = error.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref) {
        error = inner;
    }
    error
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(value: &str) -> Option<Duration> {
        let headers = HeaderMap::from_iter([(RETRY_AFTER, value.parse().unwrap())]);
        retry_after(&headers, SystemTime::UNIX_EPOCH)
    }

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        assert_eq!(asked("120"), Some(Duration::from_mins(2)));
        assert_eq!(asked("Thu, 01 Jan 1970 00:01:00 GMT"), Some(Duration::from_mins(1)));
        assert_eq!(asked("soon"), None);
    }
}
