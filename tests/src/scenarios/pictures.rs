//! Pictures of the screens, for people: the README shows them, and whoever changes a style looks at them.

use configstream_core::catalogue::{Entry, Snapshot};
use configstream_core::message::Settings;

use crate::browser::{Scheme, Tab, Viewport};
use crate::listing;
use crate::origin::Server;
use crate::outcome::{Outcome, check};
use crate::peers::{Proxy, Speaks};
use crate::world::World;

const SMALL: Viewport = Viewport { width: 400, height: 600 };
const PHONE: Viewport = Viewport { width: 360, height: 740 };
const DESK: Viewport = Viewport { width: 1280, height: 800 };

/// What there is to see.
struct Screen<'a> {
    name: &'a str,
    url: &'a str,
    /// A key to press once the page is there, or nothing.
    key: &'a str,
    /// Holds when the page shows what it is for.
    ready: &'a str,
    viewports: &'a [Viewport],
}

const LISTED: &str = "document.querySelectorAll('[role=option]').length > 4";
const CONNECTED: &str = "document.querySelector('#status')?.dataset.phase === 'connected' \
                         && document.querySelectorAll('[role=option]').length > 4";

const FILTERS: &str = "!!document.querySelector('#filters .chip')";
const SHEET: &str = "!!document.querySelector('dialog[open] .dim')";

pub(super) async fn take(world: &World) -> Outcome {
    let proxy = Proxy::start(Speaks::Http, None, 16).await?;
    let judge = Server::judge_of(r#"{"address":"203.0.113.7","country_code":"NL"}"#).await?;
    let link = proxy.link("Amsterdam%2001");
    let api = Server::files(world.tree.dist.join("pwa"), exhibition(&link).encode()).await?;
    let extension = world.fresh().await?;
    let (api, judge) = (api.address(), judge.as_judge());
    extension.configure(Settings { api: api.clone(), judge, ..Settings::default() }).await?;
    let popup = world.browser.extension_page("popup.html");
    let options = world.browser.extension_page("options.html");
    let off = Screen { name: "popup-off", url: &popup, key: "", ready: LISTED, viewports: &[SMALL] };
    picture(world, &off).await?;
    extension.connect(&link).await?;
    for screen in [
        Screen { name: "popup", url: &popup, key: "", ready: CONNECTED, viewports: &[SMALL] },
        Screen { name: "popup-filters", url: &popup, key: "f", ready: FILTERS, viewports: &[SMALL] },
        Screen { name: "popup-ranking", url: &popup, key: "w", ready: SHEET, viewports: &[SMALL] },
        Screen { name: "popup-statistics", url: &popup, key: "t", ready: SHEET, viewports: &[SMALL] },
        Screen {
            name: "options",
            url: &options,
            key: "",
            ready: "!!document.querySelector('#save')",
            viewports: &[DESK],
        },
        Screen { name: "pwa", url: &api, key: "", ready: CONNECTED, viewports: &[PHONE, DESK] },
        Screen { name: "pwa-filters", url: &api, key: "f", ready: FILTERS, viewports: &[PHONE, DESK] },
        Screen { name: "pwa-statistics", url: &api, key: "t", ready: SHEET, viewports: &[PHONE, DESK] },
    ] {
        picture(world, &screen).await?;
    }
    Ok(())
}

async fn picture(world: &World, screen: &Screen<'_>) -> Outcome {
    let tab = world.browser.open(screen.url).await?;
    if !screen.key.is_empty() {
        world.browser.wait_for(&tab, LISTED).await?;
        world.browser.write(&tab, screen.key).await?;
    }
    world.browser.wait_for(&tab, screen.ready).await?;
    for viewport in screen.viewports {
        in_both_schemes(world, &tab, screen.name, *viewport).await?;
    }
    world.browser.close(tab).await
}

async fn in_both_schemes(world: &World, tab: &Tab, name: &str, viewport: Viewport) -> Outcome {
    for scheme in [Scheme::Light, Scheme::Dark] {
        world.browser.show_as(tab, viewport, scheme).await?;
        let settled = format!(
            "innerWidth === {} && matchMedia('(prefers-color-scheme: {})').matches \
             && Promise.all(document.getAnimations().map((animation) => animation.finished)).then(() => true)",
            viewport.width,
            scheme.word()
        );
        world.browser.wait_for(tab, &settled).await?;
        let fits = "document.documentElement.scrollWidth <= innerWidth";
        let fits = world.browser.evaluate(tab, fits).await?;
        check(fits == true, || format!("{name} is wider than {} pixels", viewport.width))?;
        let file = format!("{name}-{}x{}-{}.png", viewport.width, viewport.height, scheme.word());
        std::fs::write(world.pictures.join(file), world.browser.picture(tab).await?)?;
    }
    Ok(())
}

/// Places that servers are named after.
const PLACES: [(&str, &str); 12] = [
    ("NL", "Amsterdam"),
    ("DE", "Frankfurt"),
    ("SG", "Singapore"),
    ("JP", "Tokyo"),
    ("US", "Seattle"),
    ("GB", "London"),
    ("FR", "Paris"),
    ("FI", "Helsinki"),
    ("CA", "Toronto"),
    ("BR", "São Paulo"),
    ("TR", "Istanbul"),
    ("IN", "Mumbai"),
];

/// Links with room for a host's last number, such as public lists are made of.
const LINKS: [&str; 8] = [
    "http://203.0.113.{}:8080",
    "vless://b831381d-6324-4d53-ad4f-8cda48b30811@198.51.100.{}:443?security=tls&sni=example.com&type=ws",
    "socks5://192.0.2.{}:1080",
    "trojan://secret@198.51.100.{}:443?sni=example.com",
    "https://203.0.113.{}:443",
    "ss://YWVzLTI1Ni1nY206c2VjcmV0@192.0.2.{}:8388",
    "socks5://203.0.113.{}:1080",
    "http://192.0.2.{}:3128",
];

/// A list with everything that a screen can show; the proxy of `link` is first.
fn exhibition(link: &str) -> Snapshot {
    let mut proxies: Vec<Entry> = (1..84).filter_map(exhibit).collect();
    proxies.extend(listing::record(link, listing::tested("NL", Some(true), 21)));
    listing::snapshot(proxies)
}

fn exhibit(index: usize) -> Option<Entry> {
    let (country, city) = PLACES[index * 5 % PLACES.len()];
    let link = LINKS[index % LINKS.len()].replace("{}", &(index + 10).to_string());
    let working = match index % 9 {
        7 => None,
        8 => Some(false),
        _ => Some(true),
    };
    let latency = 38 + u32::try_from(index * 37 % 420).unwrap_or_default();
    listing::record(&format!("{link}#{city}%20{:02}", index + 1), listing::tested(country, working, latency))
}
