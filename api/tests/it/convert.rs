//! `configstream convert`: exit statuses, summaries, rejected lines.

use std::process::{Output, Stdio};

use tokio::io::AsyncWriteExt;

use crate::support::program;

const LIST: &str = "socks5://192.0.2.1:1080#one\nnot a proxy\ngopher://x\nnor this\n";

async fn convert(args: &[&str], input: &str) -> Output {
    let mut command = program();
    command.arg("convert").args(args).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    // A program that refuses its arguments does not read.
    stdin.write_all(input.as_bytes()).await.ok();
    drop(stdin);
    child.wait_with_output().await.unwrap()
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
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
