//! How a command ends: what it printed, why there is no result, and its exit status.

use std::io::{ErrorKind, Write as _};
use std::process::ExitCode;

/// Exit status: there is no proxy, none is left, or the result could not be written.
const NOTHING: u8 = 1;
/// Exit status: the command line asks for something that there is not.
const WRONG_USAGE: u8 = 2;

/// Why there is no result.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Failure {
    Usage(String),
    Output(String),
}

/// The exit status of a command that found so many proxies: 0 when it found any, 1 when none, 2 for wrong
/// usage. Says what failed.
pub(crate) fn status(found: Result<usize, Failure>) -> ExitCode {
    match found {
        Ok(0) => ExitCode::from(NOTHING),
        Ok(_) => ExitCode::SUCCESS,
        Err(Failure::Usage(message)) => fail(&message, WRONG_USAGE),
        Err(Failure::Output(message)) => fail(&message, NOTHING),
    }
}

fn fail(message: &str, status: u8) -> ExitCode {
    eprintln!("configstream: {message}");
    ExitCode::from(status)
}

/// Writes to standard output. Whoever stops reading early, as `head` does, has what it wants.
pub(crate) fn print(text: &str) -> Result<(), Failure> {
    let mut out = std::io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(Failure::Output(format!("the result cannot be written: {error}")))
        }
        _ => Ok(()),
    }
}
