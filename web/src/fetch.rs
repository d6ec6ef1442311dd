//! Fetching with a limit of time and size, without cookies and without the cache.

use js_sys::{Function, Promise, Reflect, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    AbortSignal, Headers, ReadableStreamDefaultReader, RequestCache, RequestCredentials, RequestInit,
    RequestRedirect, Response,
};

/// How much a fetch may take.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// The longest body, in bytes.
    pub bytes: usize,
    /// The longest time until the whole body is there, in milliseconds.
    pub millis: u32,
}

/// What came back.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The whole body.
    pub body: Vec<u8>,
    /// The entity tag, to ask again with.
    pub etag: Option<String>,
}

/// Why nothing usable came back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FetchError {
    /// Longer than [`Limits::millis`].
    #[error("no answer in time")]
    Timeout,
    /// Longer than [`Limits::bytes`].
    #[error("the answer is larger than {} MB", .0 / 1_000_000)]
    TooLarge(usize),
    /// No connection, no such name, a certificate that does not hold, or a refusal by the browser.
    #[error("no connection")]
    Network,
    /// The address is none that a browser can fetch.
    #[error("the address is malformed: expected https://…")]
    BadAddress,
}

/// Fetches `url` and nothing that it redirects to: a judge sends no one elsewhere.
pub async fn get_here(url: &str, limits: Limits) -> Result<Answer, FetchError> {
    let init = init(limits);
    init.set_redirect(RequestRedirect::Error);
    send(url, &init, limits).await
}

/// Fetches `url`. With an `etag`, an unchanged body comes back as status 304 and empty.
pub async fn get(url: &str, limits: Limits, etag: Option<&str>) -> Result<Answer, FetchError> {
    let init = init(limits);
    if let Some(etag) = etag {
        let headers = Headers::new().map_err(|error| cause(&error))?;
        headers.set("if-none-match", etag).map_err(|error| cause(&error))?;
        init.set_headers(&headers);
    }
    send(url, &init, limits).await
}

fn init(limits: Limits) -> RequestInit {
    let init = RequestInit::new();
    init.set_cache(RequestCache::NoStore);
    init.set_credentials(RequestCredentials::Omit);
    init.set_signal(Some(&AbortSignal::timeout_with_u32(limits.millis)));
    init
}

async fn send(url: &str, init: &RequestInit, limits: Limits) -> Result<Answer, FetchError> {
    let promise = start(url, init).map_err(|_| FetchError::BadAddress)?;
    let response: Response = JsFuture::from(promise).await.map_err(|error| cause(&error))?.unchecked_into();
    let etag = response.headers().get("etag").ok().flatten();
    let body = body(&response, limits.bytes).await?;
    Ok(Answer { status: response.status(), body, etag })
}

/// `fetch` is a method of `Window` in a page and of `WorkerGlobalScope` in a worker.
fn start(url: &str, init: &RequestInit) -> Result<Promise, JsValue> {
    let global = js_sys::global();
    let fetch: Function = Reflect::get(&global, &"fetch".into())?.dyn_into()?;
    fetch.call2(&global, &url.into(), init)?.dyn_into()
}

async fn body(response: &Response, most: usize) -> Result<Vec<u8>, FetchError> {
    let Some(stream) = response.body() else { return Ok(Vec::new()) };
    let reader: ReadableStreamDefaultReader = stream.get_reader().unchecked_into();
    let mut bytes = Vec::new();
    loop {
        let read = JsFuture::from(reader.read()).await.map_err(|error| cause(&error))?;
        let Ok(chunk) = Reflect::get(&read, &"value".into()).unwrap_or_default().dyn_into::<Uint8Array>()
        else {
            return Ok(bytes);
        };
        if bytes.len() + chunk.length() as usize > most {
            drop(JsFuture::from(reader.cancel()).await);
            return Err(FetchError::TooLarge(most));
        }
        bytes.extend(chunk.to_vec());
    }
}

fn cause(error: &JsValue) -> FetchError {
    let name = Reflect::get(error, &"name".into()).ok().and_then(|name| name.as_string());
    if name.as_deref() == Some("TimeoutError") { FetchError::Timeout } else { FetchError::Network }
}
