//! `WireGuard`'s own files, as `wg-quick` reads them, with the keys of `AmneziaWG`: each `[Peer]` with
//! an `Endpoint` is a proxy, and several files may follow one another.
//!
//! Specification: <https://man7.org/linux/man-pages/man8/wg-quick.8.html>
//!
//! The name stands in a comment: `# Name = Berlin` in either section, `[Peer] # Berlin`, or a comment of
//! words just before a section or at a peer's start, as Proton writes it.
//!
//! # Differences between programs
//!
//! - Keys are read in any case. Lists may be one line or several.
//! - `Reserved` is understood by those who made it for WARP; `WireGuard`'s own programs refuse it, so that it
//!   is written as a comment. They refuse the keys of `AmneziaWG` too, which are written: its programs need
//!   them.
//! - `wg-quick` sends nothing through a tunnel without `AllowedIPs`, other programs all. So all networks are
//!   written where a proxy says none, and read as none.
//! - `;` starts a comment for some programs, and ends a command for `wg-quick`.
//! - The sections of wireproxy (`[Socks5]`, `[http]` …) say what it offers, not where it goes: passed
//!   over.
//!
//! # Incomplete support
//!
//! `PreUp`, `PostUp`, `PreDown` and `PostDown` are kept but never written: `wg-quick` runs them as root,
//! and lists come from strangers. The losses name them.

use super::values::fits_tunnel;
use super::{Format, Places, Reader, Reading, Shape, Writer, is_break, most_copies};
use crate::Text;
use crate::link::{self, Reason, base64, reserved};
use crate::proxy::param::{Kind, same};
use crate::proxy::{Credentials, Param, Protocol, Proxy};

pub(super) struct WireGuard;

type Keys = [(Param, &'static str)];

const INTERFACE: &Keys = &[
    (Param::LocalAddress, "Address"),
    (Param::Dns, "DNS"),
    (Param::Mtu, "MTU"),
    (Param::Jc, "Jc"),
    (Param::Jmin, "Jmin"),
    (Param::Jmax, "Jmax"),
    (Param::S1, "S1"),
    (Param::S2, "S2"),
    (Param::S3, "S3"),
    (Param::S4, "S4"),
    (Param::H1, "H1"),
    (Param::H2, "H2"),
    (Param::H3, "H3"),
    (Param::H4, "H4"),
    (Param::I1, "I1"),
    (Param::I2, "I2"),
    (Param::I3, "I3"),
    (Param::I4, "I4"),
    (Param::I5, "I5"),
];

const PEER: &Keys = &[
    (Param::PeerPublicKey, "PublicKey"),
    (Param::AllowedIps, "AllowedIPs"),
    (Param::Keepalive, "PersistentKeepalive"),
    (Param::Reserved, RESERVED),
];

const RESERVED: &str = "Reserved";

/// What goes through the tunnel of a proxy that says nothing of it.
const ALL_NETWORKS: &str = "0.0.0.0/0,::/0";

/// What `wg-quick` runs.
const COMMANDS: &[&str] = &["PreUp", "PostUp", "PreDown", "PostDown"];

/// The longest comment that is a name, in bytes.
const LONGEST_NAME: usize = 120;

impl Format for WireGuard {
    fn name(&self) -> &'static str {
        "wireguard"
    }

    fn specification(&self) -> &'static str {
        "https://man7.org/linux/man-pages/man8/wg-quick.8.html"
    }

    fn example(&self) -> &'static str {
        "[Interface]\n# Name = Berlin\nPrivateKey = QA9tXp3mpp1GVAmE1wFaKAI4vTapj6QaLaY4Lt1sXV0=\nAddress = 172.16.0.2/32\n\n[Peer]\nPublicKey = bmXOCaF1FxEMF9dyiK2H5a1SUtzH0JuVo51h2wPfgyo=\nAllowedIPs = 0.0.0.0/0, ::/0\nEndpoint = 192.0.2.1:51820\n"
    }
}

impl Reader for WireGuard {
    fn detect(&self, text: &str) -> bool {
        text.lines().any(|line| header(line).is_some_and(|(name, _)| same(name, "interface")))
    }

    fn read(&self, text: &str, reading: &mut Reading) {
        let mut places = Places::of(text);
        for config in configs(text) {
            let interface = config.interface.proxy();
            if config.peers.is_empty() {
                let place = places.at(config.interface.byte);
                reading.reject(place, Reason::Malformed("no [Peer]: expected one with an Endpoint"));
            }
            let most = most_copies(config.interface.bytes(), config.bytes());
            for (index, peer) in config.peers.into_iter().enumerate() {
                let place = places.at(peer.byte);
                let read = if index < most { peer.into_proxy(&interface) } else { Err(TOO_MANY) };
                reading.take(place, read);
            }
        }
    }
}

const TOO_MANY: Reason = Reason::Malformed("too many peers for so long an [Interface]");

impl Writer for WireGuard {
    fn reader(&self) -> &'static dyn Reader {
        &WireGuard
    }

    fn fits(&self, proxy: &Proxy) -> Result<(), &'static str> {
        let (Protocol::WireGuard, Credentials::Keys { private_key, pre_shared_key }) =
            (proxy.protocol, &proxy.credentials)
        else {
            return Err("WireGuard's files hold WireGuard alone");
        };
        let public = proxy.param(Param::PeerPublicKey).ok_or("the peer's public key is missing")?;
        let shared = Some(pre_shared_key.expose()).filter(|key| !key.is_empty());
        let keys = [private_key.expose(), public].into_iter().chain(shared);
        if !keys.into_iter().all(is_key) {
            return Err("a key is not 32 bytes in base64");
        }
        fits_tunnel(proxy)
    }

    fn name_of(&self, name: &str) -> String {
        link::trim(&name.replace(is_break, " ")).to_owned()
    }

    fn has_unique_names(&self) -> bool {
        false
    }

    fn holds_one(&self) -> bool {
        true
    }

    fn write(&self, proxies: &[Proxy], _shape: Shape) -> String {
        proxies.iter().map(write).collect::<Vec<_>>().join("\n")
    }
}

/// One section: where it starts, what it is called in comments, and its keys in order.
#[derive(Default)]
struct Section<'a> {
    byte: usize,
    name: &'a str,
    keys: Vec<(&'a str, &'a str)>,
}

#[derive(Default)]
struct Config<'a> {
    interface: Section<'a>,
    peers: Vec<Section<'a>>,
}

/// Where the lines are that come next.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Within {
    Interface,
    Peer,
    Another,
}

/// The files that a text holds: each starts at its `[Interface]`.
fn configs(text: &str) -> Vec<Config<'_>> {
    let mut configs: Vec<Config<'_>> = Vec::new();
    let (mut within, mut above, mut byte) = (Within::Another, "", 0);
    for raw in text.split_inclusive('\n') {
        let line = super::trim(raw);
        let start = byte + raw.find(line).unwrap_or_default();
        byte += raw.len();
        if let Some((name, comment)) = header(line) {
            let called = [named(comment), bare(comment), above].into_iter().find(|name| !name.is_empty());
            let section = Section { byte: start, name: called.unwrap_or_default(), keys: Vec::new() };
            within = enter(&mut configs, name, section);
            above = "";
            continue;
        }
        let section = current(&mut configs, within);
        if let Some(comment) = line.strip_prefix(['#', ';']) {
            above = bare(comment);
            if let Some(section) = section {
                section.comment(comment, within);
            }
        } else if let Some((key, value)) = line.split_once('=') {
            above = "";
            if let Some(section) = section {
                section.keys.push((key.trim(), uncommented(key, value)));
            }
        }
    }
    configs
}

fn is_key(text: &str) -> bool {
    base64::decode(text).is_some_and(|bytes| bytes.len() == 32)
}

fn enter<'a>(configs: &mut Vec<Config<'a>>, name: &str, section: Section<'a>) -> Within {
    if same(name, "interface") {
        configs.push(Config { interface: section, peers: Vec::new() });
        return Within::Interface;
    }
    match configs.last_mut() {
        Some(config) if same(name, "peer") => {
            config.peers.push(section);
            Within::Peer
        }
        _ => Within::Another,
    }
}

fn current<'b, 'a>(configs: &'b mut [Config<'a>], within: Within) -> Option<&'b mut Section<'a>> {
    let config = configs.last_mut()?;
    match within {
        Within::Interface => Some(&mut config.interface),
        Within::Peer => config.peers.last_mut(),
        Within::Another => None,
    }
}

/// The name of a `[section]`, and the comment behind it.
fn header(line: &str) -> Option<(&str, &str)> {
    let (name, after) = super::trim(line).strip_prefix('[')?.split_once(']')?;
    let after = after.trim_start();
    let comment = after.strip_prefix(['#', ';']);
    (after.is_empty() || comment.is_some()).then(|| (name.trim(), comment.unwrap_or_default()))
}

/// A value without the comment behind it.
fn uncommented<'a>(key: &str, value: &'a str) -> &'a str {
    let value = value.split_once('#').map_or(value, |(value, _)| value);
    let is_command = COMMANDS.iter().any(|command| same(command, key.trim()));
    let cut = value.match_indices(';').map(|(at, _)| at).find(|at| {
        let before = value.get(..*at).unwrap_or_default();
        before.ends_with(char::is_whitespace)
    });
    value.get(..cut.filter(|_| !is_command).unwrap_or(value.len())).unwrap_or_default().trim()
}

/// The name in a comment such as `Name = Berlin`.
fn named(comment: &str) -> &str {
    let (key, value) = comment.split_once(['=', ':']).unwrap_or_default();
    if key.trim().eq_ignore_ascii_case("name") { link::trim(value) } else { "" }
}

/// A comment that is words and no key, rule or address.
fn bare(comment: &str) -> &str {
    let comment = link::trim(comment);
    let says = comment.chars().any(|char| char.is_alphanumeric() || !char.is_ascii());
    if says && comment.len() <= LONGEST_NAME && !comment.contains(['=']) && !comment.contains("://") {
        comment
    } else {
        ""
    }
}

impl<'a> Section<'a> {
    /// Takes the name that a comment gives. Words alone name a peer only, and only at its start: an
    /// interface's tell the device.
    fn comment(&mut self, comment: &'a str, within: Within) {
        let named = named(comment);
        if let Some((key, value)) = comment.split_once('=').filter(|(key, _)| same(key.trim(), RESERVED)) {
            self.keys.push((key.trim(), value.trim()));
        } else if !named.is_empty() {
            self.name = named;
        } else if within == Within::Peer && self.keys.is_empty() && self.name.is_empty() {
            self.name = bare(comment);
        }
    }

    /// The bytes of what it says.
    fn bytes(&self) -> usize {
        self.keys.iter().map(|(key, value)| key.len() + value.len()).sum()
    }

    /// Takes the value of a key.
    fn take(&mut self, wanted: &str) -> &'a str {
        let at = self.keys.iter().position(|(key, value)| same(key, wanted) && !value.is_empty());
        at.map(|at| self.keys.remove(at).1).unwrap_or_default()
    }

    /// What all peers have of an `[Interface]`.
    fn proxy(&self) -> Proxy {
        let mut section = Section { keys: self.keys.clone(), ..*self };
        let private_key = section.take("PrivateKey");
        let mut proxy = Proxy::new(Protocol::WireGuard, "", 0);
        proxy.name = section.name.into();
        proxy.credentials = Credentials::Keys { private_key: private_key.into(), pre_shared_key: "".into() };
        section.give(&mut proxy, "interface", INTERFACE);
        proxy
    }

    fn into_proxy(mut self, interface: &Proxy) -> Result<Proxy, Reason> {
        let endpoint = self.take("Endpoint");
        if endpoint.is_empty() {
            return Err(Reason::Malformed("the peer has no Endpoint: others connect to it, it is no proxy"));
        }
        let mut proxy = interface.clone();
        proxy.endpoint = link::endpoint(endpoint, None)?;
        let shared = self.take("PresharedKey");
        if let Credentials::Keys { private_key, pre_shared_key } = &mut proxy.credentials {
            if private_key.expose().is_empty() {
                return Err(Reason::Malformed(
                    "the private key is missing: expected PrivateKey in [Interface]",
                ));
            }
            *pre_shared_key = shared.into();
        }
        if !self.name.is_empty() {
            proxy.name = self.name.into();
        }
        self.give(&mut proxy, "peer", PEER);
        if proxy.param(Param::PeerPublicKey).is_none() {
            return Err(Reason::Malformed("the public key is missing: expected PublicKey in [Peer]"));
        }
        Ok(proxy)
    }

    /// Gives a proxy what its keys say; those that nobody knows, and values that do not read, are kept.
    fn give(self, proxy: &mut Proxy, section: &str, known: &Keys) {
        for (param, name) in known.iter().filter(|(param, _)| is_list(*param)) {
            proxy.set(*param, self.list(*param, name));
        }
        for (key, value) in self.keys.into_iter().filter(|(_, value)| !value.is_empty()) {
            let param = known.iter().find(|(_, name)| same(name, key)).map(|(param, _)| *param);
            if param.is_some_and(is_list) {
                continue;
            }
            match param.and_then(|param| Some((param, said(param, proxy.param(param), value)?))) {
                Some((param, said)) => proxy.set(param, said),
                None => proxy.extra.push((format!("wireguard:{section}.{key}").into(), value.into())),
            }
        }
    }

    /// What all lines of a list hold.
    fn list(&self, param: Param, name: &str) -> String {
        let lines = self.keys.iter().filter(|(key, _)| same(name, key));
        let list = lines.flat_map(|(_, value)| super::tree::cut(value)).collect::<Vec<_>>().join(",");
        if param == Param::AllowedIps && list == ALL_NETWORKS { String::new() } else { list }
    }
}

impl Config<'_> {
    fn bytes(&self) -> usize {
        self.peers.iter().map(Section::bytes).sum::<usize>() + self.interface.bytes()
    }
}

fn is_list(param: Param) -> bool {
    matches!(param, Param::LocalAddress | Param::AllowedIps | Param::Dns)
}

/// The value of a parameter that is no list, with what an earlier line said of it: the first counts.
fn said(param: Param, before: Option<&str>, value: &str) -> Option<Text> {
    let is_number = || value.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
    match (before, param, param.kind()) {
        (Some(_), ..) => None,
        (None, Param::Reserved, _) => reserved(value).map(Text::from),
        (None, _, Kind::Number) => is_number().then(|| value.into()),
        _ => Some(value.into()),
    }
}

fn write(proxy: &Proxy) -> String {
    let mut text = String::from("[Interface]\n");
    if !proxy.name.is_empty() {
        text.extend(["# Name = ", &proxy.name, "\n"]);
    }
    let (private, shared) = match &proxy.credentials {
        Credentials::Keys { private_key, pre_shared_key } => (private_key.expose(), pre_shared_key.expose()),
        _ => ("", ""),
    };
    put(&mut text, "PrivateKey", private);
    put_all(&mut text, proxy, "interface", INTERFACE);
    text.push_str("\n[Peer]\n");
    put(&mut text, "PresharedKey", shared);
    put_all(&mut text, proxy, "peer", PEER);
    put(&mut text, "Endpoint", &proxy.endpoint.to_string());
    text
}

/// Puts what is known of a section, and what was kept of it, but for commands.
fn put_all(text: &mut String, proxy: &Proxy, section: &str, known: &Keys) {
    for (param, key) in known {
        let usual = if *param == Param::AllowedIps { ALL_NETWORKS } else { "" };
        let value = proxy.param(*param).unwrap_or(usual);
        text.push_str(if *param == Param::Reserved && !value.is_empty() { "# " } else { "" });
        put(text, key, &if is_list(*param) { value.replace(',', ", ") } else { value.to_owned() });
    }
    for (name, value) in &proxy.extra {
        let key =
            name.strip_prefix("wireguard:").and_then(|path| path.strip_prefix(section)?.strip_prefix('.'));
        if let Some(key) = key.filter(|key| !COMMANDS.iter().any(|command| same(command, key))) {
            put(text, key, value);
        }
    }
}

/// Puts a line, if it would be one line with one value: values come from strangers.
fn put(text: &mut String, key: &str, value: &str) {
    let is_key = key.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'));
    if is_key && !value.is_empty() && !value.contains(|char: char| is_break(char) || char == '#') {
        text.extend([key, " = ", value, "\n"]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::{self, Lost};

    fn with(lines: &str) -> Proxy {
        let text = WireGuard.example().replace("[Interface]\n", &format!("[Interface]\n{lines}\n"));
        document::read(text.as_bytes()).proxies.remove(0)
    }

    #[test]
    fn commands_are_kept_but_not_written_and_named() {
        let proxy = with("postup = iptables -A x; reboot ; halt # quiet\nTable = off");
        let kept = ("wireguard:interface.postup".into(), "iptables -A x; reboot ; halt".into());
        assert!(proxy.extra.contains(&kept), "{:?}", proxy.extra);
        let written = document::write("wireguard", &[proxy], Shape::List).unwrap();
        assert!(!written.text.contains("reboot") && written.text.contains("Table = off"), "{}", written.text);
        let field = Lost::Field("extra.wireguard:interface.postup".to_owned());
        assert_eq!(written.losses.iter().map(|loss| &loss.lost).collect::<Vec<_>>(), [&field]);
    }

    #[test]
    fn all_networks_are_written_where_none_are_said_and_read_as_none() {
        let proxy = with("");
        assert_eq!(proxy.param(Param::AllowedIps), None);
        let written = document::write("wireguard", &[proxy], Shape::List).unwrap();
        assert!(written.text.contains("\nAllowedIPs = 0.0.0.0/0, ::/0\n"), "{}", written.text);
        assert_eq!(written.losses, []);
    }

    #[test]
    fn a_list_on_very_many_lines_is_read_in_a_moment() {
        let lines = "Address = 192.0.2.1/32\n".repeat(1 << 17);
        let started = std::time::Instant::now();
        let proxy = with(&lines);
        assert_eq!(proxy.param(Param::LocalAddress).unwrap().split(',').count(), (1 << 17) + 1);
        assert!(started.elapsed().as_secs() < 20, "{:?}", started.elapsed());
    }

    #[test]
    fn no_value_starts_a_line_of_its_own() {
        let mut proxy = with("");
        proxy.set(Param::Mtu, "1280\nPostUp = reboot");
        proxy.extra.push(("wireguard:interface.X\nPostUp".into(), "reboot".into()));
        proxy.extra.push(("wireguard:peer.X".into(), "1\nPostUp = reboot".into()));
        proxy.name = "a\nPostUp = reboot".into();
        let text = document::write("wireguard", &[proxy], Shape::List).unwrap().text;
        assert!(!text.lines().any(|line| line.starts_with("PostUp")), "{text}");
    }
}
