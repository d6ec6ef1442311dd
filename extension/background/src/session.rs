//! Runs core's session: keeps its state, carries its effects out, and brings back what comes of
//! them.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;

use configstream_core::Fingerprint;
use configstream_core::experience::Outcome;
use configstream_core::guard::{self, Exit, NoExit};
use configstream_core::message::{Chosen, Status};
use configstream_core::session::{Effect, Event, NoProof, State};
use configstream_web::fetch::{self, Limits};
use configstream_web::{clock, network};
use wasm_bindgen_futures::spawn_local;

use crate::{browser, memory, show};

/// A judge's answer is a few hundred bytes; a page in its place is cut off.
const JUDGE: Limits = Limits { bytes: 65_536, millis: 6_000 };

thread_local! {
    static STATE: RefCell<Option<State>> = const { RefCell::new(None) };
    /// Effects in the order in which the session gave them. Two events may be under way at once; what
    /// follows from them is carried out by one task, one effect after the other.
    static EFFECTS: RefCell<VecDeque<Effect>> = const { RefCell::new(VecDeque::new()) };
    static BUSY: Cell<bool> = const { Cell::new(false) };
    static WISHES: Cell<u32> = const { Cell::new(0) };
}

/// One wish of the user's, to connect or to disconnect. Finding the proxy takes a while; if another
/// wish has come meanwhile, this one is not to come true after it.
#[derive(Clone, Copy)]
pub(crate) struct Wish(u32);

impl Wish {
    pub(crate) fn new() -> Self {
        WISHES.set(WISHES.get().wrapping_add(1));
        Self(WISHES.get())
    }

    /// Lets the session take the event, unless there is a later wish.
    pub(crate) async fn begin(self, event: Event) {
        load().await;
        if self.0 == WISHES.get() {
            begin(event).await;
        }
    }
}

/// Takes an event and carries out what follows from it.
pub(crate) async fn step(event: Event) {
    load().await;
    advance(event).await;
    carry_out().await;
}

/// Takes an event, and lets what follows from it go on by itself.
pub(crate) async fn begin(event: Event) {
    load().await;
    advance(event).await;
    spawn_local(carry_out());
}

/// The proxy in use, or last used.
pub(crate) async fn present() -> Option<Fingerprint> {
    status().await.proxy?.id.parse().ok()
}

/// What screens show.
pub(crate) async fn status() -> Status {
    load().await;
    let status = STATE.with_borrow(|state| state.as_ref().map(State::status).unwrap_or_default());
    Status { covers_private: browser::covers_private().await, ..status }
}

async fn load() {
    if STATE.with_borrow(Option::is_none) {
        let kept = memory::session().await;
        STATE.with_borrow_mut(|state| _ = state.get_or_insert(kept));
    }
}

/// One step of the machine; keeps and shows what came of it.
async fn advance(event: Event) {
    let Some(state) = take(event) else { return };
    memory::keep_session(&state).await;
    show::status(&status().await).await;
}

/// Lets the machine take the event and lines its effects up, all in one turn; gives the state where
/// it changed.
fn take(event: Event) -> Option<State> {
    STATE.with_borrow_mut(|state| {
        let state = state.get_or_insert_default();
        let before = state.clone();
        let effects = state.step(event, clock::now());
        EFFECTS.with_borrow_mut(|line| line.extend(effects));
        (*state != before).then(|| state.clone())
    })
}

/// Carries the line of effects out, unless that is going on already.
async fn carry_out() {
    if BUSY.replace(true) {
        return;
    }
    while let Some(effect) = EFFECTS.with_borrow_mut(VecDeque::pop_front) {
        carry_out_one(effect).await;
    }
    BUSY.set(false);
}

async fn carry_out_one(effect: Effect) {
    match effect {
        Effect::Route { generation, .. } if !is_current(generation) => {}
        Effect::Route { route, generation } => {
            let outcome = browser::set_route(&route).await;
            advance(Event::Applied { generation, outcome }).await;
        }
        Effect::Probe { generation, judges } => spawn_local(async move {
            let (outcome, latency) = ask(&judges).await;
            step(Event::Judged { generation, outcome, latency }).await;
        }),
        // The next route does not wait for it.
        Effect::Learn { chosen, outcome } => spawn_local(learn(chosen, outcome)),
        Effect::GuardWebRtc(on) => browser::guard_webrtc(on).await,
        Effect::CheckEvery(minutes) => browser::alarm("check", minutes).await,
    }
}

fn is_current(generation: u32) -> bool {
    STATE.with_borrow(|state| state.as_ref().is_some_and(|state| state.is_current(generation)))
}

/// Remembers how a connection went. Where there is no network the proxy is not to blame.
async fn learn(chosen: Chosen, outcome: Outcome) {
    let is_offline = outcome == Outcome::Unreachable && !network::is_online();
    let outcome = if is_offline { Outcome::Offline } else { outcome };
    let catalogue = memory::catalogue().await;
    let row = chosen.id.parse().ok().and_then(|id| catalogue.find(id));
    let Some(row) = row else { return };
    let sources: Vec<_> = row.source_keys().collect();
    memory::change_experience(|experience| {
        experience.record(&row.subject(&sources), network::local(), outcome, clock::now());
    })
    .await;
}

/// Asks the judges in order until one gives an exit, and after how many milliseconds it did. An answer that
/// is no exit counts only when no judge gives one: judges die too.
async fn ask(judges: &[String]) -> (Result<Exit, NoProof>, Option<u32>) {
    let mut outcome = Err(NoProof::Unreachable);
    for judge in judges {
        let asked_at = clock::now();
        match ask_one(judge).await {
            Some(Ok(exit)) => return (Ok(exit), u32::try_from(clock::now().since(asked_at)).ok()),
            Some(Err(why)) => outcome = Err(NoProof::Tampered(why)),
            None => {}
        }
    }
    (outcome, None)
}

async fn ask_one(judge: &str) -> Option<Result<Exit, NoExit>> {
    let answer = fetch::get_here(judge, JUDGE).await.ok()?;
    Some(guard::exit(answer.status, &String::from_utf8_lossy(&answer.body)))
}
