//! Bytes that many ask for, compressed once for all of them: 54 MB with brotli take a processor half
//! a second, for each client anew where the layer of `http::layers` does it.

use std::convert::Infallible;

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::Request;
use axum::http::HeaderMap;
use axum::http::header::ACCEPT_ENCODING;
use axum::response::Response;
use tokio::runtime::Handle;
use tokio::sync::OnceCell;
use tower::{ServiceExt, service_fn};
use tower_http::CompressionLevel;
use tower_http::compression::Compression;

/// Four of eleven: what is compressed while it is sent must not be waited for.
pub const QUALITY: CompressionLevel = CompressionLevel::Precise(4);

/// A content coding (RFC 9110, section 8.4.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Coding {
    /// Brotli.
    Brotli,
    /// gzip.
    Gzip,
}

/// Bytes and their compressed forms, each made when it is first asked for.
#[derive(Debug, Default)]
pub struct Coded {
    plain: Bytes,
    brotli: OnceCell<Bytes>,
    gzip: OnceCell<Bytes>,
}

impl Coding {
    /// The coding that suits a caller best, if one does.
    pub fn wanted(headers: &HeaderMap) -> Option<Self> {
        let given = headers.get_all(ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok());
        let given: Vec<&str> = given.flat_map(|value| value.split(',')).collect();
        [Self::Brotli, Self::Gzip].into_iter().find(|coding| given.iter().any(|one| coding.is_meant(one)))
    }

    /// The name in header fields.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Brotli => "br",
            Self::Gzip => "gzip",
        }
    }

    /// Whether one item of Accept-Encoding allows this coding; a weight of 0 forbids it.
    fn is_meant(self, item: &str) -> bool {
        let (name, weight) = item.split_once(';').unwrap_or((item, ""));
        let weight = weight.trim().trim_start_matches(['q', 'Q', '=']).parse();
        name.trim().eq_ignore_ascii_case(self.key()) && weight.unwrap_or(1.0) > 0.0
    }
}

impl Coded {
    /// These bytes, not yet compressed.
    pub fn new(plain: Bytes) -> Self {
        Self { plain, ..Self::default() }
    }

    /// As they are.
    pub fn plain(&self) -> Bytes {
        self.plain.clone()
    }

    /// In a coding. Who asks while it is being made waits for it; `None` when the program stops.
    pub async fn coded(&self, coding: Coding) -> Option<Bytes> {
        let cell = match coding {
            Coding::Brotli => &self.brotli,
            Coding::Gzip => &self.gzip,
        };
        cell.get_or_try_init(|| compressed(self.plain(), coding)).await.ok().cloned()
    }
}

/// What the layer would send, away from the threads that serve requests.
async fn compressed(plain: Bytes, coding: Coding) -> Result<Bytes, axum::Error> {
    let plain = service_fn(move |_: Request| {
        let response = Response::new(Body::from(plain.clone()));
        async move { Ok::<_, Infallible>(response) }
    });
    let mut request = Request::default();
    request.headers_mut().insert(ACCEPT_ENCODING, coding.key().parse().map_err(axum::Error::new)?);
    let all = async move {
        let Ok(response) = Compression::new(plain).quality(QUALITY).oneshot(request).await;
        to_bytes(Body::new(response.into_body()), usize::MAX).await
    };
    let runtime = Handle::current();
    tokio::task::spawn_blocking(move || runtime.block_on(all)).await.map_err(axum::Error::new)?
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wanted(accepts: &str) -> Option<Coding> {
        Coding::wanted(&HeaderMap::from_iter([(ACCEPT_ENCODING, accepts.parse().unwrap())]))
    }

    #[test]
    fn brotli_comes_before_gzip_and_what_is_forbidden_is_not_sent() {
        assert_eq!(wanted("gzip, deflate, br, zstd"), Some(Coding::Brotli));
        assert_eq!(wanted("br;q=0, GZIP;q=0.5"), Some(Coding::Gzip));
        assert_eq!(wanted("gzip; q=0.0, identity"), None);
        assert_eq!(wanted("brotli"), None);
    }

    #[tokio::test]
    async fn each_form_is_smaller_and_made_once() {
        let coded = Coded::new(vec![b'a'; 100_000].into());
        for coding in [Coding::Brotli, Coding::Gzip] {
            let first = coded.coded(coding).await.unwrap();
            assert!(!first.is_empty() && first.len() < 1000, "{}", first.len());
            assert_eq!(coded.coded(coding).await.unwrap().as_ptr(), first.as_ptr());
        }
    }
}
