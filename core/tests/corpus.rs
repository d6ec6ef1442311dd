//! Real lists, which are not part of this tree: `cargo xtask test` runs these tests where it finds them,
//! and says where by `CONFIGSTREAM_CORPUS`.

use std::collections::BTreeMap;
use std::path::PathBuf;

use configstream_core::document::{Lost, Shape, WRITERS};
use configstream_core::link::{self, SCHEMES};
use configstream_core::{Proxy, document};
use serde_json::Value;

fn corpus(path: &str) -> PathBuf {
    let folder = std::env::var_os("CONFIGSTREAM_CORPUS").expect("CONFIGSTREAM_CORPUS is a folder of lists");
    PathBuf::from(folder).join(path)
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
#[ignore = "needs ../shared/corpus"]
fn real_links_read_and_print_back() {
    let text = String::from_utf8_lossy(&std::fs::read(corpus("links/dev.txt")).unwrap()).into_owned();
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
            for line in lines {
                println!("      {line}");
            }
        }
    }
    let lost: usize = rejected.values().map(Vec::len).sum();
    println!("{read:5} read, {lost} rejected");
    assert!(lost * 1_000 <= read, "more than one in a thousand is rejected");
}

#[test]
#[ignore = "needs ../shared/corpus"]
fn real_documents_read_and_print_back() {
    let kinds = [
        "links",
        "base64",
        "lists",
        "native",
        "surge",
        "clash",
        "singbox",
        "xray",
        "sip008",
        "wireguard",
        "openvpn",
        "json",
    ];
    for kind in kinds {
        let Ok(files) = std::fs::read_dir(corpus(kind)) else { continue };
        for path in files.map(|file| file.unwrap().path()) {
            let hint = document::Hint::of_name(&path.to_string_lossy());
            let reading = document::read_hinted(&std::fs::read(&path).unwrap(), hint);
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

#[test]
#[ignore = "needs ../shared/corpus"]
fn real_proxies_come_back_from_json_and_tables_as_they_were() {
    let proxies = document::read(&std::fs::read(corpus("links/dev.txt")).unwrap()).proxies;
    for format in ["json", "csv"] {
        let written = document::write(format, &proxies, Shape::List).unwrap();
        assert_eq!(written.losses, [], "{format}");
        let again = document::read_as(format, written.text.as_bytes()).unwrap().proxies;
        let differ = proxies.iter().zip(&again).find(|(before, after)| before != after);
        assert!(differ.is_none(), "{format}: {differ:?}");
    }
}

#[test]
#[ignore = "needs ../shared/corpus"]
fn real_links_are_written_in_every_format_and_the_losses_are_named() {
    let reading = document::read_as("links", &std::fs::read(corpus("links/dev.txt")).unwrap()).unwrap();
    for format in WRITERS.iter().map(|format| format.name()).filter(|format| *format != "json") {
        let written = document::write(format, &reading.proxies, Shape::List).unwrap();
        let mut counts = BTreeMap::<String, usize>::new();
        for loss in &written.losses {
            let what = match &loss.lost {
                Lost::Proxy(reason) => format!("{}: {reason}", reading.proxies[loss.proxy].protocol),
                Lost::Name(_) => "name".to_owned(),
                Lost::Field(field) => field.clone(),
            };
            *counts.entry(what).or_default() += 1;
        }
        let mut counts: Vec<_> = counts.into_iter().collect();
        counts.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        println!("{format}: {} proxies", reading.proxies.len());
        for (what, count) in &counts {
            println!("{count:6} {what}");
        }
        let unread = "what was written does not read again";
        assert!(written.losses.iter().all(|loss| loss.lost != Lost::Proxy(unread)), "{format}");
    }
}

/// mihomo has no place for what some exporters took out of links, and cannot use what examples leave open.
#[test]
#[ignore = "needs ../shared/corpus"]
fn real_clash_files_are_written_as_mihomo_without_a_loss() {
    let files =
        std::fs::read_dir(corpus("clash")).unwrap().map(|file| std::fs::read(file.unwrap().path()).unwrap());
    let proxies: Vec<_> = files.flat_map(|bytes| document::read(&bytes).proxies).collect();
    let losses = document::write("mihomo", &proxies, Shape::Configuration).unwrap().losses;
    for loss in losses {
        let is_known = match &loss.lost {
            Lost::Field(field) => field.starts_with("extra") || field == "spx" || field == "authority",
            Lost::Proxy(reason) => {
                println!("{reason}");
                true
            }
            Lost::Name(_) => true,
        };
        assert!(is_known, "{:?}: {:?}", loss.lost, proxies[loss.proxy]);
    }
}

/// The cases of `expected_failures.txt`: the id, then the reason.
fn expected_failures() -> BTreeMap<&'static str, &'static str> {
    let lines = include_str!("expected_failures.txt").lines().filter(|line| !line.starts_with("# "));
    lines.filter_map(|line| line.split_once(' ')).collect()
}

/// Every case.
fn conformance() -> Vec<Value> {
    let files = corpus("conformance").read_dir().unwrap().map(|file| file.unwrap().path());
    let files = files.filter(|path| path.extension().is_some_and(|kind| kind == "json"));
    let read = |path| serde_json::from_slice::<Vec<Value>>(&std::fs::read(path).unwrap()).unwrap();
    files.flat_map(read).collect()
}

/// What the case expects and does not get.
fn misses(case: &Value) -> Vec<String> {
    match case["kind"].as_str().unwrap() {
        "online-config-url" => address_misses(case),
        "export" => export_misses(case),
        _ => reading_misses(case["input"].as_str().unwrap(), &case["expect"]),
    }
}

/// The case is the address of a list.
fn address_misses(case: &Value) -> Vec<String> {
    let found = link::source(case["input"].as_str().unwrap());
    let expected = case["expect"]["location"].as_str();
    if found.as_deref() == expected {
        Vec::new()
    } else {
        vec![format!("expected {expected:?}, found {found:?}")]
    }
}

/// The case is a proxy and its link: the link must read as the proxy, and what is printed of it must
/// read as the same.
fn export_misses(case: &Value) -> Vec<String> {
    let link = case["expect"]["output"].as_str().unwrap();
    let printed = link::print(&link::parse(link).unwrap());
    [link, &printed].into_iter().flat_map(|link| reading_misses(link, &case["input"])).collect()
}

fn reading_misses(input: &str, expect: &Value) -> Vec<String> {
    let reading = document::read(input.as_bytes());
    let objects: Vec<_> = reading.proxies.iter().map(document::json::object).collect();
    let count = expect["count"].as_u64().unwrap_or(1);
    let mut misses = Vec::new();
    if objects.len() as u64 != count {
        misses.push(format!("expected {count} proxies, found {}", objects.len()));
    }
    let one = vec![expect.clone()];
    let nodes = expect["nodes"].as_array().unwrap_or(if count == 0 { const { &Vec::new() } } else { &one });
    for (node, object) in nodes.iter().zip(&objects) {
        let fields = node.as_object().unwrap().iter();
        let fields = fields.filter(|(field, _)| !["index", "count", "nodes"].contains(&field.as_str()));
        misses.extend(fields.filter_map(|(field, value)| miss(field, value, &object[field])));
    }
    misses
}

fn miss(field: &str, expected: &Value, found: &Value) -> Option<String> {
    let address = |value: &Value| value.as_str().and_then(|text| text.parse::<std::net::IpAddr>().ok());
    let same = expected == found || address(expected).is_some_and(|is| address(found) == Some(is));
    (!same).then(|| format!("{field}: expected {expected}, found {found}"))
}

#[test]
#[ignore = "needs ../shared/corpus"]
fn what_other_projects_test_holds_here_but_for_the_expected_failures() {
    let mut unexpected = Vec::new();
    let expected = expected_failures();
    for case in conformance() {
        let id = case["id"].as_str().unwrap();
        let misses = misses(&case);
        match (misses.is_empty(), expected.get(id)) {
            (false, None) => unexpected.push(format!("{id}: {}", misses.join("; "))),
            (true, Some(_)) => unexpected.push(format!("{id} holds now: take it off expected_failures.txt")),
            _ => {}
        }
    }
    assert!(unexpected.is_empty(), "\n{}", unexpected.join("\n"));
}
