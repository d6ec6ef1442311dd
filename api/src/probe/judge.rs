//! Which judge a probe talks to, and whether that judge answers at all.

use std::net::IpAddr;
use std::time::Duration;

use configstream_core::Proxy;
use configstream_core::guard::PUBLIC_JUDGES;
use configstream_core::proxy::Fingerprint;
use futures_util::future::join_all;

use super::NoJudge;
use super::dial;

/// How long a judge may take to answer directly.
const PATIENCE: Duration = Duration::from_secs(8);

/// A third judge for where core's two are not enough; like them it is read over TLS.
const THIRD: &str = "https://ipinfo.io/json";

/// The judges that there are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Judges {
    /// These, for every proxy: set by `--judge`, or this API at its public address.
    Set(Vec<String>),
    /// This API's listening address for proxies on this machine, which can reach it; public judges
    /// for all others.
    Usual {
        /// The address of this API's own judge.
        own: String,
    },
}

/// The judges that answer, for the run at hand.
#[derive(Clone, Debug)]
pub struct Panel {
    here: Vec<String>,
    away: Vec<String>,
}

impl Judges {
    /// Those for proxies on this machine.
    pub(super) fn for_here(&self) -> Vec<String> {
        match self {
            Self::Set(judges) => judges.clone(),
            Self::Usual { own } => vec![own.clone()],
        }
    }

    /// Those for all other proxies.
    pub(super) fn for_away(&self) -> Vec<String> {
        match self {
            Self::Set(judges) => judges.clone(),
            Self::Usual { .. } => PUBLIC_JUDGES.into_iter().chain([THIRD]).map(str::to_owned).collect(),
        }
    }
}

impl Panel {
    /// Asks the judges that these proxies need. Where none answers, the panel has none for them.
    pub(super) async fn ask<'a>(judges: &Judges, proxies: impl Iterator<Item = &'a Proxy>) -> Self {
        let (mut here, mut away) = (false, false);
        proxies.for_each(|proxy| if is_here(proxy) { here = true } else { away = true });
        let wanted = |wanted: bool, judges: Vec<String>| if wanted { judges } else { Vec::new() };
        let (here, away) = tokio::join!(
            answering(wanted(here, judges.for_here())),
            answering(wanted(away, judges.for_away())),
        );
        Self { here, away }
    }

    /// Whether the judges of this run still answer: one of each kind is enough.
    pub(super) async fn ask_again(&self) -> Result<(), NoJudge> {
        for judges in [&self.here, &self.away] {
            if !judges.is_empty() && answering(judges.clone()).await.is_empty() {
                return Err(NoJudge(judges.join(", ")));
            }
        }
        Ok(())
    }

    /// Whether some judge can tell about this proxy.
    pub(super) fn covers(&self, proxy: &Proxy) -> bool {
        !(if is_here(proxy) { &self.here } else { &self.away }).is_empty()
    }

    /// The judges of a proxy, the one to ask first in front: proxies are spread over them.
    pub(super) fn judges_of(&self, proxy: &Proxy, id: Fingerprint) -> Vec<String> {
        let mut judges = if is_here(proxy) { self.here.clone() } else { self.away.clone() };
        if !judges.is_empty() {
            let first = id.to_string().bytes().map(usize::from).sum::<usize>() % judges.len();
            judges.rotate_left(first);
        }
        judges
    }
}

/// Whether a proxy is on this machine.
pub(super) fn is_here(proxy: &Proxy) -> bool {
    let host = proxy.endpoint.host.as_str();
    host.eq_ignore_ascii_case("localhost") || host.parse().is_ok_and(|ip: IpAddr| ip.is_loopback())
}

/// Those judges that answer when they are asked directly.
async fn answering(judges: Vec<String>) -> Vec<String> {
    let asked = join_all(judges.iter().map(|judge| dial::direct(judge, PATIENCE))).await;
    judges.into_iter().zip(asked).filter_map(|(judge, answers)| answers.then_some(judge)).collect()
}
