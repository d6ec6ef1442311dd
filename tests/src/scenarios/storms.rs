//! Much at once: whatever comes between, what is said at the end is what is so.

use configstream_core::catalogue::Goal;
use configstream_core::message::{Phase, Request, Settings, Status};
use serde_json::json;

use crate::browser::Kind;
use crate::listing;
use crate::origin::Server;
use crate::outcome::{Failure, Outcome, check, same, until};
use crate::peers::{ORIGIN, Proxy, Speaks, dead_link};
use crate::world::{Extension, World, id, pasted, pick};

/// How many bursts.
const ROUNDS: u32 = 30;

pub(super) async fn bursts(world: &World) -> Outcome {
    let proxies =
        [Proxy::start(Speaks::Http, None, 23).await?, Proxy::start(Speaks::Socks5, None, 24).await?];
    let links = [proxies[0].link("one"), proxies[1].link("two"), dead_link("dead")?];
    let ids = [id(&links[0])?, id(&links[1])?, id(&links[2])?];
    let judge = Server::judge().await?;
    let extension = world.fresh().await?;
    extension.configure(pasted(judge.as_judge(), &links)).await?;
    let (mut numbers, mut unheard) = (Numbers(1), Vec::new());
    for round in 0..ROUNDS {
        // Three are proxies, the fourth is none.
        let wishes: Vec<usize> = (0..3 + numbers.below(3)).map(|_| numbers.below(4)).collect();
        let in_round = |failure| Failure::new(format!("round {round}, {wishes:?}: {failure}"));
        burst(&extension, &ids, &wishes).await.map_err(in_round)?;
        let status = settled(world, &extension).await.map_err(in_round)?;
        let last = wishes.last().and_then(|last| ids.get(*last));
        if status.proxy.map(|proxy| proxy.id).as_ref() != last {
            unheard.push(format!("round {round}, {wishes:?}: {:?}", status.phase));
        }
    }
    check(unheard.is_empty(), || format!("the last wish was not the one that came true: {unheard:?}"))
}

/// Asks for all of these at once.
async fn burst(extension: &Extension<'_>, ids: &[String], wishes: &[usize]) -> Outcome {
    let requests: Vec<Request> = wishes
        .iter()
        .map(|wish| ids.get(*wish).map_or(Request::Disconnect, |id| Request::Connect { id: id.clone() }))
        .collect();
    let send = format!("Promise.all({}.map((wish) => chrome.runtime.sendMessage(wish)))", json!(requests));
    extension.evaluate(&send).await.map(drop)
}

/// Waits until nothing is under way any more, and looks where requests go then.
async fn settled(world: &World, extension: &Extension<'_>) -> Outcome<Status> {
    let status = until("an end of connecting", async || {
        Ok(Some(extension.status().await?).filter(|status| status.phase != Phase::Connecting))
    })
    .await?;
    true_to(world, extension, &status)
        .await
        .map_err(|failure| Failure::new(format!("{failure}; {status:?}")))?;
    Ok(status)
}

/// A failure unless requests go where this status says, and it stays so.
async fn true_to(world: &World, extension: &Extension<'_>, status: &Status) -> Outcome {
    set_as(world, extension, status).await?;
    let carrier = world.carrier().await?;
    match status.phase {
        Phase::Connected => {
            same("who carried", &carrier, &status.exit.as_ref().map(|exit| exit.address))?;
        }
        Phase::Off => same("who carried", &carrier, &Some([127, 0, 0, 1].into()))?,
        _ => same("who carried", &carrier, &None)?,
    }
    set_as(world, extension, status).await?;
    same("the phase afterwards", &extension.status().await?.phase, &status.phase)
}

/// Waits until Chromium has the setting that this status speaks of: it is said before it is done. Firefox
/// has none to look at.
async fn set_as(world: &World, extension: &Extension<'_>, status: &Status) -> Outcome {
    if world.browser.kind() == Kind::Firefox {
        return Ok(());
    }
    let said = match (status.phase, &status.proxy) {
        (Phase::Off, _) => "system".to_owned(),
        (Phase::Connected, Some(proxy)) => proxy.endpoint.clone(),
        _ => "127.0.0.1:1".to_owned(),
    };
    let in_force = "chrome.proxy.settings.get({}).then(({ value: { mode, rules } }) => \
                    mode === 'fixed_servers' ? `${rules.singleProxy.host}:${rules.singleProxy.port}` : mode)";
    extension.until_it_gives(in_force, &json!(said)).await
}

/// The same numbers in each run, so that what fails once fails again.
struct Numbers(u32);

impl Numbers {
    /// A number from nothing to `limit`, without it.
    fn below(&mut self, limit: u32) -> usize {
        self.0 = self.0.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        ((self.0 >> 16) % limit) as usize
    }
}

/// Requests without end, from a page that was open before.
const HAMMER: &str = "(() => {
    let count = 0;
    const ask = () => fetch('/hammer-' + count++, { cache: 'no-store' }).catch(() => {});
    setInterval(ask, 20);
})()";

pub(super) async fn hammered(world: &World) -> Outcome {
    let good = Proxy::start(Speaks::Http, None, 25).await?;
    let (locked, also_locked, portal) =
        (Server::locked().await?, Server::locked().await?, Server::captive().await?);
    let links = [
        format!("http://alice:wrong@127.0.0.1:{}#locked", locked.port()),
        dead_link("dead")?,
        format!("http://127.0.0.1:{}#asks", also_locked.port()),
        format!("http://127.0.0.1:{}#hotel", portal.port()),
        good.link("good"),
    ];
    // The faster, the better.
    let latencies = [20, 120, 220, 320, 420];
    let records = links.iter().zip(latencies);
    let records =
        records.filter_map(|(link, ms)| listing::record(link, listing::tested("NL", Some(true), ms)));
    let api =
        Server::files(world.tree.dist.join("pwa"), listing::snapshot(records.collect()).encode()).await?;
    let judge = Server::judge().await?;
    let extension = world.fresh().await?;
    let settings = Settings { api: api.address(), judge: judge.as_judge(), ..Settings::default() };
    extension.configure(settings).await?;
    let page = world.browser.open(&format!("http://{ORIGIN}:{}/page", world.origin.port())).await?;
    world.browser.evaluate(&page, HAMMER).await?;
    until("the page to ask", async || Ok(world.origin.carrier("/hammer-3"))).await?;
    extension.ask(&pick(Goal::Fastest, &[])?).await?;
    let status = extension.until(Phase::Connected).await?;
    let chosen = status.proxy.as_ref().map(|proxy| proxy.id.clone());
    same("the proxy in the status", &chosen, &Some(id(&links[4])?))?;
    check(locked.log().count("/exit") > 0, || "the first was never tried".to_owned())?;
    true_to(world, &extension, &status).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bursts_ask_for_every_proxy_and_for_none() {
        let mut numbers = Numbers(1);
        let drawn: Vec<usize> = (0..100).map(|_| numbers.below(4)).collect();
        for wish in 0..4 {
            assert!(drawn.contains(&wish), "{wish}: {drawn:?}");
        }
    }
}
