//! What callers of the API see.

use configstream_api::http::ROUTES;
use configstream_core::Timestamp;
use configstream_core::api::{Count, ExitReport, Health, Period, Problem, Stats};
use configstream_core::catalogue::{Patch, Query, Snapshot};

use crate::support::{Api, Setup, client};

fn many() -> String {
    let line = |number: usize| match number % 3 {
        0 => format!("socks5://8.8.8.{number}:1080#berlin {number}\n"),
        1 => format!("http://192.0.2.{number}:8080#paris {number}\n"),
        _ => format!("https://1.1.1.{number}:443#{number}\n"),
    };
    (0..250).map(line).collect()
}

async fn api() -> Api {
    Setup::new().file("a.txt", &many()).file("b.txt", "socks5://8.8.8.0:1080").fetched().await
}

fn header<'a>(response: &'a reqwest::Response, name: &str) -> &'a str {
    response.headers().get(name).unwrap_or_else(|| panic!("no {name}")).to_str().unwrap()
}

#[tokio::test]
async fn every_filter_gives_what_cores_query_gives() {
    let api = api().await;
    let catalogue = api.snapshot().await.catalogue;
    let queries = [
        "",
        "protocol=socks5",
        "protocol=socks5,http&protocol=https&q=berlin",
        "country=us&sort_by=name&order=desc",
        "region=americas",
        "min_score=12",
        "max_latency=5",
        "working=true",
        "source=b.txt",
        "q=paris+1",
        "security=high",
        "security=low,medium&protocol=socks",
        "sort_by=country&order=asc",
        "sort_by=protocol",
    ];
    for query in queries {
        let rows = catalogue.query(&Query::from_url(query).unwrap(), Timestamp::default());
        let expected: Vec<_> = rows.iter().map(|row| catalogue.row(*row).unwrap().id().to_string()).collect();
        let answer: Vec<configstream_core::api::Proxy> =
            api.json(&format!("/api/v1/proxies?limit=1000&{query}")).await;
        let got: Vec<_> = answer.into_iter().map(|proxy| proxy.id).collect();
        assert_eq!(got, expected, "{query}");
    }
}

#[tokio::test]
async fn pages_say_how_many_rows_there_are_and_where_the_others_are() {
    let api = api().await;
    let response = api.get("/api/v1/proxies?q=berlin&limit=20&offset=20").await;
    assert_eq!(header(&response, "x-total-count"), "84");
    let page = |offset: u32, rel: &str| {
        format!("</api/v1/proxies?q=berlin&limit=20&offset={offset}>; rel=\"{rel}\"")
    };
    let expected = [page(0, "first"), page(0, "prev"), page(40, "next"), page(80, "last")].join(", ");
    assert_eq!(header(&response, "link"), expected);
    assert_eq!(header(&response, "cache-control"), "public, max-age=300");

    let mut walked = Vec::new();
    let mut next = Some("/api/v1/proxies?q=berlin&limit=20".to_owned());
    while let Some(path) = next {
        let response = api.get(&path).await;
        next = header(&response, "link")
            .split(", ")
            .find(|link| link.contains("\"next\""))
            .map(|link| link.split(['<', '>']).nth(1).unwrap().to_owned());
        let rows: Vec<serde_json::Value> = serde_json::from_str(&response.text().await.unwrap()).unwrap();
        walked.extend(rows.into_iter().map(|row| row["id"].as_str().unwrap().to_owned()));
    }
    walked.sort();
    walked.dedup();
    assert_eq!(walked.len(), 84);
}

#[tokio::test]
async fn what_the_caller_has_is_not_sent_again() {
    let api = api().await;
    for path in ["/api/v1/proxies", "/api/v1/snapshot", "/api/v1/stats", "/api/v1/countries"] {
        let response = api.get(path).await;
        let tag = header(&response, "etag").to_owned();
        let again = api.get_with(path, &[("if-none-match", &tag)]).await;
        assert_eq!(again.status(), 304, "{path}");
        assert_eq!(header(&again, "etag"), tag);
        assert!(again.bytes().await.unwrap().is_empty());
        assert_eq!(api.get_with(path, &[("if-none-match", "\"other\"")]).await.status(), 200);
    }
}

#[tokio::test]
async fn the_snapshot_is_compressed_for_whom_that_suits() {
    let api = api().await;
    let plain = api.get("/api/v1/snapshot").await.bytes().await.unwrap();
    for coding in ["br", "gzip"] {
        for _ in 0..2 {
            let response = api.get_with("/api/v1/snapshot", &[("accept-encoding", coding)]).await;
            assert_eq!(header(&response, "content-encoding"), coding);
            assert!(response.bytes().await.unwrap().len() < plain.len() / 2);
        }
    }
    let reading = reqwest::Client::builder().no_proxy().gzip(true).build().unwrap();
    let read = reading.get(format!("{}/api/v1/snapshot", api.base)).send().await.unwrap().bytes().await;
    assert_eq!(read.unwrap(), plain);
    assert!(api.get("/api/v1/snapshot").await.headers().get("content-encoding").is_none());
}

#[tokio::test]
async fn who_has_a_revision_gets_what_changed_since() {
    let api = Setup::new().file("a.txt", &many()).fetched().await;
    let base = api.snapshot().await;
    let body = api.get(&format!("/api/v1/snapshot?since={}", base.revision)).await.bytes().await.unwrap();
    let patch = Patch::decode(&body).unwrap();
    assert_eq!(patch.apply(base.clone()), Ok(base.clone()));
    let whole = api.get("/api/v1/snapshot?since=12345").await.bytes().await.unwrap();
    assert_eq!(Snapshot::decode(&whole), Ok(base));
}

#[tokio::test]
async fn rows_that_have_only_nearly_the_words_are_said_to() {
    let api = api().await;
    let near = async |query: &str| {
        let response = api.get(&format!("/api/v1/proxies?{query}")).await;
        let near = response.headers().get("x-near-match").map(|value| value.to_str().unwrap().to_owned());
        (header(&response, "x-total-count").to_owned(), near)
    };
    let (total, said) = near("q=berlim").await;
    assert_eq!((total == "0", said.as_deref()), (false, Some("true")));
    for (query, count) in [("q=berlin", "84"), ("", "250"), ("q=xyzzyxyzzy", "0"), ("q=berlim&port=1", "0")] {
        assert_eq!(near(query).await, (count.to_owned(), None), "{query}");
    }
}

#[tokio::test]
async fn before_anything_was_tested_the_history_tells_how_many_there_were() {
    let api = api().await;
    let hours: Vec<Period> = api.json("/api/v1/history?bucket=hour&days=1").await;
    let Some(Period { total: 250, tested: 0, success_rate: None, .. }) = hours.last() else {
        panic!("{hours:?}")
    };
    for (query, detail) in [
        ("bucket=week", "bucket: expected hour or day"),
        ("days=91", "days: expected a number from 1 to 90"),
        ("day=1", "day: there is no such parameter; there are bucket, days"),
    ] {
        let response = api.get(&format!("/api/v1/history?{query}")).await;
        assert_eq!(header(&response, "content-type"), "application/problem+json");
        let problem: Problem = serde_json::from_str(&response.text().await.unwrap()).unwrap();
        assert_eq!((problem.status, problem.detail.as_str()), (400, detail));
    }
}

#[tokio::test]
async fn a_wrong_value_is_refused_with_the_name_of_its_parameter() {
    let api = api().await;
    let cases = [
        ("protocol=carrier-pigeon", "protocol: "),
        ("country=zz", "country: "),
        ("min_score=lots", "min_score: "),
        ("working=maybe", "working: "),
        ("sort_by=colour", "sort_by: "),
        ("order=sideways", "order: "),
        ("limit=0", "limit: expected a number from 1 to 1000"),
        ("limit=1001", "limit: "),
        ("offset=-1", "offset: "),
        ("security=some", "security: expected any of high, medium, low"),
        ("protocol=http&contry=de", "contry: there is no such parameter; there are protocol, not_protocol, "),
        ("Limit=5&", "Limit: "),
    ];
    for (query, detail) in cases {
        let response = api.get(&format!("/api/v1/proxies?{query}")).await;
        assert_eq!(response.status(), 400, "{query}");
        assert_eq!(header(&response, "content-type"), "application/problem+json");
        let id = header(&response, "x-request-id").to_owned();
        let problem: Problem = serde_json::from_str(&response.text().await.unwrap()).unwrap();
        assert_eq!((problem.status, problem.code.as_str()), (400, "bad-parameter"));
        assert!(problem.detail.starts_with(detail), "{}", problem.detail);
        assert_eq!(problem.request_id, Some(id));
    }
}

#[tokio::test]
async fn what_is_not_there_is_a_problem_too() {
    let api = api().await;
    let cases = [("/api/v1/proxies/0000000000000000", 404), ("/api/v1/proxies/xyz", 400), ("/api/none", 404)];
    for (path, status) in cases {
        let response = api.get(path).await;
        assert_eq!(response.status(), status, "{path}");
        assert_eq!(header(&response, "content-type"), "application/problem+json");
    }
    let response = client().post(format!("{}/api/v1/stats", api.base)).send().await.unwrap();
    assert_eq!(response.status(), 405);
    assert_eq!(header(&response, "content-type"), "application/problem+json");
}

#[tokio::test]
async fn totals_agree_with_the_list() {
    let api = api().await;
    let stats: Stats = api.json("/api/v1/stats").await;
    assert_eq!((stats.total, stats.tested, stats.working, stats.sources), (250, 0, 0, 2));
    assert_eq!((stats.success_rate, stats.median_latency), (None, None));
    assert_eq!((stats.latency_percentiles, stats.latency_histogram.len()), (None, 20));
    assert!(stats.regions["americas"] > 0);
    let protocols: Vec<Count> = api.json("/api/v1/protocols").await;
    let keys: Vec<_> = protocols.iter().map(|count| (count.key.as_str(), count.total)).collect();
    assert_eq!(keys, [("socks5", 84), ("http", 83), ("https", 83)]);
    let countries: Vec<Count> = api.json("/api/v1/countries").await;
    assert!(countries.iter().any(|count| count.key == "US" && count.name.starts_with("United States")));
    let health: Health = api.json("/api/v1/health").await;
    assert_eq!((health.status.as_str(), health.proxies), ("ok", 250));
}

#[tokio::test]
async fn one_proxy_comes_with_reasons_that_add_up_to_its_score() {
    let api = api().await;
    let first = api.proxies().await.swap_remove(0);
    let detail: serde_json::Value = api.json(&format!("/api/v1/proxies/{}", first.id)).await;
    let points: u64 =
        detail["reasons"].as_array().unwrap().iter().map(|it| it["points"].as_u64().unwrap()).sum();
    assert_eq!((points, &detail["config"]), (u64::from(first.score), &first.config.into()));
    assert!(detail["history"].as_array().unwrap().is_empty());
}

#[tokio::test]
async fn the_judge_believes_only_trusted_proxies_about_the_caller() {
    let forwarded = [("x-forwarded-for", "8.8.8.8"), ("x-told", "yes")];
    let told = |api: &Api| {
        let request = client().get(format!("{}/api/v1/exit", api.base));
        forwarded.iter().fold(request, |request, (name, value)| request.header(*name, *value)).send()
    };
    let stranger = Setup::new().file("a.txt", &many()).fetched().await;
    let response = told(&stranger).await.unwrap();
    assert_eq!(header(&response, "cache-control"), "no-store");
    let report: ExitReport = serde_json::from_str(&response.text().await.unwrap()).unwrap();
    assert_eq!((report.address.as_str(), report.country_code), ("127.0.0.1", None));
    assert_eq!(report.headers["x-told"], "yes");
    assert!(!report.headers.contains_key("x-request-id"));

    let trusting = Setup::new().file("a.txt", &many()).with("--trusted-proxy", "127.0.0.1").fetched().await;
    let report: ExitReport =
        serde_json::from_str(&told(&trusting).await.unwrap().text().await.unwrap()).unwrap();
    assert_eq!(report.address, "8.8.8.8");
    assert_eq!(report.country_code.unwrap().code(), "US");
}

/// A preflight as a browser sends it, from a page of this origin.
async fn preflight(api: &Api, origin: &str) -> reqwest::Response {
    let request = client()
        .request(reqwest::Method::OPTIONS, format!("{}/api/v1/stats", api.base))
        .header("origin", origin)
        .header("access-control-request-method", "GET")
        .header("access-control-request-headers", "if-none-match");
    request.send().await.unwrap()
}

fn allowed(response: &reqwest::Response) -> Option<&str> {
    response.headers().get("access-control-allow-origin").map(|value| value.to_str().unwrap())
}

async fn refusal(response: reqwest::Response) -> Problem {
    assert_eq!(response.status(), 403);
    assert_eq!(header(&response, "content-type"), "application/problem+json");
    assert_eq!(allowed(&response), None);
    let problem: Problem = serde_json::from_str(&response.text().await.unwrap()).unwrap();
    assert_eq!((problem.code.as_str(), problem.request_id.is_some()), ("forbidden", true));
    problem
}

#[tokio::test]
async fn any_page_may_read_a_public_feed_and_no_browser_may_guess() {
    let public =
        Setup::new().with("--public-url", "https://feed.example").file("a.txt", &many()).fetched().await;
    let everywhere = Setup::new().everywhere().file("a.txt", &many()).fetched().await;
    for api in [public, everywhere] {
        let headers = [("origin", "https://example.org"), ("host", "feed.example")];
        let response = api.get_with("/api/v1/stats", &headers).await;
        assert_eq!((response.status().as_u16(), allowed(&response)), (200, Some("*")));
        let exposed = header(&response, "access-control-expose-headers");
        assert!(exposed.contains("x-total-count") && exposed.contains("x-near-match"), "{exposed}");
        assert_eq!(header(&response, "x-content-type-options"), "nosniff");
        assert!(header(&response, "content-security-policy").contains("'wasm-unsafe-eval'"));
        let response = preflight(&api, "https://example.org").await;
        assert!(response.status().is_success());
        assert_eq!(header(&response, "access-control-allow-headers"), "*");
    }
}

#[tokio::test]
async fn the_users_own_api_is_read_by_its_own_pages_and_by_extensions() {
    let api = api().await;
    for origin in [api.base.as_str(), "chrome-extension://abcdefghijklmnop", "moz-extension://0a1b-2c3d"] {
        let response = api.get_with("/api/v1/snapshot", &[("origin", origin)]).await;
        assert_eq!((response.status().as_u16(), allowed(&response)), (200, Some(origin)));
        let vary = response.headers().get_all("vary").iter().map(|value| value.to_str().unwrap());
        assert!(vary.collect::<Vec<_>>().join(", ").contains("origin"));
        let response = preflight(&api, origin).await;
        assert_eq!((response.status().as_u16(), allowed(&response)), (200, Some(origin)));
    }
    assert_eq!(allowed(&api.get("/api/v1/snapshot").await), None);
}

#[tokio::test]
async fn no_other_page_reads_the_users_own_api() {
    let api = api().await;
    for origin in ["https://example.org", "http://127.0.0.1:1", "null"] {
        for path in ["/api/v1/snapshot", "/api/v1/proxies", "/api/v1/stream", "/", "/api/docs/"] {
            let problem = refusal(api.get_with(path, &[("origin", origin)]).await).await;
            assert!(
                problem.detail.starts_with(&format!("Origin: {origin} may not read")),
                "{}",
                problem.detail
            );
        }
        refusal(preflight(&api, origin).await).await;
    }
}

#[tokio::test]
async fn the_users_own_api_goes_by_no_name_but_this_machines() {
    let setup = Setup::new().with("--judge", "http://judge.test/api/v1/exit").file("a.txt", &many());
    let api = setup.fetched().await;
    let port = api.base.rsplit(':').next().unwrap();
    for host in ["127.0.0.1", "localhost", "[::1]", "judge.test"].map(|host| format!("{host}:{port}")) {
        assert_eq!(api.get_with("/api/v1/snapshot", &[("host", &host)]).await.status(), 200, "{host}");
    }
    for host in ["rebound.example", "192.0.2.1"].map(|host| format!("{host}:{port}")) {
        let own = format!("http://{host}");
        for headers in [&[("host", host.as_str())][..], &[("host", &host), ("origin", &own)]] {
            let problem = refusal(api.get_with("/api/v1/snapshot", headers).await).await;
            assert!(problem.detail.contains(&format!("found {host}. ")), "{}", problem.detail);
        }
    }
}

#[tokio::test]
async fn the_judge_answers_by_any_name_and_no_page_may_read_it() {
    let api = api().await;
    let headers = [("host", "some-name.example"), ("origin", "https://example.org")];
    let response = api.get_with("/api/v1/exit", &headers).await;
    assert_eq!((response.status().as_u16(), allowed(&response)), (200, None));
    let extension = [("host", "some-name.example"), ("origin", "chrome-extension://abcdefgh")];
    let response = api.get_with("/api/v1/exit", &extension).await;
    assert_eq!((response.status().as_u16(), allowed(&response)), (200, Some(extension[1].1)));
}

#[tokio::test]
async fn the_openapi_document_lists_every_call_and_its_pages_load_nothing_from_elsewhere() {
    let api = api().await;
    let document: serde_json::Value = api.json("/api/openapi.json").await;
    let paths: Vec<_> = document["paths"].as_object().unwrap().keys().cloned().collect();
    let mut routes: Vec<_> = ROUTES.iter().map(|route| route.path).collect();
    routes.sort_unstable();
    assert_eq!(paths, routes);
    let parameters = document["paths"]["/api/v1/proxies"]["get"]["parameters"].as_array().unwrap();
    for name in Query::PARAMETERS.into_iter().chain(["limit", "offset"]) {
        let documented = parameters.iter().find(|parameter| parameter["name"] == name);
        let documented = documented.unwrap_or_else(|| panic!("{name} is not documented"));
        assert_eq!((&documented["in"], &documented["required"]), (&"query".into(), &false.into()), "{name}");
        assert!(documented["description"].as_str().is_some_and(|said| said.len() > 3), "{name}");
    }
    let headers = &document["paths"]["/api/v1/proxies"]["get"]["responses"]["200"]["headers"];
    assert!(headers["X-Near-Match"]["description"].as_str().unwrap().contains("nearly"), "{headers}");
    let index: serde_json::Value = serde_json::from_str(
        &api.get_with("/", &[("accept", "application/json")]).await.text().await.unwrap(),
    )
    .unwrap();
    assert_eq!(index["endpoints"].as_object().unwrap().len(), ROUTES.len());
    let page = api.get("/api/docs/").await.text().await.unwrap();
    assert!(page.contains("swagger-ui") && !page.contains("//cdn") && !page.contains("src=\"http"), "{page}");
    assert_eq!(api.get("/api/docs/swagger-ui-bundle.js").await.status(), 200);
}

#[tokio::test]
async fn a_browser_gets_the_pwa_and_a_program_the_index() {
    let setup = Setup::new().file("a.txt", "http://192.0.2.1:80");
    setup.write("pwa/index.html", "<!doctype html><title>ConfigStream</title>");
    setup.write("pwa/sw.js", "// worker");
    setup.write("pwa/pwa_bg.wasm", "\0asm");
    let folder = setup.folder.path().join("pwa");
    let api = setup.with("--pwa", folder.display().to_string()).fetched().await;
    let files = [
        ("/", "text/html", "<!doctype html>"),
        ("/index.html", "text/html", "<!doctype html>"),
        ("/sw.js", "text/javascript", "// worker"),
        ("/pwa_bg.wasm", "application/wasm", "\0asm"),
    ];
    for (path, kind, start) in files {
        let response = api.get_with(path, &[("accept", "text/html,*/*")]).await;
        assert!(header(&response, "content-type").starts_with(kind), "{path}");
        assert_eq!(header(&response, "cache-control"), "no-cache");
        assert!(response.text().await.unwrap().starts_with(start));
    }
    let response = api.get_with("/", &[("accept", "application/json")]).await;
    assert_eq!(header(&response, "content-type"), "application/json");
    assert_eq!(api.get("/../Cargo.toml").await.status(), 404);
    assert_eq!(api.get("/%2e%2e/a.txt").await.status(), 404);
}
