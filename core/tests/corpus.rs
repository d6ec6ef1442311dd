//! Real lists, where they are present next to the workspace; every test passes without them.

use std::collections::BTreeMap;
use std::path::PathBuf;

use configstream_core::link::{self, SCHEMES};
use configstream_core::{Proxy, document};

fn corpus(path: &str) -> Option<PathBuf> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared/corpus").join(path);
    if !path.exists() {
        println!("no corpus at {}: nothing tried", path.display());
    }
    path.exists().then_some(path)
}

fn is_own(line: &str) -> bool {
    let name = line.split("://").next().unwrap_or_default().to_ascii_lowercase();
    SCHEMES.iter().any(|scheme| scheme.names().contains(&name.as_str()))
}

fn print_back(proxy: &Proxy) {
    let printed = link::print(proxy);
    let again = link::parse(&printed).unwrap_or_else(|reason| panic!("{printed}: {reason}"));
    assert_eq!(&again, proxy, "{printed}");
}

#[test]
fn real_links_read_and_print_back() {
    let Some(path) = corpus("links/dev.txt") else { return };
    let text = String::from_utf8_lossy(&std::fs::read(path).unwrap()).into_owned();
    let (mut read, mut rejected) = (0, BTreeMap::<String, Vec<&str>>::new());
    for line in text.lines().filter(|line| is_own(line)) {
        match link::parse(line) {
            Ok(proxy) => {
                print_back(&proxy);
                read += 1;
            }
            Err(reason) => rejected.entry(reason.to_string()).or_default().push(line),
        }
    }
    for (reason, lines) in &rejected {
        println!("{:5} {reason}", lines.len());
        if std::env::var_os("SHOW_REJECTED").is_some() {
            lines.iter().for_each(|line| println!("      {line}"));
        }
    }
    println!("{read:5} read");
}

#[test]
fn real_documents_read_and_print_back() {
    let Some(folder) = corpus(".") else { return };
    for kind in ["links", "base64", "lists", "native", "surge", "clash", "xray"] {
        let Ok(files) = std::fs::read_dir(folder.join(kind)) else { continue };
        for path in files.map(|file| file.unwrap().path()) {
            let reading = document::read(&std::fs::read(&path).unwrap());
            reading.proxies.iter().for_each(print_back);
            let mut reasons = BTreeMap::<String, usize>::new();
            reading
                .rejected
                .iter()
                .for_each(|line| *reasons.entry(line.reason.to_string()).or_default() += 1);
            println!("{} {}: {} read, {reasons:?}", path.display(), reading.format, reading.proxies.len());
        }
    }
}
