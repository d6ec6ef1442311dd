//! Steps: what a command does, said aloud and timed.

use std::fmt;
use std::path::Path;
use std::process::{Command, ExitStatus};
use std::time::{Duration, Instant};

/// Why a command ends early.
#[derive(Debug)]
pub(crate) enum Failure {
    /// It cannot go on: one line that says what to do next.
    Line(String),
    /// Somebody asked it to end, and knows it.
    Interrupted,
}

/// The outcome of a step.
pub(crate) type Result<T> = std::result::Result<T, Failure>;

impl Failure {
    pub(crate) fn new(line: impl Into<String>) -> Self {
        Self::Line(line.into())
    }

    /// A file operation that failed, with the file's name.
    pub(crate) fn at(path: &Path) -> impl FnOnce(std::io::Error) -> Self + '_ {
        move |error| Self::Line(format!("{}: {error}", path.display()))
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Line(line) => line,
            Self::Interrupted => "interrupted",
        })
    }
}

/// Does one step; prints its name before and its time after.
pub(crate) fn step<T>(name: &str, work: impl FnOnce() -> Result<T>) -> Result<T> {
    eprintln!("→ {name}");
    let start = Instant::now();
    let outcome = work();
    let mark = match &outcome {
        Ok(_) => "✓",
        Err(Failure::Line(_)) => "✗",
        Err(Failure::Interrupted) => return outcome,
    };
    eprintln!("{mark} {name}  {}", seconds(start.elapsed()));
    outcome
}

/// Runs a program whose output goes to the terminal; any exit status but 0 is a failure.
pub(crate) fn call(command: &mut Command) -> Result<()> {
    let status = command.status().map_err(|error| not_started(command, &error))?;
    ended_well(status, || format!("`{}`", words(command)))
}

/// A failure unless a program ended with success; `what` names it.
pub(crate) fn ended_well(status: ExitStatus, what: impl FnOnce() -> String) -> Result<()> {
    match status.success() {
        true => Ok(()),
        false if was_interrupted(status) => Err(Failure::Interrupted),
        false => Err(Failure::new(format!("{} failed with {status}", what()))),
    }
}

/// Whether Ctrl-C or a supervisor ended it: by the signal, or with a shell's status for SIGINT, which
/// cargo passes on from the program that it runs.
pub(crate) fn was_interrupted(status: ExitStatus) -> bool {
    #[cfg(unix)]
    if let Some(2 | 15) = std::os::unix::process::ExitStatusExt::signal(&status) {
        return true;
    }
    status.code() == Some(INTERRUPTED.into())
}

/// What a shell says of a program that Ctrl-C ended.
pub(crate) const INTERRUPTED: u8 = 130;

/// The failure of a program that could not be started at all.
pub(crate) fn not_started(command: &Command, error: &std::io::Error) -> Failure {
    Failure::new(format!("`{}` did not start: {error}", words(command)))
}

/// The command as a person would type it, without its environment.
pub(crate) fn words(command: &Command) -> String {
    let mut line = Path::new(command.get_program())
        .file_name()
        .map_or_else(String::new, |name| name.to_string_lossy().into_owned());
    for word in command.get_args() {
        line.push(' ');
        line.push_str(&word.to_string_lossy());
    }
    line
}

pub(crate) fn seconds(time: Duration) -> String {
    format!("{:.1} s", time.as_secs_f64())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_shown_without_the_folder_of_its_program() {
        assert_eq!(words(Command::new("/usr/bin/cargo").args(["build", "-p", "x"])), "cargo build -p x");
    }

    #[test]
    fn a_program_that_fails_is_named_in_one_line() {
        let failure = call(&mut Command::new("false")).expect_err("`false` fails");
        assert_eq!(failure.to_string(), "`false` failed with exit status: 1");
    }

    #[test]
    fn a_program_that_ctrl_c_ended_is_no_failure_to_tell_of() {
        for script in ["kill -INT $$", "kill -TERM $$", "exit 130"] {
            let failure = call(Command::new("sh").args(["-c", script])).expect_err(script);
            assert!(matches!(failure, Failure::Interrupted), "{script}: {failure}");
        }
    }

    #[test]
    fn times_have_one_decimal() {
        assert_eq!(seconds(Duration::from_millis(1234)), "1.2 s");
    }
}
