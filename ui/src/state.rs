//! What is on screen, and the named ways to change it. Screens call these and read as sentences.

mod filters;
mod kept;
mod picks;

use std::ops::Deref;
use std::sync::Arc;
use std::time::Duration;

use configstream_core::catalogue::{Entry, Facets, Goal, Query};
use configstream_core::message::{Action, Fault, FaultCode, Phase, Reply, Request, Status};
use configstream_core::route::{Engine, Unusable};
use configstream_core::score::{Ranking, Weights};
use configstream_core::{Fingerprint, Timestamp};
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::clipboard;
use crate::host::{Bridge, Change, Face, Host, Loaded, Shelf};
use crate::view::favourites::Favourites;
use crate::view::{choice, weights, words};

/// How long typing rests before the list is searched, in milliseconds.
const REST: u64 = 120;
/// How long a passing message stays, in milliseconds.
const TOAST: u64 = 4_000;
/// How long one stays that can be undone, in milliseconds.
const TOAST_WITH_UNDO: u64 = 8_000;
/// How often ages on screen are counted anew, in milliseconds.
const TICK: u64 = 30_000;

/// The list, as far as it has come.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum List {
    /// Being read.
    #[default]
    Loading,
    /// There is none yet.
    Empty,
    /// It could not be read or fetched, and there is no older one.
    Failed(Fault),
    /// Here.
    Ready(Loaded),
}

impl List {
    /// The list, if it is here.
    pub fn ready(&self) -> Option<&Loaded> {
        if let Self::Ready(loaded) = self { Some(loaded) } else { None }
    }
}

/// What may be open over the screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sheet {
    /// The shortcuts, and the filters that can be typed.
    Help,
    /// What counts in a score.
    Ranking,
    /// The countries to pick in.
    Countries,
    /// Statistics over what is shown.
    Statistics,
}

/// What a query finds in the list. Equal only to itself: 100,000 numbers are not compared.
#[derive(Clone, Debug, Default)]
pub struct Found(Arc<Finding>);

/// The rows of a query, and what else is known of them.
#[derive(Debug, Default)]
pub struct Finding {
    /// The query, with what was typed as filters among the others.
    pub asked: Query,
    /// Row numbers in the query's order.
    pub rows: Vec<u32>,
    /// How many rows each chip would leave.
    pub facets: Facets,
    /// Whether no row has the words that are searched for, and these have nearly them.
    pub is_near: bool,
}

impl PartialEq for Found {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Deref for Found {
    type Target = Finding;

    fn deref(&self) -> &Finding {
        &self.0
    }
}

/// Readings of the list, numbered.
#[derive(Clone, Copy, Debug, Default)]
struct Loads {
    begun: u32,
    shown: u32,
}

/// The state of the screens. A copy is a handful of handles.
#[derive(Clone, Copy)]
pub struct App {
    host: StoredValue<Arc<dyn Host>>,
    /// Which program this is.
    pub face: Face,
    /// What this browser can speak to.
    pub engine: Engine,
    /// The list.
    pub list: RwSignal<List>,
    /// The chips, the order, and in [`Query::text`] what was typed, with its filters.
    pub query: RwSignal<Query>,
    /// What that finds.
    pub found: Memo<Found>,
    /// The session.
    pub status: RwSignal<Status>,
    /// Whether there is an extension that can connect.
    pub bridge: RwSignal<Bridge>,
    /// Whether the list could not be compared with the API's.
    pub offline: RwSignal<bool>,
    /// The proxy whose details are shown.
    pub selected: RwSignal<Option<Fingerprint>>,
    /// The place in the list that keys move.
    pub active: RwSignal<usize>,
    /// Why the last fetch brought no proxy at all, though there were sources.
    pub trouble: RwSignal<Option<Fault>>,
    /// Whether the list is being fetched.
    pub refreshing: RwSignal<bool>,
    /// What is open over the screen.
    pub sheet: RwSignal<Option<Sheet>>,
    /// Whether more filters are shown.
    pub more: RwSignal<bool>,
    /// What counts in a score.
    pub weights: RwSignal<Weights>,
    /// The marked proxies.
    pub favourites: RwSignal<Favourites>,
    /// A passing message.
    pub toast: RwSignal<String>,
    /// The proxy whose mark was just taken away, while that can be undone.
    pub unmarked: RwSignal<Option<Fingerprint>>,
    /// The time, as often as ages need it.
    pub now: RwSignal<Timestamp>,
    loads: StoredValue<Loads>,
    typing: StoredValue<Option<TimeoutHandle>>,
    weighing: StoredValue<Option<TimeoutHandle>>,
    fading: StoredValue<Option<TimeoutHandle>>,
}

/// The state, from any component under [`App::provide`].
pub fn use_app() -> App {
    expect_context()
}

fn clock() -> Timestamp {
    Timestamp::from_millis(js_sys::Date::now() as u64)
}

impl App {
    /// A new state that asks `host`, given to all components below.
    pub fn provide(host: impl Host) -> Self {
        let app = Self::new(Arc::new(host));
        provide_context(app);
        app.hear();
        app.restore();
        set_interval(move || app.now.set(clock()), Duration::from_millis(TICK));
        app
    }

    fn new(host: Arc<dyn Host>) -> Self {
        let list = RwSignal::new(List::default());
        let query = RwSignal::new(Query::default());
        Self {
            face: host.face(),
            engine: host.engine(),
            host: StoredValue::new(host),
            list,
            query,
            found: Memo::new(move |_| find(&list.read(), &query.read())),
            status: RwSignal::default(),
            bridge: RwSignal::default(),
            offline: RwSignal::new(false),
            selected: RwSignal::new(None),
            active: RwSignal::new(0),
            trouble: RwSignal::new(None),
            refreshing: RwSignal::new(false),
            sheet: RwSignal::new(None),
            more: RwSignal::new(false),
            weights: RwSignal::default(),
            favourites: RwSignal::default(),
            toast: RwSignal::default(),
            unmarked: RwSignal::new(None),
            now: RwSignal::new(clock()),
            loads: StoredValue::new(Loads::default()),
            typing: StoredValue::new(None),
            weighing: StoredValue::new(None),
            fading: StoredValue::new(None),
        }
    }

    fn host(&self) -> Arc<dyn Host> {
        self.host.get_value()
    }

    fn hear(self) {
        self.host().subscribe(Arc::new(move |change| match change {
            Change::Status(status) => self.set_status(*status),
            Change::Catalogue => self.reload(),
            Change::Experience(experience) => self.rank(|ranking| ranking.experience = experience),
            Change::Bridge(bridge) => self.set_bridge(bridge),
            Change::Offline(offline) => self.offline.set(offline),
            Change::Kept(place, text) => self.take_kept(place, &text),
        }));
    }

    /// Only a real change counts: a page asks every other second, and what is on screen must keep its
    /// focus and not be read out again.
    fn set_status(self, status: Status) {
        if self.status.with_untracked(|known| *known != status) {
            self.status.set(status);
        }
    }

    /// Without the extension nothing is known of a session, and nothing is claimed.
    fn set_bridge(self, bridge: Bridge) {
        if self.bridge.get_untracked() != bridge {
            self.bridge.set(bridge);
        }
        if bridge != Bridge::Here {
            self.set_status(Status::default());
        }
    }

    /// The first turn: the view as it was left, the list at rest, the session; then a newer list.
    fn restore(self) {
        let host = self.host();
        let restored = RwSignal::new(false);
        Effect::new(move |_| {
            if restored.get() {
                self.query.with(|query| self.host().keep(Shelf::View, &query.to_url()));
            }
        });
        spawn_local(async move {
            let view = host.kept(Shelf::View).await;
            self.query.set(Query::from_url(&view).unwrap_or_default());
            self.favourites.set(Favourites::read(&host.kept(Shelf::Favourites).await));
            self.weights.set(weights::read(&host.kept(Shelf::Weights).await));
            restored.set(true);
            self.load().await;
            if self.face == Face::Page || self.list.with_untracked(|list| *list == List::Empty) {
                self.refresh();
            }
        });
        if self.face == Face::Popup {
            self.ask(Request::Status);
        }
    }

    /// Reads the list at rest again.
    pub fn reload(self) {
        spawn_local(self.load());
    }

    /// Reads the list at rest; of several readings only the last one begun is shown.
    fn load(self) -> impl Future<Output = ()> {
        let ticket = self.loads.with_value(|loads| loads.begun + 1);
        self.loads.update_value(|loads| loads.begun = ticket);
        let reading = self.host().load();
        async move {
            let read = reading.await;
            if self.loads.with_value(|loads| loads.begun) != ticket {
                return;
            }
            self.loads.update_value(|loads| loads.shown = ticket);
            match read {
                Ok(Some(loaded)) => self.show(loaded),
                Ok(None) => self.list.set(List::Empty),
                Err(fault) => self.fail(fault),
            }
        }
    }

    fn show(self, mut loaded: Loaded) {
        self.favourites.with_untracked(|favourites| loaded.mark(favourites));
        loaded.rank(|ranking| ranking.weights = self.weights.get_untracked());
        self.change_list(|list| *list = List::Ready(loaded));
    }

    /// Scores the list anew.
    fn rank(self, change: impl FnOnce(&mut Ranking)) {
        self.change_list(|list| {
            if let List::Ready(loaded) = list {
                loaded.rank(change);
            }
        });
    }

    /// Changes the list under the user: the row that keys act on stays the same proxy, wherever it is now.
    /// Where nobody went to a row yet, it stays the first.
    fn change_list(self, change: impl FnOnce(&mut List)) {
        let place = self.active.get_untracked();
        let id = if place > 0 || has_focus("list") { self.at(place).map(|entry| entry.id) } else { None };
        self.list.update(change);
        if let Some(place) = id.and_then(|id| self.place_of(id)) {
            self.active.set(place);
        }
    }

    fn place_of(self, id: Fingerprint) -> Option<usize> {
        let row = self.list.with_untracked(|list| Some(list.ready()?.catalogue.find(id)?.number()))?;
        self.found.read_untracked().rows.iter().position(|found| *found == row)
    }

    /// A new list is announced as a change; where none was, the skeleton must end all the same.
    async fn load_if_none(self) {
        let none = self.list.with_untracked(|list| list.ready().is_none());
        if none && self.loads.with_value(|loads| loads.begun == loads.shown) {
            self.load().await;
        }
    }

    /// A fault of the list: in its place while there is none, else passing by. That the device is
    /// offline is said by a banner already.
    fn fail(self, fault: Fault) {
        if self.list.with_untracked(|list| list.ready().is_none()) {
            self.list.set(List::Failed(fault));
        } else if !self.offline.get_untracked() {
            self.say(fault.message);
        }
    }

    /// Fetches the list again.
    pub fn refresh(self) {
        if self.refreshing.get_untracked() {
            return;
        }
        self.refreshing.set(true);
        if self.list.with_untracked(|list| list.ready().is_none()) {
            self.list.set(List::Loading);
        }
        spawn_local(async move {
            match self.host().ask(Request::Refresh).await {
                Ok(Reply::Refreshed { refresh }) => {
                    self.trouble.set(words::nothing_came(&refresh));
                    self.load_if_none().await;
                    self.say_refreshed(&refresh);
                }
                Ok(Reply::Refused { fault }) | Err(fault) => self.fail(fault),
                Ok(_) => self.load_if_none().await,
            }
            self.refreshing.set(false);
        });
    }

    fn say_refreshed(self, refresh: &configstream_core::message::Refresh) {
        if refresh.total == 0 {
            return;
        }
        if self.face == Face::Popup || refresh.sources.iter().any(|source| source.error.is_some()) {
            self.say(words::refreshed(refresh));
        }
    }

    /// Asks the background and shows what it answers.
    pub fn ask(self, request: Request) {
        let host = self.host();
        spawn_local(async move {
            match host.ask(request).await {
                Ok(reply) => self.take(reply),
                Err(fault) => self.say(fault.message),
            }
        });
    }

    fn take(self, reply: Reply) {
        match reply {
            Reply::Status { status } => self.set_status(status),
            Reply::Refused { fault } => self.refused(fault),
            Reply::Pong { .. }
            | Reply::Settings { .. }
            | Reply::Refreshed { .. }
            | Reply::Experience { .. } => {}
        }
    }

    /// In the popup a refusal stays beside the status. On a page the next status, two seconds later,
    /// would wipe it away, so there it passes by.
    fn refused(self, fault: Fault) {
        match self.face {
            Face::Popup => self.status.update(|status| status.fault = Some(fault)),
            Face::Page => self.say(fault.message),
        }
    }

    /// Connects to the proxy of this identity.
    pub fn connect(self, id: &str) {
        self.ask(Request::Connect { id: id.to_owned() });
    }

    /// The power switch: on connects to the best, off ends the session.
    pub fn power(self) {
        if self.bridge.get_untracked() != Bridge::Here {
            return;
        }
        if words::is_on(&self.status.read_untracked()) {
            self.ask(Request::Disconnect);
        } else {
            self.ask(fastest());
        }
    }

    /// Does what a fault's button says.
    pub fn act(self, action: Action) {
        match action {
            Action::Retry => self.retry(),
            Action::ChooseAnother => focus("list"),
            Action::OpenOptions => self.host().open_options(),
            Action::Refresh => self.refresh(),
            Action::Grant => self.grant(),
            Action::None => {}
        }
    }

    fn retry(self) {
        match self.status.with_untracked(|status| status.proxy.as_ref().map(|proxy| proxy.id.clone())) {
            Some(id) => self.connect(&id),
            None => self.ask(fastest()),
        }
    }

    fn grant(self) {
        let granted = self.host().grant();
        spawn_local(async move {
            if granted.await {
                self.retry();
            } else {
                self.say("Without this permission the extension cannot set a proxy.".to_owned());
            }
        });
    }

    /// Opens the settings.
    pub fn open_options(self) {
        self.host().open_options();
    }

    /// Copies a row's link.
    pub fn copy(self, entry: &Entry) {
        let link = entry.link.clone();
        spawn_local(async move {
            let copied = clipboard::write(&link).await;
            let text =
                if copied { "Link copied." } else { "The browser did not allow copying; it needs HTTPS." };
            self.say(text.to_owned());
        });
    }

    /// Copies the link of the proxy whose details are shown, or of the active row.
    pub fn copy_current(self) {
        if let Some(entry) = self.current() {
            self.copy(&entry);
        }
    }

    fn current(self) -> Option<Entry> {
        let selected = self.selected.get_untracked();
        match selected {
            Some(id) => self.list.with_untracked(|list| Some(list.ready()?.catalogue.find(id)?.to_entry())),
            None => self.at(self.active.get_untracked()),
        }
    }

    /// The row at a place of the list.
    pub fn at(self, place: usize) -> Option<Entry> {
        let row = *self.found.read_untracked().rows.get(place)?;
        self.list.with_untracked(|list| Some(list.ready()?.catalogue.row(row)?.to_entry()))
    }

    /// Why this browser cannot connect to a row.
    pub fn obstacle(self, entry: &Entry) -> Option<Unusable> {
        choice::obstacle(self.engine, entry)
    }

    /// A click or Enter: the popup connects where it can, all else shows the details.
    pub fn open(self, place: usize) {
        self.active.set(place);
        let Some(entry) = self.at(place) else { return };
        if self.face == Face::Popup && self.obstacle(&entry).is_none() {
            self.connect(&entry.id.to_string());
        } else {
            self.selected.set(Some(entry.id));
        }
    }

    /// Shows the details of the row at a place.
    pub fn select(self, place: usize) {
        self.active.set(place);
        self.selected.set(self.at(place).map(|entry| entry.id));
    }

    /// Shows or hides the details of the active row.
    pub fn toggle_detail(self) {
        if self.selected.get_untracked().is_some() {
            self.selected.set(None);
        } else {
            self.select(self.active.get_untracked());
        }
    }

    /// Escape: closes what is open, else clears the search. Whether there was anything to do.
    pub fn back(self) -> bool {
        if self.sheet.get_untracked().is_some() {
            self.sheet.set(None);
        } else if self.selected.get_untracked().is_some() {
            self.selected.set(None);
            focus("list");
        } else if self.more.get_untracked() {
            self.close_more();
        } else if self.query.with_untracked(|query| !query.text.is_empty()) {
            self.change(|query| query.text.clear());
        } else {
            return false;
        }
        true
    }

    /// Opens a sheet in place of what is open, or closes it.
    pub fn toggle_sheet(self, sheet: Sheet) {
        self.sheet.update(|open| *open = (*open != Some(sheet)).then_some(sheet));
    }

    /// Closes a sheet, if it is this one that is open.
    pub fn close_sheet(self, sheet: Sheet) {
        if self.sheet.get_untracked() == Some(sheet) {
            self.sheet.set(None);
        }
    }

    /// Shows a passing message.
    pub fn say(self, text: String) {
        self.unmarked.set(None);
        self.say_for(text, TOAST);
    }

    fn say_undoable(self, text: &str, unmarked: Fingerprint) {
        self.unmarked.set(Some(unmarked));
        self.say_for(text.to_owned(), TOAST_WITH_UNDO);
    }

    fn say_for(self, text: String, millis: u64) {
        if let Some(handle) = self.fading.get_value() {
            handle.clear();
        }
        self.toast.set(text);
        let fade = move || {
            self.toast.set(String::new());
            self.unmarked.set(None);
        };
        self.fading.set_value(set_timeout_with_handle(fade, Duration::from_millis(millis)).ok());
    }

    /// The phase to show.
    pub fn phase(self) -> Phase {
        self.status.with(words::phase)
    }
}

/// Moves the focus to the element of this id.
pub fn focus(id: &str) {
    use wasm_bindgen::JsCast;
    let element = document().get_element_by_id(id);
    if let Some(element) = element.and_then(|element| element.dyn_into::<web_sys::HtmlElement>().ok()) {
        _ = element.focus();
    }
}

fn has_focus(id: &str) -> bool {
    document().active_element().is_some_and(|element| element.id() == id)
}

fn find(list: &List, query: &Query) -> Found {
    let mut found = Finding { asked: choice::with_typed_filters(query), ..Finding::default() };
    if let Some(loaded) = list.ready() {
        let search = loaded.catalogue.search(&found.asked, clock());
        (found.rows, found.facets, found.is_near) = (search.rows(), search.facets(), search.is_near());
    }
    Found(Arc::new(found))
}

/// The wish for the fastest of all.
fn fastest() -> Request {
    Request::Pick { goal: Goal::Fastest, among: Vec::new() }
}

/// A fault for a list that cannot be read.
pub fn unreadable(error: &impl ToString) -> Fault {
    words::fault(FaultCode::Fetch, &error.to_string(), Action::Refresh)
}
