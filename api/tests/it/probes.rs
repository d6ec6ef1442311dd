//! Probes: real requests through real proxies.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::Router;
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse};
use axum::routing::any;
use configstream_core::api::{Detail, Period, Proxy, SourceReport};

use crate::proxies::{microsocks, socks4, tinyproxy};
use crate::support::{Api, Setup, found, serve};

/// Runs until every proxy was tested, and gives what each name showed.
async fn tested(setup: Setup) -> (Api, HashMap<String, Option<bool>>) {
    let mut api = setup.start().await;
    while api.logged("INFO tested").await.contains(" of ") {}
    let working = api.proxies().await.into_iter().map(|proxy| (proxy.name, proxy.is_working));
    let working = working.collect();
    (api, working)
}

fn expect(found: &HashMap<String, Option<bool>>, expected: &[(&str, Option<bool>)]) {
    let expected: HashMap<_, _> = expected.iter().map(|(name, works)| ((*name).to_owned(), *works)).collect();
    assert_eq!(found, &expected);
}

#[tokio::test]
async fn socks5_and_http_proxies_work_with_their_password_and_not_with_another() {
    if !(found("microsocks") && found("tinyproxy")) {
        return;
    }
    let (socks, http) = (microsocks(&["-u", "me", "-P", "p@ss"]).await, tinyproxy("me pass").await);
    let open = microsocks(&[]).await;
    let text = format!(
        "socks5://me:p%40ss@127.0.0.1:{s}#socks\nsocks5://me:other@127.0.0.1:{s}#socks-wrong\n\
         http://me:pass@127.0.0.1:{h}#http\nhttp://me:other@127.0.0.1:{h}#http-wrong\n\
         http://127.0.0.1:{h}#http-none\nsocks5://127.0.0.1:{o}#open\nsocks5://127.0.0.1:1#closed\n",
        s = socks.port,
        h = http.port,
        o = open.port,
    );
    let (api, working) = tested(Setup::new().file("list.txt", &text)).await;
    let yes = ["socks", "http", "open"].map(|name| (name, Some(true)));
    let no = ["socks-wrong", "http-wrong", "http-none", "closed"].map(|name| (name, Some(false)));
    expect(&working, &[&yes[..], &no[..]].concat());
    let best = api.proxies().await.swap_remove(0);
    assert!(best.latency.is_some() && best.tested_at.is_some() && best.score > 60, "{best:?}");
}

#[tokio::test]
async fn socks4_works_and_what_cannot_be_spoken_stays_untested() {
    let address = socks4().await;
    let text = format!("socks4://{address}#four\nsocks4://someone@{address}#with-id\n");
    let (api, working) = tested(Setup::new().file("list.txt", &text)).await;
    expect(&working, &[("four", Some(true)), ("with-id", None)]);
    let of = |name: &str, proxies: &[Proxy]| {
        proxies.iter().find(|proxy| proxy.name == name).map(|proxy| proxy.reliability).unwrap()
    };
    let proxies = api.proxies().await;
    assert!(of("four", &proxies).is_some_and(|share| share > 400), "above what is expected of any");
    assert_eq!(of("with-id", &proxies), None, "nothing is predicted of what is never tested");
}

#[tokio::test]
async fn a_score_says_what_is_predicted_and_its_parts_add_up() {
    let text = format!("socks4://{}#four\n", socks4().await);
    let (api, _) = tested(Setup::new().file("list.txt", &text).with("--model", "none")).await;
    let proxy = api.proxies().await.swap_remove(0);
    let detail: Detail = api.json(&format!("/api/v1/proxies/{}", proxy.id)).await;
    assert_eq!(detail.reasons.iter().map(|reason| reason.points).sum::<u8>(), proxy.score);
    let said = &detail.reasons[0].what;
    assert!(said.starts_with("answered its last test, predicted to answer "), "{said}");
    assert_eq!(detail.history.iter().map(|test| test.is_working).collect::<Vec<_>>(), [true]);
}

#[tokio::test]
async fn what_was_tested_counts_for_its_source_and_its_hour() {
    let text = format!("socks4://{}#four\nsocks5://127.0.0.1:1#closed\n", socks4().await);
    let (api, _) = tested(Setup::new().file("list.txt", &text)).await;
    let sums = |periods: &[Period]| {
        let sum = |of: fn(&Period) -> u64| periods.iter().map(of).sum::<u64>();
        (sum(|period| period.tests), sum(|period| period.answered))
    };
    let hours: Vec<Period> = api.json("/api/v1/history").await;
    let last = hours.last().unwrap();
    assert_eq!((last.total, last.tested, last.working, last.success_rate), (2, 2, 1, Some(0.5)));
    assert_eq!((sums(&hours), last.median_latency.is_some()), ((2, 1), true));
    let folder = api.stop().await;
    let api = Setup::again(folder).file("list.txt", &text).fetched().await;
    let days: Vec<Period> = api.json("/api/v1/history?bucket=day&days=2").await;
    assert_eq!(sums(&days), (2, 1));
    let source: SourceReport = api.json::<Vec<_>>("/api/v1/sources").await.swap_remove(0);
    let reasons: Vec<&str> = source.reasons.iter().map(|reason| reason.what.as_str()).collect();
    for what in [
        "1 of 2 tests answered",
        "1 of 1 rounds with a proxy that answers",
        "1 of 1 proxies that answer listed first and alone",
        "2 of 2 fetches done",
    ] {
        assert!(reasons.contains(&what), "{what}: {reasons:?}");
    }
    let points = source.reasons.iter().map(|reason| reason.points).sum();
    assert_eq!((source.score, source.rank, source.is_pruned), (Some(points), Some(1), false));
}

#[tokio::test]
async fn a_list_from_elsewhere_cannot_make_it_knock_on_this_machine() {
    let (theirs, mine) = (socks4().await, socks4().await);
    let text = format!("socks4://{theirs}#theirs\nsocks4://{mine}#both\n");
    let list = serve(Router::new().fallback(any(move || async move { text }))).await;
    let setup = Setup::new().with("--sources", list).file("mine.txt", &format!("socks4://{mine}#both"));
    let (_, working) = tested(setup).await;
    expect(&working, &[("theirs", None), ("both", Some(true))]);
}

#[tokio::test]
async fn an_answer_that_is_not_the_judges_is_no_proof() {
    let page = || async { Html("<html>Welcome to the hotel</html>") };
    let portal = serve(Router::new().fallback(any(page))).await;
    let (_, working) = tested(Setup::new().file("list.txt", &format!("{portal}#portal"))).await;
    expect(&working, &[("portal", Some(false))]);
}

#[tokio::test]
async fn each_result_belongs_to_its_own_proxy_however_many_are_tested_at_once() {
    if !found("microsocks") {
        return;
    }
    let mut running = Vec::new();
    for number in 2..42 {
        running.push(microsocks(&["-b", &format!("127.0.0.{number}")]).await);
    }
    let line = |(number, proxy): (usize, &crate::proxies::Running)| {
        format!("socks5://127.0.0.1:{}#127.0.0.{}\n", proxy.port, number + 2)
    };
    let text: String = running.iter().enumerate().map(line).collect();
    let (api, working) = tested(Setup::new().file("list.txt", &text)).await;
    assert_eq!(working.len(), 40);
    for proxy in api.proxies().await {
        let detail: serde_json::Value = api.json(&format!("/api/v1/proxies/{}", proxy.id)).await;
        assert_eq!(detail["history"][0]["exit"], proxy.name.as_str(), "{detail}");
    }
}

#[tokio::test]
async fn a_judge_that_is_dead_marks_nothing() {
    let address = socks4().await;
    let setup = Setup::new().file("list.txt", &format!("socks4://{address}#four"));
    let mut api = setup.with("--judge", "http://127.0.0.1:1/exit").start().await;
    let line = api.logged("ERROR").await;
    assert!(line.contains("aborted: no judge answers (http://127.0.0.1:1/exit)"), "{line}");
    let proxy = api.proxies().await.swap_remove(0);
    assert_eq!((proxy.is_working, proxy.tested_at), (None, None));
}

#[tokio::test]
async fn a_judge_that_dies_under_way_marks_nothing_as_failing() {
    let asked = Arc::new(AtomicUsize::new(0));
    let once = move || {
        let first = asked.fetch_add(1, Ordering::SeqCst) == 0;
        async move {
            let exit = r#"{"address":"192.0.2.1"}"#.into_response();
            if first { exit } else { StatusCode::INTERNAL_SERVER_ERROR.into_response() }
        }
    };
    let judge = serve(Router::new().fallback(any(once))).await;
    let address = socks4().await;
    let setup = Setup::new().file("list.txt", &format!("socks4://{address}#four"));
    let mut api = setup.with("--judge", judge).start().await;
    api.logged("aborted: no judge answers").await;
    assert_eq!(api.proxies().await[0].is_working, None);
}

#[tokio::test]
async fn results_outlive_a_restart() {
    let address = socks4().await;
    let text = format!("socks4://{address}#four");
    let (api, _) = tested(Setup::new().file("list.txt", &text)).await;
    let before = api.proxies().await;
    let api = Setup::again(api.stop().await).file("list.txt", &text).flag("--no-probe").start().await;
    let after = api.proxies().await;
    assert_eq!((after[0].is_working, after[0].tested_at), (Some(true), before[0].tested_at));
    assert!(after[0].reliability.is_some_and(|share| Some(share) == before[0].reliability));
    let detail: serde_json::Value = api.json(&format!("/api/v1/proxies/{}", after[0].id)).await;
    assert_eq!(detail["history"][0]["is_working"], true);
}
