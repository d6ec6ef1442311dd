//! What happens in the browser, and who takes care of it.

use std::collections::HashSet;

use configstream_core::Fingerprint;
use configstream_core::catalogue::{Catalogue, Goal, Picker};
use configstream_core::experience::Experience;
use configstream_core::guard;
use configstream_core::message::{Action, Fault, FaultCode, Refresh, Reply, Request, Settings};
use configstream_core::session::{Event, Policy, Target};
use configstream_web::clock;
use serde::Deserialize;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::spawn_local;

use crate::session::Wish;
use crate::{browser, feed, memory, session};

/// How often the list is fetched again, in minutes.
const REFRESH_MINUTES: u32 = 60;
/// How many proxies stand in for each other when one is picked.
const CANDIDATES: usize = 5;

/// An event of the browser, as `shell.js` tells it.
#[derive(Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub(crate) enum Happening {
    Woke { fresh: bool },
    Message { request: Request, from: Sender, origin: String },
    Alarm { name: String },
    Command { name: String },
    Trouble,
    LoginRefused,
    Control { ours: bool },
    Permission { granted: bool },
}

/// Who sent a message.
#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Sender {
    Extension,
    Page,
}

pub(crate) async fn handle(happening: Happening) -> JsValue {
    match happening {
        Happening::Message { request, from, origin } => {
            return browser::to_js(&message(request, from, &origin).await);
        }
        Happening::Woke { fresh } => woke(fresh).await,
        Happening::Alarm { name } => alarm(&name).await,
        Happening::Command { name } => command(&name).await,
        Happening::Trouble => session::step(Event::Trouble).await,
        Happening::LoginRefused => session::step(Event::LoginRefused).await,
        Happening::Control { ours: true } | Happening::Permission { granted: true } => {
            session::step(Event::ControlRegained).await;
        }
        Happening::Control { ours: false } => session::step(Event::ControlLost).await,
        Happening::Permission { granted: false } => session::step(Event::PermissionLost).await,
    }
    JsValue::UNDEFINED
}

async fn woke(fresh: bool) {
    browser::alarm("refresh", Some(REFRESH_MINUTES)).await;
    session::begin(Event::Woke { browser_started: fresh }).await;
}

async fn alarm(name: &str) {
    match name {
        "check" => session::step(Event::Tick).await,
        "refresh" => drop(feed::refresh(&memory::settings().await).await),
        _ => {}
    }
}

async fn command(name: &str) {
    match name {
        "connect-fastest" => drop(pick(Goal::Fastest, &[]).await),
        "connect-next" => drop(pick(Goal::Next, &[]).await),
        "disconnect" => Wish::new().begin(Event::Disconnect).await,
        _ => {}
    }
}

async fn message(request: Request, from: Sender, origin: &str) -> Reply {
    if from == Sender::Page && !may_ask(&request, origin).await {
        return refused(FaultCode::BadRequest, "This page may not ask that.", Action::None);
    }
    answer(request).await.unwrap_or_else(|fault| Reply::Refused { fault })
}

/// Pages of the API that the user has set may ask a little; all others nothing.
async fn may_ask(request: &Request, origin: &str) -> bool {
    let api = memory::settings().await.api;
    request.open_to_pages() && browser::origin(&api).is_some_and(|api| api == origin)
}

async fn answer(request: Request) -> Result<Reply, Fault> {
    match request {
        Request::Ping => Ok(Reply::Pong { version: env!("CARGO_PKG_VERSION").to_owned() }),
        Request::Status => Ok(status().await),
        Request::Connect { id } => connect(&id).await,
        Request::Pick { goal, among } => pick(goal, &among).await,
        Request::Disconnect => {
            Wish::new().begin(Event::Disconnect).await;
            Ok(status().await)
        }
        Request::Refresh => refresh().await.map(|refresh| Reply::Refreshed { refresh }),
        Request::Experience => Ok(experience().await),
        Request::ForgetExperience => {
            memory::change_experience(Experience::clear).await;
            Ok(experience().await)
        }
        Request::Settings => Ok(Reply::Settings { settings: memory::settings().await }),
        Request::SaveSettings { settings } => save(settings).await,
    }
}

async fn status() -> Reply {
    Reply::Status { status: session::status().await }
}

async fn experience() -> Reply {
    Reply::Experience { tallies: memory::experience().await.unwrap_or_default().len() }
}

async fn connect(id: &str) -> Result<Reply, Fault> {
    let wish = Wish::new();
    let unknown = || fault(FaultCode::NoProxy, "This proxy is not in the list any more.", Action::Refresh);
    let id = id.parse().map_err(|_| unknown())?;
    let catalogue = memory::catalogue().await;
    let entry = catalogue.find(id).ok_or_else(unknown)?;
    let target = entry.target(browser::engine());
    let target = target.map_err(|why| fault(FaultCode::Unusable, &sentence(&why), Action::ChooseAnother))?;
    begin(wish, vec![target]).await;
    Ok(status().await)
}

/// Connects to what is picked; the next best stand in for it.
async fn pick(goal: Goal, among: &[String]) -> Result<Reply, Fault> {
    let wish = Wish::new();
    let (catalogue, ranking) = (memory::catalogue().await, memory::ranking().await);
    let picker = ranking.picker(goal, browser::seed(), clock::now());
    let picker = Picker { present: session::present().await, ..picker };
    let rows = rows(&catalogue, among);
    let targets = catalogue.pick(&rows, browser::engine(), &picker, ranking.weights, CANDIDATES);
    if targets.is_empty() {
        return Err(nothing_to_pick(among.is_empty()));
    }
    begin(wish, targets).await;
    Ok(status().await)
}

/// The rows of these identities; all where there are none.
fn rows(catalogue: &Catalogue, among: &[String]) -> Vec<u32> {
    let ids: HashSet<Fingerprint> = among.iter().filter_map(|id| id.parse().ok()).collect();
    let rows = catalogue.rows().filter(|row| among.is_empty() || ids.contains(&row.id()));
    rows.map(|row| row.number()).collect()
}

fn nothing_to_pick(of_all: bool) -> Fault {
    let (message, action) = if of_all {
        ("The list has no other proxy that this browser can use.", Action::Refresh)
    } else {
        (
            "This browser can use none of these, but for the one in use, without leaking names.",
            Action::ChooseAnother,
        )
    };
    fault(FaultCode::NoProxy, message, action)
}

async fn begin(wish: Wish, targets: Vec<Target>) {
    let policy = policy(&memory::settings().await);
    wish.begin(Event::Connect { targets, policy }).await;
}

async fn refresh() -> Result<Refresh, Fault> {
    feed::refresh(&memory::settings().await).await
}

async fn save(settings: Settings) -> Result<Reply, Fault> {
    let settings = Settings { api: settings.api.trim().trim_end_matches('/').to_owned(), ..settings };
    if !settings.api.is_empty() && browser::origin(&settings.api).is_none() {
        let message = "The API address is malformed: expected something like https://api.example.";
        return Err(fault(FaultCode::BadRequest, message, Action::None));
    }
    let before = memory::settings().await;
    memory::keep_settings(&settings).await;
    if before.api != settings.api || before.sources != settings.sources {
        let settings = settings.clone();
        spawn_local(async move { drop(feed::refresh(&settings).await) });
    }
    session::begin(Event::PolicyChanged(policy(&settings))).await;
    Ok(Reply::Settings { settings })
}

fn policy(settings: &Settings) -> Policy {
    Policy {
        kill_switch: settings.kill_switch,
        guard_webrtc: settings.guard_webrtc,
        judges: guard::judges(&settings.judge, &settings.api),
    }
}

pub(crate) fn malformed() -> Reply {
    refused(FaultCode::BadRequest, "This message is malformed.", Action::None)
}

fn refused(code: FaultCode, message: &str, action: Action) -> Reply {
    Reply::Refused { fault: fault(code, message, action) }
}

pub(crate) fn fault(code: FaultCode, message: &str, action: Action) -> Fault {
    Fault { code, message: message.to_owned(), action }
}

/// An error as a sentence: a capital letter and a full stop.
fn sentence(error: &impl std::fmt::Display) -> String {
    let text = error.to_string();
    let mut letters = text.chars();
    let first: String = letters.next().into_iter().flat_map(char::to_uppercase).collect();
    first + letters.as_str() + "."
}
