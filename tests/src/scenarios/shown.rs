//! What screens and toolbar show, and to whom.

use configstream_core::catalogue::Snapshot;
use configstream_core::message::{Phase, Request, Settings};
use serde_json::json;
use tokio::net::TcpListener;

use crate::browser::{Browser, Key, Tab};
use crate::listing;
use crate::origin::Server;
use crate::outcome::{Failure, Outcome, check, same, until};
use crate::peers::{Api, Proxy, Speaks, dead_link};
use crate::world::{Extension, World, pasted};

pub(super) async fn badge(world: &World) -> Outcome {
    let proxy = Proxy::start(Speaks::Http, None, 26).await?;
    // Callers wait for an answer that does not come.
    let silent = TcpListener::bind("127.0.0.1:0").await?;
    let slow = format!("http://127.0.0.1:{}#slow", silent.local_addr()?.port());
    let (good, dead) = (proxy.link("good"), dead_link("dead")?);
    let judge = Server::judge().await?;
    let extension = world.fresh().await?;
    extension.configure(pasted(judge.as_judge(), &[good.clone(), slow.clone(), dead.clone()])).await?;
    toolbar(&extension, "", "off").await?;
    extension.ask(&Request::Connect { id: crate::world::id(&slow)? }).await?;
    toolbar(&extension, "…", "slow").await?;
    extension.connect(&good).await?;
    toolbar(&extension, "ON", &proxy.exit().to_string()).await?;
    extension.ask(&Request::Connect { id: crate::world::id(&dead)? }).await?;
    extension.until(Phase::Blocked).await?;
    toolbar(&extension, "STOP", "nothing leaves").await?;
    extension.ask(&Request::Disconnect).await?;
    toolbar(&extension, "", "off").await
}

/// Waits for this badge; a failure unless the tooltip then has these words.
async fn toolbar(extension: &Extension<'_>, badge: &str, words: &str) -> Outcome {
    extension.until_it_gives("chrome.action.getBadgeText({})", &json!(badge)).await?;
    let says = format!("chrome.action.getTitle({{}}).then((title) => title.includes({}))", json!(words));
    extension.until_it_gives(&says, &json!(true)).await
}

/// Country, link and milliseconds.
const LIST: [(&str, &str, u32); 6] = [
    ("NL", "http://192.0.2.1:8080#Alpha", 20),
    ("NL", "socks5://192.0.2.2:1080#Beta", 40),
    ("DE", "http://192.0.2.3:8080#Gamma", 60),
    ("DE", "trojan://secret@192.0.2.4:443#Delta", 80),
    ("SG", "socks5://192.0.2.5:1080#Epsilon", 100),
    ("JP", "http://192.0.2.6:8080#Zeta", 320),
];

pub(super) async fn patched(world: &World) -> Outcome {
    let record = |(country, link, ms): &(&str, &str, u32)| {
        listing::record(link, listing::tested(country, Some(true), *ms))
    };
    let list = |count, revision| {
        let proxies = LIST.iter().take(count).filter_map(record).collect();
        Snapshot { revision, ..listing::snapshot(proxies) }
    };
    let api = Server::feed([list(4, 1), list(6, 2)]).await?;
    let extension = world.fresh().await?;
    extension.configure(Settings { api: api.address(), ..Settings::default() }).await?;
    let popup = world.page("popup.html").await?;
    let count = |shown: &str| format!("document.querySelector('#count')?.textContent === '{shown}'");
    world.browser.wait_for(&popup, &count("4 of 4")).await?;
    // Saving the settings fetches too, and may do so a little later.
    let asked = || api.log().count("/api/v1/snapshot");
    until("both fetches", async || Ok((asked() == 2).then_some(()))).await?;
    let known = api.log().count("?since=1 ");
    api.heal();
    extension.ask(&Request::Refresh).await?;
    world.browser.wait_for(&popup, &count("6 of 6")).await?;
    same("how often what changed was asked for", &(api.log().count("?since=1 ") - known), &1)?;
    same("how often the API was asked", &asked(), &3)
}

/// Settings with an API that lists these.
pub(super) async fn with_list(world: &World) -> Outcome<(Server, Settings)> {
    let records = LIST
        .iter()
        .filter_map(|(country, link, ms)| listing::record(link, listing::tested(country, Some(true), *ms)));
    let snapshot = listing::snapshot(records.collect());
    let api = Server::files(world.tree.dist.join("pwa"), snapshot.encode()).await?;
    let settings = Settings { api: api.address(), ..Settings::default() };
    Ok((api, settings))
}

pub(super) async fn filters(world: &World) -> Outcome {
    let (_api, settings) = with_list(world).await?;
    world.fresh().await?.configure(settings).await?;
    let (popup, browser) = (world.page("popup.html").await?, &world.browser);
    let all = ["Alpha", "Beta", "Gamma", "Delta", "Epsilon", "Zeta"];
    listed(world, &popup, &all).await?;
    browser.click(&popup, ".chip[data-value=NL]").await?;
    listed(world, &popup, &["Alpha", "Beta"]).await?;
    browser.click(&popup, ".chip[data-value=socks5]").await?;
    listed(world, &popup, &["Beta"]).await?;
    browser.click(&popup, ".chip[data-value=NL]").await?;
    listed(world, &popup, &["Beta", "Epsilon"]).await?;
    browser.click(&popup, "#clear").await?;
    listed(world, &popup, &all).await?;
    browser.click(&popup, "#search").await?;
    browser.write(&popup, "germany").await?;
    listed(world, &popup, &["Gamma", "Delta"]).await?;
    browser.click(&popup, "#clear").await?;
    listed(world, &popup, &all).await?;
    same(
        "the search",
        &browser.evaluate(&popup, "document.querySelector('#search').value").await?,
        &json!(""),
    )
}

/// Waits until the rows are these, in any order.
pub(super) async fn listed(world: &World, popup: &Tab, names: &[&str]) -> Outcome {
    let mut names = names.to_vec();
    names.sort_unstable();
    let rows = "[...document.querySelectorAll('[role=option] .row-name')].map((name) => name.innerText.trim()).sort()";
    world.browser.wait_for(popup, &format!("String({rows}) === {}", json!(names.join(",")))).await.map(drop)
}

pub(super) async fn theme(world: &World) -> Outcome {
    world.fresh().await?;
    let (popup, options, browser) =
        (world.page("popup.html").await?, world.page("options.html").await?, &world.browser);
    browser.wait_for(&options, "!!document.querySelector('#theme')").await?;
    for (theme, colours) in [("dark", "dark"), ("light", "light"), ("system", "light dark")] {
        browser.fill(&options, "#theme", theme).await?;
        browser.click(&options, "#save").await?;
        let applied = format!("getComputedStyle(document.documentElement).colorScheme === '{colours}'");
        browser.wait_for(&popup, &applied).await?;
        let opened_later = world.page("popup.html").await?;
        browser.wait_for(&opened_later, &applied).await?;
        browser.close(opened_later).await?;
    }
    Ok(())
}

/// Every message that a screen has for its user now.
const MESSAGES: &str = "['#toast', '#trouble', '#fault', '#offline']
    .map((place) => document.querySelector(place)?.innerText.trim()).filter(Boolean)";

pub(super) async fn unreachable_api(world: &World) -> Outcome {
    let link = "http://192.0.2.1:8080#First".to_owned();
    let mut api = Api::start(&world.tree, std::slice::from_ref(&link)).await?;
    world.extension(&api).await?;
    let (popup, browser) = (world.page("popup.html").await?, &world.browser);
    listed(world, &popup, &["First"]).await?;
    let page = browser.open(&api.address()).await?;
    listed(world, &page, &["First"]).await?;
    api.kill().await?;
    browser.click(&popup, "#reload").await?;
    browser.wait_for(&popup, &format!("{MESSAGES}.some((message) => message.includes('failed'))")).await?;
    browser.click(&page, "#reload").await?;
    browser.wait_for(&page, &format!("{MESSAGES}.some((message) => message.includes('Offline'))")).await?;
    for tab in [&popup, &page] {
        let messages = browser.evaluate(tab, MESSAGES).await?;
        check(messages.as_array().is_some_and(|messages| messages.len() == 1), || {
            format!("expected one message, found {messages}")
        })?;
        listed(world, tab, &["First"]).await?;
    }
    Ok(())
}

pub(super) async fn forgotten(shared: &World) -> Outcome {
    let proxy = Proxy::start(Speaks::Http, None, 27).await?;
    let link = proxy.link("chosen");
    let api = Api::start(&shared.tree, std::slice::from_ref(&link)).await?;
    let world = shared.apart(None).await?;
    let extension = world.extension(&api).await?;
    extension.connect(&link).await?;
    let page = world.browser.open(&api.address()).await?;
    let connected = "document.querySelector('#status')?.dataset.phase === 'connected'";
    world.browser.wait_for(&page, connected).await?;
    world.browser.remove_extension().await?;
    world.browser.wait_for(&page, "!!document.querySelector('#no-extension')").await?;
    world.browser.wait_for(&page, &format!("!({connected}) && !document.querySelector('#exit')")).await?;
    world.carried_directly().await?;
    world.browser.quit().await
}

/// What a user of a screen reader can act on.
const CONTROLS: [&str; 13] = [
    "button",
    "checkbox",
    "combobox",
    "DisclosureTriangle",
    "link",
    "listbox",
    "option",
    "radio",
    "searchbox",
    "slider",
    "switch",
    "tab",
    "textbox",
];

pub(super) async fn names(world: &World) -> Outcome {
    let (api, settings) = with_list(world).await?;
    world.fresh().await?.configure(settings).await?;
    let row = "[role=option]";
    let popup = world.page("popup.html").await?;
    spoken(world, &popup, row).await?;
    for key in ["?", "w", "t", "f"] {
        world.browser.write(&popup, key).await?;
        spoken(world, &popup, if key == "f" { "#filters .chip" } else { "dialog[open] .detail-head" })
            .await?;
        world.browser.press(&popup, Key::Escape).await?;
        world.browser.wait_for(&popup, "!document.querySelector('dialog[open], #filters .chip')").await?;
    }
    spoken(world, &world.page("options.html").await?, "#save").await?;
    let page = world.browser.open(&api.address()).await?;
    spoken(world, &page, row).await?;
    world.browser.click(&page, row).await?;
    spoken(world, &page, "#detail").await
}

/// A failure if anything to act on has no name, once this element is there.
async fn spoken(world: &World, tab: &Tab, ready: &str) -> Outcome {
    let Browser::Chromium(chromium) = &world.browser else {
        return Err(Failure::new("only Chromium tells what it tells a screen reader"));
    };
    world.browser.wait_for(tab, &format!("!!document.querySelector({})", json!(ready))).await?;
    let spoken = until("something to act on", async || {
        let all = chromium.spoken(tab).await?;
        let controls: Vec<_> =
            all.into_iter().filter(|(role, _)| CONTROLS.contains(&role.as_str())).collect();
        Ok((!controls.is_empty()).then_some(controls))
    })
    .await?;
    let nameless: Vec<_> = spoken.iter().filter(|(_, name)| name.is_empty()).collect();
    check(nameless.is_empty(), || format!("without a name: {nameless:?} among {spoken:?}"))
}
