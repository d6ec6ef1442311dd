//! Do the programs that formats are made for take what is written? Every format of the table is written from
//! every link of the cases, and handed to the real programs that are installed. What is not judged is said.
//!
//! They run in a network of their own that has nothing in it: nothing they start can leave, and no port of
//! this machine is taken.

#[path = "exports/judges.rs"]
mod judges;
#[path = "../../core/tests/cases/reader.rs"]
mod reader;

use std::collections::BTreeSet;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

use configstream_core::Proxy;
use configstream_core::document::{self, Shape, WRITERS, Writer};
use configstream_core::link::{self, SCHEMES};

use judges::{JUDGES, Judge, Program, Sign};

/// Names the folder in which judges lie that are Python modules.
const MODULES: &str = "CONFIGSTREAM_JUDGES";

/// How long a judge may think; the slowest loads a library of 90 MB.
const PATIENCE: Duration = Duration::from_mins(2);

fn main() -> ExitCode {
    let mut report = Report::default();
    let links = links();
    for judge in JUDGES {
        if is_there(judge) {
            report.say(&format!("{} tells good from bad", judge.name), &tells_good_from_bad(judge));
            for writer in WRITERS.iter().filter(|writer| judge.formats.contains(&writer.name())) {
                let failures = judged(judge, *writer, &links);
                report.say(&format!("{} takes {}", judge.name, writer.name()), &failures);
            }
        } else {
            report.skip(judge);
        }
    }
    let is_judged = |name: &str| JUDGES.iter().any(|judge| judge.formats.contains(&name));
    let nobody: Vec<_> = WRITERS.iter().map(|writer| writer.name()).filter(|name| !is_judged(name)).collect();
    println!("no program judges {}", nobody.join(", "));
    println!("{} passed, {} failed, {} skipped", report.passed, report.failed, report.skipped);
    if report.failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

#[derive(Default)]
struct Report {
    passed: usize,
    failed: usize,
    skipped: usize,
}

impl Report {
    fn say(&mut self, what: &str, failures: &[String]) {
        if failures.is_empty() {
            self.passed += 1;
            println!("{what} ... ok");
        } else {
            self.failed += 1;
            println!("{what} ... FAILED\n{}", failures.join("\n"));
        }
    }

    fn skip(&mut self, judge: &Judge) {
        self.skipped += 1;
        println!(
            "{} is not installed, or cannot be shut in: {} skipped",
            judge.name,
            judge.formats.join(", ")
        );
    }
}

/// A link of each scheme and of each case that reads.
fn links() -> Vec<(String, Proxy)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../core/tests/cases");
    let texts = reader::files(&folder).into_iter().map(|file| std::fs::read_to_string(file).expect("text"));
    let cases =
        texts.flat_map(|text| reader::cases(&text).map(|(link, _)| link.to_owned()).collect::<Vec<_>>());
    let links = SCHEMES.iter().map(|scheme| scheme.example().to_owned()).chain(cases);
    links.filter_map(|link| link::parse(&link).ok().map(|proxy| (link, proxy))).collect()
}

/// Whether a judge can be asked, and shut in while it is.
fn is_there(judge: &Judge) -> bool {
    let found = match &judge.program {
        Program::Command("sh", _) => shut_in("wg-quick").arg("--help").output(),
        Program::Command(name, _) => shut_in("sh").args(["-c", &format!("command -v {name}")]).output(),
        Program::Python(module, _) => python().args(["-c", &format!("import {module}")]).output(),
    };
    found.is_ok_and(|output| output.status.success())
}

/// A program without any network.
fn shut_in(program: &str) -> Command {
    let mut command = Command::new("unshare");
    command.args(["--map-root-user", "--net", "--", program]).stdin(Stdio::null());
    command
}

fn python() -> Command {
    let mut command = shut_in("python3");
    let folder = std::env::var_os(MODULES).map(PathBuf::from).unwrap_or_default();
    command.env("PYTHONPATH", folder).env("PYTHONDONTWRITEBYTECODE", "1");
    command
}

fn tells_good_from_bad(judge: &Judge) -> Vec<String> {
    let good = verdict(judge, judge.good).err().map(|said| format!("it refuses what is good: {said}"));
    let bad = verdict(judge, judge.bad).is_ok().then(|| "it takes what is bad".to_owned());
    good.into_iter().chain(bad).collect()
}

/// What a judge says of a format: each refused link that is not expected to be, each that is expected to be
/// and is not, and the configuration of all that it takes.
fn judged(judge: &Judge, writer: &dyn Writer, links: &[(String, Proxy)]) -> Vec<String> {
    let fits = |(_, proxy): &&(String, Proxy)| writer.fits(proxy).is_ok() && (judge.takes)(proxy);
    let links: Vec<_> = links.iter().filter(fits).collect();
    println!("{} is given {} links as {}", judge.name, links.len(), writer.name());
    let mut refused = Vec::new();
    if writer.holds_one() {
        for link in &links {
            refuse(judge, writer, std::slice::from_ref(link), &mut refused);
        }
    } else {
        refuse(judge, writer, &links, &mut refused);
    }
    let expected: BTreeSet<_> = expected(judge).collect();
    let is_expected = |link: &str| expected.contains(link);
    let new = refused.iter().filter(|(link, _)| !is_expected(link));
    let mut failures: Vec<_> = new.map(|(link, said)| format!("{} {link}\n    {said}", judge.name)).collect();
    let names: BTreeSet<_> = refused.iter().map(|(link, _)| link.as_str()).collect();
    let gone = links.iter().filter(|(link, _)| is_expected(link) && !names.contains(link.as_str()));
    failures.extend(gone.map(|(link, _)| format!("takes now, so take it off refused.txt: {link}")));
    if writer.has_configuration() && !writer.holds_one() {
        let taken = links.iter().filter(|(link, _)| !names.contains(link.as_str()));
        let proxies: Vec<_> = taken.map(|(_, proxy)| proxy.clone()).collect();
        let text = write(writer, &proxies, Shape::Configuration);
        failures.extend(verdict(judge, &text).err().map(|said| format!("the whole configuration: {said}")));
    }
    failures
}

/// The links that `exports/refused.txt` has for a judge.
fn expected(judge: &Judge) -> impl Iterator<Item = &'static str> {
    let lines = include_str!("exports/refused.txt").lines();
    lines.filter_map(|line| line.strip_prefix(judge.name)?.strip_prefix(' '))
}

/// Adds the links that are refused, and in what words; halves what is refused until one is left.
fn refuse(
    judge: &Judge,
    writer: &dyn Writer,
    links: &[&(String, Proxy)],
    refused: &mut Vec<(String, String)>,
) {
    let proxies: Vec<_> = links.iter().map(|(_, proxy)| proxy.clone()).collect();
    match (verdict(judge, &write(writer, &proxies, Shape::List)), links) {
        (Ok(()), _) | (_, []) => {}
        (Err(said), [(link, _)]) => refused.push((link.clone(), said)),
        (Err(_), links) => {
            let (left, right) = links.split_at(links.len() / 2);
            refuse(judge, writer, left, refused);
            refuse(judge, writer, right, refused);
        }
    }
}

fn write(writer: &dyn Writer, proxies: &[Proxy], shape: Shape) -> String {
    document::write(writer.name(), proxies, shape).expect("a format of the table").text
}

/// Asks a judge; the error is what it said last.
fn verdict(judge: &Judge, text: &str) -> Result<(), String> {
    let folder = tempfile::tempdir().expect("a folder");
    let log = folder.path().join("log");
    std::fs::write(folder.path().join(judge.file), text).expect("written");
    let output = File::create(&log).expect("a file");
    let mut command = question(judge);
    command.current_dir(folder.path()).stderr(output.try_clone().expect("a file")).stdout(output);
    let mut child = command.spawn().map_err(|error| error.to_string())?;
    let said = || String::from_utf8_lossy(&std::fs::read(&log).unwrap_or_default()).into_owned();
    let taken = answer(judge, &mut child, said);
    let _ = child.kill();
    let _ = child.wait();
    if taken { Ok(()) } else { Err(last_words(&said())) }
}

/// What starts a judge on its file.
fn question(judge: &Judge) -> Command {
    let mut command = match &judge.program {
        Program::Command(name, _) => shut_in(name),
        Program::Python(..) => python(),
    };
    match &judge.program {
        Program::Command(_, arguments) => command.args(*arguments),
        Program::Python(_, script) => command.args(["-c", script]),
    };
    command.arg(judge.file);
    command
}

/// Waits until a judge has taken its file, or has not.
fn answer(judge: &Judge, child: &mut Child, said: impl Fn() -> String) -> bool {
    let start = Instant::now();
    while start.elapsed() < PATIENCE {
        // Its end is looked for before its last words are.
        let ended = child.try_wait().expect("a child of ours");
        let good = match &judge.sign {
            Sign::Ends => ended.is_some_and(|status| status.success()),
            Sign::Says(words) => words.iter().any(|word| said().contains(word)),
        };
        if good || ended.is_some() {
            return good;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    false
}

/// The last lines that complain, or the last ones at all, each cut.
fn last_words(said: &str) -> String {
    let complains = |line: &&str| {
        let line = line.to_lowercase();
        ["fail", "error", "invalid", "panic", "fatal"].iter().any(|word| line.contains(word))
    };
    let lines: Vec<_> = said.lines().filter(|line| !line.trim().is_empty()).collect();
    let chosen: Vec<_> = lines.iter().copied().filter(complains).collect();
    let lines = if chosen.is_empty() { &lines } else { &chosen };
    let last = lines.iter().skip(lines.len().saturating_sub(2));
    last.map(|line| line.chars().take(400).collect::<String>()).collect::<Vec<_>>().join(" | ")
}
