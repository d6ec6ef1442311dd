//! The faults of a session: each a code, a sentence, and one next step.

use super::NoProof;
use crate::experience::Outcome;
use crate::guard::NoExit;
use crate::message::{Action, Fault, FaultCode};

fn fault(code: FaultCode, message: &str, action: Action) -> Fault {
    Fault { code, message: message.to_owned(), action }
}

fn unreachable() -> Fault {
    fault(FaultCode::Unreachable, "The proxy does not answer.", Action::ChooseAnother)
}

fn bad_credentials() -> Fault {
    fault(FaultCode::BadCredentials, "The proxy refuses this user name or password.", Action::ChooseAnother)
}

fn tampered(why: &NoExit) -> Fault {
    let message = format!("The proxy answers, but the exit is not proven: {why}.");
    Fault { code: FaultCode::Tampered, message, action: Action::ChooseAnother }
}

fn judge_refused(status: u16) -> Fault {
    let message =
        format!("The exit is not proven: through this proxy, the judge answers with status {status}.");
    Fault { code: FaultCode::Unreachable, message, action: Action::ChooseAnother }
}

/// What a failed proof means.
pub(super) fn unproven(proof: &NoProof, login_refused: bool) -> Fault {
    match proof {
        // No judge asks for a password: this is the proxy, and some say 401 where they mean 407.
        NoProof::Tampered(NoExit::Status(401 | 407)) => bad_credentials(),
        NoProof::Tampered(NoExit::Status(status)) => judge_refused(*status),
        NoProof::Tampered(why) => tampered(why),
        NoProof::Unreachable if login_refused => bad_credentials(),
        NoProof::Unreachable => unreachable(),
    }
}

/// What a failed proof says of the proxy. One that brings a judge's refusal may be well.
pub(super) fn outcome(proof: &NoProof, login_refused: bool) -> Option<Outcome> {
    match unproven(proof, login_refused).code {
        FaultCode::BadCredentials => Some(Outcome::Refused),
        FaultCode::Tampered => Some(Outcome::Tampered),
        _ => (*proof == NoProof::Unreachable).then_some(Outcome::Unreachable),
    }
}

/// Whether asking once more may prove what this answer did not: judges restart, and refuse whom they
/// have seen too often.
pub(super) fn may_pass(proof: &NoProof) -> bool {
    passes_by_itself(&unproven(proof, false))
}

/// In place of a kept session that does not read.
pub(super) fn unreadable() -> Fault {
    let message = "What was kept of the last session does not read. Nothing leaves until you disconnect or choose a proxy.";
    fault(FaultCode::Browser, message, Action::ChooseAnother)
}

pub(super) fn not_restored() -> Fault {
    let message =
        "The browser did not take its own proxy setting back. Switch the extension off and on again.";
    fault(FaultCode::Browser, message, Action::None)
}

pub(super) fn no_judge() -> Fault {
    let message = "No judge is set that could prove the exit. One on this machine cannot: browsers never send its requests through a proxy.";
    fault(FaultCode::NoJudge, message, Action::OpenOptions)
}

pub(super) fn browser() -> Fault {
    fault(FaultCode::Browser, "The browser refused the proxy setting.", Action::ChooseAnother)
}

pub(super) fn permission() -> Fault {
    let message = "The browser has not allowed access to all sites, so requests would go direct.";
    fault(FaultCode::Permission, message, Action::Grant)
}

pub(super) fn not_in_control() -> Fault {
    let message = "Another extension or a policy holds the proxy settings; this session protects nothing.";
    fault(FaultCode::NotInControl, message, Action::None)
}

/// Whether trying the same proxy again later may help by itself.
pub(super) fn passes_by_itself(fault: &Fault) -> bool {
    fault.code == FaultCode::Unreachable
}

/// Whether our setting stays in place under this fault, so that it holds as soon as it may.
pub(super) fn keeps_route(fault: &Fault) -> bool {
    matches!(fault.code, FaultCode::NotInControl | FaultCode::Permission)
}
