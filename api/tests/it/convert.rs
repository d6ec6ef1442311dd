//! `configstream convert`: exit statuses, summaries, rejected lines.

use std::process::Output;

use crate::support::{run, text};

/// Of two lists that the program age encrypted: see the folder.
const AGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/age/");

const LIST: &str = "socks5://192.0.2.1:1080#one\nnot a proxy\ngopher://x\nnor this\n";

async fn convert(args: &[&str], input: &str) -> Output {
    run(&[&["convert"], args].concat(), input.as_bytes()).await
}

#[tokio::test]
async fn standard_input_is_read_and_what_was_rejected_is_counted_by_reason() {
    let output = convert(&["--to", "links"], LIST).await;
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(text(&output.stdout), "socks5://192.0.2.1:1080#one\n");
    let summary = text(&output.stderr);
    assert!(summary.starts_with("1 proxies, 3 rejected\n       2 × no link: "), "{summary}");
    assert!(summary.contains("1 × unknown scheme gopher://"), "{summary}");
}

#[tokio::test]
async fn files_are_read_in_order_and_one_that_is_missing_costs_no_other() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).display().to_string();
    std::fs::write(path("a"), "http://192.0.2.1:80#a").unwrap();
    std::fs::write(path("b"), "http://192.0.2.2:80#b").unwrap();
    let output = convert(&["--to", "links", &path("b"), &path("none"), &path("a")], "").await;
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(text(&output.stdout), "http://192.0.2.2:80#b\nhttp://192.0.2.1:80#a\n");
    assert!(text(&output.stderr).contains("none cannot be read: No such file"));
}

#[tokio::test]
async fn rejected_lines_are_written_with_place_and_reason() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("rejected.json");
    convert(&["--to", "links", "--rejected", path.to_str().unwrap()], LIST).await;
    let rejected: serde_json::Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    assert_eq!((&rejected[0]["line"], &rejected[0]["byte"]), (&2.into(), &28.into()));
    assert_eq!(rejected[1]["reason"], "unknown scheme gopher://");
}

#[tokio::test]
async fn no_proxy_at_all_is_status_1() {
    assert_eq!(convert(&["--to", "links"], "nothing\n").await.status.code(), Some(1));
    assert_eq!(convert(&["--to", "links"], "").await.status.code(), Some(1));
}

#[tokio::test]
async fn a_format_that_there_is_not_is_status_2_and_the_others_are_named() {
    for args in [&["--to", "floppy"][..], &["--to", "links", "--from", "floppy"], &[]] {
        let output = convert(args, LIST).await;
        assert_eq!(output.status.code(), Some(2), "{args:?}");
        assert!(output.stdout.is_empty());
    }
    let output = convert(&["--to", "floppy"], LIST).await;
    assert!(text(&output.stderr).contains("no format floppy: expected one of "), "{}", text(&output.stderr));
}

#[tokio::test]
async fn json_is_written_with_the_identity_of_each_proxy() {
    let output = convert(&["--to", "json", "--from", "links"], LIST).await;
    let proxies: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(proxies[0]["address"], "192.0.2.1");
    assert_eq!(proxies[0]["fingerprint"].as_str().unwrap().len(), 16);
}

const MANY: &str = "socks5://8.8.4.1:1080#🇩🇪 Berlin 10\nsocks5://8.8.4.2:1080#Berlin 9 DE\n\
    http://8.8.4.3:80#香港\nsocks5://8.8.4.1:1080#again @ads\nsocks5://8.8.8.8:1080#剩余流量：5 GB\n";

#[tokio::test]
async fn a_list_is_filtered_merged_renamed_and_sorted_on_its_way_and_each_step_is_counted() {
    let output = convert(
        &[
            "--to",
            "links",
            "--no-information",
            "--protocol",
            "socks5",
            "--dedup",
            "endpoint",
            "--flags",
            "replace",
            "--sort",
        ],
        MANY,
    )
    .await;
    assert_eq!(
        text(&output.stdout),
        "socks5://8.8.4.2:1080#%F0%9F%87%A9%F0%9F%87%AA%20Berlin%209%20DE\nsocks5://8.8.4.1:1080#%F0%9F%87%A9%F0%9F%87%AA%20Berlin%2010\n"
    );
    let said = text(&output.stderr);
    for line in [
        "5 proxies, 0 rejected\n2 left\n",
        "       1 × dropped: tells something and is no proxy\n",
        "       1 × dropped by protocol\n",
        "       1 × merged with one that is the same\n",
        "       1 × renamed\n",
        "the lists say of themselves\n         left: 5.0 GiB\n",
    ] {
        assert!(said.contains(line), "{line}{said}");
    }
}

#[tokio::test]
async fn names_are_kept_dropped_replaced_and_made_anew() {
    let names = async |args: &[&str]| {
        let output = convert(&[&["--to", "json"], args].concat(), MANY).await;
        let proxies: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        let names =
            proxies.as_array().unwrap().iter().map(|proxy| proxy["name"].as_str().unwrap().to_owned());
        names.collect::<Vec<_>>().join("|")
    };
    assert_eq!(names(&["--keep", "Berlin|香", "--drop", "DE$"]).await, "🇩🇪 Berlin 10|香港");
    assert_eq!(names(&["--country", "hk,europe", "--limit", "2"]).await, "🇩🇪 Berlin 10|Berlin 9 DE");
    assert_eq!(names(&["--port", "80", "--name", "{flag} {code} {n}"]).await, "🇭🇰 HK 1");
    assert_eq!(
        names(&["--delete", "@ads", "--rename", "Berlin (\\d+)=B$1", "--no-protocol", "http"]).await,
        "🇩🇪 B10|B9 DE|again|剩余流量：5 GB"
    );
    assert_eq!(names(&["--keep", "剩余"]).await, "剩余流量：5 GB");
    assert_eq!(names(&["--no-information", "--keep", "剩余|DE"]).await, "Berlin 9 DE");
}

#[tokio::test]
async fn settings_are_overridden() {
    let link = "trojan://secret@192.0.2.1:443#x";
    let output = convert(&["--to", "json", "--udp", "off", "--insecure", "on"], link).await;
    let proxies: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((&proxies[0]["udp"], &proxies[0]["insecure"]), (&false.into(), &true.into()), "{proxies}");
}

#[tokio::test]
async fn decoys_are_dropped_where_that_is_wanted_and_no_proxy_left_is_status_1() {
    let decoy = "socks5://127.0.0.1:1080#x";
    assert_eq!(convert(&["--to", "links"], decoy).await.status.code(), Some(0));
    let output = convert(&["--to", "links", "--no-decoys"], decoy).await;
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stderr).contains("1 × dropped: no public proxy can have its address"));
}

#[tokio::test]
async fn a_word_that_a_flag_does_not_take_is_status_2_with_what_it_takes() {
    for (args, said) in [
        (["--keep", "(a"], "starts at character 1"),
        (["--rename", "a"], "expected pattern=replacement"),
        (["--protocol", "floppy"], "expected one of http, "),
        (["--port", "0"], "expected a port such as 443"),
        (["--country", "nowhere"], "expected a country such as DE"),
        (["--name", "{city}"], "expected one of {name}, {flag}"),
        (["--dedup", "smell"], "fingerprint, endpoint, user, all"),
        (["--age-key", "/nowhere"], "--age-key /nowhere: No such file"),
    ] {
        let output = convert(&[&["--to", "links"], &args[..]].concat(), LIST).await;
        assert_eq!(output.status.code(), Some(2), "{args:?}");
        assert!(text(&output.stderr).contains(said), "{said}: {}", text(&output.stderr));
    }
}

#[tokio::test]
async fn each_proxy_gets_a_file_of_its_own_with_a_name_that_is_safe() {
    let folder = tempfile::tempdir().unwrap();
    let into = folder.path().join("new");
    let output = convert(
        &["--to", "links", "--split", into.to_str().unwrap()],
        "http://192.0.2.1:80#../a b\nhttp://192.0.2.2:80#a/b\nhttp://192.0.2.3:80#香港\n",
    )
    .await;
    assert_eq!((output.status.code(), text(&output.stdout)), (Some(0), ""));
    let mut files: Vec<_> =
        into.read_dir().unwrap().map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
    files.sort();
    assert_eq!(files, ["HK-http.txt", "a-b-2.txt", "a-b.txt"]);
    assert_eq!(
        std::fs::read_to_string(into.join("HK-http.txt")).unwrap(),
        "http://192.0.2.3:80#%E9%A6%99%E6%B8%AF\n"
    );
}

#[tokio::test]
async fn losses_are_written_proxy_by_proxy_and_counted() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("losses.json");
    let output = convert(&["--to", "links", "--losses", path.to_str().unwrap()], LIST).await;
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "[]");
    assert!(!text(&output.stderr).contains('×') || !text(&output.stderr).contains("left out"));
}

#[tokio::test]
async fn what_age_encrypted_is_read_with_its_key_or_its_passphrase_and_refused_without() {
    let read = async |document: &str, key: Option<&str>| {
        let (document, key) = ([AGE, document].concat(), key.map(|key| [AGE, key].concat()));
        let mut args = vec!["--to", "links", document.as_str()];
        args.extend(key.iter().flat_map(|key| ["--age-key", key.as_str()]));
        let output = convert(&args, "").await;
        format!("{}{}", text(&output.stdout), text(&output.stderr))
    };
    let list = "socks5://8.8.8.8:1080#one\nsocks5://8.8.4.4:1080#two\n2 proxies, 0 rejected\n";
    assert_eq!(read("key.age", Some("key.txt")).await, list);
    assert_eq!(read("passphrase.age", Some("passphrase.txt")).await, list);
    assert!(read("key.age", None).await.contains("1 × encrypted with age: give its key"));
    assert!(read("others.age", Some("key.txt")).await.contains("none of the keys opens the document"));
    assert!(read("key.age", Some("key.age")).await.contains("line 1 of the key file is no key"));
}

#[tokio::test]
async fn help_names_every_format_and_scheme_of_the_tables() {
    let output = convert(&["--help"], "").await;
    let help = text(&output.stdout);
    let schemes = configstream_core::link::SCHEMES.iter().flat_map(|scheme| scheme.names()).copied();
    let formats = configstream_core::document::WRITERS.iter().map(|format| format.name());
    for name in schemes.chain(formats) {
        let listed = |word: &str| word.trim_end_matches(',') == name;
        assert!(help.split_whitespace().any(listed), "{name}: {help}");
    }
}
