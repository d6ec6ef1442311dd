//! What users choose in the list: filters with their counts, favourites, weights, picks; and statistics.

use configstream_core::message::{Phase, Settings};
use serde_json::json;

use crate::browser::Tab;
use crate::origin::Server;
use crate::outcome::{Outcome, check, same};
use crate::peers::{Proxy, Speaks};
use crate::scenarios::shown::{listed, with_list};
use crate::world::{World, id, pasted};

/// Popup and PWA over the same list of six, of which the user has the first on a list of their own too.
async fn both_programs(world: &World) -> Outcome<(Server, [String; 2])> {
    let (api, settings) = with_list(world).await?;
    let own = pasted(String::new(), &["http://192.0.2.1:8080#Alpha".to_owned()]);
    world.fresh().await?.configure(Settings { sources: own.sources, ..settings }).await?;
    let pages = [world.browser.extension_page("popup.html"), api.address()];
    Ok((api, pages))
}

/// Opens a page and waits for all six.
async fn open(world: &World, url: &str) -> Outcome<Tab> {
    let tab = world.browser.open(url).await?;
    counted(world, &tab, 6).await?;
    Ok(tab)
}

/// Waits until so many of six are shown.
async fn counted(world: &World, tab: &Tab, shown: usize) -> Outcome {
    let says = format!("document.querySelector('#count')?.textContent === '{shown} of 6'");
    world.browser.wait_for(tab, &says).await.map(drop)
}

pub(super) async fn facets(world: &World) -> Outcome {
    let (_api, pages) = both_programs(world).await?;
    for url in pages {
        let tab = open(world, &url).await?;
        world.browser.click(&tab, "#more").await?;
        for value in ["Asia", "Medium", "Low", "tcp", "lists.example"] {
            let chip = format!("#filters .chip[data-value=\"{value}\"]");
            world.browser.wait_for(&tab, &format!("!!document.querySelector({})", json!(chip))).await?;
            let count: usize = world.browser.text(&tab, &format!("{chip} .chip-count")).await?.parse()?;
            check(count > 0, || format!("{value} is offered, and no row has it"))?;
            for (shown, pressed) in [(count, "true"), (6 - count, "mixed"), (6, "false")] {
                world.browser.click(&tab, &chip).await?;
                counted(world, &tab, shown).await?;
                let state = format!("document.querySelector({})?.ariaPressed", json!(chip));
                same(value, &world.browser.evaluate(&tab, &state).await?, &json!(pressed))?;
            }
        }
        world.browser.fill(&tab, "#max-latency", "200").await?;
        let set = "document.querySelector('#more').dataset.set === 'true'";
        world.browser.wait_for(&tab, set).await?;
        // All but one.
        counted(world, &tab, 5).await?;
        world.browser.close(tab).await?;
    }
    Ok(())
}

pub(super) async fn favourites(world: &World) -> Outcome {
    let (_api, pages) = both_programs(world).await?;
    let browser = &world.browser;
    for url in pages {
        // The one that is opened last is in front; a browser takes its time with the other.
        let (other, tab) = (open(world, &url).await?, open(world, &url).await?);
        let row = format!("[role=option][data-id=\"{}\"]", id("socks5://192.0.2.2:1080#Beta")?);
        let marked = format!("!!document.querySelector({})", json!(format!("{row} .star[data-on=true]")));
        let chip = ".chip[data-value=Favourites]";
        browser.click(&tab, &format!("{row} .star")).await?;
        browser.wait_for(&tab, &marked).await?;
        browser.wait_for(&other, &marked).await?;
        browser.visit(&tab, &url).await?.map_err(crate::outcome::Failure::new)?;
        browser.wait_for(&tab, &marked).await?;
        same(
            "how many are marked",
            &browser.text(&tab, &format!("{chip} .chip-count")).await?,
            &"1".to_owned(),
        )?;
        browser.click(&tab, chip).await?;
        listed(world, &tab, &["Beta"]).await?;
        browser.click(&tab, &format!("{row} .star")).await?;
        counted(world, &tab, 0).await?;
        browser.click(&tab, "#undo").await?;
        listed(world, &tab, &["Beta"]).await?;
        browser.close(tab).await?;
        browser.close(other).await?;
    }
    Ok(())
}

/// The names of the rows, from the first on.
const ORDER: &str = "String([...document.querySelectorAll('[role=option]')]
    .sort((a, b) => a.ariaPosInSet - b.ariaPosInSet)
    .map((row) => row.querySelector('.row-name').innerText.trim()))";

/// Whether rows come by score, the best first.
const SORTED: &str = "[...document.querySelectorAll('[role=option]')]
    .sort((a, b) => a.ariaPosInSet - b.ariaPosInSet)
    .map((row) => Number(row.querySelector('.row-score').innerText))
    .every((score, at, all) => at === 0 || score <= all[at - 1])";

/// Whether the points in the details add up to the score there, which is that of the row.
const ADDS_UP: &str = "(() => {
    const number = (element) => parseInt(element.innerText, 10);
    const score = document.querySelector('#detail .row-score');
    const points = [...document.querySelectorAll('#detail .points')].map(number);
    const row = document.querySelector('[role=option][aria-selected=true] .row-score');
    return !!score && !!row && number(score) === number(row)
        && number(score) === points.reduce((sum, points) => sum + points, 0);
})()";

pub(super) async fn weights(world: &World) -> Outcome {
    let (_api, pages) = both_programs(world).await?;
    let browser = &world.browser;
    for url in pages {
        let tab = open(world, &url).await?;
        let before = browser.wait_for(&tab, ORDER).await?;
        adds_up(world, &tab).await?;
        browser.click(&tab, "#ranking-button").await?;
        for part in ["reliability", "latency", "age", "sources", "experience"] {
            browser.fill(&tab, &format!("#weight-{part}"), "0").await?;
        }
        let all = "document.querySelector('[for=weight-security].points').textContent === '100'";
        browser.wait_for(&tab, all).await?;
        // The one proxy to which the way is encrypted.
        let after = format!("{ORDER}.startsWith('Delta,') && {SORTED}");
        browser.wait_for(&tab, &after).await?;
        browser.visit(&tab, &url).await?.map_err(crate::outcome::Failure::new)?;
        browser.wait_for(&tab, &after).await?;
        adds_up(world, &tab).await?;
        browser.click(&tab, "#ranking-button").await?;
        browser.click(&tab, "#reset-weights").await?;
        browser.wait_for(&tab, &format!("{ORDER} === {before}")).await?;
        browser.evaluate(&tab, "document.querySelector('#ranking [aria-label=Close]').click()").await?;
        adds_up(world, &tab).await?;
        browser.close(tab).await?;
    }
    Ok(())
}

/// A failure unless the reasons of the first rows add up to their scores.
async fn adds_up(world: &World, tab: &Tab) -> Outcome {
    let open = "document.querySelector('#list')?.focus() ?? true";
    world.browser.wait_for(tab, open).await?;
    for _ in 0..2 {
        world.browser.write(tab, " ").await?;
        world.browser.wait_for(tab, ADDS_UP).await?;
        world.browser.press(tab, crate::browser::Key::ArrowDown).await?;
    }
    world.browser.write(tab, "i").await
}

pub(super) async fn statistics(world: &World) -> Outcome {
    let (_api, pages) = both_programs(world).await?;
    let browser = &world.browser;
    for url in pages {
        let tab = open(world, &url).await?;
        for (chip, shown) in [(None, "6"), (Some(".chip[data-value=NL]"), "2")] {
            if let Some(chip) = chip {
                browser.click(&tab, chip).await?;
                counted(world, &tab, 2).await?;
            }
            browser.click(&tab, "#chart").await?;
            let says = "document.querySelector('#statistics [data-figure=Proxies] dd')?.innerText";
            same("the total", &browser.wait_for(&tab, says).await?, &json!(shown))?;
            let rows = "[...document.querySelectorAll('#statistics [data-table=latency] td:nth-child(2)')]
                .reduce((sum, cell) => sum + Number(cell.innerText), 0)";
            same(
                "the rows of the histogram",
                &browser.evaluate(&tab, rows).await?.to_string(),
                &shown.to_owned(),
            )?;
            browser.press(&tab, crate::browser::Key::Escape).await?;
            let back = "!document.querySelector('dialog[open]') && document.activeElement.id === 'chart'";
            browser.wait_for(&tab, back).await?;
        }
        browser.close(tab).await?;
    }
    Ok(())
}

pub(super) async fn pick(world: &World) -> Outcome {
    let near = Proxy::start(Speaks::Http, None, 40).await?;
    let far = Proxy::start(Speaks::Socks5, None, 41).await?;
    let judge = Server::judge().await?;
    let extension = world.fresh().await?;
    extension.configure(pasted(judge.as_judge(), &[near.link("near"), far.link("far")])).await?;
    let (popup, browser) = (world.page("popup.html").await?, &world.browser);
    for (protocol, proxy) in [("socks5", &far), ("http", &near)] {
        browser.click(&popup, &format!(".chip[data-value={protocol}]")).await?;
        browser.click(&popup, ".chip[data-goal=fastest]:enabled").await?;
        extension.until(Phase::Connected).await?;
        let exit = json!(proxy.exit().to_string());
        browser
            .wait_for(&popup, &format!("document.querySelector('#exit')?.textContent.includes({exit})"))
            .await?;
        world.carried_by(proxy).await?;
        browser.click(&popup, "#clear").await?;
    }
    // The other one, of all.
    browser.write(&popup, "n").await?;
    let exit = json!(far.exit().to_string());
    browser
        .wait_for(&popup, &format!("document.querySelector('#exit')?.textContent.includes({exit})"))
        .await?;
    world.carried_by(&far).await
}
