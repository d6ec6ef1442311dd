//! The popup and the options page, used as a person uses them.

use configstream_core::message::{OwnSource, Phase, Settings};
use serde_json::json;

use crate::browser::{Browser, Key, Tab};
use crate::origin::Server;
use crate::outcome::{Failure, Outcome, check, same};
use crate::peers::{Proxy, Speaks};
use crate::world::{World, id, pasted};

/// A link that no browser speaks.
const VLESS: &str =
    "vless://b831381d-6324-4d53-ad4f-8cda48b30811@vless.example:443?security=tls&type=ws#Far%20away";

pub(super) async fn pasted_list(world: &World) -> Outcome {
    let proxy = Proxy::start(Speaks::Http, None, 10).await?;
    let link = proxy.link("From%20a%20friend");
    let judge = Server::judge().await?;
    let extension = world.fresh().await?;
    extension
        .configure(Settings { api: String::new(), judge: judge.as_judge(), ..Settings::default() })
        .await?;
    let options = world.page("options.html").await?;
    let browser = &world.browser;
    browser.fill(&options, "#source-name", "friend").await?;
    browser.fill(&options, "#source-text", &format!("{link}\n{VLESS}\n")).await?;
    browser.click(&options, "#add-source").await?;
    browser.click(&options, "#save").await?;
    browser.wait_for(&options, "document.querySelector('#saved').innerText.trim()").await?;
    let popup = world.page("popup.html").await?;
    browser.click(&popup, &row(&link)?).await?;
    extension.until(Phase::Connected).await?;
    connected(world, &popup, &proxy).await?;
    world.carried_by(&proxy).await
}

pub(super) async fn unusable(world: &World) -> Outcome {
    let popup = listed(world, VLESS).await?;
    marked(world, &popup, VLESS).await?;
    let browser = &world.browser;
    browser
        .evaluate(&popup, "navigator.clipboard.writeText = async (text) => { window.copied = text }")
        .await?;
    browser.click(&popup, &row(VLESS)?).await?;
    browser.click(&popup, "#copy").await?;
    let copied = browser.wait_for(&popup, "window.copied").await?;
    same("the copied identity", &id(copied.as_str().unwrap_or_default())?, &id(VLESS)?)?;
    world.carried_directly().await
}

pub(super) async fn socks_login_is_unusable(world: &World) -> Outcome {
    let link = "socks5://alice:secret@127.0.0.1:1080#Private";
    let popup = listed(world, link).await?;
    let reason = marked(world, &popup, link).await?;
    check(reason.contains("SOCKS5 password"), || format!("the reason is `{reason}`"))?;
    let extension = world.attached().await?;
    let status = extension.try_to_connect(link).await?;
    check(status.phase != Phase::Connected, || "it connects".to_owned())?;
    world.carried_directly().await
}

pub(super) async fn keyboard(world: &World) -> Outcome {
    let proxies = [Proxy::start(Speaks::Http, None, 11).await?, Proxy::start(Speaks::Http, None, 12).await?];
    let links = [proxies[0].link("Berlin%20one"), proxies[1].link("Berlin%20two")];
    let judge = Server::judge().await?;
    let extension = world.fresh().await?;
    let all = [links[0].clone(), links[1].clone(), VLESS.to_owned()];
    extension.configure(pasted(judge.as_judge(), &all)).await?;
    let (popup, browser) = (world.page("popup.html").await?, &world.browser);
    browser.wait_for(&popup, "document.querySelectorAll('[role=option]').length === 3").await?;
    browser.write(&popup, "/").await?;
    browser.wait_for(&popup, "document.activeElement.id === 'search'").await?;
    browser.write(&popup, "berlin").await?;
    browser.wait_for(&popup, "document.querySelectorAll('[role=option]').length === 2").await?;
    browser.press(&popup, Key::ArrowDown).await?;
    browser.press(&popup, Key::ArrowDown).await?;
    browser.press(&popup, Key::Enter).await?;
    let status = extension.until(Phase::Connected).await?;
    let exit = status.exit.map(|exit| exit.address);
    let used = proxies.iter().find(|proxy| Some(proxy.exit()) == exit);
    match used {
        Some(proxy) => world.carried_by(proxy).await,
        None => check(false, || format!("connected to neither: {exit:?}")),
    }
}

pub(super) async fn power(world: &World) -> Outcome {
    let proxy = Proxy::start(Speaks::Http, None, 13).await?;
    let judge = Server::judge().await?;
    let extension = world.fresh().await?;
    extension.configure(pasted(judge.as_judge(), &[VLESS.to_owned(), proxy.link("Only%20one")])).await?;
    let (popup, browser) = (world.page("popup.html").await?, &world.browser);
    browser.wait_for(&popup, "document.querySelectorAll('[role=option]').length === 2").await?;
    browser.click(&popup, "#power[aria-checked=false]").await?;
    extension.until(Phase::Connected).await?;
    connected(world, &popup, &proxy).await?;
    world.carried_by(&proxy).await?;
    browser.click(&popup, "#power[aria-checked=true]").await?;
    extension.until(Phase::Off).await?;
    browser.wait_for(&popup, "document.querySelector('#status').dataset.phase === 'off'").await?;
    world.carried_directly().await
}

/// Firefox's window can be told of a shortcut; whatever Chromium's driver presses ends in the page.
pub(super) async fn shortcuts(world: &World) -> Outcome {
    let Browser::Firefox(firefox) = &world.browser else {
        return Err(Failure::new("only Firefox's window can be told of a shortcut"));
    };
    let proxy = Proxy::start(Speaks::Http, None, 31).await?;
    let judge = Server::judge().await?;
    let extension = world.fresh().await?;
    extension.configure(pasted(judge.as_judge(), &[proxy.link("Only%20one")])).await?;
    firefox.set_off_shortcut('f').await?;
    extension.until(Phase::Connected).await?;
    world.carried_by(&proxy).await?;
    firefox.set_off_shortcut('d').await?;
    extension.until(Phase::Off).await?;
    world.carried_directly().await
}

/// The popup over a list of one.
async fn listed(world: &World, link: &str) -> Outcome<Tab> {
    let extension = world.fresh().await?;
    let source = OwnSource { name: "mine".into(), url: String::new(), text: link.into() };
    let settings = Settings { api: String::new(), sources: vec![source], ..Settings::default() };
    extension.configure(settings).await?;
    world.page("popup.html").await
}

/// Waits for the row of an unusable proxy; gives the reason that it shows.
async fn marked(world: &World, popup: &Tab, link: &str) -> Outcome<String> {
    let row = json!(format!("{}[data-usable=false]", row(link)?));
    let reason = world.browser.wait_for(popup, &format!("document.querySelector({row})?.title")).await?;
    Ok(reason.as_str().unwrap_or_default().to_owned())
}

/// The row of a proxy.
fn row(link: &str) -> Outcome<String> {
    Ok(format!("[role=option][data-id=\"{}\"]", id(link)?))
}

/// A failure unless the screen comes to show this proxy's exit.
async fn connected(world: &World, tab: &Tab, proxy: &Proxy) -> Outcome {
    let exit = json!(proxy.exit().to_string());
    let shown = format!(
        "document.querySelector('#status[data-phase=connected] #exit')?.textContent.includes({exit}) \
         && document.querySelector('#power').ariaChecked === 'true'"
    );
    world.browser.wait_for(tab, &shown).await.map(drop)
}
