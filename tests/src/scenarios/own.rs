//! What is the browser's own, and must be so again after a session: its proxy, and WebRTC.

use configstream_core::message::{Phase, Request};
use serde_json::{Value, json};

use crate::origin::Server;
use crate::outcome::{Outcome, check, same};
use crate::peers::{Login, ORIGIN, Proxy, Speaks};
use crate::world::{World, pasted};

pub(super) async fn proxy(shared: &World) -> Outcome {
    returns(shared, None).await
}

pub(super) async fn proxy_with_login(shared: &World) -> Outcome {
    returns(shared, Some(("own", "0wn-word"))).await
}

/// Off, on and off again in a browser that has a proxy, and maybe its login, of its own.
async fn returns(shared: &World, login: Option<Login>) -> Outcome {
    let own = Proxy::start(Speaks::Http, login, 20).await?;
    let chosen = Proxy::start(Speaks::Http, None, 21).await?;
    let judge = Server::judge().await?;
    let world = shared.apart(Some(own.as_own())).await?;
    let extension = world.fresh().await?;
    world.carried_by(&own).await?;
    extension.configure(pasted(judge.as_judge(), &[chosen.link("chosen")])).await?;
    extension.connect(&chosen.link("chosen")).await?;
    world.carried_by(&chosen).await?;
    extension.ask(&Request::Disconnect).await?;
    extension.until(Phase::Off).await?;
    world.carried_by(&own).await?;
    world.browser.quit().await
}

const POLICY: &str = "chrome.privacy.network.webRTCIPHandlingPolicy.get({}).then(({ value }) => value)";

/// The kinds of the addresses that a page learns by WebRTC.
const GATHER: &str = "new Promise((done) => {
    const kinds = [];
    const peer = new RTCPeerConnection();
    // The last one is null; Firefox, where there is none at all, gives up instead.
    peer.onicecandidate = ({ candidate }) => {
        if (candidate?.candidate) kinds.push(candidate.type);
        if (!candidate) done(kinds);
    };
    peer.oniceconnectionstatechange = () => {
        if (peer.iceConnectionState === 'failed') done(kinds);
    };
    peer.createDataChannel('');
    peer.createOffer().then((offer) => peer.setLocalDescription(offer));
})";

pub(super) async fn webrtc(world: &World) -> Outcome {
    let proxy = Proxy::start(Speaks::Http, None, 22).await?;
    let judge = Server::judge().await?;
    let extension = world.fresh().await?;
    extension.configure(pasted(judge.as_judge(), &[proxy.link("chosen")])).await?;
    extension.until_it_gives(POLICY, &json!("default")).await?;
    check(!gather(world).await?.is_empty(), || {
        "this machine has no address that WebRTC could give away".to_owned()
    })?;
    extension.connect(&proxy.link("chosen")).await?;
    extension.until_it_gives(POLICY, &json!("disable_non_proxied_udp")).await?;
    same("what WebRTC gives away while connected", &gather(world).await?, &Vec::new())?;
    extension.ask(&Request::Disconnect).await?;
    extension.until_it_gives(POLICY, &json!("default")).await?;
    check(!gather(world).await?.is_empty(), || "WebRTC is not as it was".to_owned())
}

async fn gather(world: &World) -> Outcome<Vec<Value>> {
    let page = world.browser.open(&format!("http://{ORIGIN}:{}/call", world.origin.port())).await?;
    let kinds = world.browser.evaluate(&page, GATHER).await?;
    world.browser.close(page).await?;
    Ok(kinds.as_array().cloned().unwrap_or_default())
}
