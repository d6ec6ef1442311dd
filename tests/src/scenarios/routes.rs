//! Where requests go while a session is on, and after it.

use configstream_core::message::{Phase, Request, Status};

use crate::origin::Server;
use crate::outcome::{Failure, Outcome, same};
use crate::peers::{Api, Login, Proxy, Speaks};
use crate::world::{World, pasted};

const LOGIN: Login = ("alice", "s3cret-word");

pub(super) async fn http(world: &World) -> Outcome {
    let proxy = Proxy::start(Speaks::Http, None, 2).await?;
    let link = proxy.link("plain");
    let api = Api::start(&world.tree, std::slice::from_ref(&link)).await?;
    let extension = world.extension(&api).await?;
    world.carried_directly().await?;
    let status = extension.connect(&link).await?;
    proven(&status, &proxy)?;
    world.carried_by(&proxy).await
}

pub(super) async fn http_with_login(world: &World) -> Outcome {
    through(world, Speaks::Http, Some(LOGIN)).await
}

pub(super) async fn socks(world: &World) -> Outcome {
    through(world, Speaks::Socks5, None).await
}

pub(super) async fn socks_with_login(world: &World) -> Outcome {
    through(world, Speaks::Socks5, Some(LOGIN)).await
}

async fn through(world: &World, speaks: Speaks, login: Option<Login>) -> Outcome {
    let proxy = Proxy::start(speaks, login, 3).await?;
    let link = proxy.link("chosen");
    let judge = Server::judge().await?;
    let extension = world.fresh().await?;
    extension.configure(pasted(judge.as_judge(), std::slice::from_ref(&link))).await?;
    proven(&extension.connect(&link).await?, &proxy)?;
    world.carried_by(&proxy).await
}

pub(super) async fn disconnect(world: &World) -> Outcome {
    let proxy = Proxy::start(Speaks::Http, None, 4).await?;
    let link = proxy.link("chosen");
    let judge = Server::judge().await?;
    let extension = world.fresh().await?;
    extension.configure(pasted(judge.as_judge(), std::slice::from_ref(&link))).await?;
    extension.connect(&link).await?;
    world.carried_by(&proxy).await?;
    extension.ask(&Request::Disconnect).await?;
    extension.until(Phase::Off).await?;
    world.carried_directly().await
}

pub(super) async fn switch(world: &World) -> Outcome {
    let proxies = [Proxy::start(Speaks::Http, None, 5).await?, Proxy::start(Speaks::Socks5, None, 6).await?];
    let links = proxies.each_ref().map(|proxy| proxy.link("one of two"));
    let judge = Server::judge().await?;
    let extension = world.fresh().await?;
    extension.configure(pasted(judge.as_judge(), &links)).await?;
    for index in [0, 1, 0] {
        extension.connect_anew(&links[index], proxies[index].exit()).await?;
        world.carried_by(&proxies[index]).await?;
    }
    Ok(())
}

pub(super) async fn background_ends(world: &World) -> Outcome {
    let proxy = Proxy::start(Speaks::Http, Some(LOGIN), 7).await?;
    let link = proxy.link("chosen");
    let judge = Server::judge().await?;
    let extension = world.fresh().await?;
    extension.configure(pasted(judge.as_judge(), std::slice::from_ref(&link))).await?;
    extension.connect(&link).await?;
    world.browser.stop_background().await?;
    world.carried_by(&proxy).await?;
    world.browser.stop_background().await?;
    proven(&extension.until(Phase::Connected).await?, &proxy)?;
    world.carried_by(&proxy).await
}

/// In a browser of its own: the shared one is not to be restarted under the other scenarios.
pub(super) async fn browser_restarts(shared: &World) -> Outcome {
    let proxy = Proxy::start(Speaks::Http, Some(LOGIN), 17).await?;
    let link = proxy.link("chosen");
    let judge = Server::judge().await?;
    let world = shared.apart(None).await?;
    let extension = world.fresh().await?;
    extension.configure(pasted(judge.as_judge(), std::slice::from_ref(&link))).await?;
    extension.connect(&link).await?;
    let world = world.restart().await?;
    let extension = world.attached().await?;
    proven(&extension.until(Phase::Connected).await?, &proxy)?;
    world.carried_by(&proxy).await?;
    world.browser.quit().await
}

/// A failure unless the status shows the exit that the judge saw.
fn proven(status: &Status, proxy: &Proxy) -> Outcome {
    let exit = status.exit.as_ref().ok_or_else(|| Failure::new("connected without an exit"))?;
    same("the exit in the status", &exit.address, &proxy.exit())
}
