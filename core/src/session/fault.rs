//! The faults of a session: each a code, a sentence, and one next step.

use crate::guard::NoExit;
use crate::message::{Action, Fault, FaultCode};

fn fault(code: FaultCode, message: &str, action: Action) -> Fault {
    Fault { code, message: message.to_owned(), action }
}

pub(super) fn unreachable() -> Fault {
    fault(FaultCode::Unreachable, "The proxy does not answer.", Action::ChooseAnother)
}

pub(super) fn bad_credentials() -> Fault {
    fault(FaultCode::BadCredentials, "The proxy refuses this user name or password.", Action::ChooseAnother)
}

pub(super) fn tampered(why: &NoExit) -> Fault {
    let message = format!("The proxy answers, but the exit is not proven: {why}.");
    Fault { code: FaultCode::Tampered, message, action: Action::ChooseAnother }
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
