//! The closed set of messages between popup, options page, PWA and background.

use serde::{Deserialize, Serialize};

use crate::catalogue::Goal;
use crate::guard::Exit;
use crate::{Protocol, Timestamp};

/// The extension's identity in Chrome, fixed by the `key` in the manifest, so that a page can ask it.
pub const CHROME_EXTENSION_ID: &str = "ieoddomphmfbblmnilmilkmbpcgcbnmj";

/// What the background is asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Request {
    /// Who is there? Answered with [`Reply::Pong`].
    Ping,
    /// The state of the session.
    Status,
    /// Connect to the proxy of this identity (16 hexadecimal digits).
    Connect {
        /// The identity, as in the catalogue.
        id: String,
    },
    /// Connect to a proxy that is picked among those which this browser can speak to.
    Pick {
        /// What to look for.
        goal: Goal,
        /// The identities of those to pick from, as in the catalogue; none for all.
        #[serde(default)]
        among: Vec<String>,
    },
    /// End the session; the browser's own settings return.
    Disconnect,
    /// Fetch the API's list and the user's own sources again.
    Refresh,
    /// How much is remembered of how connections went.
    Experience,
    /// Forget how connections went.
    ForgetExperience,
    /// The settings.
    Settings,
    /// Keep these settings.
    SaveSettings {
        /// All of them.
        settings: Settings,
    },
}

impl Request {
    /// Whether a web page may ask this: only what tells nothing secret and changes nothing but the
    /// connection. The page's origin is checked apart from this.
    pub fn open_to_pages(&self) -> bool {
        matches!(
            self,
            Self::Ping | Self::Status | Self::Connect { .. } | Self::Pick { .. } | Self::Disconnect
        )
    }
}

/// What the background answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Reply {
    /// The extension is there.
    Pong {
        /// Its version.
        version: String,
    },
    /// The state of the session, after what was asked has begun.
    Status {
        /// The state.
        status: Status,
    },
    /// The settings.
    Settings {
        /// All of them.
        settings: Settings,
    },
    /// What is remembered of how connections went.
    Experience {
        /// Of how many proxies, networks, protocols and sources; on each network of the user apart.
        tallies: usize,
    },
    /// The list was fetched and stored.
    Refreshed {
        /// What came of it.
        refresh: Refresh,
    },
    /// It was not done.
    Refused {
        /// Why, and what to do.
        fault: Fault,
    },
}

/// Where a session stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Phase {
    /// No proxy: the browser's own settings hold.
    #[default]
    Off,
    /// The proxy is set; the exit is not yet proven.
    Connecting,
    /// A request through the proxy came back with the exit's address.
    Connected,
    /// The proxy failed; the kill switch lets nothing out.
    Blocked,
    /// The proxy failed; the browser's own settings hold (kill switch off).
    Failed,
}

/// What screens show of a session. It holds no secret.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Status {
    /// Where the session stands.
    pub phase: Phase,
    /// The proxy in use, or last used.
    pub proxy: Option<Chosen>,
    /// The proven exit; only when connected.
    pub exit: Option<Exit>,
    /// What went wrong, and what to do.
    pub fault: Option<Fault>,
    /// When the exit was last proven.
    pub proven_at: Option<Timestamp>,
    /// Whether a failure lets nothing out.
    pub kill_switch: bool,
    /// Whether private windows go the same way; the user grants that in the browser's own pages.
    #[serde(default)]
    pub covers_private: bool,
}

/// What screens show of the chosen proxy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Chosen {
    /// Its identity.
    pub id: String,
    /// Its name, or its endpoint when it has none.
    pub name: String,
    /// What it speaks.
    pub protocol: Protocol,
    /// `host:port`.
    pub endpoint: String,
    /// The browser resolves names itself before it asks this proxy, so the network sees them.
    #[serde(default)]
    pub leaks_dns: bool,
}

/// What went wrong, and one thing to do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fault {
    /// Stable, for programs and translations.
    pub code: FaultCode,
    /// What happened, in a sentence.
    pub message: String,
    /// What to do next.
    pub action: Action,
}

/// The kinds of fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FaultCode {
    /// The proxy does not answer.
    Unreachable,
    /// The proxy refuses the user name or password.
    BadCredentials,
    /// The proxy answers, but not with the judge's answer.
    Tampered,
    /// No judge that could prove the exit is set.
    NoJudge,
    /// The browser cannot speak to this proxy.
    Unusable,
    /// Another extension or a policy holds the proxy settings.
    NotInControl,
    /// The browser refused a setting.
    Browser,
    /// The user has not granted a permission.
    Permission,
    /// There is no such proxy in the list, or the list is empty.
    NoProxy,
    /// The API or a source could not be fetched.
    Fetch,
    /// The request is malformed or not allowed from where it came.
    BadRequest,
}

/// The one next step that a fault offers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Action {
    /// Try the same proxy again.
    Retry,
    /// Choose another proxy.
    ChooseAnother,
    /// Open the options page.
    OpenOptions,
    /// Fetch the list.
    Refresh,
    /// Grant the browser's permission.
    Grant,
    /// Nothing the user can do here.
    None,
}

/// What a refresh brought.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refresh {
    /// Proxies in the list now.
    pub total: usize,
    /// Lines that were no proxy.
    pub rejected: usize,
    /// Each source: its name, and what went wrong or nothing.
    pub sources: Vec<SourceReport>,
}

/// What the reader of documents found in one.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Found {
    /// The proxies, each once, as bytes of a [`Snapshot`](crate::catalogue::Snapshot).
    #[serde(with = "serde_bytes")]
    pub snapshot: Vec<u8>,
    /// Lines that were no proxy.
    pub rejected: usize,
    /// Why there is no proxy at all.
    pub reason: Option<String>,
}

/// What one source gave.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceReport {
    /// Its name: the host of its address, or the name that the user gave. Never the whole address,
    /// which may hold a token.
    pub name: String,
    /// Proxies that it lists.
    pub proxies: usize,
    /// What went wrong, if anything.
    pub error: Option<String>,
}

/// Which colours.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Theme {
    /// As the system has it.
    #[default]
    System,
    /// Light.
    Light,
    /// Dark.
    Dark,
}

/// A list of the user's own.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OwnSource {
    /// A name to tell it by.
    pub name: String,
    /// An address to fetch, or empty.
    #[serde(default)]
    pub url: String,
    /// The pasted text, or empty.
    #[serde(default)]
    pub text: String,
}

/// What the user decides.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// The hosted API's address; empty for none.
    pub api: String,
    /// The judge's address; empty for the API's own and, where that is on this machine, the public
    /// ones.
    pub judge: String,
    /// The user's own lists.
    pub sources: Vec<OwnSource>,
    /// Which colours.
    pub theme: Theme,
    /// Whether a failure lets nothing out.
    pub kill_switch: bool,
    /// Whether WebRTC may only use the proxy while connected.
    pub guard_webrtc: bool,
}

impl Settings {
    /// The API of `cargo xtask run`.
    pub const LOCAL_API: &'static str = "http://127.0.0.1:8080";
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            api: Self::LOCAL_API.to_owned(),
            judge: String::new(),
            sources: Vec::new(),
            theme: Theme::System,
            kill_switch: true,
            guard_webrtc: true,
        }
    }
}
