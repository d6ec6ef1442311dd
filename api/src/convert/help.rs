//! What the help of `convert` says of formats and schemes: made from core's tables.

use configstream_core::document::{READERS, WRITERS, gives_proxies};
use configstream_core::link::SCHEMES;

/// How long a line may be.
const WIDTH: usize = 96;

/// The formats that are read and written, and the schemes of links.
pub(super) fn tables() -> String {
    let readers = READERS.iter().filter(|format| gives_proxies(**format));
    let read: Vec<_> = readers.map(|format| format.name()).collect();
    let written: Vec<_> = WRITERS.iter().map(|format| format.name()).collect();
    let whole = WRITERS.iter().filter(|format| format.has_configuration());
    let whole: Vec<_> = whole.map(|format| format.name()).collect();
    let links: Vec<_> = SCHEMES.iter().flat_map(|scheme| scheme.names()).copied().collect();
    let rows = [
        ("Formats that are read", read),
        ("Formats that are written", written),
        ("Formats that have a whole configuration", whole),
        ("Schemes of links", links),
    ];
    let rows = rows.iter().filter(|(_, names)| !names.is_empty());
    rows.map(|(title, names)| format!("{title}:\n{}", wrapped(names))).collect::<Vec<_>>().join("\n")
}

/// Names with commas, on as many lines as they need.
fn wrapped(names: &[&str]) -> String {
    let (mut text, mut line) = (String::new(), String::from(" "));
    for (at, name) in names.iter().enumerate() {
        let comma = if at + 1 == names.len() { "" } else { "," };
        if line.len() + name.len() + 2 > WIDTH {
            text += &(line + "\n");
            line = String::from(" ");
        }
        line.extend([" ", name, comma]);
    }
    text + &line + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_rows_are_cut_between_names() {
        let names = ["a".repeat(60), "b".repeat(60)];
        let names: Vec<_> = names.iter().map(String::as_str).collect();
        assert_eq!(wrapped(&names), format!("  {},\n  {}\n", names[0], names[1]));
    }

    #[test]
    fn what_is_only_recognised_is_no_format_that_is_read() {
        let help = tables();
        let (_, read) = help.split_once("Formats that are read:\n").unwrap();
        let (read, _) = read.split_once("\n\n").unwrap();
        assert!(read.contains("clash") && read.ends_with("links") && !read.contains("html"), "{help}");
    }
}
