//! The bridge to the extension. Chrome lets a page send it messages by its identity; in Firefox a
//! content script carries them. Either may be silent: then there is no extension.

use configstream_core::message::{Action, CHROME_EXTENSION_ID, Fault, FaultCode, Reply, Request};
use configstream_ui::host::{Bridge, Change, Listener};
use configstream_ui::view::words;
use configstream_ui::wire;
use gloo_timers::future::TimeoutFuture;
use js_sys::{Function, Object, Promise, Reflect};
use leptos::prelude::window;
use leptos::web_sys::MessageEvent;
use wasm_bindgen::prelude::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;

use crate::host::is_hidden;

/// How long "Who is there?" waits, in milliseconds.
const GREETING: i32 = 1_000;
/// How long any other request waits, in milliseconds: a sleeping background must wake first.
pub(crate) const PATIENCE: i32 = 10_000;
/// How often the session is asked for, in milliseconds.
const POLL: u32 = 2_000;

/// The fault when nobody answers.
pub(crate) fn absent() -> Fault {
    words::fault(FaultCode::Browser, "The extension does not answer.", Action::None)
}

/// Tells `listener` whether there is an extension and how its session stands, while the page is in
/// sight.
pub(crate) async fn watch(listener: Listener) {
    let mut here = ask(&Request::Ping, GREETING).await.is_some();
    loop {
        let reply = if here || !is_hidden() { ask(&Request::Status, GREETING).await } else { None };
        here = here && is_hidden() || reply.is_some();
        listener(Change::Bridge(if here { Bridge::Here } else { Bridge::Absent }));
        if let Some(Reply::Status { status }) = reply {
            listener(Change::Status(Box::new(status)));
        }
        TimeoutFuture::new(POLL).await;
        while is_hidden() {
            TimeoutFuture::new(POLL).await;
        }
    }
}

/// Asks the extension; `None` when nobody answers within `millis`.
pub(crate) async fn ask(request: &Request, millis: i32) -> Option<Reply> {
    let message = wire::to_js(request);
    let answer = match chrome_runtime() {
        Some(runtime) => over_runtime(&runtime, &message, millis).await,
        None => over_window(&message, millis).await,
    }?;
    wire::from_js(&answer)
}

/// `chrome.runtime`, which Chrome gives to pages that an extension lets in.
fn chrome_runtime() -> Option<JsValue> {
    let chrome = Reflect::get(&window(), &"chrome".into()).ok()?;
    let runtime = Reflect::get(&chrome, &"runtime".into()).ok()?;
    let send = Reflect::get(&runtime, &"sendMessage".into()).ok()?;
    send.is_function().then_some(runtime)
}

/// A promise that `start` may fulfil, and that is fulfilled with `undefined` after `millis`.
async fn within(millis: i32, mut start: impl FnMut(Function)) -> Option<JsValue> {
    let promise = Promise::new(&mut |resolve, _| {
        _ = window().set_timeout_with_callback_and_timeout_and_arguments_0(&resolve, millis);
        start(resolve);
    });
    JsFuture::from(promise).await.ok().filter(|answer| !answer.is_undefined())
}

async fn over_runtime(runtime: &JsValue, message: &JsValue, millis: i32) -> Option<JsValue> {
    let send: Function = Reflect::get(runtime, &"sendMessage".into()).ok()?.unchecked_into();
    within(millis, |resolve| {
        let quiet = runtime.clone();
        // Reading `lastError` is what keeps an absent extension out of the console.
        let done = Closure::once_into_js(move |answer: JsValue| {
            _ = Reflect::get(&quiet, &"lastError".into());
            _ = resolve.call1(&JsValue::NULL, &answer);
        });
        _ = send.call3(runtime, &CHROME_EXTENSION_ID.into(), message, &done);
    })
    .await
}

async fn over_window(message: &JsValue, millis: i32) -> Option<JsValue> {
    let origin = window().location().origin().ok()?;
    let nonce = nonce();
    let (expected, own) = (nonce.clone(), origin.clone());
    let hear = std::rc::Rc::new(std::cell::RefCell::new(None::<Function>));
    let resolve = hear.clone();
    let listener = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
        if let Some(reply) = reply_in(&event, &own, &expected)
            && let Some(resolve) = resolve.borrow_mut().take()
        {
            _ = resolve.call1(&JsValue::NULL, &reply);
        }
    });
    let function: &Function = listener.as_ref().unchecked_ref();
    _ = window().add_event_listener_with_callback("message", function);
    let answer = within(millis, |resolve| {
        *hear.borrow_mut() = Some(resolve);
        _ = window().post_message(&letter(&nonce, message), &origin);
    })
    .await;
    _ = window().remove_event_listener_with_callback("message", function);
    answer
}

fn letter(nonce: &str, request: &JsValue) -> Object {
    let letter = Object::new();
    let fields = [("configstream", "request".into()), ("nonce", nonce.into()), ("request", request.clone())];
    for (name, value) in fields {
        _ = Reflect::set(&letter, &name.into(), &value);
    }
    letter
}

/// The reply in a message of this very page, to this very request.
fn reply_in(event: &MessageEvent, origin: &str, nonce: &str) -> Option<JsValue> {
    let from_here = event.source().is_some_and(|source| JsValue::from(source) == JsValue::from(window()));
    let data = event.data();
    let field = |name: &str| Reflect::get(&data, &name.into()).ok();
    let is_ours = from_here
        && event.origin() == origin
        && data.is_object()
        && field("configstream")?.as_string().as_deref() == Some("reply")
        && field("nonce")?.as_string().as_deref() == Some(nonce);
    is_ours.then(|| field("reply")).flatten()
}

/// A text that no earlier request had. It tells replies apart; the origin is what is trusted.
fn nonce() -> String {
    [js_sys::Date::now().to_string(), js_sys::Math::random().to_string()].concat()
}
