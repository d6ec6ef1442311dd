//! The README's tables of schemes and formats are those of the code.

use std::fmt::Write as _;
use std::path::PathBuf;

use configstream_core::Protocol;
use configstream_core::document::{Format, READERS, WRITERS, gives_proxies};
use configstream_core::link::SCHEMES;

const START: &str = "<!-- tables -->\n";
const END: &str = "<!-- end of tables -->";

/// The variable with which `cargo xtask tables` asks for the tables to be written.
const WRITE: &str = "CONFIGSTREAM_WRITE_TABLES";

fn schemes() -> String {
    let mut table = "| links | protocols |\n|---|---|\n".to_owned();
    for scheme in SCHEMES {
        let names: Vec<_> = scheme.names().iter().map(|name| format!("`{name}://`")).collect();
        let protocols: Vec<_> =
            scheme.protocols().iter().copied().filter(|one| *one != Protocol::Other).collect();
        let protocols: Vec<_> = protocols.iter().map(|protocol| protocol.label()).collect();
        let protocols = if protocols.is_empty() { "any".to_owned() } else { protocols.join(", ") };
        writeln!(table, "| [{}]({}) | {protocols} |", names.join(" "), scheme.specification()).unwrap();
    }
    table
}

/// Every format once, in the order in which they are recognised; then those that are only written.
fn formats() -> String {
    let mut table = "| files | read | written | whole configuration |\n|---|---|---|---|\n".to_owned();
    let written = |name: &str| WRITERS.iter().find(|writer| writer.name() == name);
    let readers = READERS.iter().map(|reader| (&**reader as &dyn Format, true));
    let known = |name| READERS.iter().any(|reader| reader.name() == name);
    let others = WRITERS.iter().filter(|writer| !known(writer.name()));
    for (format, is_reader) in readers.chain(others.map(|writer| (&**writer as &dyn Format, false))) {
        let reader = READERS.iter().find(|reader| is_reader && reader.name() == format.name());
        let reads = reader.is_some_and(|reader| gives_proxies(*reader));
        let writer = written(format.name());
        let read = match (reads, writer) {
            (true, _) => "yes",
            (false, Some(_)) => "",
            (false, None) => reader.map_or("", |reader| reader.instead()),
        };
        let configuration = writer.is_some_and(|writer| writer.has_configuration());
        let yes = |is: bool| if is { "yes" } else { "" };
        let (written, configuration) = (yes(writer.is_some()), yes(configuration));
        writeln!(
            table,
            "| [`{}`]({}) | {read} | {written} | {configuration} |",
            format.name(),
            format.specification()
        )
        .unwrap();
    }
    table
}

/// The README, and the same with its tables as they should be.
fn readme() -> (PathBuf, String, String) {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../README.md");
    let text = std::fs::read_to_string(&path).unwrap();
    let (before, rest) = text.split_once(START).expect("a mark where the tables start");
    let (_, after) = rest.split_once(END).expect("a mark where they end");
    let made = format!("{before}{START}{}\n{}{END}{after}", schemes(), formats());
    (path, text, made)
}

#[test]
fn the_readme_s_tables_are_those_of_the_code() {
    let (path, text, made) = readme();
    if std::env::var_os(WRITE).is_some() {
        std::fs::write(path, made).unwrap();
    } else {
        assert!(text == made, "the README's tables are stale: run `cargo xtask tables`");
    }
}
