//! What is picked, and what is remembered of how it went. The server that saw a request says who was picked.

use configstream_core::catalogue::Goal;
use configstream_core::geo::Country;
use configstream_core::message::{FaultCode, Phase, Reply, Request, Settings};
use serde_json::json;

use crate::listing;
use crate::origin::Server;
use crate::outcome::{Failure, Outcome, check, same, until};
use crate::peers::{Login, Proxy, Speaks, dead_link};
use crate::scenarios::pages::asking;
use crate::world::{Extension, World, id, pick};

/// A proxy, and what the list says of it.
type Listed<'a> = (&'a str, &'a str, u32);

/// An API that lists these links, with their countries and milliseconds.
async fn api(world: &World, list: &[Listed<'_>]) -> Outcome<Server> {
    let record =
        |(link, country, ms): &Listed<'_>| listing::record(link, listing::tested(country, Some(true), *ms));
    let snapshot = listing::snapshot(list.iter().filter_map(record).collect());
    Server::files(world.tree.dist.join("pwa"), snapshot.encode()).await
}

/// An extension that has this list, and a judge.
async fn with<'a>(world: &'a World, list: &[Listed<'_>]) -> Outcome<(Extension<'a>, Server, Server)> {
    let (api, judge) = (api(world, list).await?, Server::judge().await?);
    let extension = world.fresh().await?;
    let settings = Settings { api: api.address(), judge: judge.as_judge(), ..Settings::default() };
    extension.configure(settings).await?;
    Ok((extension, api, judge))
}

/// Asks for a pick; a failure unless requests go through this proxy then.
async fn goes_through(world: &World, extension: &Extension<'_>, wish: &Request, proxy: &Proxy) -> Outcome {
    match extension.ask(wish).await? {
        Reply::Status { .. } => {}
        other => return Err(Failure::new(format!("{wish:?} was answered with {other:?}"))),
    }
    until("the exit of the pick", async || {
        let status = extension.status().await?;
        Ok((status.exit.map(|exit| exit.address) == Some(proxy.exit())).then_some(()))
    })
    .await?;
    world.carried_by(proxy).await
}

pub(super) async fn goals(world: &World) -> Outcome {
    let near = Proxy::start(Speaks::Http, None, 30).await?;
    let far = Proxy::start(Speaks::Socks5, None, 31).await?;
    let (near_link, far_link) = (near.link("near"), far.link("far"));
    let list = [(&*near_link, "NL", 20), (&*far_link, "DE", 900)];
    let (extension, _api, _judge) = with(world, &list).await?;
    let there = Country::from_code("DE").ok_or_else(|| Failure::new("DE is no country"))?;
    for (wish, proxy) in [
        (pick(Goal::Country(there), &[])?, &far),
        (pick(Goal::Next, &[])?, &near),
        (pick(Goal::Random, &[])?, &far),
        (pick(Goal::Safest, &[&near_link])?, &near),
        (pick(Goal::Fastest, &[&far_link])?, &far),
    ] {
        goes_through(world, &extension, &wish, proxy).await?;
    }
    refuses(&extension, &pick(Goal::Next, &[&far_link])?, FaultCode::NoProxy).await?;
    refuses(&extension, &pick(Goal::Random, &["http://192.0.2.1:80"])?, FaultCode::NoProxy).await?;
    world.carried_by(&far).await
}

/// A failure unless the wish is refused for this reason.
async fn refuses(extension: &Extension<'_>, wish: &Request, code: FaultCode) -> Outcome {
    match extension.ask(wish).await? {
        Reply::Refused { fault } => same("the fault", &fault.code, &code),
        other => Err(Failure::new(format!("{wish:?} was answered with {other:?}"))),
    }
}

/// How many tallies the extension remembers.
async fn tallies(extension: &Extension<'_>) -> Outcome<usize> {
    match extension.ask(&Request::Experience).await? {
        Reply::Experience { tallies } => Ok(tallies),
        other => Err(Failure::new(format!("the experience was answered with {other:?}"))),
    }
}

pub(super) async fn experience(world: &World) -> Outcome {
    const LOGIN: Login = ("alice", "s3cret");
    let good = Proxy::start(Speaks::Http, Some(LOGIN), 32).await?;
    let (good_link, dead) = (good.link("good"), dead_link("dead")?);
    let (extension, api, _judge) = with(world, &[(&good_link, "NL", 900), (&dead, "NL", 900)]).await?;
    same("what is remembered at first", &tallies(&extension).await?, &0)?;
    for _ in 0..3 {
        extension.connect(&good_link).await?;
        extension.ask(&Request::Connect { id: id(&dead)? }).await?;
        extension.until(Phase::Blocked).await?;
    }
    // The two, their protocol, the source and the network that they are in.
    until("what is remembered", async || Ok((tallies(&extension).await? == 5).then_some(()))).await?;
    let kept = "chrome.storage.local.get('experience').then(({ experience }) => atob(experience))";
    let kept = extension.evaluate(kept).await?;
    let kept = kept.as_str().ok_or_else(|| Failure::new("the experience is no text"))?;
    check(kept.len() > 100, || format!("{} bytes are kept of five tallies", kept.len()))?;
    for secret in [LOGIN.0, LOGIN.1, "127.0.0.1", "lists.example", "good"] {
        check(!kept.contains(secret), || format!("{secret} is in what is kept"))?;
    }
    goes_through(world, &extension, &pick(Goal::Fastest, &[])?, &good).await?;
    forgotten(world, &extension, &api).await
}

/// The API's own page learns nothing of it, and the options page forgets it.
async fn forgotten(world: &World, extension: &Extension<'_>, api: &Server) -> Outcome {
    let browser = &world.browser;
    extension.ask(&Request::Disconnect).await?;
    let page = browser.open(&api.address()).await?;
    let reply = browser.evaluate(&page, &asking(browser.kind(), &Request::Experience)).await?;
    check(reply["kind"] != json!("experience"), || format!("a page is told {reply}"))?;
    let options = world.page("options.html").await?;
    browser.click(&options, "#forget:enabled").await?;
    browser.click(&options, "#forget").await?;
    let says = "document.querySelector('#experience').textContent.includes('Nothing')";
    browser.wait_for(&options, says).await?;
    same("what is remembered in the end", &tallies(extension).await?, &0)
}
