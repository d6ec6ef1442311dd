//! What a scenario has in its hands.

use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use configstream_core::catalogue::Goal;
use configstream_core::message::{OwnSource, Phase, Reply, Request, Settings, Status};
use serde_json::{Value, json};

use crate::browser::{Browser, Kind, Tab};
use crate::origin::Server;
use crate::outcome::{Failure, Outcome, same, until};
use crate::peers::{Api, ORIGIN, OwnProxy, Proxy, Tree};

/// A browser with the extension, and an origin for its requests.
#[derive(Debug)]
pub struct World {
    /// Where the things under test lie.
    pub tree: Tree,
    /// The browser.
    pub browser: Browser,
    /// The origin, which notes who brought each request.
    pub origin: Server,
    /// Where pictures of the screens go.
    pub pictures: PathBuf,
    visits: AtomicU64,
}

impl World {
    /// Starts a browser.
    pub async fn start(kind: Kind, tree: &Tree, pictures: &Path) -> Outcome<Self> {
        Self::with_browser(kind, tree, pictures, None).await
    }

    /// Another browser of the same kind, for what the shared one is not to suffer; maybe with a proxy of
    /// its own.
    pub async fn apart(&self, own: Option<OwnProxy>) -> Outcome<Self> {
        Self::with_browser(self.browser.kind(), &self.tree, &self.pictures, own).await
    }

    async fn with_browser(kind: Kind, tree: &Tree, pictures: &Path, own: Option<OwnProxy>) -> Outcome<Self> {
        std::fs::create_dir_all(pictures)?;
        let browser = Browser::launch(kind, &tree.dist, own).await?;
        let (tree, pictures, origin) = (tree.clone(), pictures.to_owned(), Server::origin().await?);
        Ok(Self { tree, browser, origin, pictures, visits: AtomicU64::new(0) })
    }

    /// The same world after a restart of its browser.
    pub async fn restart(self) -> Outcome<Self> {
        let browser = self.browser.restart(&self.tree.dist).await?;
        Ok(Self { browser, ..self })
    }

    /// Goes to the origin in a new tab; gives the address that the request came from, or nothing where
    /// it did not arrive.
    pub async fn carrier(&self) -> Outcome<Option<IpAddr>> {
        let visit = format!("/visit-{}-", self.visits.fetch_add(1, Ordering::Relaxed));
        let tab = self.browser.open_empty().await?;
        let outcome =
            self.browser.visit(&tab, &format!("http://{ORIGIN}:{}{visit}", self.origin.port())).await;
        self.browser.close(tab).await?;
        let loaded = outcome?.is_ok();
        let carrier = self.origin.carrier(&visit);
        match (loaded, carrier) {
            (true, None) => Err(Failure::new("a page loaded that the origin did not send")),
            _ => Ok(carrier),
        }
    }

    /// A failure unless the next request arrives from this proxy, and the proxy saw it.
    pub async fn carried_by(&self, proxy: &Proxy) -> Outcome {
        let seen = proxy.log().count(ORIGIN);
        same("the address that the origin saw", &self.carrier().await?, &Some(proxy.exit()))?;
        until("the proxy to note the request", async || Ok((proxy.log().count(ORIGIN) > seen).then_some(())))
            .await
    }

    /// A failure if the next request arrives anywhere.
    pub async fn nothing_leaves(&self) -> Outcome {
        same("the address that the origin saw", &self.carrier().await?, &None)
    }

    /// A failure unless the next request arrives without any proxy.
    pub async fn carried_directly(&self) -> Outcome {
        same("the address that the origin saw", &self.carrier().await?, &Some(IpAddr::from([127, 0, 0, 1])))
    }

    /// Makes the extension as it is after installation, with a page of its own to talk to it.
    pub async fn fresh(&self) -> Outcome<Extension<'_>> {
        let extension = self.attached().await?;
        extension.ask(&Request::Disconnect).await?;
        self.browser.evaluate(&extension.tab, CLEAR).await?;
        self.browser.stop_background().await?;
        Ok(extension)
    }

    /// The extension as it is.
    pub async fn attached(&self) -> Outcome<Extension<'_>> {
        Ok(Extension { world: self, tab: self.page("options.html").await? })
    }

    /// A fresh extension that has this API's list.
    pub async fn extension(&self, api: &Api) -> Outcome<Extension<'_>> {
        let extension = self.fresh().await?;
        extension.configure(settings(api)).await?;
        Ok(extension)
    }

    /// A page of the extension in a tab of its own.
    pub async fn page(&self, path: &str) -> Outcome<Tab> {
        self.browser.open(&self.browser.extension_page(path)).await
    }
}

/// Forgets everything but what the browser itself keeps. A database that a page still holds open is
/// deleted as soon as that page lets go of it.
const CLEAR: &str = "(async () => {
    localStorage.clear();
    await chrome.storage.local.clear();
    await chrome.storage.session.clear();
    for (const { name } of await indexedDB.databases()) await new Promise((done) => {
        const deletion = indexedDB.deleteDatabase(name);
        deletion.onsuccess = deletion.onerror = deletion.onblocked = done;
    });
})()";

/// Settings with this API and its judge.
pub fn settings(api: &Api) -> Settings {
    Settings { api: api.address(), judge: api.judge(), ..Settings::default() }
}

/// Settings without any API: this judge, and these links as if they were pasted.
pub fn pasted(judge: String, links: &[String]) -> Settings {
    let source = OwnSource { name: "pasted".to_owned(), url: String::new(), text: links.join("\n") };
    Settings { api: String::new(), judge, sources: vec![source], ..Settings::default() }
}

/// The wish for one of these, or of all where none is named.
pub fn pick(goal: Goal, among: &[&str]) -> Outcome<Request> {
    let among = among.iter().map(|link| id(link)).collect::<Outcome<_>>()?;
    Ok(Request::Pick { goal, among })
}

/// The identity of the proxy in a link.
pub fn id(link: &str) -> Outcome<String> {
    Ok(configstream_core::link::parse(link)?.fingerprint().to_string())
}

/// The extension, asked from a page of its own.
#[derive(Debug)]
pub struct Extension<'a> {
    world: &'a World,
    tab: Tab,
}

impl Extension<'_> {
    /// Sends a message to the background.
    pub async fn ask(&self, request: &Request) -> Outcome<Reply> {
        let expression = format!("chrome.runtime.sendMessage({})", json!(request));
        let reply = self.world.browser.evaluate(&self.tab, &expression).await?;
        serde_json::from_value(reply.clone())
            .map_err(|error| Failure::new(format!("the background answered {reply}: {error}")))
    }

    /// Runs an expression in the extension's page.
    pub async fn evaluate(&self, expression: &str) -> Outcome<Value> {
        self.world.browser.evaluate(&self.tab, expression).await
    }

    /// Waits until an expression in the extension's page gives this.
    pub async fn until_it_gives(&self, expression: &str, expected: &Value) -> Outcome {
        let mut last = Value::Null;
        let outcome = until(expression, async || {
            last = self.evaluate(expression).await?;
            Ok((last == *expected).then_some(()))
        })
        .await;
        outcome.map_err(|failure| Failure::new(format!("{failure} to be {expected}; it is {last}")))
    }

    /// Has an alarm of the background ring now instead of in a minute.
    pub async fn ring(&self, alarm: &str) -> Outcome {
        self.evaluate(&format!("chrome.alarms.create('{alarm}', {{when: Date.now()}})")).await.map(drop)
    }

    /// Keeps these settings and fetches the list.
    pub async fn configure(&self, settings: Settings) -> Outcome {
        self.ask(&Request::SaveSettings { settings }).await?;
        match self.ask(&Request::Refresh).await? {
            Reply::Refreshed { .. } => Ok(()),
            other => Err(Failure::new(format!("the list was not fetched: {other:?}"))),
        }
    }

    /// Where the session stands.
    pub async fn status(&self) -> Outcome<Status> {
        match self.ask(&Request::Status).await? {
            Reply::Status { status } => Ok(status),
            other => Err(Failure::new(format!("the status was answered with {other:?}"))),
        }
    }

    /// Waits until the session is in this phase.
    pub async fn until(&self, phase: Phase) -> Outcome<Status> {
        let mut last = Status::default();
        let outcome = until(&format!("the phase {phase:?}"), async || {
            last = self.status().await?;
            Ok((last.phase == phase).then(|| last.clone()))
        })
        .await;
        outcome.map_err(|failure| Failure::new(format!("{failure}; it is {last:?}")))
    }

    /// Connects to the proxy of this link; gives the status once the exit is proven.
    pub async fn connect(&self, link: &str) -> Outcome<Status> {
        self.ask(&Request::Connect { id: id(link)? }).await?;
        self.until(Phase::Connected).await
    }

    /// Connects to the proxy of this link, whatever is connected now, and waits for its exit.
    pub async fn connect_anew(&self, link: &str, exit: IpAddr) -> Outcome {
        self.ask(&Request::Connect { id: id(link)? }).await?;
        until(&format!("the exit {exit}"), async || {
            let status = self.status().await?;
            Ok((status.exit.map(|exit| exit.address) == Some(exit)).then_some(()))
        })
        .await
    }

    /// Asks to connect to the proxy of this link; gives the status once it is settled either way.
    pub async fn try_to_connect(&self, link: &str) -> Outcome<Status> {
        self.ask(&Request::Connect { id: id(link)? }).await?;
        until("an outcome of connecting", async || {
            let status = self.status().await?;
            Ok((status.phase != Phase::Connecting).then_some(status))
        })
        .await
    }
}
