//! Runs core's session: keeps its state, carries its effects out, and brings back what comes of
//! them.

use std::cell::RefCell;

use configstream_core::guard::{self, Exit, NoExit};
use configstream_core::message::Status;
use configstream_core::session::{Effect, Event, NoProof, State};
use configstream_web::clock;
use configstream_web::fetch::{self, Limits};
use wasm_bindgen_futures::spawn_local;

use crate::{browser, memory, show};

/// A judge's answer is a few hundred bytes; a page in its place is cut off.
const JUDGE: Limits = Limits { bytes: 65_536, millis: 6_000 };

thread_local! {
    static STATE: RefCell<Option<State>> = const { RefCell::new(None) };
}

/// Takes an event and waits until all that follows from it is done.
pub(crate) async fn step(event: Event) {
    let mut events = vec![event];
    while !events.is_empty() {
        for event in std::mem::take(&mut events) {
            events.extend(carry_out(advance(event).await).await);
        }
    }
}

/// Takes an event, and lets what follows from it go on by itself.
pub(crate) async fn begin(event: Event) {
    let effects = advance(event).await;
    spawn_local(async move {
        for event in carry_out(effects).await {
            step(event).await;
        }
    });
}

/// What screens show.
pub(crate) async fn status() -> Status {
    load().await;
    STATE.with_borrow(|state| state.as_ref().map(State::status).unwrap_or_default())
}

async fn load() {
    if STATE.with_borrow(Option::is_none) {
        let kept = memory::session().await;
        STATE.with_borrow_mut(|state| _ = state.get_or_insert(kept));
    }
}

/// One step of the machine; keeps and shows what came of it.
async fn advance(event: Event) -> Vec<Effect> {
    load().await;
    let (state, effects) = STATE.with_borrow_mut(|state| {
        let state = state.get_or_insert_default();
        let effects = state.step(event, clock::now());
        (state.clone(), effects)
    });
    memory::keep_session(&state).await;
    show::status(&state.status()).await;
    effects
}

async fn carry_out(effects: Vec<Effect>) -> Vec<Event> {
    let mut events = Vec::new();
    for effect in effects {
        events.extend(carry_out_one(effect).await);
    }
    events
}

async fn carry_out_one(effect: Effect) -> Option<Event> {
    match effect {
        Effect::Route { route, generation } => {
            let outcome = browser::set_route(&route).await;
            return Some(Event::Applied { generation, outcome });
        }
        Effect::Probe { generation, judges } => {
            return Some(Event::Judged { generation, outcome: ask(&judges).await });
        }
        Effect::GuardWebRtc(on) => browser::guard_webrtc(on).await,
        Effect::CheckEvery(minutes) => browser::alarm("check", minutes).await,
    }
    None
}

/// Asks the judges in order until one gives an exit. An answer that is no exit counts only when no
/// judge gives one: judges die too.
async fn ask(judges: &[String]) -> Result<Exit, NoProof> {
    let mut outcome = Err(NoProof::Unreachable);
    for judge in judges {
        match ask_one(judge).await {
            Some(Ok(exit)) => return Ok(exit),
            Some(Err(why)) => outcome = Err(NoProof::Tampered(why)),
            None => {}
        }
    }
    outcome
}

async fn ask_one(judge: &str) -> Option<Result<Exit, NoExit>> {
    let answer = fetch::get(judge, JUDGE, None).await.ok()?;
    Some(guard::exit(answer.status, &String::from_utf8_lossy(&answer.body)))
}
