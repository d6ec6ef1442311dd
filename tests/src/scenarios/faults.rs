//! What happens when a proxy is not what it should be.

use configstream_core::message::{FaultCode, Phase, Request, Settings, Status};
use serde_json::json;

use crate::origin::Server;
use crate::outcome::{Failure, Outcome, check, same, until};
use crate::peers::{ORIGIN, Proxy, Speaks};
use crate::world::{World, pasted};

pub(super) async fn wrong_password(world: &World) -> Outcome {
    let locked = Server::locked().await?;
    let link = format!("http://alice:wrong@127.0.0.1:{}#locked", locked.port());
    let judge = Server::judge().await?;
    let extension = world.fresh().await?;
    extension.configure(pasted(judge.as_judge(), std::slice::from_ref(&link))).await?;
    let status = extension.try_to_connect(&link).await?;
    refused(&status, FaultCode::BadCredentials)?;
    // Measured in both browsers: the judge's request comes first without the password (Firefox sends the
    // header ahead only to TLS proxies and in CONNECT), is asked for it, told once, and asked again, which
    // ends it. A browser left to itself answers 32 times. Firefox has requests of its own, each of which may
    // answer once too, as long as the route still leads there.
    let lines = locked.log().lines();
    let (told, asked): (Vec<&String>, _) = lines.iter().partition(|line| line.contains("Basic "));
    let url = judge.as_judge();
    let of_judge = |lines: &[&String]| lines.iter().filter(|line| line.contains(&url)).count();
    same(
        "how often the judge's request came with and without it",
        &(of_judge(&told), of_judge(&asked)),
        &(1, 1),
    )?;
    check(told.len() <= asked.len(), || format!("a request answered more than once: {lines:?}"))?;
    world.nothing_leaves().await?;
    same("pages that the proxy was asked for afterwards", &locked.log().count(ORIGIN), &0)?;
    shown(world).await
}

pub(super) async fn proxy_dies(world: &World) -> Outcome {
    let mut proxy = Proxy::start(Speaks::Http, None, 8).await?;
    let link = proxy.link("mortal");
    let judge = Server::judge().await?;
    let extension = world.fresh().await?;
    extension.configure(pasted(judge.as_judge(), std::slice::from_ref(&link))).await?;
    extension.connect(&link).await?;
    world.carried_by(&proxy).await?;
    proxy.kill().await?;
    let status = until("the extension to notice", async || {
        world.nothing_leaves().await?;
        Ok(Some(extension.status().await?).filter(|status| status.phase == Phase::Blocked))
    })
    .await?;
    refused(&status, FaultCode::Unreachable)?;
    world.nothing_leaves().await?;
    shown(world).await
}

pub(super) async fn proxy_dies_without_kill_switch(world: &World) -> Outcome {
    let mut proxy = Proxy::start(Speaks::Http, None, 9).await?;
    let link = proxy.link("mortal");
    let judge = Server::judge().await?;
    let extension = world.fresh().await?;
    let settings = pasted(judge.as_judge(), std::slice::from_ref(&link));
    extension.configure(Settings { kill_switch: false, ..settings }).await?;
    extension.connect(&link).await?;
    proxy.kill().await?;
    // The request that finds the proxy dead is lost; the extension learns of it from that.
    world.nothing_leaves().await?;
    until("the extension to give way", async || Ok(world.carrier().await?.map(drop))).await?;
    same("the phase", &extension.status().await?.phase, &Phase::Failed)?;
    world.carried_directly().await
}

pub(super) async fn captive(world: &World) -> Outcome {
    let portal = Server::captive().await?;
    let link = format!("http://127.0.0.1:{}#hotel", portal.port());
    let judge = Server::judge().await?;
    let extension = world.fresh().await?;
    extension.configure(pasted(judge.as_judge(), std::slice::from_ref(&link))).await?;
    let status = extension.try_to_connect(&link).await?;
    refused(&status, FaultCode::Tampered)?;
    check(portal.log().count("/exit") > 0, || "the judge was not asked through the proxy".to_owned())
}

pub(super) async fn pretender(world: &World) -> Outcome {
    let proxy = Server::forwarding(28).await?;
    let link = format!("http://alice:secret@127.0.0.1:{}#plain", proxy.port());
    let (judge, pretender) = (Server::judge().await?, Server::locked().await?);
    let extension = world.fresh().await?;
    extension.configure(pasted(judge.as_judge(), std::slice::from_ref(&link))).await?;
    let exit = extension.connect(&link).await?.exit;
    for _ in 0..3 {
        let tab = world.browser.open_empty().await?;
        let url = format!("http://{ORIGIN}:{}/pretend", pretender.port());
        // What the browser makes of it is its affair.
        let _ = world.browser.visit(&tab, &url).await?;
        world.browser.close(tab).await?;
        let status = extension.status().await?;
        same("the phase", &status.phase, &Phase::Connected)?;
        same("the exit", &status.exit, &exit)?;
    }
    check(pretender.carrier("/pretend").is_some(), || "the pretender was never reached".to_owned())?;
    same("who carried", &world.carrier().await?, &exit.map(|exit| exit.address))
}

pub(super) async fn unreadable_session(world: &World) -> Outcome {
    let proxy = Proxy::start(Speaks::Http, None, 29).await?;
    let link = proxy.link("chosen");
    let judge = Server::judge().await?;
    let extension = world.fresh().await?;
    extension.configure(pasted(judge.as_judge(), std::slice::from_ref(&link))).await?;
    extension.connect(&link).await?;
    let route =
        extension.evaluate("chrome.storage.local.get('route').then(({ route }) => route.kind)").await?;
    same("the stored route", &route, &json!("proxy"))?;
    // The session is kept before its status is published; it must not be kept again over the junk.
    let published = "chrome.storage.session.get('status').then(({ status }) => status?.phase)";
    extension.until_it_gives(published, &json!("connected")).await?;
    extension.evaluate("chrome.storage.local.set({ session: 'junk' })").await?;
    world.browser.stop_background().await?;
    let status = extension.until(Phase::Blocked).await?;
    check(status.fault.is_some(), || "no reason is given".to_owned())?;
    world.nothing_leaves().await?;
    // The user has the last word.
    extension.ask(&Request::Disconnect).await?;
    extension.until(Phase::Off).await?;
    world.carried_directly().await
}

pub(super) async fn ill_judge(world: &World) -> Outcome {
    let proxy = Proxy::start(Speaks::Http, None, 30).await?;
    let link = proxy.link("chosen");
    let judge = Server::ill_judge().await?;
    let extension = world.fresh().await?;
    extension.configure(pasted(judge.as_judge(), std::slice::from_ref(&link))).await?;
    let status = extension.try_to_connect(&link).await?;
    same("the phase", &status.phase, &Phase::Blocked)?;
    world.nothing_leaves().await?;
    judge.heal();
    extension.until_it_gives("chrome.alarms.get('check').then((alarm) => !!alarm)", &json!(true)).await?;
    extension.ring("check").await?;
    extension.until(Phase::Connected).await?;
    world.carried_by(&proxy).await
}

/// A failure unless the session is blocked for this reason, without an exit.
fn refused(status: &Status, code: FaultCode) -> Outcome {
    same("the phase", &status.phase, &Phase::Blocked)?;
    check(status.exit.is_none(), || "an exit is shown without a connection".to_owned())?;
    let fault = status.fault.as_ref().ok_or_else(|| Failure::new("no reason is given"))?;
    same("the fault", &fault.code, &code)
}

/// A failure unless the popup says what went wrong and what to do.
async fn shown(world: &World) -> Outcome {
    let popup = world.page("popup.html").await?;
    let blocked = "document.querySelector('#status')?.dataset.phase === 'blocked'";
    world.browser.wait_for(&popup, blocked).await?;
    world.browser.wait_for(&popup, "document.querySelector('#fault')?.innerText.trim()").await?;
    world.browser.wait_for(&popup, "!!document.querySelector('#fault-action')").await.map(drop)
}
