//! Starting, stopping, starting again; and the stream of what happens.

use configstream_core::api::Health;
use configstream_core::catalogue::Snapshot;
use futures_util::StreamExt;

use crate::support::{Api, PATIENCE, Setup};

const LIST: &str = "socks5://192.0.2.1:1080#one\nhttp://192.0.2.2:8080#two\n";

#[tokio::test]
async fn the_stored_list_is_there_before_anything_is_fetched() {
    let api = Setup::new().file("a.txt", LIST).fetched().await;
    let before = api.snapshot().await;
    let folder = api.stop().await;
    // A source that never answers: what is listed now can only come from the database.
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/list.txt", silent.local_addr().unwrap());
    let api = Setup::again(folder).with("--sources", url).flag("--no-probe").start().await;
    let health: Health = api.json("/api/v1/health").await;
    assert_eq!((health.status.as_str(), health.proxies), ("ok", 2));
    let after = api.snapshot().await;
    assert!(after.revision > before.revision);
    let first_seen = |snapshot: &Snapshot| snapshot.catalogue.row(0).unwrap().first_seen();
    assert_eq!(first_seen(&after), first_seen(&before));
}

#[tokio::test]
async fn before_the_first_list_the_api_says_that_it_is_starting() {
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/list.txt", silent.local_addr().unwrap());
    let api = Setup::new().with("--sources", url).start().await;
    let health: Health = api.json("/api/v1/health").await;
    assert_eq!((health.status.as_str(), health.revision), ("starting", 0));
    assert!(api.proxies().await.is_empty());
}

/// How long it may take at most is tested in `serve`, where no machine is too slow for it.
#[tokio::test]
async fn whoever_listens_is_told_goodbye_when_it_stops() {
    let mut api = Setup::new().file("a.txt", LIST).fetched().await;
    let mut stream = api.get("/api/v1/stream").await.bytes_stream();
    assert!(stream.next().await.is_some());
    api.terminate().await;
    while let Some(chunk) = stream.next().await {
        chunk.unwrap();
    }
}

#[tokio::test]
async fn settings_come_from_the_flag_then_the_environment_then_the_file() {
    let setup = Setup::new();
    let (flag, file) = (setup.write("flag.txt", "http://192.0.2.1:80#flag"), setup.write("file.txt", LIST));
    let text = format!(
        "listen = \"203.0.113.1:1\"\nno-probe = true\nno-default-sources = true\nsources = [{:?}]\n",
        file.display().to_string()
    );
    let config = setup.write("config.toml", &text);
    let fetched = |variable: &'static str, flags: Vec<String>| {
        let mut command = crate::support::program();
        command
            .arg("serve")
            .args(flags)
            .arg("--config")
            .arg(&config)
            .env("CONFIGSTREAM_LISTEN", "127.0.0.1:0");
        command.arg("--data").arg(setup.data()).env("CONFIGSTREAM_SOURCES", variable);
        Api::of(command, tempfile::tempdir().unwrap())
    };
    let mut api = fetched("", vec![]).await;
    api.logged("of which failed").await;
    assert_eq!(api.names().await, ["one", "two"]);
    api.stop().await;
    let mut api = fetched("/nowhere", vec!["--sources".to_owned(), flag.display().to_string()]).await;
    api.logged("of which failed").await;
    assert_eq!(api.names().await, ["flag"]);
}

/// Events as they come, each `(id, name)`.
async fn events(api: &Api, last: Option<u64>, count: usize) -> Vec<(u64, String)> {
    let last = last.map(|id| id.to_string());
    let headers: Vec<_> = last.iter().map(|id| ("last-event-id", id.as_str())).collect();
    let mut body = api.get_with("/api/v1/stream", &headers).await.bytes_stream();
    let (mut text, mut events) = (String::new(), Vec::new());
    while events.len() < count {
        let chunk = tokio::time::timeout(PATIENCE, body.next()).await.unwrap().unwrap().unwrap();
        text.push_str(std::str::from_utf8(&chunk).unwrap());
        let field = |event: &str, name: &str| {
            event.lines().find_map(|line| line.strip_prefix(name)).unwrap().trim().to_owned()
        };
        let whole = text.matches("\n\n").count();
        events = text
            .split("\n\n")
            .take(whole)
            .map(|event| (field(event, "id:").parse().unwrap(), field(event, "event:")))
            .collect();
    }
    events
}

#[tokio::test]
async fn a_listener_that_returns_gets_what_it_missed() {
    let api = Setup::new().file("a.txt", LIST).file("b.txt", LIST).fetched().await;
    let now = events(&api, None, 1).await;
    let (last, name) = &now[0];
    assert_eq!(name, "snapshot");
    let missed = events(&api, Some(last - 2), 2).await;
    let expected = [(last - 1, "source-update".to_owned()), (*last, "snapshot".to_owned())];
    assert_eq!(missed, expected);
    let unknown = events(&api, Some(5), 1).await;
    assert_eq!(unknown, now);
}
