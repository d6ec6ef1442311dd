//! The life of one connection: a pure state machine, `(State, Event, now) → (State, Effects)`.
//!
//! The background only carries effects out. Two promises hold in every reachable state, and
//! `core/tests/session.rs` tries to break them with arbitrary events:
//!
//! - with the kill switch on, from the first effect of a connect to the last of a disconnect no
//!   effect lets a request go direct;
//! - [`Phase::Connected`] follows only from a judge's answer that was asked for after the present
//!   route was in force.
//!
//! What a web page can cause (requests that fail, an origin that pretends to be a proxy asking for a
//! password) makes the session look again, and decides nothing by itself.
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
use crate::experience::Outcome;
use crate::guard::{Exit, NoExit};
use crate::message::{Chosen, Fault};
use crate::route::{Route, Server};

/// How often a proven exit is proven again, in minutes.
pub const CHECK_MINUTES: u32 = 1;
/// The shortest time between a proof and a check that the browser's errors cause, in milliseconds.
const TROUBLE_GAP: u64 = 10_000;
/// After this time a judge that was asked will not answer any more, in milliseconds: three judges of
/// six seconds each, and a background that may have ended meanwhile.
const PATIENCE: u64 = 30_000;

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
        /// Milliseconds from its request to its whole answer, where one answered.
        latency: Option<u32>,
    },
    /// Requests fail; maybe the proxy is gone.
    Trouble,
    /// Something that calls itself the proxy asks for a login that we do not have, or that it was
    /// just given.
    LoginRefused,
    /// Somebody else holds the proxy settings now.
    ControlLost,
    /// The user took access to all sites back.
    PermissionLost,
    /// Settings or access are ours again.
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
    /// Remember how a connection went: said once of each that was wished for, when a new one works, and when
    /// one breaks; not of the attempts that a block makes by itself.
    Learn {
        /// Whose.
        chosen: Chosen,
        /// How.
        outcome: Outcome,
    },
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
enum Stage {
    #[default]
    Off,
    /// The route is set, or about to be; the exit is not proven.
    Connecting {
        /// The route is in force.
        applied: bool,
        login_refused: bool,
        /// The exit was proven, and the last check did not prove it again.
        #[serde(default)]
        doubted: bool,
        asked_at: Option<Timestamp>,
    },
    /// The exit is proven.
    Connected { exit: Exit, proven_at: Timestamp, asked_at: Option<Timestamp> },
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
    /// It was given up, and is tried again by itself.
    #[serde(default)]
    again: bool,
}

impl State {
    /// The state in place of one that was kept and does not read: nothing is known, so nothing goes
    /// out until the user says so.
    pub fn unreadable() -> Self {
        let policy = Policy { kill_switch: true, ..Policy::default() };
        Self { stage: Stage::Blocked { fault: fault::unreadable() }, policy, ..Self::default() }
    }

    /// Takes what happened; gives what is to be done.
    pub fn step(&mut self, event: Event, now: Timestamp) -> Vec<Effect> {
        match event {
            Event::Connect { targets, policy } => self.connect(targets, policy),
            Event::Disconnect => self.disconnect(),
            Event::Applied { generation, outcome } if self.is_current(generation) => {
                self.applied(outcome, now)
            }
            Event::Judged { generation, outcome, latency } if self.is_current(generation) => {
                let learnt = self.learnt(&outcome, latency);
                let mut effects = self.judged(outcome, now);
                effects.extend(learnt);
                effects
            }
            Event::Applied { .. } | Event::Judged { .. } => Vec::new(),
            Event::Trouble => self.trouble(now),
            Event::LoginRefused => self.login_refused(now),
            Event::ControlLost => self.lost(fault::not_in_control()),
            Event::PermissionLost => self.lost(fault::permission()),
            Event::ControlRegained => self.regained(),
            Event::Tick => self.tick(now),
            Event::Woke { browser_started } => self.woke(browser_started, now),
            Event::PolicyChanged(policy) => self.policy_changed(policy),
        }
    }

    /// Whether the user wants a proxy.
    pub fn is_wanted(&self) -> bool {
        self.stage != Stage::Off
    }

    /// Whether an effect or an answer of this generation still counts.
    pub fn is_current(&self, generation: u32) -> bool {
        self.generation == generation
    }

    /// The way that requests are to go now.
    pub fn route(&self) -> Route {
        match (&self.stage, self.targets.first()) {
            (Stage::Off, _) => Route::Restore,
            (Stage::Failed { fault }, _) if !fault::keeps_route(fault) => self.without_proxy(),
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
        self.again = false;
        self.begin()
    }

    /// Sets the way to the first target and waits for proof.
    fn begin(&mut self) -> Vec<Effect> {
        self.stage =
            Stage::Connecting { applied: false, login_refused: false, doubted: false, asked_at: None };
        vec![self.set_route(), Effect::GuardWebRtc(self.policy.guard_webrtc)]
    }

    fn disconnect(&mut self) -> Vec<Effect> {
        *self = Self { generation: self.generation, ..Self::default() };
        self.off()
    }

    fn off(&mut self) -> Vec<Effect> {
        vec![self.set_route(), Effect::GuardWebRtc(false), Effect::CheckEvery(None)]
    }

    fn applied(&mut self, outcome: Result<(), Refusal>, now: Timestamp) -> Vec<Effect> {
        match (outcome, &mut self.stage) {
            (Ok(()), Stage::Connecting { applied, .. }) => {
                *applied = true;
                self.probe(now)
            }
            (Err(Refusal::Browser), Stage::Off) => self.unprotected(fault::not_restored()),
            // In Off, what others hold or what we may not see is none of ours to restore.
            (Ok(()), _) | (Err(_), Stage::Off | Stage::Failed { .. }) => Vec::new(),
            (Err(Refusal::NotInControl), _) => self.unprotected(fault::not_in_control()),
            (Err(Refusal::Permission), _) => self.unprotected(fault::permission()),
            // Not even blocking is possible: say so rather than claim it.
            (Err(Refusal::Browser), Stage::Blocked { .. }) => self.unprotected(fault::browser()),
            (Err(Refusal::Browser), _) => self.give_up(fault::browser()),
        }
    }

    fn judged(&mut self, outcome: Result<Exit, NoProof>, now: Timestamp) -> Vec<Effect> {
        if self.asked_at().is_none_or(|asked_at| asked_at.take().is_none()) {
            return Vec::new();
        }
        match (outcome, &self.stage) {
            (Ok(exit), _) => self.proven(exit, now),
            (Err(proof), Stage::Connected { .. }) if fault::may_pass(&proof) => self.doubt(now),
            (Err(proof), Stage::Connecting { login_refused, .. }) => {
                let fault = fault::unproven(&proof, *login_refused);
                self.next_or(fault)
            }
            (Err(proof), _) => self.next_or(fault::unproven(&proof, false)),
        }
    }

    /// What an answer to a question that was asked says of the proxy; that one which worked works still, is
    /// asked once more or fails as it did, says nothing new.
    fn learnt(&self, outcome: &Result<Exit, NoProof>, latency: Option<u32>) -> Option<Effect> {
        let outcome = match (outcome, &self.stage) {
            (Ok(_), Stage::Connecting { doubted: false, asked_at: Some(_), .. }) => {
                Some(Outcome::Worked { latency })
            }
            (Err(proof), Stage::Connecting { login_refused, asked_at: Some(_), .. }) if !self.again => {
                fault::outcome(proof, *login_refused)
            }
            (Err(proof), Stage::Connected { asked_at: Some(_), .. }) if !fault::may_pass(proof) => {
                fault::outcome(proof, false)
            }
            _ => None,
        };
        Some(Effect::Learn { chosen: self.targets.first()?.chosen.clone(), outcome: outcome? })
    }

    fn proven(&mut self, exit: Exit, now: Timestamp) -> Vec<Effect> {
        self.stage = Stage::Connected { exit, proven_at: now, asked_at: None };
        self.again = false;
        vec![Effect::CheckEvery(Some(CHECK_MINUTES))]
    }

    /// One failed check is no proof of failure, but the claim falls at once; the second decides.
    fn doubt(&mut self, now: Timestamp) -> Vec<Effect> {
        self.stage = Stage::Connecting { applied: true, login_refused: false, doubted: true, asked_at: None };
        self.probe(now)
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
        if self.policy.kill_switch {
            self.stage = Stage::Blocked { fault };
            return self.block();
        }
        self.stage = Stage::Failed { fault };
        self.off()
    }

    /// Lets nothing out, WebRTC included, whatever the user wants of it otherwise.
    fn block(&mut self) -> Vec<Effect> {
        let again = matches!(&self.stage, Stage::Blocked { fault } if fault::passes_by_itself(fault));
        let again = again.then_some(CHECK_MINUTES);
        vec![self.set_route(), Effect::GuardWebRtc(true), Effect::CheckEvery(again)]
    }

    /// The route is not in our hands: claim nothing, and leave in place what is.
    fn unprotected(&mut self, fault: Fault) -> Vec<Effect> {
        self.stage = Stage::Failed { fault };
        vec![Effect::CheckEvery(None)]
    }

    fn lost(&mut self, fault: Fault) -> Vec<Effect> {
        match self.stage {
            Stage::Off | Stage::Failed { .. } => Vec::new(),
            _ => self.unprotected(fault),
        }
    }

    fn regained(&mut self) -> Vec<Effect> {
        match &self.stage {
            Stage::Failed { fault } if fault::keeps_route(fault) => self.begin(),
            _ => Vec::new(),
        }
    }

    fn trouble(&mut self, now: Timestamp) -> Vec<Effect> {
        match &self.stage {
            Stage::Connected { proven_at, .. } if now.since(*proven_at) >= TROUBLE_GAP => {
                self.look_again(now)
            }
            _ => Vec::new(),
        }
    }

    /// Any page can have a proxy ask for a login, so the judge's request decides; here it is only
    /// remembered what its failure would mean.
    fn login_refused(&mut self, now: Timestamp) -> Vec<Effect> {
        if let Stage::Connecting { login_refused, .. } = &mut self.stage {
            *login_refused = true;
        }
        self.trouble(now)
    }

    fn tick(&mut self, now: Timestamp) -> Vec<Effect> {
        match &self.stage {
            Stage::Connected { .. } | Stage::Connecting { applied: true, .. } => self.look_again(now),
            Stage::Blocked { fault } if fault::passes_by_itself(fault) => {
                self.again = true;
                self.begin()
            }
            _ => Vec::new(),
        }
    }

    /// Asks the judges, unless they have been asked and may still answer.
    fn look_again(&mut self, now: Timestamp) -> Vec<Effect> {
        let asked = self.asked_at().and_then(|asked_at| *asked_at);
        if asked.is_some_and(|at| now.since(at) < PATIENCE) { Vec::new() } else { self.probe(now) }
    }

    fn asked_at(&mut self) -> Option<&mut Option<Timestamp>> {
        match &mut self.stage {
            Stage::Connecting { asked_at, .. } | Stage::Connected { asked_at, .. } => Some(asked_at),
            _ => None,
        }
    }

    /// The background may have ended between any two effects, so what is idempotent is done again.
    fn woke(&mut self, browser_started: bool, now: Timestamp) -> Vec<Effect> {
        match &self.stage {
            Stage::Off => self.off(),
            Stage::Blocked { .. } => self.block(),
            Stage::Connecting { .. } => self.begin(),
            Stage::Failed { fault } if !self.policy.kill_switch && !fault::keeps_route(fault) => Vec::new(),
            _ if browser_started => self.begin(),
            Stage::Connected { asked_at: Some(_), .. } => self.probe(now),
            _ => Vec::new(),
        }
    }

    fn policy_changed(&mut self, policy: Policy) -> Vec<Effect> {
        if self.targets.is_empty() {
            return Vec::new();
        }
        self.policy = policy;
        match (&self.stage, self.policy.kill_switch) {
            (Stage::Blocked { fault }, false) => {
                let fault = fault.clone();
                self.give_up(fault)
            }
            (Stage::Failed { fault }, true) if !fault::keeps_route(fault) => {
                let fault = fault.clone();
                self.give_up(fault)
            }
            (Stage::Connecting { .. } | Stage::Connected { .. }, _) => {
                vec![Effect::GuardWebRtc(self.policy.guard_webrtc)]
            }
            _ => Vec::new(),
        }
    }

    fn set_route(&mut self) -> Effect {
        self.generation = self.generation.wrapping_add(1);
        Effect::Route { route: self.route(), generation: self.generation }
    }

    fn probe(&mut self, now: Timestamp) -> Vec<Effect> {
        if self.policy.judges.is_empty() {
            return self.give_up(fault::no_judge());
        }
        if let Some(asked_at) = self.asked_at() {
            *asked_at = Some(now);
        }
        self.generation = self.generation.wrapping_add(1);
        vec![Effect::Probe { generation: self.generation, judges: self.policy.judges.clone() }]
    }
}
