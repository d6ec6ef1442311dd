//! The API's list: fetched whole the first time, and then only what changed of it.

use configstream_core::catalogue::{Patch, Snapshot};

use crate::fetch::{self, Answer, FetchError, Limits};

/// What is known of the list that was fetched last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
    /// Its entity tag.
    pub etag: String,
    /// Its revision.
    pub revision: u64,
}

/// What came of a fetch.
#[derive(Clone, Debug)]
pub enum Fetched {
    /// It is the list that is known.
    Unchanged,
    /// Another list, whole.
    New {
        /// The bytes of its snapshot, not yet read.
        bytes: Vec<u8>,
        /// Its entity tag.
        etag: Option<String>,
    },
    /// No list, but an answer of this HTTP status.
    Status(u16),
}

/// Fetches the list of `api` where it is another one than that which is known. `kept` gives the bytes of the
/// known one; a patch that does not fit them is not used, and all is fetched.
pub async fn get(
    api: &str,
    limits: Limits,
    known: Option<&Known>,
    kept: impl AsyncFnOnce() -> Option<Vec<u8>>,
) -> Result<Fetched, FetchError> {
    let whole = [api, "/api/v1/snapshot"].concat();
    let Some(Known { etag, revision }) = known else {
        return Ok(as_it_is(fetch::get(&whole, limits, None).await?));
    };
    let since = [&whole, "?since=", &revision.to_string()].concat();
    let answer = fetch::get(&since, limits, Some(etag)).await?;
    if answer.status != 200 || !answer.body.starts_with(&Patch::MAGIC) {
        return Ok(as_it_is(answer));
    }
    match kept().await.and_then(|base| patched(&base, &answer.body)) {
        Some(bytes) => Ok(Fetched::New { bytes, etag: answer.etag }),
        None => Ok(as_it_is(fetch::get(&whole, limits, None).await?)),
    }
}

fn as_it_is(answer: Answer) -> Fetched {
    match answer.status {
        200 => Fetched::New { bytes: answer.body, etag: answer.etag },
        304 => Fetched::Unchanged,
        status => Fetched::Status(status),
    }
}

fn patched(base: &[u8], patch: &[u8]) -> Option<Vec<u8>> {
    let base = Snapshot::decode_binary(base).ok()?;
    Some(Patch::decode(patch).ok()?.apply(base).ok()?.encode())
}
