//! Profiles of `OpenVPN` clients: directives, one a line, and certificates and keys between `<ca>` and
//! `</ca>`. Each `remote` is a proxy, and each `<connection>`; several profiles may follow one another.
//!
//! Specification: <https://openvpn.net/community-docs/community-articles/openvpn-2-6-manual.html>
//!
//! ```text
//! client
//! dev tun
//! remote 192.0.2.1 1194 udp
//! ```
//!
//! What has no parameter here is kept in order with its arguments as they were written, as
//! `openvpn:route`, and blocks as `openvpn:<dh>`. `client` and `dev tun` are not kept: they are written
//! where nothing else is said. The name is `FRIENDLY_NAME`, a comment `# Name = Berlin`, or the comment
//! behind a `remote`.
//!
//! # Differences between programs
//!
//! - `tcp` and `tcp-client` are the same to a client.
//! - `ncp-ciphers` is the older name of `data-ciphers`.
//!
//! # Incomplete support
//!
//! - What runs programs on the user's machine, loads libraries, or writes and sends files of it (`up`,
//!   `plugin`, `script-security`, `log`, `management` …) is kept but never written: lists come from
//!   strangers. The losses name it. Of `auth-user-pass` with a file, only the question for a password
//!   is written.
//! - Profiles of servers are refused.

use std::ops::Range;

use super::{Format, Place, Places, Reader, Reading, Shape, Writer, is_break, most_copies};
use crate::link::{self, Reason};
use crate::proxy::{Credentials, Param, Protocol, Proxy};

pub(super) struct OpenVpn;

/// Parameters that stand in a block of this name.
const BLOCKS: &[(Param, &str)] = &[
    (Param::CaCertificate, "ca"),
    (Param::ClientCertificate, "cert"),
    (Param::ClientKey, "key"),
    (Param::TlsAuth, "tls-auth"),
    (Param::TlsCrypt, "tls-crypt"),
    (Param::TlsCryptV2, "tls-crypt-v2"),
];

/// Parameters that are directives of one word; the first name is written.
const WORDS: &[(Param, &[&str])] = &[
    (Param::KeyDirection, &["key-direction"]),
    (Param::TunnelCipher, &["cipher"]),
    (Param::TunnelCiphers, &["data-ciphers", "ncp-ciphers"]),
    (Param::TunnelDigest, &["auth"]),
];

/// What a proxy rides on, as this program, a client and a peer without a client's part call it.
const CARRIERS: &[(&str, &str)] = &[
    ("udp", "udp"),
    ("udp4", "udp4"),
    ("udp6", "udp6"),
    ("tcp", "tcp-client"),
    ("tcp4", "tcp4-client"),
    ("tcp6", "tcp6-client"),
];

/// What a stranger's profile may say: how to reach its server, and what passes through. All else may run
/// programs, load libraries, or write and send files, if not in this version of the program then in another.
const HARMLESS: &[&str] = &[
    "allow-compression",
    "allow-recursive-routing",
    "auth",
    "auth-nocache",
    "auth-retry",
    "auth-token-user",
    "auth-user-pass",
    "block-ipv6",
    "block-outside-dns",
    "ca",
    "cert",
    "cipher",
    "client",
    "client-nat",
    "comp-lzo",
    "comp-noadapt",
    "compat-mode",
    "compress",
    "connect-retry",
    "connect-retry-max",
    "connect-timeout",
    "crl-verify",
    "data-ciphers",
    "data-ciphers-fallback",
    "dev",
    "dev-type",
    "dh",
    "dhcp-option",
    "dhcp-release",
    "dhcp-renew",
    "disable-dco",
    "disable-occ",
    "dns",
    "ecdh-curve",
    "explicit-exit-notify",
    "extra-certs",
    "fast-io",
    "float",
    "fragment",
    "hand-window",
    "http-proxy",
    "http-proxy-option",
    "http-proxy-retry",
    "ifconfig",
    "ifconfig-ipv6",
    "ifconfig-nowarn",
    "ignore-unknown-option",
    "inactive",
    "ip-win32",
    "keepalive",
    "key",
    "key-direction",
    "key-method",
    "keysize",
    "link-mtu",
    "lladdr",
    "lport",
    "max-routes",
    "mssfix",
    "mtu-disc",
    "mtu-test",
    "multihome",
    "mute",
    "mute-replay-warnings",
    "ncp-ciphers",
    "ncp-disable",
    "no-iv",
    "no-replay",
    "nobind",
    "ns-cert-type",
    "passtos",
    "peer-fingerprint",
    "persist-key",
    "persist-local-ip",
    "persist-remote-ip",
    "persist-tun",
    "ping",
    "ping-exit",
    "ping-restart",
    "ping-timer-rem",
    "pkcs12",
    "port",
    "prng",
    "proto",
    "proto-force",
    "pull",
    "pull-filter",
    "push-peer-info",
    "rcvbuf",
    "redirect-gateway",
    "redirect-private",
    "register-dns",
    "remap-usr1",
    "remote",
    "remote-cert-eku",
    "remote-cert-ku",
    "remote-cert-tls",
    "remote-random",
    "remote-random-hostname",
    "reneg-bytes",
    "reneg-pkts",
    "reneg-sec",
    "replay-window",
    "resolv-retry",
    "route",
    "route-delay",
    "route-gateway",
    "route-ipv6",
    "route-ipv6-gateway",
    "route-method",
    "route-metric",
    "route-nopull",
    "rport",
    "secret",
    "server-poll-timeout",
    "single-session",
    "sndbuf",
    "socket-flags",
    "socks-proxy",
    "socks-proxy-retry",
    "suppress-timestamps",
    "tap-sleep",
    "tcp-nodelay",
    "tls-auth",
    "tls-cert-profile",
    "tls-cipher",
    "tls-ciphersuites",
    "tls-client",
    "tls-crypt",
    "tls-crypt-v2",
    "tls-exit",
    "tls-groups",
    "tls-timeout",
    "tls-version-max",
    "tls-version-min",
    "topology",
    "tran-window",
    "tun-ipv6",
    "tun-mtu",
    "tun-mtu-extra",
    "tun-mtu-max",
    "txqueuelen",
    "udp-mtu",
    "up-delay",
    "verb",
    "verify-hash",
    "verify-x509-name",
    "windows-driver",
    "x509-username-field",
];

/// The names of what `setenv` may tell; others change how programs run that are started later.
const TOLD: &[&str] = &[
    "ALLOW_PASSWORD_SAVE",
    "CLIENT_CERT",
    "FORWARD_COMPATIBLE",
    "FRIENDLY_NAME",
    "GENERIC_CONFIG",
    "PUSH_PEER_INFO",
    "USERNAME",
];

const USUAL_PORT: u16 = 1194;

/// The longest name that fits the longest line that the program reads (255 bytes), escaped and all.
const LONGEST_NAME: usize = 110;

impl Format for OpenVpn {
    fn name(&self) -> &'static str {
        "openvpn"
    }

    fn specification(&self) -> &'static str {
        "https://openvpn.net/community-docs/community-articles/openvpn-2-6-manual.html"
    }

    fn example(&self) -> &'static str {
        "client\ndev tun\nsetenv FRIENDLY_NAME \"Berlin\"\nremote 192.0.2.1 1194 udp\ncipher AES-256-GCM\nnobind\nauth-user-pass\nremote-cert-tls server\n"
    }
}

impl Reader for OpenVpn {
    /// Two directives that hardly any other text has as lines.
    fn detect(&self, text: &str) -> bool {
        text.lines().filter(|line| is_mark(line)).take(2).count() == 2
    }

    fn read(&self, text: &str, reading: &mut Reading) {
        let mut places = Places::of(text);
        for profile in profiles(text) {
            profile.read(&mut places, reading);
        }
    }
}

impl Writer for OpenVpn {
    fn reader(&self) -> &'static dyn Reader {
        &OpenVpn
    }

    fn keeps_of_links(&self) -> bool {
        true
    }

    fn fits(&self, proxy: &Proxy) -> Result<(), &'static str> {
        let carrier = proxy.param(Param::Carrier);
        match proxy.protocol {
            Protocol::OpenVpn if carrier.is_some_and(|carrier| known_carrier(carrier).is_none()) => {
                Err("OpenVPN runs over UDP or TCP")
            }
            Protocol::OpenVpn => Ok(()),
            _ => Err("OpenVPN's profiles hold OpenVPN alone"),
        }
    }

    fn name_of(&self, name: &str) -> String {
        let name = name.replace(is_break, " ");
        let end = name.floor_char_boundary(LONGEST_NAME);
        link::trim(name.get(..end).unwrap_or_default()).to_owned()
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

/// Whether a line is one that a client's profile has.
fn is_mark(line: &str) -> bool {
    if !line.trim_start().starts_with(['c', 'n', 't', 'p', 'd', 'r', '<']) {
        return false;
    }
    let mut words = line.split_whitespace();
    match (words.next(), words.next()) {
        (
            Some("client" | "nobind" | "tls-client" | "pull" | "persist-tun" | "<ca>" | "<connection>"),
            None,
        ) => true,
        (Some("dev"), Some(device)) => device.starts_with("tun") || device.starts_with("tap"),
        (Some("proto"), Some(carrier)) => known_carrier(carrier).is_some(),
        (Some("remote"), Some(_)) => words.next().is_none_or(|port| port.parse::<u16>().is_ok()),
        _ => false,
    }
}

/// The carrier of a name.
fn known_carrier(name: &str) -> Option<&'static str> {
    let is = |known: &&str| known.eq_ignore_ascii_case(name);
    CARRIERS.iter().find(|(own, long)| is(own) || is(long)).map(|(own, _)| *own)
}

/// One directive: a line, a block, or a comment that is a name (whose directive is `#`).
#[derive(Clone, Debug)]
struct Directive<'a> {
    byte: usize,
    name: String,
    /// The arguments as they were written.
    rest: &'a str,
    /// The arguments.
    words: Vec<String>,
    /// The comment behind them.
    comment: &'a str,
    /// What stands between `<name>` and `</name>`.
    block: Option<&'a str>,
}

/// The directives of a text that starts at a byte.
fn directives(text: &str, mut byte: usize) -> Vec<Directive<'_>> {
    let (mut found, mut rest) = (Vec::new(), text);
    while !rest.is_empty() {
        let (line, after) = cut_line(rest);
        let mut directive = directive(super::trim(line), byte);
        byte += line.len();
        rest = after;
        if let Some(tag) = directive.as_mut().filter(|directive| directive.block.is_some()) {
            let (inside, end) = block(rest, &tag.name);
            tag.block = rest.get(..inside);
            rest = rest.get(end..).unwrap_or_default();
            byte += end;
        }
        found.extend(directive);
    }
    found
}

fn cut_line(text: &str) -> (&str, &str) {
    text.split_at(text.find('\n').map_or(text.len(), |at| at + 1))
}

/// The byte at which a block ends, and the one after the line that closes it. What is never closed
/// goes to the end.
fn block(text: &str, name: &str) -> (usize, usize) {
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let close = line.trim_start().strip_prefix("</").and_then(|tag| tag.strip_prefix(name));
        if close.is_some_and(|after| after.starts_with('>')) {
            return (at, at + line.len());
        }
        at += line.len();
    }
    (at, at)
}

fn directive(line: &str, byte: usize) -> Option<Directive<'_>> {
    let new = |name: &str| Directive {
        byte,
        name: name.to_owned(),
        rest: "",
        words: Vec::new(),
        comment: "",
        block: None,
    };
    if let Some(comment) = line.strip_prefix(['#', ';']) {
        return Some(Directive { rest: named(comment)?, ..new("#") });
    }
    if let Some(tag) = line.strip_prefix('<').and_then(|tag| tag.strip_suffix('>')) {
        return Some(Directive { block: Some(""), ..new(tag) });
    }
    let (mut words, spans, comment) = words(line);
    let (first, last) = (spans.first()?, spans.last()?);
    let name = words.remove(0);
    let rest = line.get(first.end..last.end).unwrap_or_default().trim();
    Some(Directive { rest, words, comment, ..new(name.trim_start_matches('-')) })
}

/// The name that a comment gives.
fn named(comment: &str) -> Option<&str> {
    let (key, value) = comment.split_once(['=', ':'])?;
    let names = ["name", "profile name", "OVPN_ACCESS_SERVER_FRIENDLY_NAME"];
    let is_name = names.iter().any(|name| name.eq_ignore_ascii_case(key.trim()));
    (is_name && !link::trim(value).is_empty()).then(|| link::trim(value))
}

/// The words of a line without their quotes and escapes, where they stand, and the comment behind them.
fn words(line: &str) -> (Vec<String>, Vec<Range<usize>>, &str) {
    let (mut words, mut spans) = (Vec::new(), Vec::new());
    let mut at = 0;
    while let Some(rest) = line.get(at..) {
        let blank = rest.len() - rest.trim_start().len();
        let rest = rest.trim_start();
        at += blank;
        if rest.is_empty() || rest.starts_with(['#', ';']) {
            return (words, spans, rest.get(1..).unwrap_or_default());
        }
        let (word, length) = word(rest);
        words.push(word);
        spans.push(at..at + length);
        at += length;
    }
    (words, spans, "")
}

/// The first word of a text, and how many bytes it takes.
fn word(text: &str) -> (String, usize) {
    let quote = text.chars().next().filter(|char| matches!(char, '"' | '\''));
    let mut word = String::new();
    let mut chars = text.char_indices().skip(usize::from(quote.is_some()));
    while let Some((at, char)) = chars.next() {
        match char {
            '\\' if quote != Some('\'') => word.extend(chars.next().map(|(_, char)| char)),
            char if Some(char) == quote => return (word, at + 1),
            char if quote.is_none() && char.is_whitespace() => return (word, at),
            char => word.push(char),
        }
    }
    (word, text.len())
}

/// One profile.
#[derive(Default)]
struct Profile<'a> {
    directives: Vec<Directive<'a>>,
}

/// The profiles of a text. Each starts at its `client` or `mode`, as they are written here; a part
/// without a remote belongs to the one before.
fn profiles(text: &str) -> Vec<Profile<'_>> {
    let mut profiles: Vec<Profile<'_>> = Vec::new();
    let mut part = Profile::default();
    let (mut begun, mut goes) = (false, false);
    for directive in directives(text, 0) {
        let begins = matches!(directive.name.as_str(), "client" | "mode");
        if begins && begun && goes {
            join(&mut profiles, std::mem::take(&mut part));
            goes = false;
        }
        begun |= begins;
        goes |= directive.is_place();
        part.directives.push(directive);
    }
    join(&mut profiles, part);
    profiles
}

fn join<'a>(profiles: &mut Vec<Profile<'a>>, part: Profile<'a>) {
    match profiles.last_mut() {
        Some(last) if !part.directives.iter().any(Directive::is_place) => {
            last.directives.extend(part.directives);
        }
        _ => profiles.push(part),
    }
}

impl Directive<'_> {
    /// Whether it says where a proxy is.
    fn is_place(&self) -> bool {
        self.name == "remote" || self.name == "connection" && self.block.is_some()
    }

    fn bytes(&self) -> usize {
        self.name.len() + self.rest.len() + self.block.unwrap_or_default().len()
    }

    fn word(&self, index: usize) -> &str {
        self.words.get(index).map_or("", String::as_str)
    }

    /// The name that it gives, if it gives one.
    fn friendly_name(&self) -> Option<&str> {
        match self.name.as_str() {
            "#" => Some(self.rest),
            "setenv" | "setenv-safe" if self.word(0) == "FRIENDLY_NAME" => Some(self.word(1)),
            _ => None,
        }
    }
}

/// What a `remote` that says no more goes by.
#[derive(Clone, Copy, Default)]
struct Usual<'a> {
    port: &'a str,
    carrier: &'a str,
}

impl<'a> Usual<'a> {
    fn of(directives: &'a [Directive<'a>], before: Self) -> Self {
        directives.iter().fold(before, |usual, directive| match directive.name.as_str() {
            "port" | "rport" => Self { port: directive.word(0), ..usual },
            "proto" => Self { carrier: directive.word(0), ..usual },
            _ => usual,
        })
    }
}

impl Profile<'_> {
    fn read(&self, places: &mut Places<'_>, reading: &mut Reading) {
        let first = self.directives.first().map_or(0, |directive| directive.byte);
        let (shared, usual) = (self.shared(), Usual::of(&self.directives, Usual::default()));
        let bytes: usize = self.directives.iter().filter(|one| !one.is_place()).map(Directive::bytes).sum();
        let most = most_copies(bytes, self.directives.iter().map(Directive::bytes).sum());
        let mut goes = self.directives.iter().filter(|directive| directive.is_place()).peekable();
        if goes.peek().is_none() {
            reading.reject(places.at(first), NO_REMOTE);
        }
        for (index, place) in goes.enumerate() {
            let at = places.at(place.byte);
            match (&shared, index < most) {
                (Ok(shared), true) => place.read(shared, usual, at, reading),
                (Ok(_), false) => reading.reject(at, TOO_MANY),
                (Err(reason), _) => reading.reject(at, reason.clone()),
            }
        }
    }

    /// What all proxies of the profile have.
    fn shared(&self) -> Result<Proxy, Reason> {
        let mut proxy = Proxy::new(Protocol::OpenVpn, "", 0);
        let is = |name: &str| self.directives.iter().any(|directive| directive.name == name);
        if is("server") || is("server-bridge") {
            return Err(Reason::Malformed("a server's profile, not a client's"));
        }
        let shared = self.directives.iter().filter(|directive| !directive.is_place());
        for directive in
            shared.filter(|directive| !matches!(directive.name.as_str(), "mode" | "client" | "#"))
        {
            give(directive, &mut proxy);
        }
        if !is("client") {
            proxy.extra.insert(0, ("openvpn:mode".into(), "p2p".into()));
        }
        let names = self.directives.iter().filter_map(Directive::friendly_name);
        proxy.name = names.max_by_key(|name| !name.is_empty()).unwrap_or_default().into();
        Ok(proxy)
    }
}

const TOO_MANY: Reason = Reason::Malformed("too many remotes for so long a profile");
const NO_REMOTE: Reason = Reason::Malformed("no server: expected remote, a host, a port and udp or tcp");

/// Gives a proxy what a directive says.
fn give(directive: &Directive<'_>, proxy: &mut Proxy) {
    let name = directive.name.as_str();
    if let Some(block) = directive.block {
        return give_block(name, block, proxy);
    }
    let word = directive.word(0);
    let known = WORDS.iter().find(|(_, names)| names.contains(&name)).map(|(param, _)| *param);
    let known = known.filter(|param| proxy.param(*param).is_none() && directive.words.len() == 1);
    match (known, name) {
        (Some(param), _) => proxy.set(param, word),
        (None, "port" | "rport" | "proto") => {}
        (None, "dev") if word == "tun" => {}
        (None, "setenv" | "setenv-safe") if directive.friendly_name().is_some() => {}
        // The block says the rest.
        (None, _) if word == "[inline]" => proxy.set(Param::KeyDirection, directive.word(1)),
        _ => proxy.extra.push((format!("openvpn:{name}").into(), directive.rest.into())),
    }
}

fn give_block(name: &str, block: &str, proxy: &mut Proxy) {
    if name == "auth-user-pass" {
        let mut lines = block.lines();
        let mut line = || lines.next().unwrap_or_default();
        proxy.credentials = Credentials::Login { username: line().into(), password: line().into() };
        return;
    }
    let text = super::trim(block).replace("\r\n", "\n");
    let known = BLOCKS.iter().find(|(_, known)| *known == name).map(|(param, _)| *param);
    match known.filter(|param| proxy.param(*param).is_none()) {
        Some(param) => proxy.set(param, text),
        None => proxy.extra.push((format!("openvpn:<{name}>").into(), text.into())),
    }
}

impl Directive<'_> {
    /// Reads the proxies of a `remote` or of a `<connection>`.
    fn read(&self, shared: &Proxy, usual: Usual<'_>, at: Place, reading: &mut Reading) {
        let Some(block) = self.block else {
            reading.take(at, self.proxy(shared.clone(), usual));
            return;
        };
        let inside = directives(block, 0);
        let usual = Usual::of(&inside, usual);
        let Some(remote) = inside.iter().find(|directive| directive.name == "remote") else {
            reading.reject(at, NO_REMOTE);
            return;
        };
        let mut proxy = shared.clone();
        let rest = inside.iter().filter(|directive| !matches!(directive.name.as_str(), "remote" | "#"));
        rest.for_each(|directive| give(directive, &mut proxy));
        reading.take(at, remote.proxy(proxy, usual));
    }

    /// The proxy of a `remote`.
    fn proxy(&self, mut proxy: Proxy, usual: Usual<'_>) -> Result<Proxy, Reason> {
        let or = |index, usual: &str| match self.word(index) {
            "" => usual.to_owned(),
            word => word.to_owned(),
        };
        proxy.endpoint.host = link::host(self.word(0))?;
        proxy.endpoint.port = match or(1, usual.port).as_str() {
            "" => USUAL_PORT,
            digits => link::port(digits)?,
        };
        let carrier = match or(2, usual.carrier).as_str() {
            "" => "",
            name => known_carrier(name).ok_or(Reason::Malformed("expected udp or tcp after the port"))?,
        };
        proxy.set(Param::Carrier, carrier);
        if !link::trim(self.comment).is_empty() {
            proxy.name = link::trim(self.comment).into();
        }
        Ok(proxy)
    }
}

fn write(proxy: &Proxy) -> String {
    let mut text = String::new();
    let kept = |wanted: &str| {
        let found = proxy.extra.iter().find(|(name, _)| name.strip_prefix("openvpn:") == Some(wanted));
        found.map(|(_, value)| value.as_str())
    };
    match kept("mode") {
        // The other one is a server.
        Some(_) => put(&mut text, "mode", "p2p"),
        None => put(&mut text, "client", ""),
    }
    if kept("dev").is_none() {
        put(&mut text, "dev", "tun");
    }
    if !proxy.name.is_empty() {
        put(&mut text, "setenv", &format!("FRIENDLY_NAME {}", quote(&proxy.name)));
    }
    put(&mut text, "remote", &remote(proxy, kept("mode").is_none()));
    for (param, names) in WORDS {
        let value = proxy.param(*param).map(quote).unwrap_or_default();
        if let Some(name) = names.first().filter(|_| !value.is_empty()) {
            put(&mut text, name, &value);
        }
    }
    for (name, value) in &proxy.extra {
        if let Some(name) = name.strip_prefix("openvpn:").filter(|name| *name != "mode") {
            put_kept(&mut text, name, value);
        }
    }
    for (param, name) in BLOCKS {
        put_block(&mut text, name, proxy.param(*param).unwrap_or_default());
    }
    if let Credentials::Login { username, password } = &proxy.credentials {
        put_login(&mut text, username, password.expose());
    }
    text
}

/// The arguments of `remote`; who is no client must say which end of TCP it is.
fn remote(proxy: &Proxy, is_client: bool) -> String {
    let carrier = proxy.param(Param::Carrier).unwrap_or_default();
    let known = CARRIERS.iter().find(|(own, long)| !is_client && *own == carrier && own != long);
    let carrier = known.map_or(carrier, |(_, long)| long);
    format!("{} {} {carrier}", proxy.endpoint.host, proxy.endpoint.port)
}

/// A word as the program reads it: in quotes where it has to be.
fn quote(word: &str) -> String {
    let plain = |char: char| char.is_ascii_alphanumeric() || "-_.:/+".contains(char);
    if !word.is_empty() && word.chars().all(plain) {
        return word.to_owned();
    }
    format!("\"{}\"", word.replace('\\', r"\\").replace('"', "\\\""))
}

/// Puts back what was kept, unless it is dangerous.
fn put_kept(text: &mut String, name: &str, value: &str) {
    if let Some(tag) = name.strip_prefix('<').and_then(|tag| tag.strip_suffix('>')) {
        // What stands in the block is itself what to send, and no file of this machine.
        if tag == "http-proxy-user-pass" || HARMLESS.contains(&tag) {
            put_block(text, tag, value);
        }
        return;
    }
    let (arguments, ..) = words(value);
    let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
    match name {
        "auth-user-pass" => put(text, name, ""),
        name if is_harmless(name, &arguments) => put(text, name, value),
        _ => {}
    }
}

/// Whether a directive does nothing to the user's machine. What stands behind `setenv opt` is one too.
fn is_harmless<'a>(mut name: &'a str, mut arguments: &'a [&'a str]) -> bool {
    while let ("setenv", ["opt", inner, rest @ ..]) = (name, arguments) {
        (name, arguments) = (inner.trim_start_matches('-'), rest);
    }
    match name {
        // A file of this machine must not be sent to a stranger's server.
        "auth-user-pass" => arguments.is_empty(),
        "http-proxy" | "socks-proxy" => {
            arguments.get(2).is_none_or(|file| matches!(*file, "" | "auto" | "auto-nct" | "none"))
        }
        "setenv" => arguments.first().is_some_and(|name| name.starts_with("UV_") || TOLD.contains(name)),
        name => HARMLESS.contains(&name),
    }
}

fn is_name(name: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    name.starts_with(|first: char| first.is_ascii_alphabetic()) && name.bytes().all(allowed)
}

/// Puts a directive, if it would be one line: values come from strangers.
fn put(text: &mut String, name: &str, value: &str) {
    if is_name(name) && !value.contains(|char: char| is_break(char) && char != '\t') {
        let line = format!("{name} {value}");
        text.push_str(line.trim_end());
        text.push('\n');
    }
}

/// Puts a block, if nothing in it could end it.
fn put_block(text: &mut String, name: &str, value: &str) {
    let is_foreign = |char: char| is_break(char) && !matches!(char, '\n' | '\t');
    let closes = value.lines().any(|line| line.trim_start().starts_with("</"));
    if is_name(name) && name != "connection" && !value.is_empty() && !closes && !value.contains(is_foreign) {
        text.extend(["<", name, ">\n", value, "\n</", name, ">\n"]);
    }
}

fn put_login(text: &mut String, username: &str, password: &str) {
    if !username.contains('\n') && !password.contains('\n') {
        put_block(text, "auth-user-pass", &format!("{username}\n{password}"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::{self, Lost};

    fn with(lines: &str) -> Proxy {
        document::read(format!("{}{lines}\n", OpenVpn.example()).as_bytes()).proxies.remove(0)
    }

    fn losses(proxy: &Proxy) -> (String, Vec<Lost>) {
        let written = document::write("openvpn", std::slice::from_ref(proxy), Shape::List).unwrap();
        (written.text, written.losses.into_iter().map(|loss| loss.lost).collect())
    }

    #[test]
    fn what_runs_programs_is_kept_but_not_written_and_named() {
        let dangerous = "up down plugin engine providers pkcs11-providers show-pkcs11-ids management cd log \
            config script-security tls-verify tls-crypt-v2-genkey askpass writepid daemon user iproute help";
        for name in dangerous.split_whitespace() {
            let (text, lost) = losses(&with(&format!("{name} 2 /bin/evil")));
            assert!(!text.contains("evil"), "{text}");
            assert_eq!(lost, [Lost::Field(format!("extra.openvpn:{name}"))]);
        }
        for line in [
            "setenv LD_PRELOAD evil",
            "setenv opt up evil",
            "setenv opt setenv opt up evil",
            "setenv opt auth-user-pass evil",
            "setenv opt --http-proxy h 1 evil",
            "--up evil",
            "\"up\" evil",
            "http-proxy h 1 evil basic",
            "<up>\nevil\n</up>",
            "<plugin>\nevil\n</plugin>",
        ] {
            let (text, lost) = losses(&with(line));
            assert!(!text.contains("evil") && lost.len() == 1, "{line}: {text}");
        }
        let (text, lost) = losses(&with("setenv opt block-outside-dns"));
        assert!(text.contains("setenv opt block-outside-dns\n") && lost.is_empty(), "{text}");
        let (text, lost) = losses(&with("<http-proxy-user-pass>\na\nb\n</http-proxy-user-pass>"));
        assert!(text.contains("\na\nb\n") && lost.is_empty(), "{text}");
    }

    #[test]
    fn a_file_with_a_password_is_asked_for_and_not_sent() {
        let text = OpenVpn.example().replace("auth-user-pass", "auth-user-pass /etc/shadow");
        let (text, lost) = losses(&document::read(text.as_bytes()).proxies[0]);
        assert!(text.contains("\nauth-user-pass\n"), "{text}");
        assert_eq!(lost, [Lost::Field("extra.openvpn:auth-user-pass".to_owned())]);
    }

    #[test]
    fn no_value_starts_a_directive_of_its_own() {
        let mut proxy = with("");
        proxy.set(Param::TunnelCipher, "x\nup evil");
        proxy.set(Param::CaCertificate, "x\n</ca>\nup evil");
        proxy.set(Param::TlsAuth, "x\r</tls-auth>\rup evil");
        proxy.name = "a\nup evil".into();
        proxy.credentials =
            Credentials::Login { username: "a\nb\n</auth-user-pass>\nup evil".into(), password: "".into() };
        for (name, value) in [
            ("route", "x\nup evil"),
            ("route\nup evil", ""),
            ("<connection>", "up evil"),
            ("<x>\nup evil\n<y>", "x"),
        ] {
            proxy.extra.push((format!("openvpn:{name}").into(), value.into()));
        }
        let (text, _) = losses(&proxy);
        assert!(!text.lines().any(|line| line.starts_with("up ")), "{text}");
    }

    #[test]
    fn a_long_profile_with_many_remotes_does_not_fill_the_memory() {
        let text = format!(
            "client\n<ca>\n{}\n</ca>\n{}",
            "x".repeat(1 << 20),
            "remote 192.0.2.1 1194\n".repeat(1 << 12)
        );
        let reading = document::read(text.as_bytes());
        assert!(reading.proxies.len() < 100 && reading.rejected.len() > 1_000, "{}", reading.proxies.len());
    }
}
