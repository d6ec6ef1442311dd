//! `configstream serve`: puts the rooms together, runs them, and stops them.

use std::io::Write;
use std::net::{Ipv4Addr, SocketAddr};
use std::process::ExitCode;
use std::time::Duration;

use axum::Router;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tracing::{info, warn};

use crate::args::{BadSettings, ServeArgs, Settings};
use crate::geo::Geo;
use crate::http::audience::Audience;
use crate::http::{self, App};
use crate::pipeline::{Pipeline, Plan, Probing};
use crate::probe::judge::Judges;
use crate::source::config;
use crate::source::fetch::Fetcher;
use crate::store::{self, OpenError};
use crate::tls;

/// How long open requests may take to end when the program stops, and the database after them.
const GRACE: Duration = Duration::from_millis(700);

/// The most that stopping takes.
pub const STOPS_WITHIN: Duration = Duration::from_millis(1400);

/// Why the program cannot start. One line that says what to do.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// A setting is wrong.
    #[error(transparent)]
    Settings(#[from] BadSettings),
    /// Somebody else listens there.
    #[error("{0} is in use: stop the other program or choose another with --listen")]
    InUse(SocketAddr),
    /// The address cannot be listened on.
    #[error("cannot listen on {0}: {1}; choose another address with --listen")]
    Listen(SocketAddr, std::io::Error),
    /// There is no database.
    #[error(transparent)]
    Store(#[from] OpenError),
    /// TLS cannot be set up.
    #[error("TLS cannot be set up: {0}")]
    Tls(#[from] reqwest::Error),
    /// The folder of the PWA is none.
    #[error("--pwa {0}: there is no index.html in this folder")]
    Pwa(String),
    /// No threads.
    #[error("the program cannot start: {0}")]
    Runtime(std::io::Error),
}

/// A server that runs.
#[derive(Debug)]
pub struct Running {
    /// Where it listens.
    pub address: SocketAddr,
    stop: watch::Sender<bool>,
    server: JoinHandle<()>,
    pipeline: JoinHandle<()>,
    app: App,
}

/// Runs until SIGINT or SIGTERM. Standard output gets one line, when requests are answered.
pub fn run(args: &ServeArgs) -> ExitCode {
    match run_until_stopped(args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn run_until_stopped(args: &ServeArgs) -> Result<(), StartError> {
    let settings = args.settings()?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = runtime.map_err(StartError::Runtime)?;
    runtime.block_on(async {
        let running = start(settings).await?;
        // Before the line that says so: whoever reads it may stop the program at once.
        let stopped = stop_signal().map_err(StartError::Runtime)?;
        let mut out = std::io::stdout().lock();
        // A reader that went away is no reason to stop serving.
        writeln!(out, "listening on http://{}", running.address).and_then(|()| out.flush()).ok();
        drop(out);
        stopped.await;
        info!("stopping");
        running.stop().await;
        Ok(())
    })
}

/// Starts serving; what the database has is published when this returns.
pub async fn start(settings: Settings) -> Result<Running, StartError> {
    tls::install();
    let listener = listen(settings.listen).await?;
    let address = listener.local_addr().map_err(|error| StartError::Listen(settings.listen, error))?;
    if let Some(folder) = settings.pwa.as_ref().filter(|folder| !folder.join("index.html").is_file()) {
        return Err(StartError::Pwa(folder.display().to_string()));
    }
    let opened = store::open(&settings.data).await?;
    if let Some(aside) = &opened.set_aside {
        warn!("the database was damaged; it is kept as {} and a new one begun", aside.display());
    }
    let (stop, stopped) = watch::channel(false);
    let app = App::new(opened.store, Geo::open(), settings.trusted_proxies.clone(), stopped.clone());
    let mut pipeline = Pipeline::new(app.clone(), plan(&settings, address), Fetcher::new()?);
    pipeline.restore().await;
    let audience = Audience::of(address, settings.public_url.as_ref(), &settings.judges);
    let router = http::router(app.clone(), settings.pwa.as_deref(), &audience);
    let server = tokio::spawn(serve(listener, router, stopped));
    let pipeline = tokio::spawn(pipeline.run());
    Ok(Running { address, stop, server, pipeline, app })
}

async fn listen(address: SocketAddr) -> Result<TcpListener, StartError> {
    TcpListener::bind(address).await.map_err(|error| match error.kind() {
        std::io::ErrorKind::AddrInUse => StartError::InUse(address),
        _ => StartError::Listen(address, error),
    })
}

async fn serve(listener: TcpListener, router: Router, mut stopped: watch::Receiver<bool>) {
    let service = router.into_make_service_with_connect_info::<SocketAddr>();
    let until = async move {
        stopped.wait_for(|stop| *stop).await.ok();
    };
    axum::serve(listener, service).with_graceful_shutdown(until).await.ok();
}

fn plan(settings: &Settings, address: SocketAddr) -> Plan {
    let (sources, bad) = config::sources(&settings.sources, settings.default_sources);
    for bad in bad {
        warn!("{bad}; the other sources are used");
    }
    if sources.is_empty() {
        warn!("there is no source: name one with --sources");
    }
    let probing = Probing {
        judges: judges(settings, address),
        parallel: settings.probe_parallel,
        timeout: settings.probe_timeout,
    };
    let (refresh, model) = (settings.refresh, settings.model.clone());
    Plan { sources, refresh, probe: settings.probe.then_some(probing), model }
}

/// Whom probes talk to: what was set, else this API at its public address, else the usual.
fn judges(settings: &Settings, address: SocketAddr) -> Judges {
    if !settings.judges.is_empty() {
        return Judges::Set(settings.judges.iter().map(ToString::to_string).collect());
    }
    let exit = |base: &str| format!("{}/api/v1/exit", base.trim_end_matches('/'));
    match &settings.public_url {
        Some(url) => Judges::Set(vec![exit(url.as_str())]),
        None => Judges::Usual { own: exit(&format!("http://{}", reachable(address))) },
    }
}

/// The address by which this machine reaches itself; nobody can connect to `0.0.0.0`.
fn reachable(address: SocketAddr) -> SocketAddr {
    if address.ip().is_unspecified() {
        SocketAddr::from((Ipv4Addr::LOCALHOST, address.port()))
    } else {
        address
    }
}

impl Running {
    /// Ends probes and fetches at once, open requests within 700 ms, and the whole within
    /// [`STOPS_WITHIN`].
    pub async fn stop(self) {
        self.stop.send_replace(true);
        self.pipeline.abort();
        let aborted = self.server.abort_handle();
        let served = async move { self.server.await.ok() };
        end(served, || aborted.abort(), self.app.store.close()).await;
    }
}

/// Gives open requests and then the database their time, and no more.
async fn end<S, C: Future>(served: impl Future<Output = S>, abort: impl FnOnce(), closed: C) {
    if tokio::time::timeout(GRACE, served).await.is_err() {
        warn!("some requests did not end in time and are cut off");
        abort();
    }
    tokio::time::timeout(GRACE, closed).await.ok();
}

/// SIGTERM or SIGINT, from now on.
#[cfg(unix)]
fn stop_signal() -> std::io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}

#[cfg(not(unix))]
fn stop_signal() -> std::io::Result<impl Future<Output = ()>> {
    Ok(async { tokio::signal::ctrl_c().await.unwrap_or_default() })
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::future::{pending, ready};

    use super::*;

    /// The timer's own: it rounds each wait up to the next millisecond.
    const TICK: Duration = Duration::from_millis(2);

    /// In virtual time, so that a slow machine changes nothing.
    #[tokio::test(start_paused = true)]
    async fn stopping_takes_no_longer_than_is_promised_whatever_does_not_end() {
        let (start, aborted) = (tokio::time::Instant::now(), Cell::new(false));
        end(pending::<()>(), || aborted.set(true), pending::<()>()).await;
        assert!(start.elapsed() <= STOPS_WITHIN + TICK && aborted.get(), "{:?}", start.elapsed());
    }

    #[tokio::test(start_paused = true)]
    async fn what_ends_by_itself_is_not_waited_for() {
        let start = tokio::time::Instant::now();
        end(ready(()), || unreachable!(), ready(())).await;
        assert_eq!(start.elapsed(), Duration::ZERO);
    }
}
