//! Programs that a scenario starts: their output is kept, and they end with the value that holds them.

use std::ffi::OsString;
use std::process::Stdio;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::io::{AsyncBufReadExt, AsyncRead, BufReader};
use tokio::process::{Child, Command};

use crate::outcome::{Failure, Outcome, until};

/// Lines that a program or a server of ours has written so far.
#[derive(Clone, Debug, Default)]
pub struct Log(Arc<Mutex<Vec<String>>>);

impl Log {
    /// Adds a line.
    pub fn push(&self, line: String) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(line);
    }

    /// All lines so far.
    pub fn lines(&self) -> Vec<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// How many lines contain this text.
    pub fn count(&self, text: &str) -> usize {
        self.lines().iter().filter(|line| line.contains(text)).count()
    }

    /// What follows the first occurrence of `text` on its line.
    fn after(&self, text: &str) -> Option<String> {
        self.lines().iter().find_map(|line| Some(line.split_once(text)?.1.to_owned()))
    }
}

/// The program that a variable names.
pub fn named_by(variable: &str) -> Outcome<OsString> {
    let unset = || Failure::new(format!("{variable} names no browser; `cargo xtask test` finds one"));
    std::env::var_os(variable).filter(|name| !name.is_empty()).ok_or_else(unset)
}

/// A running program. Dropped, it is killed.
#[derive(Debug)]
pub struct Process {
    name: String,
    child: Child,
    log: Log,
}

impl Process {
    /// Starts a program and keeps what it writes.
    pub fn start(mut command: Command) -> Outcome<Self> {
        let name = command.as_std().get_program().to_string_lossy().into_owned();
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
        let mut child =
            command.spawn().map_err(|error| Failure::new(format!("{name} does not start: {error}")))?;
        let log = Log::default();
        keep(child.stdout.take(), &log);
        keep(child.stderr.take(), &log);
        Ok(Self { name, child, log })
    }

    /// What it has written.
    pub fn log(&self) -> &Log {
        &self.log
    }

    /// Waits for a line with this text; gives what follows it.
    pub async fn says(&mut self, text: &str) -> Outcome<String> {
        let (name, log) = (self.name.clone(), self.log.clone());
        until(&format!("{name} to say `{text}`"), async || match self.child.try_wait()? {
            Some(status) if log.after(text).is_none() => {
                Err(Failure::new(format!("{name} ended with {status}: {}", log.lines().join(" | "))))
            }
            _ => Ok(log.after(text)),
        })
        .await
    }

    /// Kills it and waits until it is gone.
    pub async fn kill(&mut self) -> Outcome {
        Ok(self.child.kill().await?)
    }

    /// Waits until it has ended by itself; kills it where it does not.
    pub async fn ended(mut self) -> Outcome {
        if tokio::time::timeout(std::time::Duration::from_secs(10), self.child.wait()).await.is_err() {
            self.kill().await?;
        }
        Ok(())
    }
}

fn keep(stream: Option<impl AsyncRead + Unpin + Send + 'static>, log: &Log) {
    let (Some(stream), log) = (stream, log.clone()) else { return };
    tokio::spawn(async move {
        let mut lines = BufReader::new(stream).split(b'\n');
        while let Ok(Some(line)) = lines.next_segment().await {
            log.push(String::from_utf8_lossy(&line).trim_end().to_owned());
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str) -> Process {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        Process::start(command).expect("sh starts")
    }

    #[tokio::test]
    async fn what_a_program_says_is_awaited_and_kept() {
        let mut process = shell("echo one; echo port 7 >&2; sleep 60");
        assert_eq!(process.says("port ").await, Ok("7".to_owned()));
        assert_eq!(process.says("on").await, Ok("e".to_owned()));
        assert_eq!(process.log().count("port"), 1);
    }

    #[tokio::test]
    async fn a_program_that_ends_too_early_is_a_failure_with_its_last_words() {
        let failure = shell("echo sorry; exit 3").says("ready").await.expect_err("it ends");
        assert!(failure.to_string().contains("sorry"), "{failure}");
    }
}
