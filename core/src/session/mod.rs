//! The life of one connection: a pure state machine, `(State, Event, now) → (State, Effects)`.
//!
//! The background only carries effects out. Two promises hold in every reachable state, and
//! `core/tests/session.rs` tries to break them with arbitrary events:
//!
//! - with the kill switch on, from the first effect of a connect to the last of a disconnect no
//!   effect lets a request go direct;
//! - [`Phase::Connected`] follows only from a judge's answer that came through the present route.
//!
//! ```
//! use configstream_core::session::{Event, State};
//! use configstream_core::{Timestamp, message::Phase};
//!
//! let mut state = State::default();
//! let effects = state.step(Event::Disconnect, Timestamp::default());
//! assert_eq!(state.status().phase, Phase::Off);
//! assert!(!effects.is_empty());
//! ```

mod fault;
mod status;

use serde::{Deserialize, Serialize};

use crate::Timestamp;
use crate::guard::{Exit, NoExit};
use crate::message::{Chosen, Fault};
use crate::route::{Route, Server};

/// How often a proven exit is proven again, in minutes.
pub const CHECK_MINUTES: u32 = 1;
/// The shortest time between two checks that the browser's errors cause, in milliseconds.
const TROUBLE_GAP: u64 = 5_000;

/// A proxy to connect to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Target {
    /// What screens show of it.
    pub chosen: Chosen,
    /// How the browser reaches it.
    pub server: Server,
}

/// What holds for the whole of a session.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Policy {
    /// A failure lets nothing out.
    pub kill_switch: bool,
    /// WebRTC may only use the proxy.
    pub guard_webrtc: bool,
    /// The judges that can prove the exit, in the order in which they are asked.
    pub judges: Vec<String>,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// The user wants the first of these proxies; the others stand in when it fails.
    Connect {
        /// In order of preference.
        targets: Vec<Target>,
        /// What holds from now on.
        policy: Policy,
    },
    /// The user wants the browser as it was.
    Disconnect,
    /// A route was set, or not.
    Applied {
        /// The generation of the [`Effect::Route`].
        generation: u32,
        /// Whether it is in force.
        outcome: Result<(), Refusal>,
    },
    /// The judges were asked.
    Judged {
        /// The generation of the [`Effect::Probe`].
        generation: u32,
        /// The exit that one of them saw.
        outcome: Result<Exit, NoProof>,
    },
    /// Requests fail; maybe the proxy is gone.
    Trouble,
    /// The proxy asked again for the user name and password that it was just given.
    LoginRefused,
    /// Somebody else holds the proxy settings now.
    ControlLost,
    /// They are ours again.
    ControlRegained,
    /// Time to prove the exit again.
    Tick,
    /// The background started.
    Woke {
        /// The browser itself started: nothing of before is in force.
        browser_started: bool,
    },
    /// The settings changed.
    PolicyChanged(Policy),
}

/// Why a route is not in force.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// Another extension or a policy holds the proxy settings.
    NotInControl,
    /// The browser refused the setting.
    Browser,
    /// The user has not granted access to all sites, without which requests would pass us by.
    Permission,
}

/// Why the exit is not proven.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoProof {
    /// No judge answered.
    Unreachable,
    /// Something answered in a judge's place.
    Tampered(NoExit),
}

/// What is to be done, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Send requests this way; answered by [`Event::Applied`].
    Route {
        /// The way.
        route: Route,
        /// To tell answers apart.
        generation: u32,
    },
    /// Ask the judges in order until one answers; answered by [`Event::Judged`].
    Probe {
        /// To tell answers apart.
        generation: u32,
        /// Their addresses.
        judges: Vec<String>,
    },
    /// Let WebRTC use only the proxy, or as the browser has it.
    GuardWebRtc(bool),
    /// Cause an [`Event::Tick`] every so many minutes, or no more.
    CheckEvery(Option<u32>),
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
enum Stage {
    #[default]
    Off,
    /// The route is set, or about to be; the exit is not proven.
    Connecting,
    /// The exit is proven.
    Connected { exit: Exit, proven_at: Timestamp, asked_at: Timestamp },
    /// Given up; nothing goes out.
    Blocked { fault: Fault },
    /// Given up; the browser's own settings hold, or somebody else's.
    Failed { fault: Fault },
}

/// Where a session stands. It is kept as it is over the background's sleep.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct State {
    stage: Stage,
    /// Grows with each route and each probe; an answer with another number is stale.
    generation: u32,
    policy: Policy,
    /// The proxy in use, then those that stand in for it.
    targets: Vec<Target>,
}

impl State {
    /// Takes what happened; gives what is to be done.
    pub fn step(&mut self, event: Event, now: Timestamp) -> Vec<Effect> {
        match event {
            Event::Connect { targets, policy } => self.connect(targets, policy),
            Event::Disconnect => self.disconnect(),
            Event::Applied { generation, outcome } if generation == self.generation => self.applied(outcome),
            Event::Judged { generation, outcome } if generation == self.generation => {
                self.judged(outcome, now)
            }
            Event::Applied { .. } | Event::Judged { .. } => Vec::new(),
            Event::Trouble => self.trouble(now),
            Event::LoginRefused => self.login_refused(),
            Event::ControlLost => self.control_lost(),
            Event::ControlRegained => self.control_regained(),
            Event::Tick => self.tick(now),
            Event::Woke { browser_started } => self.woke(browser_started),
            Event::PolicyChanged(policy) => self.policy_changed(policy),
        }
    }

    /// Whether the user wants a proxy.
    pub fn is_wanted(&self) -> bool {
        self.stage != Stage::Off
    }

    /// The way that requests are to go now.
    pub fn route(&self) -> Route {
        match (&self.stage, self.targets.first()) {
            (Stage::Off, _) => Route::Restore,
            (Stage::Failed { fault }, Some(_)) if !fault::keeps_route(fault) => self.without_proxy(),
            (Stage::Blocked { .. }, _) | (_, None) => Route::Block,
            (_, Some(target)) => Route::Proxy { server: target.server.clone() },
        }
    }

    fn without_proxy(&self) -> Route {
        if self.policy.kill_switch { Route::Block } else { Route::Restore }
    }

    fn connect(&mut self, targets: Vec<Target>, policy: Policy) -> Vec<Effect> {
        if targets.is_empty() {
            return Vec::new();
        }
        self.targets = targets;
        self.policy = policy;
        self.begin()
    }

    /// Sets the way to the first target and waits for proof.
    fn begin(&mut self) -> Vec<Effect> {
        self.stage = Stage::Connecting;
        vec![Effect::GuardWebRtc(self.policy.guard_webrtc), self.set_route()]
    }

    fn disconnect(&mut self) -> Vec<Effect> {
        self.stage = Stage::Off;
        self.targets.clear();
        vec![self.set_route(), Effect::GuardWebRtc(false), Effect::CheckEvery(None)]
    }

    fn applied(&mut self, outcome: Result<(), Refusal>) -> Vec<Effect> {
        match (outcome, &self.stage) {
            (Ok(()), Stage::Connecting) => self.probe(),
            (Ok(()), _) | (Err(_), Stage::Off | Stage::Failed { .. }) => Vec::new(),
            (Err(Refusal::NotInControl), _) => self.control_lost(),
            (Err(Refusal::Permission), _) => self.unprotected(fault::permission()),
            // Not even blocking is possible: say so rather than claim it.
            (Err(Refusal::Browser), Stage::Blocked { .. }) => self.unprotected(fault::browser()),
            (Err(Refusal::Browser), _) => self.give_up(fault::browser()),
        }
    }

    fn judged(&mut self, outcome: Result<Exit, NoProof>, now: Timestamp) -> Vec<Effect> {
        match (outcome, &self.stage) {
            (_, Stage::Off | Stage::Blocked { .. } | Stage::Failed { .. }) => Vec::new(),
            (Ok(exit), _) => self.proven(exit, now),
            // No judge asks for a password: this is the proxy, and some say 401 where they mean 407.
            (Err(NoProof::Tampered(NoExit::Status(401 | 407))), _) => self.next_or(fault::bad_credentials()),
            (Err(NoProof::Tampered(why)), _) => self.next_or(fault::tampered(&why)),
            (Err(NoProof::Unreachable), Stage::Connected { .. }) => self.doubt(),
            (Err(NoProof::Unreachable), Stage::Connecting) => self.next_or(fault::unreachable()),
        }
    }

    fn proven(&mut self, exit: Exit, now: Timestamp) -> Vec<Effect> {
        self.stage = Stage::Connected { exit, proven_at: now, asked_at: now };
        vec![Effect::CheckEvery(Some(CHECK_MINUTES))]
    }

    /// Goes on to the next target, or gives up.
    fn next_or(&mut self, fault: Fault) -> Vec<Effect> {
        if self.targets.len() < 2 {
            return self.give_up(fault);
        }
        self.targets.remove(0);
        self.begin()
    }

    fn give_up(&mut self, fault: Fault) -> Vec<Effect> {
        if !self.policy.kill_switch {
            self.stage = Stage::Failed { fault };
            return vec![self.set_route(), Effect::GuardWebRtc(false), Effect::CheckEvery(None)];
        }
        let again = fault::passes_by_itself(&fault).then_some(CHECK_MINUTES);
        self.stage = Stage::Blocked { fault };
        vec![self.set_route(), Effect::CheckEvery(again)]
    }

    /// The route is not in our hands: claim nothing, and leave in place what is.
    fn unprotected(&mut self, fault: Fault) -> Vec<Effect> {
        self.stage = Stage::Failed { fault };
        vec![Effect::CheckEvery(None)]
    }

    fn trouble(&mut self, now: Timestamp) -> Vec<Effect> {
        match &mut self.stage {
            Stage::Connected { asked_at, .. } if now.since(*asked_at) >= TROUBLE_GAP => {
                *asked_at = now;
                self.probe()
            }
            _ => Vec::new(),
        }
    }

    fn login_refused(&mut self) -> Vec<Effect> {
        match self.stage {
            Stage::Connecting | Stage::Connected { .. } => self.next_or(fault::bad_credentials()),
            _ => Vec::new(),
        }
    }

    fn control_lost(&mut self) -> Vec<Effect> {
        if self.is_wanted() { self.unprotected(fault::not_in_control()) } else { Vec::new() }
    }

    fn control_regained(&mut self) -> Vec<Effect> {
        match &self.stage {
            Stage::Failed { fault } if fault::keeps_route(fault) => self.begin(),
            _ => Vec::new(),
        }
    }

    fn tick(&mut self, now: Timestamp) -> Vec<Effect> {
        match &mut self.stage {
            Stage::Connected { asked_at, .. } => {
                *asked_at = now;
                self.probe()
            }
            Stage::Connecting => self.probe(),
            Stage::Blocked { fault } if fault::passes_by_itself(fault) => self.begin(),
            _ => Vec::new(),
        }
    }

    fn woke(&mut self, browser_started: bool) -> Vec<Effect> {
        match &self.stage {
            Stage::Off => Vec::new(),
            Stage::Connecting => self.begin(),
            Stage::Failed { fault } if !self.policy.kill_switch && !fault::keeps_route(fault) => Vec::new(),
            Stage::Blocked { .. } if browser_started => vec![self.set_route()],
            _ if browser_started => self.begin(),
            _ => Vec::new(),
        }
    }

    fn policy_changed(&mut self, policy: Policy) -> Vec<Effect> {
        self.policy = policy;
        match (&self.stage, self.policy.kill_switch) {
            (Stage::Off | Stage::Failed { .. }, _) => Vec::new(),
            (Stage::Blocked { fault }, false) => {
                let fault = fault.clone();
                self.give_up(fault)
            }
            _ => vec![Effect::GuardWebRtc(self.policy.guard_webrtc)],
        }
    }

    fn set_route(&mut self) -> Effect {
        self.generation = self.generation.wrapping_add(1);
        Effect::Route { route: self.route(), generation: self.generation }
    }

    fn probe(&mut self) -> Vec<Effect> {
        if self.policy.judges.is_empty() {
            return self.give_up(fault::no_judge());
        }
        self.generation = self.generation.wrapping_add(1);
        vec![Effect::Probe { generation: self.generation, judges: self.policy.judges.clone() }]
    }

    /// One failed check is no proof of failure, but the claim falls at once; the second decides.
    fn doubt(&mut self) -> Vec<Effect> {
        self.stage = Stage::Connecting;
        self.probe()
    }
}
