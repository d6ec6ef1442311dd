//! What is tested, each a sentence that is true of both browsers unless it names one.

mod cases;
mod choices;
mod faults;
mod own;
mod pages;
mod picks;
mod pictures;
mod popup;
mod routes;
mod shown;
mod storms;

use std::fmt;
use std::pin::Pin;

use crate::browser::Kind;
use crate::outcome::Outcome;
use crate::world::World;

/// One scenario.
pub struct Scenario {
    /// What it proves.
    pub says: &'static str,
    /// The one browser that it is about, if not both.
    pub only: Option<Kind>,
    /// The steps.
    pub run: Steps,
}

/// The steps of a scenario.
pub type Steps = for<'a> fn(&'a World) -> Pin<Box<dyn Future<Output = Outcome> + 'a>>;

impl fmt::Debug for Scenario {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.says)
    }
}

const fn both(says: &'static str, run: Steps) -> Scenario {
    Scenario { says, only: None, run }
}

const fn only(kind: Kind, says: &'static str, run: Steps) -> Scenario {
    Scenario { says, only: Some(kind), run }
}

/// All of them, in the order in which they run.
pub const SCENARIOS: &[Scenario] = &[
    both("the next request goes through the chosen HTTP proxy", |world| Box::pin(routes::http(world))),
    both("an HTTP proxy with a password is told it", |world| Box::pin(routes::http_with_login(world))),
    both("the next request goes through the chosen SOCKS5 proxy", |world| Box::pin(routes::socks(world))),
    only(Kind::Firefox, "a SOCKS5 proxy with a password is told it", |world| {
        Box::pin(routes::socks_with_login(world))
    }),
    only(Kind::Chromium, "a SOCKS5 proxy with a password is shown as unusable, with the reason", |world| {
        Box::pin(popup::socks_login_is_unusable(world))
    }),
    both("disconnecting gives back what was before", |world| Box::pin(routes::disconnect(world))),
    both("switching goes from one proxy straight to the other", |world| Box::pin(routes::switch(world))),
    both("the session survives the end of the background", |world| Box::pin(routes::background_ends(world))),
    only(Kind::Chromium, "the session is taken up again when the browser restarts", |world| {
        Box::pin(routes::browser_restarts(world))
    }),
    both("a wrong password is told once and the reason is shown", |world| {
        Box::pin(faults::wrong_password(world))
    }),
    both("when the proxy dies nothing leaves and the popup says why", |world| {
        Box::pin(faults::proxy_dies(world))
    }),
    both("without the kill switch a dead proxy gives way to the browser's own settings", |world| {
        Box::pin(faults::proxy_dies_without_kill_switch(world))
    }),
    both("a captive page in place of the judge is not a connection", |world| {
        Box::pin(faults::captive(world))
    }),
    both("an origin that asks for a proxy's password does not end the session", |world| {
        Box::pin(faults::pretender(world))
    }),
    both("a session that does not read lets nothing out", |world| {
        Box::pin(faults::unreadable_session(world))
    }),
    both("a judge that is ill for a while is asked again", |world| Box::pin(faults::ill_judge(world))),
    both("the browser's own proxy is back after disconnecting", |world| Box::pin(own::proxy(world))),
    both("the browser's own proxy is told its own login before and after", |world| {
        Box::pin(own::proxy_with_login(world))
    }),
    both("WebRTC gives no address away while connected", |world| Box::pin(own::webrtc(world))),
    both("after a burst of clicks requests go where the status says", |world| {
        Box::pin(storms::bursts(world))
    }),
    both("a busy page does not lead past a proxy that works", |world| Box::pin(storms::hammered(world))),
    both("a pick goes where its goal and its query say", |world| Box::pin(picks::goals(world))),
    both("what went well or badly is remembered here alone, and can be forgotten", |world| {
        Box::pin(picks::experience(world))
    }),
    both("badge and tooltip tell the phase", |world| Box::pin(shown::badge(world))),
    both("chips and search leave what they say, and clearing brings back all", |world| {
        Box::pin(shown::filters(world))
    }),
    both("a chip's count is how many rows it leaves", |world| Box::pin(choices::facets(world))),
    both("favourites stay, are the same on every page, and are a filter", |world| {
        Box::pin(choices::favourites(world))
    }),
    both("weights change the order at once, and the reasons add up to each score", |world| {
        Box::pin(choices::weights(world))
    }),
    both("statistics are over what is shown", |world| Box::pin(choices::statistics(world))),
    both("a pick in the popup is among what is shown", |world| Box::pin(choices::pick(world))),
    both("only what changed of a list is fetched again", |world| Box::pin(shown::patched(world))),
    both("the theme that was chosen shows in the popup", |world| Box::pin(shown::theme(world))),
    both("an API that cannot be reached is told once, and the list stays", |world| {
        Box::pin(shown::unreachable_api(world))
    }),
    both("the PWA forgets the connection of an extension that is gone", |world| {
        Box::pin(shown::forgotten(world))
    }),
    only(Kind::Chromium, "whatever can be acted on has a name", |world| Box::pin(shown::names(world))),
    both("a pasted subscription is enough, without any API", |world| Box::pin(popup::pasted_list(world))),
    both("what the browser cannot use is listed, marked and can be copied", |world| {
        Box::pin(popup::unusable(world))
    }),
    both("the keyboard is enough: search, arrows, Enter", |world| Box::pin(popup::keyboard(world))),
    both("the power switch connects and disconnects", |world| Box::pin(popup::power(world))),
    only(Kind::Firefox, "the browser's shortcuts connect to the fastest and disconnect", |world| {
        Box::pin(popup::shortcuts(world))
    }),
    both("the PWA shows the feed as it changes", |world| Box::pin(pages::live(world))),
    both("the PWA tells how the list was over time", |world| Box::pin(pages::over_time(world))),
    both("the PWA shows its list without a network", |world| Box::pin(pages::offline(world))),
    both("the PWA connects through the extension", |world| Box::pin(pages::connect(world))),
    both("a page of another origin cannot use the extension", |world| Box::pin(pages::stranger(world))),
    both("the parsers read in the browser as they read natively", |world| Box::pin(cases::same(world))),
    both("the screens can be seen in every size and colour", |world| Box::pin(pictures::take(world))),
];
