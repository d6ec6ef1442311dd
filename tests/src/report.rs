//! Runs the scenarios and prints what came of them.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use crate::browser::Kind;
use crate::outcome::{Failure, Outcome};
use crate::peers::Tree;
use crate::scenarios::{SCENARIOS, Scenario};
use crate::world::World;

/// What to run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// Only scenarios whose line contains this text.
    pub filter: String,
    /// How many times.
    pub repeat: usize,
    /// Where pictures of the screens in Firefox go, which brings flags to every system; the others, and
    /// all without this, go to the target folder.
    pub pictures: Option<PathBuf>,
}

impl Options {
    /// Reads `--filter TEXT`, `--repeat N` and `--pictures FOLDER`. Bare words filter too, so that
    /// `cargo test NAME` does as expected; other switches of cargo's own test programs mean nothing here.
    pub fn read(mut words: impl Iterator<Item = String>) -> Outcome<Self> {
        let mut options = Self { filter: String::new(), repeat: 1, pictures: None };
        while let Some(word) = words.next() {
            let mut value = || words.next().ok_or_else(|| Failure::new(format!("{word} needs a value")));
            match word.as_str() {
                "--filter" => options.filter = value()?,
                "--repeat" => options.repeat = value()?.parse()?,
                "--pictures" => options.pictures = Some(value()?.into()),
                switch if switch.starts_with('-') => {}
                text => text.clone_into(&mut options.filter),
            }
        }
        Ok(options)
    }

    fn folder(&self, kind: Kind, tree: &Tree) -> PathBuf {
        match (&self.pictures, kind) {
            (Some(folder), Kind::Firefox) => folder.clone(),
            _ => tree.api.with_file_name("pictures").join(kind.to_string()),
        }
    }

    fn covers(&self, scenario: &Scenario, kind: Kind) -> bool {
        scenario.only.is_none_or(|only| only == kind)
            && format!("{kind} {}", scenario.says).contains(&self.filter)
    }
}

/// How long a scenario may take.
const PATIENCE: Duration = Duration::from_secs(150);

/// How many passed and failed.
#[derive(Clone, Copy, Debug, Default)]
pub struct Count {
    passed: usize,
    failed: usize,
}

/// Runs the table in both browsers at once; true where all passed.
pub async fn run(options: &Options) -> Outcome<bool> {
    let tree = Tree::here()?;
    let mut count = Count::default();
    for _ in 0..options.repeat {
        let browsers = [Kind::Chromium, Kind::Firefox];
        let [one, two] = browsers.map(|kind| in_browser(kind, options, &tree));
        let (one, two) = tokio::join!(one, two);
        count.passed += one.passed + two.passed;
        count.failed += one.failed + two.failed;
    }
    println!("{} passed, {} failed", count.passed, count.failed);
    Ok(count.failed == 0 && count.passed > 0)
}

async fn in_browser(kind: Kind, options: &Options, tree: &Tree) -> Count {
    let pictures = options.folder(kind, tree);
    let mut count = Count::default();
    let mut world = None;
    for scenario in SCENARIOS.iter().filter(|scenario| options.covers(scenario, kind)) {
        let start = Instant::now();
        let outcome = attempt(&mut world, scenario, kind, tree, &pictures).await;
        let mark = if outcome.is_ok() { "ok    " } else { "FAILED" };
        println!("{mark}  {kind:<8}  {}  {:.1} s", scenario.says, start.elapsed().as_secs_f64());
        match outcome {
            Ok(()) => count.passed += 1,
            Err(failure) => {
                count.failed += 1;
                explain(&failure, world.as_ref());
            }
        }
    }
    if let Some(world) = world
        && let Err(failure) = world.browser.quit().await
    {
        eprintln!("{kind} does not quit: {failure}");
    }
    count
}

/// Runs one scenario, in the browser that is already there if there is one.
async fn attempt(
    world: &mut Option<World>,
    scenario: &Scenario,
    kind: Kind,
    tree: &Tree,
    pictures: &std::path::Path,
) -> Outcome {
    let world = match world {
        Some(world) => world,
        None => world.insert(World::start(kind, tree, pictures).await?),
    };
    world.browser.console();
    let timeout = |_| Failure::new(format!("not done after {} s", PATIENCE.as_secs()));
    let outcome = tokio::time::timeout(PATIENCE, (scenario.run)(world)).await.map_err(timeout)?;
    world.browser.close_all().await?;
    outcome
}

fn explain(failure: &Failure, world: Option<&World>) {
    println!("          {failure}");
    for line in world.map(|world| world.browser.console()).unwrap_or_default() {
        println!("          console {line}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(words: &[&str]) -> Outcome<Options> {
        Options::read(words.iter().map(|word| (*word).to_owned()))
    }

    #[test]
    fn switches_and_bare_words_are_read() {
        let options = read(&["--repeat", "3", "kill switch"]).expect("right usage");
        assert_eq!(options, Options { filter: "kill switch".into(), repeat: 3, pictures: None });
    }

    #[test]
    fn a_switch_without_its_value_is_refused() {
        assert!(read(&["--filter"]).is_err());
    }
}
