//! Sources: merged, asked only for what changed, kept while they fail.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum::Router;
use axum::http::{HeaderMap, StatusCode};
use axum::response::IntoResponse;
use axum::routing::get;
use configstream_api::store::{self, Counts};
use configstream_core::api::SourceReport;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Connection};
use tempfile::TempDir;

use crate::support::{Api, Setup, serve};

const LIST: &str = "socks5://192.0.2.1:1080#one\nhttp://192.0.2.2:8080#two\nnot a proxy\n";

async fn list_of(text: &'static str) -> String {
    serve(Router::new().route("/list.txt", get(move || async move { text }))).await
}

async fn of(api: &Api, name: &str) -> Vec<String> {
    let proxies = api.proxies().await;
    proxies.into_iter().find(|proxy| proxy.name == name).unwrap().sources
}

#[tokio::test]
async fn a_file_a_folder_and_an_address_become_one_list() {
    let url = list_of("socks5://192.0.2.1:1080#again\nhttp://192.0.2.4:80#four").await;
    let setup = Setup::new().file("mine.txt", LIST);
    setup.write("more/a.txt", "socks5://192.0.2.3:1080#three");
    setup.write("more/b.txt", "socks5://192.0.2.1:1080#once-more");
    setup.write("more/.hidden", "socks5://192.0.2.9:1080#hidden");
    let folder = setup.folder.path().join("more");
    let api = setup
        .with("--sources", folder.display().to_string())
        .with("--sources", url + "/list.txt")
        .fetched()
        .await;

    assert_eq!(api.names().await, ["four", "one", "three", "two"]);
    let sources = of(&api, "one").await;
    assert_eq!(sources[..2], ["mine.txt", "more/b.txt"]);
    assert!(sources[2].ends_with("/list.txt"));
    let reports: Vec<SourceReport> = api.json("/api/v1/sources").await;
    assert_eq!((reports[0].name.as_str(), reports[0].proxies, reports[0].rejected), ("mine.txt", 2, 1));
    assert!(reports[0].fetched_at.is_some());
}

#[tokio::test]
async fn a_toml_file_names_sources_and_says_what_bare_lines_are() {
    let setup = Setup::new();
    setup.write("lists/bare.txt", "192.0.2.7:1080\n");
    let text = "[[source]]\nname = \"bare ones\"\npath = \"lists/bare.txt\"\nbare = \"socks5\"\n";
    let path = setup.write("sources.toml", text);
    let api = setup.with("--sources", path.display().to_string()).fetched().await;
    let proxies = api.proxies().await;
    assert_eq!(proxies[0].config, "socks5://192.0.2.7:1080");
    assert_eq!(proxies[0].sources, ["bare ones"]);
}

#[tokio::test]
async fn an_unchanged_list_is_not_sent_again_and_stays() {
    let sent = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&sent);
    let list = move |headers: HeaderMap| {
        let counted = Arc::clone(&counted);
        async move {
            if headers.get("if-none-match").is_some_and(|tag| tag == "\"v1\"") {
                return StatusCode::NOT_MODIFIED.into_response();
            }
            counted.fetch_add(1, Ordering::SeqCst);
            ([("etag", "\"v1\"")], LIST).into_response()
        }
    };
    let url = serve(Router::new().route("/list.txt", get(list))).await + "/list.txt";
    let api = Setup::new().with("--sources", &url).fetched().await;
    assert_eq!(api.names().await, ["one", "two"]);
    let folder = api.stop().await;
    let api = Setup::again(folder).with("--sources", &url).fetched().await;
    assert_eq!(api.names().await, ["one", "two"]);
    assert_eq!(sent.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_source_that_fails_keeps_its_last_list() {
    let answered = Arc::new(AtomicUsize::new(0));
    let list = move || {
        let first = answered.fetch_add(1, Ordering::SeqCst) == 0;
        async move { if first { LIST.into_response() } else { StatusCode::NOT_FOUND.into_response() } }
    };
    let url = serve(Router::new().route("/list.txt", get(list))).await + "/list.txt";
    let folder = Setup::new().with("--sources", &url).fetched().await.stop().await;
    let api = Setup::again(folder).with("--sources", &url).fetched().await;
    assert!(api.warnings()[0].contains("answered with status 404; 2 proxies of its last list are kept"));
    assert_eq!(api.names().await, ["one", "two"]);
}

#[tokio::test]
async fn a_source_that_is_no_longer_named_is_forgotten() {
    let folder = Setup::new().file("a.txt", LIST).fetched().await.stop().await;
    let api = Setup::again(folder).file("b.txt", "http://192.0.2.5:80#five").fetched().await;
    assert_eq!(api.names().await, ["five"]);
}

#[tokio::test]
async fn a_server_that_asks_for_a_moment_is_asked_again_after_it() {
    let answered = Arc::new(AtomicUsize::new(0));
    let list = move || {
        let first = answered.fetch_add(1, Ordering::SeqCst) == 0;
        async move {
            let busy = (StatusCode::TOO_MANY_REQUESTS, [("retry-after", "1")]);
            if first { busy.into_response() } else { LIST.into_response() }
        }
    };
    let url = serve(Router::new().route("/list.txt", get(list))).await + "/list.txt";
    let api = Setup::new().with("--sources", url).fetched().await;
    assert_eq!(api.names().await, ["one", "two"]);
    assert!(api.warnings().is_empty(), "{:?}", api.warnings());
}

/// Makes a database say that a source gave nothing and failed often, and that it was last asked so long ago.
async fn disgrace(folder: &TempDir, address: &str, asked: Duration) {
    let path = folder.path().join("data");
    let store = store::open(&path).await.unwrap().store;
    let bad = Counts { tests: 100, answered: 0, rounds: 9, rounds_up: 0, fetches: 10, failures: 10 };
    let now = configstream_api::clock::now();
    store.count_sources(&HashMap::from([(address.to_owned(), bad)]), now).await.unwrap();
    store.close().await;
    let options = SqliteConnectOptions::new().filename(path.join("configstream.db"));
    let mut database = options.connect().await.unwrap();
    let at = i64::try_from(now.millis() - asked.as_millis() as u64).unwrap();
    sqlx::query("UPDATE sources SET fetched_at = ?").bind(at).execute(&mut database).await.unwrap();
    database.close().await.unwrap();
}

#[tokio::test]
async fn a_source_that_is_pruned_is_asked_once_a_day_and_a_file_always() {
    let asked = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&asked);
    let list = move || {
        counted.fetch_add(1, Ordering::SeqCst);
        async { "http://192.0.2.9:80#theirs" }
    };
    let url = serve(Router::new().route("/list.txt", get(list))).await + "/list.txt";
    let setup = Setup::new().with("--sources", &url).file("mine.txt", LIST);
    let mine = setup.folder.path().join("mine.txt").display().to_string();
    let mut folder = setup.fetched().await.stop().await;
    for (hours, fetched) in [(1, 1), (25, 2)] {
        disgrace(&folder, &url, Duration::from_hours(hours)).await;
        disgrace(&folder, &mine, Duration::from_hours(hours)).await;
        let api = Setup::again(folder).with("--sources", &url).with("--sources", &mine).fetched().await;
        assert_eq!(asked.load(Ordering::SeqCst), fetched, "{hours} h after it was asked");
        assert_eq!(api.names().await, ["one", "theirs", "two"], "its last list is kept");
        let reports: Vec<SourceReport> = api.json("/api/v1/sources").await;
        let [theirs, mine] = reports.as_slice() else { panic!("{reports:?}") };
        assert!(theirs.is_pruned && theirs.score < Some(30) && theirs.rank.is_none(), "{theirs:?}");
        assert_eq!((mine.is_pruned, mine.retry_at, mine.rank), (false, None, Some(1)));
        let day = Duration::from_hours(24).as_millis() as u64;
        assert_eq!(theirs.retry_at, theirs.fetched_at.map(|at| at.plus(day)));
        let said: Vec<_> = api.log.iter().filter(|line| line.contains(": pruned")).collect();
        assert_eq!(said.len(), 1, "{said:?}");
        assert!(said[0].contains("/list.txt: pruned, its score is "), "{said:?}");
        folder = api.stop().await;
    }
}

#[tokio::test]
async fn that_some_sources_are_fetched_first_is_said_once_there_are_more_than_fifty() {
    let setup = (0..51).fold(Setup::new(), |setup, number| {
        setup.file(&format!("{number}.txt"), &format!("http://192.0.2.{number}:80#{number}"))
    });
    let api = setup.fetched().await;
    assert_eq!(api.names().await.len(), 51);
    let said: Vec<_> = api.log.iter().filter(|line| line.contains("fetched first")).collect();
    assert_eq!(said.len(), 1, "{said:?}");
    assert!(said[0].contains("of 51 sources the best 50 are fetched first"), "{said:?}");
    let mut ranks: Vec<_> =
        api.json::<Vec<SourceReport>>("/api/v1/sources").await.iter().map(|source| source.rank).collect();
    ranks.sort_unstable();
    assert_eq!(ranks, (1..=51).map(Some).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_token_in_an_address_is_told_to_nobody() {
    let url = list_of("nothing").await.replace("http://", "http://user:sesame@");
    let url = url + "/sub/0123456789sesame0123?token=sesame";
    let api = Setup::new().file("good.txt", LIST).with("--sources", url).fetched().await;
    let told = api.get("/api/v1/sources").await.text().await.unwrap();
    let listed = api.get("/api/v1/snapshot").await.text().await.unwrap();
    assert_eq!(api.warnings().len(), 1);
    for text in [api.log.join("\n"), told, listed] {
        assert!(!text.contains("sesame"), "{text}");
    }
}
