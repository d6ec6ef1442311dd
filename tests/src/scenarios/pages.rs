//! The PWA, and what web pages may ask of the extension.

use std::net::IpAddr;

use configstream_core::message::{CHROME_EXTENSION_ID, Phase, Request};
use serde_json::json;

use crate::browser::Kind;
use crate::outcome::{Outcome, check, same};
use crate::peers::{Api, Proxy, Speaks};
use crate::world::{World, id};

const FIRST: &str = "http://192.0.2.1:8080#First";
const SECOND: &str = "socks5://192.0.2.2:1080#Second";

pub(super) async fn live(world: &World) -> Outcome {
    let mut api = Api::start(&world.tree, &[FIRST.to_owned()]).await?;
    let (page, browser) = (world.browser.open(&api.address()).await?, &world.browser);
    browser.wait_for(&page, &row_is_there(FIRST)?).await?;
    browser.evaluate(&page, "window.same = true").await?;
    api.restart(&world.tree, &[FIRST.to_owned(), SECOND.to_owned()]).await?;
    browser.wait_for(&page, &row_is_there(SECOND)?).await?;
    let unchanged = browser.evaluate(&page, "window.same === true").await?;
    same("the page stayed", &unchanged, &json!(true))
}

pub(super) async fn over_time(world: &World) -> Outcome {
    let api = Api::start(&world.tree, &[FIRST.to_owned(), SECOND.to_owned()]).await?;
    let (page, browser) = (world.browser.open(&api.address()).await?, &world.browser);
    browser.wait_for(&page, &row_is_there(SECOND)?).await?;
    browser.click(&page, "#chart").await?;
    let today = "document.querySelector('#statistics [data-table=days] tbody td')?.innerText";
    same("the proxies of today", &browser.wait_for(&page, today).await?, &json!("2"))
}

pub(super) async fn offline(world: &World) -> Outcome {
    let mut api = Api::start(&world.tree, &[FIRST.to_owned()]).await?;
    let (page, browser) = (world.browser.open(&api.address()).await?, &world.browser);
    browser.wait_for(&page, &row_is_there(FIRST)?).await?;
    browser.wait_for(&page, "navigator.serviceWorker.ready.then((worker) => !!worker.active)").await?;
    api.kill().await?;
    let outcome = browser.visit(&page, &api.address()).await?;
    check(outcome.is_ok(), || format!("the page does not load: {outcome:?}"))?;
    browser.wait_for(&page, &row_is_there(FIRST)?).await.map(drop)
}

pub(super) async fn connect(world: &World) -> Outcome {
    let proxy = Proxy::start(Speaks::Http, None, 14).await?;
    let link = proxy.link("From%20the%20page");
    let api = Api::start(&world.tree, std::slice::from_ref(&link)).await?;
    let extension = world.extension(&api).await?;
    let (page, browser) = (world.browser.open(&api.address()).await?, &world.browser);
    browser.wait_for(&page, "document.querySelector('#power')?.disabled === false").await?;
    browser.click(&page, &format!("[role=option][data-id=\"{}\"]", id(&link)?)).await?;
    browser.click(&page, "#connect").await?;
    extension.until(Phase::Connected).await?;
    browser.wait_for(&page, "document.querySelector('#status')?.dataset.phase === 'connected'").await?;
    world.carried_by(&proxy).await
}

/// The stranger is on this machine too, where the browser lets it speak to the extension at all.
pub(super) async fn stranger(world: &World) -> Outcome {
    let proxy = Proxy::start(Speaks::Http, None, 15).await?;
    let link = proxy.link("chosen");
    let api = Api::start(&world.tree, std::slice::from_ref(&link)).await?;
    let extension = world.extension(&api).await?;
    let page = world.browser.open(&format!("http://127.0.0.1:{}/", world.origin.port())).await?;
    let ask = asking(world.browser.kind(), &Request::Connect { id: id(&link)? });
    let reply = world.browser.evaluate(&page, &ask).await?;
    same("the answer to a stranger", &reply["kind"], &json!("refused"))?;
    same("the phase", &extension.status().await?.phase, &Phase::Off)?;
    same("the address that the origin saw", &world.carrier().await?, &Some(IpAddr::from([127, 0, 0, 1])))
}

/// How a page asks the extension; gives the reply, or nothing after two seconds.
pub(super) fn asking(kind: Kind, request: &Request) -> String {
    let request = json!(request);
    let asked = match kind {
        Kind::Chromium => format!("chrome.runtime.sendMessage('{CHROME_EXTENSION_ID}', {request})"),
        Kind::Firefox => format!(
            "new Promise((done) => {{ \
             addEventListener('message', ({{data}}) => data.configstream === 'reply' && done(data.reply)); \
             postMessage({{configstream: 'request', nonce: 'n', request: {request}}}, location.origin) }})"
        ),
    };
    let silence = "new Promise((done) => setTimeout(done, 2000, null))";
    format!("Promise.race([{asked}.catch(() => null), {silence}])")
}

fn row_is_there(link: &str) -> Outcome<String> {
    Ok(format!("!!document.querySelector('[role=option][data-id=\"{}\"]')", id(link)?))
}
