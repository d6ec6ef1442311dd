//! Whose a document of sections and lines is. The programs share most of their words, so that the first
//! line which has one of its own decides, and Surge gets what none claims.
//!
//! Specification: <https://manual.nssurge.com/policies/overview.html>

use super::dialect::Dialect;
use super::policy::{Line, Options, lines, sections};
use super::{loon, quantumult, quantumultx, shadowrocket, surge};
use crate::link;

/// The programs whose documents are alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Program {
    Surge,
    Surfboard,
    Loon,
    Quantumult,
    QuantumultX,
    Shadowrocket,
}

/// How many lines of proxies are looked at.
const MOST: usize = 50;

/// Whether a document is that of a program.
pub(super) fn is_of(program: Program, text: &str) -> bool {
    whose(text) == Some(program)
}

/// The program of a document; `None` where it has no proxies as these programs write them.
fn whose(text: &str) -> Option<Program> {
    let mut found = None;
    let mut looked = 0;
    for line in lines(text) {
        if !["", "proxy", "server_local", "server"]
            .iter()
            .any(|known| line.section.eq_ignore_ascii_case(known))
        {
            continue;
        }
        match of_line(&line) {
            Some(Program::Surge) => found = Some(Program::Surge),
            Some(program) => return Some(program),
            // What begins with something else is a list of something else.
            None if line.section.is_empty() && found.is_none() => return None,
            None => {}
        }
        looked += 1;
        if looked == MOST {
            break;
        }
    }
    of_sections(text, found)
}

/// The program of a document by its sections, where its lines do not say it.
fn of_sections(text: &str, found: Option<Program>) -> Option<Program> {
    let has = |wanted: &str| sections(text).any(|section| section.eq_ignore_ascii_case(wanted));
    let says = |key: &str| {
        let mut general = lines(text).filter(|line| line.section.eq_ignore_ascii_case("general"));
        general.any(|line| line.text.split('=').next().is_some_and(|name| name.trim() == key))
    };
    let is_whole = has("proxy") && (has("rule") || has("proxy group"));
    if found.is_none() && !is_whole {
        return has("server_local").then_some(Program::QuantumultX);
    }
    Some(if has("remote proxy") || has("remote filter") || has("plugin") {
        Program::Loon
    } else if says("private-ip-answer") || says("dns-direct-system") || says("fallback-dns-server") {
        Program::Shadowrocket
    } else if says("doh-server") || text.lines().take(20).any(names_surfboard) {
        Program::Surfboard
    } else {
        Program::Surge
    })
}

/// Whether a comment, such as the address that a file came from, names Surfboard.
fn names_surfboard(line: &str) -> bool {
    line.starts_with('#') && line.to_ascii_lowercase().contains("surfboard")
}

/// The program whose line this is, if it is that of a proxy.
fn of_line(line: &Line<'_>) -> Option<Program> {
    let (name, rest) = line.named()?;
    let mut options = Options::of(rest);
    let first = options.next()?;
    if is_place(&first) && quantumultx::DIALECT.kind(name).is_some() {
        return options.iter().next().map(|_| Program::QuantumultX);
    }
    let kinds = [&surge::DIALECT, &loon::DIALECT, &shadowrocket::DIALECT, &quantumult::DIALECT];
    let is_known = |dialect: &&Dialect| dialect.kind(&first).is_some();
    let others = ["h2-connect", "trust-tunnel"];
    let is_tunnel = first.eq_ignore_ascii_case("wireguard") && options.has(&["section-name", "interface-ip"]);
    let is_built_in = !line.section.is_empty() && matches!(first.as_str(), "direct" | "reject" | "external");
    let has_port = options.nth(1).is_some_and(|port| port.bytes().all(|byte| byte.is_ascii_digit()));
    let is_policy = has_port && (kinds.iter().any(is_known) || others.contains(&first.as_str()));
    (is_policy || is_tunnel || is_built_in).then(|| of_options(&first, line, &options))
}

/// Whose words a line has.
fn of_options(word: &str, line: &Line<'_>, options: &Options) -> Program {
    let of_loon =
        ["Shadowsocks", "ShadowsocksR", "VMess", "VLESS", "Trojan", "Hysteria2", "AnyTLS", "WireGuard"];
    let obfs = ["websocket", "wss"].iter().any(|said| options.says("obfs", said));
    let named = options.has(&["password"]) && matches!(word, "vmess" | "vless");
    let is_x = options.has(&["obfs-header", "obfs-path", "group", "certificate"]);
    if line.section.eq_ignore_ascii_case("server") || is_x {
        Program::Quantumult
    } else if options.has(&["peer", "obfsParam", "allowInsecure", "privateKey", "auth", "user"])
        || obfs
        || named
    {
        Program::Shadowrocket
    } else if of_loon.contains(&word)
        || options.has(&["transport", "obfs-name", "tls-name", "interface-ip", "fast-open", "ip-mode"])
        || options.nth(2).is_some()
            && !matches!(word, "http" | "https" | "socks5" | "socks5-tls" | "ssh" | "custom")
    {
        Program::Loon
    } else {
        Program::Surge
    }
}

/// Whether a text is `host:port`.
fn is_place(text: &str) -> bool {
    text.rsplit_once(':').is_some_and(|(host, port)| link::host(host).is_ok() && link::port(port).is_ok())
}
