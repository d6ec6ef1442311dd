//! The wire that both browsers are driven over: JSON with `id`, `method` and `params` on a WebSocket, as
//! in the Chrome `DevTools` Protocol and in `WebDriver` `BiDi`.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::sync::{mpsc, oneshot};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async_with_config};

use crate::outcome::{Failure, Outcome};

/// How long a browser may take to answer.
const PATIENCE: Duration = Duration::from_mins(1);

/// One connection to a browser.
#[derive(Debug)]
pub struct Wire {
    next: AtomicU64,
    outgoing: mpsc::UnboundedSender<String>,
    pending: Pending,
    events: Events,
}

type Pending = Arc<Mutex<HashMap<u64, oneshot::Sender<Value>>>>;
type Events = Arc<Mutex<Vec<Value>>>;
type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

impl Wire {
    /// Connects to a browser's WebSocket.
    pub async fn connect(url: &str) -> Outcome<Self> {
        let limits = WebSocketConfig::default().max_message_size(None).max_frame_size(None);
        let (socket, _) = connect_async_with_config(url, Some(limits), true).await?;
        let (outgoing, queue) = mpsc::unbounded_channel();
        let (pending, events) = (Pending::default(), Events::default());
        tokio::spawn(carry(socket, queue, pending.clone(), events.clone()));
        Ok(Self { next: AtomicU64::new(1), outgoing, pending, events })
    }

    /// Calls a method and waits for its result.
    pub async fn ask(&self, method: &str, params: Value) -> Outcome<Value> {
        self.send(method, json!({"method": method, "params": params})).await
    }

    /// Calls a method of one `DevTools` session.
    pub async fn ask_in(&self, session: &str, method: &str, params: Value) -> Outcome<Value> {
        self.send(method, json!({"method": method, "params": params, "sessionId": session})).await
    }

    /// Takes the events that came since the last call.
    pub fn events(&self) -> Vec<Value> {
        std::mem::take(&mut *self.events.lock().unwrap_or_else(PoisonError::into_inner))
    }

    async fn send(&self, method: &str, mut message: Value) -> Outcome<Value> {
        let id = self.next.fetch_add(1, Ordering::Relaxed);
        message["id"] = json!(id);
        let (answer, answered) = oneshot::channel();
        self.pending.lock().unwrap_or_else(PoisonError::into_inner).insert(id, answer);
        self.outgoing.send(message.to_string())?;
        match tokio::time::timeout(PATIENCE, answered).await {
            Ok(Ok(reply)) => result(method, reply),
            Ok(Err(_)) => Err(Failure::new(format!("{method}: the browser is gone"))),
            Err(_) => Err(Failure::new(format!("{method}: no answer in {PATIENCE:?}"))),
        }
    }
}

/// Carries messages both ways until one side is gone.
async fn carry(socket: Socket, mut queue: mpsc::UnboundedReceiver<String>, pending: Pending, events: Events) {
    let (mut sink, mut stream) = socket.split();
    loop {
        tokio::select! {
            text = queue.recv() => {
                let Some(text) = text else { break };
                if sink.send(Message::text(text)).await.is_err() {
                    break;
                }
            }
            message = stream.next() => match message {
                Some(Ok(message)) => deliver(&message, &pending, &events),
                _ => break,
            },
        }
    }
    pending.lock().unwrap_or_else(PoisonError::into_inner).clear();
}

fn deliver(message: &Message, pending: &Pending, events: &Events) {
    let Ok(value) = serde_json::from_slice::<Value>(&message.clone().into_data()) else { return };
    match value["id"].as_u64() {
        Some(id) => {
            if let Some(answer) = pending.lock().unwrap_or_else(PoisonError::into_inner).remove(&id) {
                let _ = answer.send(value);
            }
        }
        None => events.lock().unwrap_or_else(PoisonError::into_inner).push(value),
    }
}

/// The result in a reply; `DevTools` puts an object under `error`, `BiDi` a word beside `message`.
fn result(method: &str, mut reply: Value) -> Outcome<Value> {
    let reason = reply["error"]["message"].as_str().or_else(|| reply["message"].as_str());
    match (reply.get("error"), reason) {
        (None, _) => Ok(reply["result"].take()),
        (Some(_), Some(reason)) => Err(Failure::new(format!("{method}: {reason}"))),
        (Some(error), None) => Err(Failure::new(format!("{method}: {error}"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_result_is_taken_out_of_its_reply() {
        assert_eq!(result("m", json!({"id": 1, "result": {"a": 1}})), Ok(json!({"a": 1})));
    }

    #[test]
    fn errors_of_both_protocols_name_the_method_and_the_reason() {
        let expected = Err(Failure::new("m: no such tab"));
        assert_eq!(result("m", json!({"id": 1, "error": {"code": -1, "message": "no such tab"}})), expected);
        assert_eq!(result("m", json!({"id": 1, "error": "oops", "message": "no such tab"})), expected);
    }
}
