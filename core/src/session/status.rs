//! What screens show of a session.

use super::{Stage, State};
use crate::message::{Phase, Status};

impl State {
    /// What screens show: the truth, without secrets.
    pub fn status(&self) -> Status {
        let (exit, proven_at) = match &self.stage {
            Stage::Connected { exit, proven_at, .. } => (Some(exit.clone()), Some(*proven_at)),
            _ => (None, None),
        };
        let fault = match &self.stage {
            Stage::Blocked { fault } | Stage::Failed { fault } => Some(fault.clone()),
            _ => None,
        };
        Status {
            phase: self.phase(),
            proxy: self.targets.first().map(|target| target.chosen.clone()),
            exit,
            fault,
            proven_at,
            kill_switch: self.policy.kill_switch,
            covers_private: false,
        }
    }

    fn phase(&self) -> Phase {
        match self.stage {
            Stage::Off => Phase::Off,
            Stage::Connecting { .. } => Phase::Connecting,
            Stage::Connected { .. } => Phase::Connected,
            Stage::Blocked { .. } => Phase::Blocked,
            Stage::Failed { .. } => Phase::Failed,
        }
    }
}
