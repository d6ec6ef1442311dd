//! What the screens say of a session, a fault and a row. They claim no more than is proven.

use configstream_core::catalogue::Entry;
use configstream_core::message::{Action, Fault, FaultCode, Phase, Refresh, Status};
use configstream_core::route::Unusable;
use configstream_core::score::Safety;

use super::favourites::Favourites;
use super::text::grouped;
use crate::host::{Bridge, Face};

/// The phase to show: connected only with a proven exit.
pub fn phase(status: &Status) -> Phase {
    match status.phase {
        Phase::Connected if status.exit.is_none() => Phase::Connecting,
        phase => phase,
    }
}

/// The phase's name in `data-phase`.
pub const fn phase_key(phase: Phase) -> &'static str {
    match phase {
        Phase::Off => "off",
        Phase::Connecting => "connecting",
        Phase::Connected => "connected",
        Phase::Blocked => "blocked",
        Phase::Failed => "failed",
    }
}

/// The phase in words.
pub const fn headline(phase: Phase) -> &'static str {
    match phase {
        Phase::Off => "Not connected",
        Phase::Connecting => "Checking the exit…",
        Phase::Connected => "Connected",
        Phase::Blocked => "Blocked: nothing leaves",
        Phase::Failed => "Not protected",
    }
}

/// What the phase means for the person, where no proxy and no fault says it already.
pub const fn meaning(phase: Phase, bridge: Bridge) -> &'static str {
    match (phase, bridge) {
        (_, Bridge::Absent) => "A page cannot set a proxy by itself. The extension can.",
        (_, Bridge::Looking) => "Looking for the extension…",
        (Phase::Off, _) => "Sites see your own address.",
        (Phase::Connecting, _) => "Nothing is proven until the exit answers.",
        (Phase::Connected, _) => "Sites see this address.",
        (Phase::Blocked, _) => "The kill switch holds every request back.",
        (Phase::Failed, _) => "Requests go as the browser is set.",
    }
}

/// What else is true while a session is wanted, and easily overlooked.
pub fn cautions(status: &Status) -> impl Iterator<Item = &'static str> + use<> {
    let private = (is_on(status) && !status.covers_private).then_some("Private windows are not covered.");
    let leaks = status.proxy.as_ref().is_some_and(|proxy| proxy.leaks_dns);
    let dns = leaks.then_some("The browser looks names up itself: your network sees which sites you visit.");
    private.into_iter().chain(dns)
}

/// Whether a session is wanted.
pub fn is_on(status: &Status) -> bool {
    status.phase != Phase::Off
}

/// What a fault's button says; `None` when there is nothing to do here.
pub const fn action_label(action: Action) -> Option<&'static str> {
    match action {
        Action::Retry => Some("Try again"),
        Action::ChooseAnother => Some("Choose another"),
        Action::OpenOptions => Some("Open settings"),
        Action::Refresh => Some("Fetch the list"),
        Action::Grant => Some("Allow access"),
        Action::None => None,
    }
}

/// A fault of our own making.
pub fn fault(code: FaultCode, message: &str, action: Action) -> Fault {
    Fault { code, message: message.to_owned(), action }
}

/// The row's name: that of its list, else where it listens.
pub fn name(entry: &Entry) -> String {
    if entry.name.trim().is_empty() { endpoint(entry) } else { entry.name.clone() }
}

/// Where a row listens, as `host:port`.
pub fn endpoint(entry: &Entry) -> String {
    let (open, close) = if entry.host.contains(':') { ("[", "]") } else { ("", "") };
    [open, &entry.host, close, ":", &entry.port.to_string()].concat()
}

/// The protocol with what carries and secures it, as `VLESS · ws · tls`.
pub fn stack(entry: &Entry) -> String {
    let mut text = entry.protocol.label().to_owned();
    let network = entry.network.key();
    if network != "tcp" {
        text.push_str(" · ");
        text.push_str(network);
    }
    if let Some(security) = entry.security {
        text.push_str(" · ");
        text.push_str(security.key());
    }
    text
}

/// A row for those who hear it.
pub fn row_label(entry: &Entry, obstacle: Option<Unusable>) -> String {
    let country = entry.measured.country.map_or("country unknown", |country| country.name());
    let latency =
        entry.measured.latency.map_or("latency unknown".to_owned(), |ms| format!("{ms} milliseconds"));
    let score = entry.score.to_string();
    let usable = if obstacle.is_some() { ", copy only" } else { "" };
    [&name(entry), ", ", country, ", ", entry.protocol.label(), ", ", &latency, ", score ", &score, usable]
        .concat()
}

/// That there was no room for one more mark.
pub fn forgot_oldest() -> String {
    let most = grouped(Favourites::MOST);
    ["Added. There is room for ", &most, " favourites: the oldest was removed."].concat()
}

/// What a pick is among: so many rows that the browser can use, all of them or those that are left. The
/// extension's own list, which a page does not know, where a page restricts nothing.
pub fn among(usable: usize, filtered: bool, face: Face) -> String {
    match (usable, filtered, face) {
        (0, true, _) => "None that is shown can be used by this browser.".to_owned(),
        (0, false, _) => "None can be used by this browser.".to_owned(),
        (usable, true, _) => ["Of the ", &grouped(usable), " shown that this browser can use."].concat(),
        (_, false, Face::Page) => "Of all in the extension's list.".to_owned(),
        (usable, false, Face::Popup) => ["Of all ", &grouped(usable), " that this browser can use."].concat(),
    }
}

/// The last test's result.
pub const fn tested(working: Option<bool>) -> &'static str {
    match working {
        Some(true) => "Answered",
        Some(false) => "Failed",
        None => "Never tested",
    }
}

/// How the way to the proxy is secured.
pub const fn safety(safety: Safety) -> &'static str {
    match safety {
        Safety::Verified => "Encrypted to a verified proxy",
        Safety::Unverified => "Encrypted, certificate not checked",
        Safety::Open => "Not encrypted",
    }
}

/// What a refresh brought, in one line.
pub fn refreshed(refresh: &Refresh) -> String {
    let noun = if refresh.total == 1 { " proxy" } else { " proxies" };
    let total = [&grouped(refresh.total), noun].concat();
    let failures = failures(refresh);
    match failures.first() {
        None => total,
        Some(first) => {
            format!("{total}; {} of {} sources failed ({first})", failures.len(), refresh.sources.len())
        }
    }
}

/// The sources that failed, each with its reason.
fn failures(refresh: &Refresh) -> Vec<String> {
    let failed = refresh.sources.iter().filter_map(|source| Some((&source.name, source.error.as_ref()?)));
    failed.map(|(name, error)| [name, ": ", error].concat()).collect()
}

/// Why a refresh brought no proxy at all; `None` when it brought some, or no source failed.
pub fn nothing_came(refresh: &Refresh) -> Option<Fault> {
    let lines = failures(refresh);
    (refresh.total == 0 && !lines.is_empty())
        .then(|| fault(FaultCode::Fetch, &[&lines.join("; "), "."].concat(), Action::Refresh))
}

#[cfg(test)]
mod tests {
    use configstream_core::Timestamp;
    use configstream_core::catalogue::Measured;
    use configstream_core::message::SourceReport;

    use super::*;

    #[test]
    fn connected_without_an_exit_is_not_called_connected() {
        let status = Status { phase: Phase::Connected, ..Status::default() };
        assert_eq!(headline(phase(&status)), "Checking the exit…");
    }

    #[test]
    fn a_failure_says_where_traffic_goes() {
        assert!(headline(Phase::Blocked).contains("nothing leaves"));
        assert!(headline(Phase::Failed).contains("Not protected"));
    }

    #[test]
    fn what_is_easily_overlooked_is_said_only_while_a_session_is_wanted() {
        assert_eq!(cautions(&Status::default()).count(), 0);
        let connected = Status { phase: Phase::Connected, ..Status::default() };
        assert_eq!(cautions(&connected).collect::<Vec<_>>(), ["Private windows are not covered."]);
    }

    #[test]
    fn an_ipv6_host_is_bracketed() {
        let proxy = configstream_core::link::parse("socks5://[2001:db8::1]:1080").expect("a link");
        let entry = Entry::new(&proxy, Vec::new(), Measured::default(), Timestamp::default());
        assert_eq!(endpoint(&entry), "[2001:db8::1]:1080");
        assert_eq!(name(&entry), "[2001:db8::1]:1080");
        assert!(row_label(&entry, None).contains("latency unknown"));
    }

    #[test]
    fn a_pick_says_what_it_is_among() {
        for face in [Face::Popup, Face::Page] {
            assert_eq!(among(1_214, true, face), "Of the 1,214 shown that this browser can use.");
            assert!(among(0, true, face).starts_with("None that is shown"));
            assert!(among(0, false, face).starts_with("None can"));
        }
        assert_eq!(among(1_214, false, Face::Popup), "Of all 1,214 that this browser can use.");
        assert_eq!(among(1_214, false, Face::Page), "Of all in the extension's list.");
    }

    fn source(error: Option<&str>) -> SourceReport {
        SourceReport { name: "list".to_owned(), proxies: 3, error: error.map(str::to_owned) }
    }

    #[test]
    fn a_refresh_that_brings_nothing_names_the_source_and_the_cause() {
        let nothing = Refresh { sources: vec![source(Some("no connection"))], ..Refresh::default() };
        assert_eq!(
            nothing_came(&nothing).map(|fault| fault.message),
            Some("list: no connection.".to_owned())
        );
        assert_eq!(nothing_came(&Refresh { total: 1, ..nothing }), None);
    }

    #[test]
    fn failed_sources_are_counted() {
        let refresh = Refresh { total: 1_200, rejected: 0, sources: vec![source(None), source(Some("404"))] };
        assert_eq!(refreshed(&refresh), "1,200 proxies; 1 of 2 sources failed (list: 404)");
        assert_eq!(refreshed(&Refresh { total: 1, ..Refresh::default() }), "1 proxy");
    }
}
