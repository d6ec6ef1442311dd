//! Links that open a program: `clash://install-config?url=…`, `v2rayng://install-config?url=…`,
//! `shadowrocket://add/vless://…`, `sub://base64`. They unwrap to the proxies that they carry; most
//! carry the address of a list, and are refused as such.
//!
//! Specification: <https://clash.wiki/introduction/getting-started.html>,
//! <https://sing-box.sagernet.org/clients/general/>, <https://github.com/hiddify/hiddify-app/wiki/URL-Scheme>

use super::params::{Params, names};
use super::parts::{cut_scheme, decode, fragment, split, trim};
use super::{Reason, Scheme, base64};
use crate::proxy::{Protocol, Proxy};

pub(super) struct Install;

impl Scheme for Install {
    fn names(&self) -> &'static [&'static str] {
        &[
            "v2rayng",
            "clash",
            "clashmeta",
            "clash-verge",
            "flclash",
            "mihomo",
            "stash",
            "sing-box",
            "shadowrocket",
            "hiddify",
            "hiddifynext",
            "karing",
            "surge",
            "surfboard",
            "loon",
            "quantumult-x",
            "egern",
            "streisand",
            "happ",
            "foxray",
            "v2box",
            "v2raytun",
            "nekobox",
            "incy",
            "throne",
            "sub",
            "ssconf",
        ]
    }

    fn protocols(&self) -> &'static [Protocol] {
        &[]
    }

    fn specification(&self) -> &'static str {
        "https://sing-box.sagernet.org/clients/general/"
    }

    fn example(&self) -> &'static str {
        "v2rayng://install-config?url=socks5%3A%2F%2F192.0.2.1%3A1080#Berlin"
    }

    fn parse(&self, link: &str) -> Result<Proxy, Reason> {
        self.parse_all(link)?.into_iter().next().ok_or(NOTHING)
    }

    fn parse_all(&self, link: &str) -> Result<Vec<Proxy>, Reason> {
        if source(link).is_some() {
            return Err(Reason::Subscription);
        }
        let inner = carried(link).ok_or(NOTHING)?;
        let mut links = inner.lines().map(trim).filter(|line| line.contains("://"));
        let (Some(first), second) = (links.next(), links.next()) else { return Err(NOTHING) };
        if second.is_none() {
            let name = if inner.contains('#') { "" } else { split(link)?.fragment };
            return unwrap(&format!("{first}{}", fragment(trim(&decode(name)))));
        }
        several([first].into_iter().chain(second).chain(links).map(unwrap))
    }

    fn print(&self, _proxy: &Proxy) -> String {
        String::new()
    }
}

const NOTHING: Reason =
    Reason::Malformed("a link that opens a program, and carries neither a proxy nor a list");

/// Reads what is carried. Nothing is unwrapped twice.
fn unwrap(link: &str) -> Result<Vec<Proxy>, Reason> {
    let name = link.split("://").next().unwrap_or_default();
    if Install.names().iter().any(|own| own.eq_ignore_ascii_case(name)) {
        return Err(Reason::Subscription);
    }
    super::parse_all(link)
}

/// The proxies of several links; why there are none where none reads.
pub(crate) fn several(read: impl Iterator<Item = Result<Vec<Proxy>, Reason>>) -> Result<Vec<Proxy>, Reason> {
    let (mut proxies, mut refused) = (Vec::new(), None);
    for read in read {
        match read {
            Ok(more) => proxies.extend(more),
            Err(reason) => refused = refused.or(Some(reason)),
        }
    }
    if proxies.is_empty() { Err(refused.unwrap_or(Reason::Empty)) } else { Ok(proxies) }
}

/// The address of the list that a link of this kind carries: what a program is to fetch. Outline's
/// `ssconf://` is such an address itself.
///
/// ```
/// use configstream_core::link::source;
/// let link = "clash://install-config?url=https%3A%2F%2Fexample.org%2Flist&name=x";
/// assert_eq!(source(link).as_deref(), Some("https://example.org/list"));
/// assert_eq!(source("ssconf://example.org/key#name").as_deref(), Some("https://example.org/key"));
/// assert_eq!(source("trojan://secret@192.0.2.1:443"), None);
/// ```
pub fn source(link: &str) -> Option<String> {
    let (name, rest) = trim(link).split_once("://")?;
    if name.eq_ignore_ascii_case("ssconf") {
        let place = rest.split('#').next().unwrap_or_default();
        return Some(format!("https://{place}"));
    }
    Install.names().iter().find(|known| name.eq_ignore_ascii_case(known))?;
    carried(trim(link)).filter(|inner| is_web(inner))
}

fn is_web(address: &str) -> bool {
    let name = address.split("://").next().unwrap_or_default();
    name.eq_ignore_ascii_case("http") || name.eq_ignore_ascii_case("https")
}

/// What a link carries: something with a scheme of its own.
fn carried(link: &str) -> Option<String> {
    let parts = split(link).ok()?;
    [parameter(parts.query), behind(link)].into_iter().flatten().find(|text| text.contains("://"))
}

/// What the parameters carry, in base64 or not.
fn parameter(query: &str) -> Option<String> {
    let said = Params::read(query).take(names!["url", "config", "link", "sub", "remote-resource"]);
    (!said.is_empty()).then(|| open(&said))
}

/// What stands behind `scheme://`, or behind `add/`, `import/` and the like.
fn behind(link: &str) -> Option<String> {
    let (_, rest) = cut_scheme(link)?;
    let verbs = ["add/", "import/", "install/", "config/", "install-config/", "subscribe/", "install-sub/"];
    let rest = rest.trim_start_matches('/');
    let carried = verbs.iter().find_map(|verb| rest.strip_prefix(verb)).unwrap_or(rest);
    if carried.contains("://") && !carried.starts_with(|first: char| !first.is_ascii_alphanumeric()) {
        return Some(carried.to_owned());
    }
    let word = carried.split(['?', '#', '/']).next().unwrap_or_default();
    Some(open(&decode(carried))).filter(|text| text.contains("://")).or_else(|| Some(open(&decode(word))))
}

/// A text out of its base64, if it is some.
fn open(text: &str) -> String {
    let inner = || base64::decode_text(text).filter(|inner| inner.contains("://"));
    if text.contains("://") { text.to_owned() } else { inner().unwrap_or_else(|| text.to_owned()) }
}

#[cfg(test)]
mod tests {
    use crate::link::{parse, parse_all};

    #[test]
    fn a_link_that_carries_several_links_gives_the_proxies_of_all() {
        let link = "v2rayng://install-config?url=socks5%3A%2F%2F192.0.2.1%3A1%23a%0Anonsense%3A%2F%2Fx%0D%0Atrojan%3A%2F%2Fpw%40192.0.2.2%3A2%23b#c";
        let proxies = parse_all(link).unwrap();
        assert_eq!(proxies.iter().map(|proxy| proxy.name.as_str()).collect::<Vec<_>>(), ["a", "b"]);
        assert_eq!(parse(link).as_ref(), Ok(&proxies[0]));
    }
}
