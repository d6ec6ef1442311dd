//! Failures of a scenario, and waiting for a condition instead of for a time.

use std::fmt;
use std::time::{Duration, Instant};

/// Why a scenario failed: a sentence with what was expected and what was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure(String);

/// What a step of a scenario gives.
pub type Outcome<T = ()> = Result<T, Failure>;

impl Failure {
    /// A failure with this sentence.
    pub fn new(sentence: impl Into<String>) -> Self {
        Self(sentence.into())
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<E: std::error::Error> From<E> for Failure {
    fn from(error: E) -> Self {
        Self(error.to_string())
    }
}

/// A failure unless `holds`.
pub fn check(holds: bool, otherwise: impl FnOnce() -> String) -> Outcome {
    if holds { Ok(()) } else { Err(Failure(otherwise())) }
}

/// A failure unless both are the same.
pub fn same<T: PartialEq + fmt::Debug>(what: &str, found: &T, expected: &T) -> Outcome {
    check(found == expected, || format!("{what}: expected {expected:?}, found {found:?}"))
}

/// How long a condition may take to come true. Generous: it is only ever used up by a failure.
pub const PATIENCE: Duration = Duration::from_secs(25);

/// How often a condition is looked at.
const PACE: Duration = Duration::from_millis(40);

/// Asks until there is an answer; fails with the name of what was awaited.
pub async fn until<T>(what: &str, mut ask: impl AsyncFnMut() -> Outcome<Option<T>>) -> Outcome<T> {
    let end = Instant::now() + PATIENCE;
    loop {
        if let Some(answer) = ask().await? {
            return Ok(answer);
        }
        if Instant::now() > end {
            return Err(Failure(format!("waited {} s in vain for {what}", PATIENCE.as_secs())));
        }
        tokio::time::sleep(PACE).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn waiting_ends_with_the_first_answer() {
        let mut asked = 0;
        let answer = until("three", async || {
            asked += 1;
            Ok((asked == 3).then_some(asked))
        });
        assert_eq!(answer.await, Ok(3));
    }

    #[tokio::test]
    async fn a_failure_while_waiting_is_passed_on() {
        let answer: Outcome = until("nothing", async || Err(Failure::new("gone"))).await;
        assert_eq!(answer, Err(Failure::new("gone")));
    }

    #[test]
    fn a_difference_names_both_sides() {
        let failure = same("peers", &1, &2).expect_err("they differ");
        assert_eq!(failure.to_string(), "peers: expected 2, found 1");
    }
}
