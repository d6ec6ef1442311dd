//! The door: what the screens ask of the program around them. The popup answers over messages to
//! the background, the PWA over `fetch` and the bridge to the extension, a test from memory.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use configstream_core::Timestamp;
use configstream_core::catalogue::Catalogue;
use configstream_core::experience::Experience;
use configstream_core::message::{Fault, Reply, Request, Status};
use configstream_core::route::Engine;
use configstream_core::score::Ranking;

use crate::view::favourites::Favourites;

/// A future of the browser: it stays on its thread.
pub type Later<T> = Pin<Box<dyn Future<Output = T>>>;

/// Hears of changes that begin outside the screens.
pub type Listener = Arc<dyn Fn(Change) + Send + Sync>;

/// Which of the two programs is on screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Face {
    /// The extension's popup: a click on a row connects.
    Popup,
    /// The PWA: a click on a row shows it.
    Page,
}

/// Whether there is an extension that can set a proxy.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Bridge {
    /// Not known yet.
    #[default]
    Looking,
    /// It answers.
    Here,
    /// It does not answer: links can be copied, nothing can be connected.
    Absent,
}

/// The list as it was published.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// The rows.
    pub catalogue: Arc<Catalogue>,
    /// Grows with each published list.
    pub revision: u64,
    /// When it was published; scores are those of this moment.
    pub published_at: Timestamp,
    /// How the rows are scored.
    pub ranking: Arc<Ranking>,
}

impl Loaded {
    /// Scores the rows by another ranking.
    pub fn rank(&mut self, change: impl FnOnce(&mut Ranking)) {
        let was_default = self.ranking.is_default();
        let ranking = Arc::make_mut(&mut self.ranking);
        change(ranking);
        if !(was_default && ranking.is_default()) {
            Arc::make_mut(&mut self.catalogue).rescore(ranking, self.published_at);
        }
    }

    /// Marks these proxies, and no others.
    pub fn mark(&mut self, favourites: &Favourites) {
        Arc::make_mut(&mut self.catalogue).set_favourites(&favourites.set());
    }
}

impl PartialEq for Loaded {
    /// By pointer: two loads are two lists, and 100,000 rows are not compared.
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.catalogue, &other.catalogue)
    }
}

/// What changed outside the screens.
#[derive(Clone, Debug)]
pub enum Change {
    /// The session.
    Status(Box<Status>),
    /// The list at rest: load it again.
    Catalogue,
    /// What the user saw.
    Experience(Experience),
    /// Whether the extension answers.
    Bridge(Bridge),
    /// Whether the list on screen could not be compared with the API's.
    Offline(bool),
    /// A text that another page of the program kept.
    Kept(Shelf, String),
}

/// What is kept on this device, each as a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shelf {
    /// The view, as a query's URL form: across openings of the popup, or in the page's address.
    View,
    /// The marked proxies, as [`Favourites`] are written.
    Favourites,
    /// The weights of the ranking, as JSON.
    Weights,
}

impl Shelf {
    /// The shelves that every page of the program shares.
    pub const SHARED: [Self; 2] = [Self::Favourites, Self::Weights];

    /// Its name where it is kept.
    pub const fn key(self) -> &'static str {
        match self {
            Self::View => "view",
            Self::Favourites => "favourites",
            Self::Weights => "weights",
        }
    }

    /// The shared shelf of a [`key`](Self::key).
    pub fn shared(key: &str) -> Option<Self> {
        Self::SHARED.into_iter().find(|shelf| shelf.key() == key)
    }
}

/// What the screens ask of the program around them.
pub trait Host: Send + Sync + 'static {
    /// Which program this is.
    fn face(&self) -> Face;

    /// What this browser can speak to.
    fn engine(&self) -> Engine;

    /// The list at rest, with the scores it was published with, and what the user saw; `None` when there is
    /// none yet.
    fn load(&self) -> Later<Result<Option<Loaded>, Fault>>;

    /// Asks the background. [`Request::Refresh`] replaces the list at rest, and where
    /// it is another one, [`Change::Catalogue`] is told before the answer comes.
    fn ask(&self, request: Request) -> Later<Result<Reply, Fault>>;

    /// Tells `listener` of changes, for as long as the program runs.
    fn subscribe(&self, listener: Listener);

    /// Asks the user for the browser's permission; must be called in a click.
    fn grant(&self) -> Later<bool>;

    /// Opens the settings, where there are any.
    fn open_options(&self);

    /// The text that was last kept on this shelf; empty for none.
    fn kept(&self, place: Shelf) -> Later<String>;

    /// Keeps a text on this shelf.
    fn keep(&self, place: Shelf, text: &str);
}
