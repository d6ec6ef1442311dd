//! What happens when a proxy is not what it should be.

use configstream_core::message::{FaultCode, Phase, Settings, Status};

use crate::origin::Server;
use crate::outcome::{Failure, Outcome, check, same, until};
use crate::peers::{Proxy, Speaks};
use crate::world::{World, pasted};

pub(super) async fn wrong_password(world: &World) -> Outcome {
    let locked = Server::locked().await?;
    let link = format!("http://alice:wrong@127.0.0.1:{}#locked", locked.port());
    let judge = Server::judge().await?;
    let extension = world.fresh().await?;
    extension.configure(pasted(judge.as_judge(), std::slice::from_ref(&link))).await?;
    let status = extension.try_to_connect(&link).await?;
    refused(&status, FaultCode::BadCredentials)?;
    // A browser left to itself asks 32 times.
    let told = locked.log().count("Basic ");
    check((1..=4).contains(&told), || format!("the wrong password was told {told} times"))?;
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
        nothing_leaves(world).await?;
        Ok(Some(extension.status().await?).filter(|status| status.phase == Phase::Blocked))
    })
    .await?;
    refused(&status, FaultCode::Unreachable)?;
    nothing_leaves(world).await?;
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
    nothing_leaves(world).await?;
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

/// A failure unless the session is blocked for this reason, without an exit.
fn refused(status: &Status, code: FaultCode) -> Outcome {
    same("the phase", &status.phase, &Phase::Blocked)?;
    check(status.exit.is_none(), || "an exit is shown without a connection".to_owned())?;
    let fault = status.fault.as_ref().ok_or_else(|| Failure::new("no reason is given"))?;
    same("the fault", &fault.code, &code)
}

async fn nothing_leaves(world: &World) -> Outcome {
    same("the address that the origin saw", &world.carrier().await?, &None)
}

/// A failure unless the popup says what went wrong and what to do.
async fn shown(world: &World) -> Outcome {
    let popup = world.page("popup.html").await?;
    let blocked = "document.querySelector('#status')?.dataset.phase === 'blocked'";
    world.browser.wait_for(&popup, blocked).await?;
    world.browser.wait_for(&popup, "document.querySelector('#fault')?.innerText.trim()").await?;
    world.browser.wait_for(&popup, "!!document.querySelector('#fault-action')").await.map(drop)
}
