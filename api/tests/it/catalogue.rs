//! `configstream query`, `stats` and `score`: what matches, what is counted, and why.

use std::process::Output;

use configstream_core::api::{Period, Proxy};
use configstream_core::catalogue::{Catalogue, Entry, FILTERS, Measured, Snapshot};
use configstream_core::geo::Country;
use configstream_core::{Timestamp, link};
use serde_json::Value;

use crate::support::{Setup, run, text};

const LIST: &str = "socks5://8.8.8.8:1080#one\nhttp://192.0.2.1:80#Berlin\nnot a proxy\n\
    https://192.0.2.2:443#Berlin 2\n";

/// Four hours after the tests of [`snapshot`].
const LATER: [&str; 2] = ["--at", "2026-11-20T14:00:00Z"];

async fn on_list(args: &[&str]) -> Output {
    run(args, LIST.as_bytes()).await
}

async fn on_snapshot(args: &[&str]) -> Output {
    run(&[args, &["--snapshot", "-"], &LATER].concat(), &snapshot().encode()).await
}

/// Four proxies of two countries: two work, one failed, one was never tested.
fn snapshot() -> Snapshot {
    let at: Timestamp = "2026-11-20T10:00:00Z".parse().unwrap();
    let tested = |country: &str, latency, working| Measured {
        country: Country::from_code(country),
        latency,
        working: Some(working),
        tested_at: Some(at),
        ..Measured::default()
    };
    let rows = [
        ("socks5://192.0.2.1:1080#slow", tested("DE", Some(900), true)),
        ("http://192.0.2.2:80#quick", tested("DE", Some(90), true)),
        ("https://192.0.2.3:443#failed", tested("NL", None, false)),
        ("trojan://secret@8.8.8.8:443?sni=a.example#new", Measured::default()),
    ];
    let sources = |link: &str| [vec!["a"], vec!["b"]][usize::from(link.starts_with("http"))].clone();
    let entry = |(link, measured): (&str, Measured)| {
        let sources = sources(link).into_iter().map(str::to_owned).collect();
        Entry::new(&link::parse(link).unwrap(), sources, measured, at)
    };
    let catalogue = Catalogue::new(rows.into_iter().map(entry).collect());
    Snapshot { revision: 7, published_at: at, catalogue }
}

/// The names of the rows that `--json` prints.
fn names(output: &Output) -> Vec<String> {
    let proxies: Vec<Proxy> = serde_json::from_slice(&output.stdout).unwrap();
    proxies.into_iter().map(|proxy| proxy.name).collect()
}

#[tokio::test]
async fn rows_that_match_are_a_table_and_the_rest_is_said_on_standard_error() {
    let output = on_list(&["query", "berlin port:80"]).await;
    assert_eq!(output.status.code(), Some(0));
    let table = "score  works     latency  country  protocol  endpoint      name\n   \
        19  untested        -  -        http      192.0.2.1:80  Berlin\n";
    assert_eq!(text(&output.stdout), table);
    let said = text(&output.stderr);
    assert!(said.starts_with("3 proxies, 1 rejected\n       1 × no link: "), "{said}");
    assert!(said.ends_with("1 of 3 match\n"), "{said}");
}

#[tokio::test]
async fn rows_are_printed_as_links_or_records_and_no_more_than_wanted() {
    let links = on_list(&["query", "sort:name", "--links", "--limit", "2"]).await;
    assert_eq!(text(&links.stdout), "http://192.0.2.1:80#Berlin\nhttps://192.0.2.2:443#Berlin%202\n");
    let records = on_list(&["query", "country:us", "--json"]).await;
    assert_eq!(names(&records), ["one"]);
}

#[tokio::test]
async fn files_come_after_the_query_and_are_the_sources_of_their_rows() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).display().to_string();
    std::fs::write(path("a.txt"), "http://192.0.2.1:80#a").unwrap();
    std::fs::write(path("b.txt"), "http://192.0.2.1:80#again\nhttp://192.0.2.2:80#b").unwrap();
    let (a, b, none) = (path("a.txt"), path("b.txt"), path("none"));
    let output = run(&["query", "sort:name", "--json", &a, &none, &b], b"").await;
    let proxies: Vec<Proxy> = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(
        (names(&output).join(" "), &proxies[0].sources),
        ("a b".to_owned(), &vec![a.clone(), b.clone()])
    );
    assert!(text(&output.stderr).contains("none cannot be read: No such file"));
    let refused = run(&["query", &a, &b], b"").await;
    assert_eq!((refused.status.code(), refused.stdout.len()), (Some(2), 0));
    assert!(text(&refused.stderr).contains("is a file, and stands where the query does: write '' before it"));
    let from = run(&["query", "", "--json", "--from", "links", &b], b"").await;
    assert_eq!(names(&from), ["again", "b"]);
}

#[tokio::test]
async fn a_query_that_begins_with_a_hyphen_stands_after_two() {
    assert_eq!(names(&on_list(&["query", "--json", "--", "-berlin"]).await), ["one"]);
    assert_eq!(on_list(&["query", "-berlin"]).await.status.code(), Some(2));
}

#[tokio::test]
async fn what_age_encrypted_is_searched_with_its_key() {
    let file = |name: &str| format!("{}/tests/it/age/{name}", env!("CARGO_MANIFEST_DIR"));
    let (document, key) = (file("key.age"), file("key.txt"));
    let output = run(&["query", "two", "--json", "--age-key", &key, &document], b"").await;
    assert_eq!(names(&output), ["two"]);
}

#[tokio::test]
async fn what_only_looks_like_a_filter_and_what_only_comes_near_is_said() {
    let doubt = on_list(&["query", "proto:htpp"]).await;
    assert_eq!((doubt.status.code(), doubt.stdout.len()), (Some(1), 0));
    let said = text(&doubt.stderr);
    assert!(said.contains("did you mean proto:http?; it is searched for as text"), "{said}");
    let near = on_list(&["query", "berlim", "--json"]).await;
    assert_eq!((near.status.code(), names(&near).len()), (Some(0), 2));
    assert!(text(&near.stderr).contains("no row has these words; these have nearly the same"));
    assert!(!text(&on_list(&["query", "berlin"]).await.stderr).contains("nearly"));
}

#[tokio::test]
async fn nothing_that_matches_is_status_1_for_every_command() {
    for args in [&["query"][..], &["query", "--json"], &["stats"], &["score", "--explain"]] {
        assert_eq!(run(args, b"").await.status.code(), Some(1), "{args:?}");
        assert_eq!(run(args, b"\xff\0broken\n\x1b[2J").await.status.code(), Some(1), "{args:?}");
    }
    for args in [&["query", "nowhere"][..], &["score", "nowhere"], &["stats", "--query", "nowhere"]] {
        assert_eq!(on_list(args).await.status.code(), Some(1), "{args:?}");
    }
}

#[tokio::test]
async fn a_command_line_that_makes_no_sense_is_status_2_with_what_is_expected() {
    for (args, said) in [
        (&["query", "--json", "--links"][..], "cannot be used with"),
        (&["query", "--limit", "0"], "non-zero"),
        (&["query", "--from", "floppy"], "no format floppy: expected one of "),
        (&["query", "--at", "noon"], "expected a time such as 2026-11-20T10:00:00Z"),
        (&["query", "--snapshot", "a", "", "b"], "cannot be used with"),
        (&["query", "--snapshot", "a", "--from", "links"], "cannot be used with"),
        (&["query", "--age-key", "/nowhere"], "--age-key /nowhere: No such file"),
        (&["stats", "--snapshot", "/nowhere"], "--snapshot /nowhere: No such file"),
        (&["score", "--weights", "speed=3"], "expected one of reliability, latency"),
        (&["stats", "--database", "/nowhere"], "--database /nowhere: there is no folder /nowhere"),
        (&["stats", "--database", "a", "--days", "91"], "91 is not in 1..=90"),
        (&["stats", "--bucket", "day"], "--database <DIR>"),
        (&["stats", "--database", "a", "--query", "x"], "cannot be used with"),
        (&["score", "--weights", "age=101"], "expected a weight from 0 to 100, as age=30"),
    ] {
        let output = on_list(args).await;
        assert_eq!((output.status.code(), output.stdout.len()), (Some(2), 0), "{args:?}");
        assert!(text(&output.stderr).contains(said), "{said}: {}", text(&output.stderr));
    }
}

#[tokio::test]
async fn a_snapshot_tells_what_tests_have_shown_and_ages_count_to_the_given_moment() {
    let query = async |text: &str| names(&on_snapshot(&["query", text, "--json"]).await).join(" ");
    assert_eq!(query("country:de sort:latency").await, "quick slow");
    assert_eq!(query("working:no").await, "failed");
    assert_eq!(query("age:<5h sort:name").await, "failed quick slow");
    let table = on_snapshot(&["query", "<100ms"]).await;
    assert!(text(&table.stdout).contains("yes      90 ms  DE       http      192.0.2.2:80  quick\n"));
    assert_eq!(on_snapshot(&["query", "age:<3h"]).await.status.code(), Some(1));
}

#[tokio::test]
async fn what_is_no_snapshot_is_refused_whole() {
    let mut damaged = snapshot().encode();
    *damaged.last_mut().unwrap() ^= 1;
    for (bytes, said) in [
        (damaged.as_slice(), "this is no snapshot, or a damaged one"),
        (LIST.as_bytes(), "give a document without --snapshot"),
        (b"\xC5PAT", "this is a patch; fetch /api/v1/snapshot without `since`"),
        (b"\x1f\x8b\x08", "inflate it with gzip -d first"),
        (b"", "this is no snapshot"),
    ] {
        let output = run(&["stats", "--snapshot", "-"], bytes).await;
        assert_eq!((output.status.code(), output.stdout.len()), (Some(2), 0), "{said}");
        assert!(text(&output.stderr).contains(said), "{said}: {}", text(&output.stderr));
    }
}

#[tokio::test]
async fn a_file_that_was_fetched_from_the_api_is_a_snapshot() {
    let api = Setup::new().file("a.txt", "http://8.8.8.8:80#a\nsocks5://8.8.4.4:1080#b").fetched().await;
    let path = api.folder.path().join("snapshot");
    std::fs::write(&path, api.get("/api/v1/snapshot").await.bytes().await.unwrap()).unwrap();
    let output = run(&["query", "sort:name", "--json", "--snapshot", path.to_str().unwrap()], b"").await;
    assert_eq!(serde_json::from_slice::<Vec<Proxy>>(&output.stdout).unwrap(), {
        let mut proxies = api.proxies().await;
        proxies.sort_by(|a, b| a.name.cmp(&b.name));
        proxies
    });
}

#[tokio::test]
async fn totals_are_tables_with_rates_percentiles_and_a_histogram() {
    let output = on_snapshot(&["stats"]).await;
    let said = text(&output.stdout);
    assert_eq!(output.status.code(), Some(0));
    for part in [
        "4 proxies, 3 tested, 2 working (66.7 %)\n",
        "Trojan          1       0        0        -\n",
        "DE Germany            2       2        2  100.0 %\n",
        "NL Netherlands        1       1        0    0.0 %\n",
        "europe        3       3        2   66.7 %\n",
        "b             2       2        1   50.0 %\n",
        "< 100 ms        1  ████████████████████████████████████████\n",
        "< 800 ms        0\n",
        "10 % within 90 ms, 50 % within 90 ms, 90 % within 900 ms, 99 % within 900 ms\n",
    ] {
        assert!(said.contains(part), "{part}{said}");
    }
    assert_eq!(
        said.lines().filter(|line| line.contains(" ms  ") || line.contains("more")).count(),
        20,
        "{said}"
    );
}

#[tokio::test]
async fn totals_of_a_query_are_records_too() {
    let output = on_snapshot(&["stats", "--query", "country:de,nl", "--json"]).await;
    let stats: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(
        (&stats["total"], &stats["working"], &stats["median_latency"]),
        (&3.into(), &2.into(), &90.into())
    );
    assert_eq!((&stats["latency_percentiles"]["p90"], &stats["regions"]["europe"]), (&900.into(), &3.into()));
    assert_eq!(stats["latency_histogram"][3], serde_json::json!({"below": 100, "working": 1}));
    assert_eq!(stats["latency_histogram"][19], serde_json::json!({"below": null, "working": 0}));
    assert_eq!(stats["listed"], serde_json::json!({"a": 1, "b": 2}));
}

#[tokio::test]
async fn a_score_is_the_sum_of_its_reasons_and_the_best_come_first() {
    let output = on_snapshot(&["score", "--explain"]).await;
    let lines: Vec<&str> = text(&output.stdout).lines().collect();
    let first = |line: &str| line.split_whitespace().next().unwrap().parse::<u32>().unwrap();
    let rows: Vec<&[&str]> = lines.chunks(7).collect();
    let scores: Vec<u32> = rows.iter().map(|row| first(row[0])).collect();
    for (row, score) in rows.iter().zip(&scores) {
        assert_eq!(row[1..].iter().map(|reason| first(reason)).sum::<u32>(), *score, "{row:?}");
    }
    assert!(scores.is_sorted_by(|a, b| a >= b) && scores.len() == 4, "{lines:?}");
    assert!(rows[0][0].ends_with("http 192.0.2.2:80  quick"), "{lines:?}");
    assert!(rows[0][3].ends_with("of 10  tested 4 h ago"), "{lines:?}");
}

#[tokio::test]
async fn scores_follow_the_given_weights() {
    let safe = "reliability=0,latency=0,age=0,security=100,sources=0,experience=0";
    let output = on_snapshot(&["score", "--weights", safe, "--limit", "1"]).await;
    assert_eq!(text(&output.stdout), "100  trojan 8.8.8.8:443  new\n");
    let output = on_snapshot(&["score", "country:de", "--weights", safe, "--explain"]).await;
    assert_eq!(text(&output.stdout).matches(" of 100 not encrypted on the way to the proxy").count(), 2);
    assert_eq!(text(&output.stdout).lines().count(), 4);
}

/// A history in which one address always answers and another never does, an hour between.
fn history(tests: u64) -> String {
    let line = |hour: u64| {
        let at = Timestamp::from_millis(1_793_000_000_000 + hour * 3_600_000);
        format!("{at},8.8.8.8:1080,success\n{at},192.0.2.1:80,failure\n")
    };
    "time,proxy,status\n".to_owned() + &(0..tests / 2).map(line).collect::<String>()
}

#[tokio::test]
async fn a_model_predicts_from_a_history_and_says_what_led_to_that() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("history.csv").display().to_string();
    let args = ["score", "--explain", "--model", "shipped", "--history", &path];
    std::fs::write(&path, history(400)).unwrap();
    let output = on_list(&[&args[..], &LATER].concat()).await;
    let said = text(&output.stdout);
    let (best, others) = said.split_once("https 192.0.2.2:443").unwrap();
    assert!(best.contains("socks5 8.8.8.8:1080  one\n") && others.contains("http 192.0.2.1:80"), "{said}");
    assert!(best.contains("never tested, predicted to answer ") && best.contains("       odds × "), "{said}");
    assert!(best.contains(" own tests, the older counting less; the model alone says "), "{said}");
    assert!(best.contains(" %, which counts as 4 more\n"), "{said}");
    assert!(others.contains("       no tests of its own; the model alone says "), "{said}");
    std::fs::write(&path, history(40)).unwrap();
    let listed = folder.path().join("listed.csv").display().to_string();
    std::fs::write(
        &listed,
        "time,proxy,country,anonymity,type,google\n2026-10-01T10:00:00Z,8.8.8.8:1080,US,H,,+\n",
    )
    .unwrap();
    let few = on_list(&[&args[..], &["--listed", &listed]].concat()).await;
    assert!(text(&few.stdout).contains("by its rate alone: 40 tests are too few to ask a model\n"));
}

#[tokio::test]
async fn a_model_is_asked_with_the_tests_of_a_database_too() {
    let folder = Setup::new().file("a.txt", "http://192.0.2.1:80").fetched().await.stop().await;
    let data = folder.path().join("data").display().to_string();
    let output = on_list(&["score", "--explain", "--model", "shipped", "--database", &data]).await;
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    assert_eq!(text(&output.stdout).matches("by its rate alone: 0 tests are too few").count(), 3);
    let output = on_list(&["score", "--explain", "--model", "none", "--database", &data]).await;
    assert_eq!(text(&output.stdout).matches("by its rate alone: no model is asked").count(), 3);
}

#[tokio::test]
async fn totals_over_time_are_those_of_the_api() {
    let mut api = Setup::new().file("a.txt", "http://192.0.2.1:80\nhttp://192.0.2.2:80").fetched().await;
    let told: Vec<Period> = api.json("/api/v1/history").await;
    api.terminate().await;
    let data = api.folder.path().join("data").display().to_string();
    let args = ["stats", "--database", &data];
    let json = run(&[&args[..], &["--json"]].concat(), b"").await;
    assert_eq!(serde_json::from_slice::<Vec<Period>>(&json.stdout).unwrap(), told);
    let hours = run(&args, b"").await;
    let columns = "hour (UTC)        proxies  tested  working  success  median  tests made  answered\n";
    assert!(text(&hours.stdout).starts_with(columns), "{}", text(&hours.stdout));
    let hour = told.last().unwrap().from.to_string().replace('T', " ");
    assert!(text(&hours.stdout).contains(&format!("{}        2       0        0        -", &hour[..16])));
    let days = run(&[&args[..], &["--bucket", "day", "--days", "2"]].concat(), b"").await;
    assert!(text(&days.stdout).contains(&format!("\n{}        2", &hour[..10])), "{}", text(&days.stdout));
    let long_ago = run(&[&args[..], &["--at", "2026-01-01T00:00:00Z", "--days", "90"]].concat(), b"").await;
    assert_eq!((days.status.code(), long_ago.status.code()), (Some(0), Some(1)));
}

#[tokio::test]
async fn a_model_or_history_that_is_none_is_status_2() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("list").display().to_string();
    std::fs::write(&path, LIST).unwrap();
    for (args, said) in [
        (&["--model", "shipped"][..], "--history <FILE>"),
        (&["--history", &path], "--model <FILE|shipped|none>"),
        (&["--model", "shipped", "--history", &path, "--database", "x"], "cannot be used with"),
        (&["--model", &path, "--history", &path], "this is no model: "),
        (&["--model", "/nowhere", "--history", &path], "--model /nowhere: No such file"),
        (&["--model", "shipped", "--history", &path], "expected time, host:port, and success or failure"),
        (&["--model", "shipped", "--database", "/nowhere"], "there is no folder /nowhere"),
    ] {
        let output = on_list(&[&["score"], args].concat()).await;
        assert_eq!((output.status.code(), output.stdout.len()), (Some(2), 0), "{args:?}");
        assert!(text(&output.stderr).contains(said), "{said}: {}", text(&output.stderr));
    }
}

#[tokio::test]
async fn names_of_others_do_not_reach_the_terminal_as_commands() {
    let output = run(&["query"], "http://192.0.2.1:80#%1b[2Jgone%e2%80%aeturned".as_bytes()).await;
    let shown = text(&output.stdout);
    assert!(shown.contains("[2Jgoneturned") && !shown.contains(['\u{1b}', '\u{202e}']), "{shown:?}");
}

#[tokio::test]
async fn help_names_every_filter_of_the_table() {
    for command in ["query", "stats", "score"] {
        let output = run(&[command, "--help"], b"").await;
        for filter in &FILTERS {
            assert!(text(&output.stdout).contains(filter.example), "{command}: {}", filter.example);
        }
    }
}
