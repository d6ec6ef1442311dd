//! What is wrong gives one clear message, and nothing else stops.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::response::{Html, Redirect};
use axum::routing::get;
use configstream_core::api::SourceReport;
use futures_util::stream;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

use crate::support::{Api, Setup, program, serve};

const GOOD: &str = "socks5://192.0.2.1:1080#good";

/// Runs with a good source and a bad one: the good one is listed, and there is one warning.
async fn beside_a_good_source(bad: &str) -> (Api, String) {
    let api = Setup::new().with("--sources", bad).file("good.txt", GOOD).fetched().await;
    assert_eq!(api.names().await, ["good"]);
    let warnings = api.warnings();
    assert_eq!(warnings.len(), 1, "{warnings:?}");
    let warning = warnings[0].clone();
    (api, warning)
}

fn says(warning: &str, what: &str) {
    assert!(warning.contains(what), "{warning:?} does not say {what:?}");
}

#[tokio::test]
async fn a_web_page_is_no_list() {
    let page = || async { Html("<!DOCTYPE html>\n<html><body>404: vless://nothing here</body></html>") };
    let url = serve(Router::new().route("/list.txt", get(page))).await;
    let (_, warning) = beside_a_good_source(&(url + "/list.txt")).await;
    says(&warning, "/list.txt: is a web page, not a list");
}

#[tokio::test]
async fn a_gigabyte_of_zeros_is_cut_and_never_held() {
    let zeros = || async {
        let chunk = Bytes::from(vec![0_u8; 1024 * 1024]);
        let chunks = stream::iter((0..1024).map(move |_| Ok::<_, std::io::Error>(chunk.clone())));
        Body::from_stream(chunks)
    };
    let url = serve(Router::new().route("/zeros", get(zeros))).await;
    let (api, warning) = beside_a_good_source(&(url + "/zeros")).await;
    says(&warning, "sent more than 64 MiB; the rest was not read");
    assert!(api.peak_memory() < 300 * 1024, "{} KiB", api.peak_memory());
}

#[tokio::test]
async fn a_redirect_loop_ends() {
    let url = serve(Router::new().route("/loop", get(|| async { Redirect::temporary("/loop") }))).await;
    let (_, warning) = beside_a_good_source(&(url + "/loop")).await;
    says(&warning, "/loop: redirects more than 5 times");
}

#[tokio::test]
async fn a_certificate_that_nobody_signed_is_refused() {
    let address = self_signed().await;
    let (_, warning) = beside_a_good_source(&format!("https://localhost:{}/list", address.port())).await;
    says(&warning, "localhost/list: its TLS certificate or handshake failed: invalid peer certificate");
}

/// A server with a certificate of its own making; it accepts and handshakes, nothing more.
async fn self_signed() -> SocketAddr {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let key = rustls::pki_types::PrivateKeyDer::try_from(made.signing_key.serialize_der()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], key)
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((connection, _)) = listener.accept().await {
            let _ = acceptor.accept(connection).await;
        }
    });
    address
}

#[tokio::test]
async fn an_address_where_nobody_listens_is_said_to_be_unreachable() {
    let closed = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    assert!(TcpStream::connect(closed).await.is_err());
    let (_, warning) = beside_a_good_source(&format!("http://{closed}/list.txt")).await;
    says(&warning, "/list.txt: cannot be reached: Connection refused");
}

#[tokio::test]
async fn addresses_that_all_fail_alike_are_one_line_and_each_has_its_error() {
    let closed = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let address = |number: u32| format!("http://{closed}/{number}.txt");
    let setup = (0..20).fold(Setup::new(), |setup, number| setup.with("--sources", address(number)));
    let api = setup.file("good.txt", GOOD).fetched().await;
    let warnings = api.warnings();
    assert_eq!(warnings.len(), 1, "{warnings:?}");
    says(warnings[0], "/0.txt: cannot be reached: Connection refused");
    says(warnings[0], ". 19 more addresses fail alike; /api/v1/sources names each");
    let reports: Vec<SourceReport> = api.json("/api/v1/sources").await;
    let errors: Vec<_> = reports.iter().filter_map(|report| report.error.as_deref()).collect();
    assert_eq!((errors.len(), reports.len()), (20, 21));
    assert!(errors.iter().all(|error| error.starts_with("cannot be reached: ")), "{errors:?}");
}

#[tokio::test]
async fn a_mistyped_address_is_no_file_and_its_token_is_told_to_nobody() {
    let (_, warning) = beside_a_good_source("htps://u:sesame@example.org/sesame?t=sesame").await;
    says(&warning, "--sources htps://example.org/…: expected http://…, https://…, file://… or a path");
    assert!(!warning.contains("sesame"), "{warning}");
}

#[tokio::test]
async fn a_connection_that_breaks_off_is_said_to() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut connection, _)) = listener.accept().await {
            let half = format!("HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n{GOOD}");
            let mut request = [0; 4096];
            assert!(connection.read(&mut request).await.unwrap() > 0);
            connection.write_all(half.as_bytes()).await.unwrap();
        }
    });
    let (_, warning) = beside_a_good_source(&format!("http://{address}/half")).await;
    says(&warning, "/half: broke off: ");
}

#[tokio::test]
async fn a_file_that_is_missing_is_named() {
    let (_, warning) = beside_a_good_source("/nowhere/list.txt").await;
    says(&warning, "source list.txt (/nowhere/list.txt): there is no such file or folder");
}

#[tokio::test]
async fn a_list_without_a_proxy_says_why() {
    let setup = Setup::new().file("bad.txt", "gopher://x\nfoo\n").file("good.txt", GOOD);
    let api = setup.fetched().await;
    assert_eq!(api.names().await, ["good"]);
    says(
        api.warnings()[0],
        "holds no proxy: 2 lines were rejected, the first because unknown scheme gopher://",
    );
}

#[tokio::test]
async fn a_toml_file_that_is_none_is_named_and_the_rest_goes_on() {
    let setup = Setup::new();
    let path = setup.write("bad.toml", "[[source]\n");
    let api = setup.with("--sources", path.display().to_string()).file("good.txt", GOOD).fetched().await;
    assert_eq!(api.names().await, ["good"]);
    says(&api.log.join("\n"), "bad.toml");
}

#[tokio::test]
async fn a_damaged_database_is_set_aside() {
    let setup = Setup::new().file("good.txt", GOOD);
    setup.write("data/configstream.db", &"this is no database ".repeat(1000));
    let api = setup.fetched().await;
    assert_eq!(api.names().await, ["good"]);
    let warnings = api.warnings();
    assert_eq!(warnings.len(), 1, "{warnings:?}");
    says(warnings[0], "the database was damaged; it is kept as ");
    let kept = warnings[0].split("kept as ").nth(1).unwrap().split(' ').next().unwrap();
    assert!(kept.contains("configstream.db.corrupt-"));
    assert!(std::fs::read_to_string(kept).unwrap().starts_with("this is no database"));
}

#[tokio::test]
async fn a_database_with_a_damaged_page_is_set_aside_and_revisions_go_on_growing() {
    let folder = Setup::new().file("good.txt", &many()).fetched().await.stop().await;
    let path = folder.path().join("data/configstream.db");
    let mut bytes = std::fs::read(&path).unwrap();
    bytes[8192..].iter_mut().for_each(|byte| *byte = 0xA5);
    std::fs::write(&path, bytes).unwrap();
    let api = Setup::again(folder).file("good.txt", GOOD).fetched().await;
    says(&api.log.join("\n"), "the database was damaged");
    assert_eq!(api.names().await, ["good"]);
    assert!(api.snapshot().await.revision > 1_000_000);
}

fn many() -> String {
    let lines: Vec<_> = (1..255).map(|number| format!("socks5://192.0.2.{number}:1080\n")).collect();
    lines.concat()
}

#[tokio::test]
async fn a_port_in_use_is_one_line_and_status_1() {
    let taken = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let folder = tempfile::tempdir().unwrap();
    let mut command = program();
    command.args(["serve", "--no-default-sources", "--listen", &address, "--data"]).arg(folder.path());
    let output = command.output().await.unwrap();
    assert_eq!(output.status.code(), Some(1));
    let expected = format!("{address} is in use: stop the other program or choose another with --listen\n");
    assert_eq!(String::from_utf8(output.stderr).unwrap(), expected);
    assert!(output.stdout.is_empty());
}

#[tokio::test]
async fn a_setting_that_is_wrong_is_named_before_anything_starts() {
    let refused = |args: &'static [&str]| async move {
        let output = program().arg("serve").args(args).output().await.unwrap();
        (output.status.code(), String::from_utf8(output.stderr).unwrap())
    };
    let (status, message) = refused(&["--config", "/nowhere.toml"]).await;
    assert_eq!(status, Some(1));
    says(&message, "--config /nowhere.toml: No such file");
    let (status, message) = refused(&["--judge", "nonsense"]).await;
    assert_eq!(status, Some(1));
    says(&message, "--judge \"nonsense\": expected an address such as");
    let (status, message) = refused(&["--model", "/nowhere"]).await;
    assert_eq!(status, Some(1));
    says(&message, "--model /nowhere: No such file");
    assert_eq!(refused(&["--listen", "nowhere"]).await.0, Some(2));
}
