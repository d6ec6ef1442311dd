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
    let has_host = options.nth(0).is_some_and(|host| link::host(host).is_ok());
    let has_port = options.nth(1).is_some_and(|port| port.bytes().all(|byte| byte.is_ascii_digit()));
    let is_policy = has_host && has_port && (kinds.iter().any(is_known) || others.contains(&first.as_str()));
    let is_named = options.has(&["upstream-proxy-address"]);
    (is_policy || is_tunnel || is_built_in || is_named).then(|| of_options(&first, line, &options))
}

/// Words that Loon writes with capital letters.
const CAPITALS: &[&str] =
    &["Shadowsocks", "ShadowsocksR", "VMess", "VLESS", "Trojan", "Hysteria2", "AnyTLS", "WireGuard"];

/// Types that have values in their places in Loon, and in none of the others.
const IN_PLACE: &[&str] = &["shadowsocks", "shadowsocksr", "vmess", "vless", "trojan", "hysteria2", "anytls"];

/// Whose words a line has.
fn of_options(word: &str, line: &Line<'_>, options: &Options) -> Program {
    let has = |names: &[&str]| options.has(names);
    let is_old = line.section.eq_ignore_ascii_case("server")
        || has(&["obfs-header", "obfs-path", "group", "certificate", "upstream-proxy-address"]);
    let of_rocket = has(&["peer", "obfsParam", "allowInsecure", "auth", "user"])
        || options.says("obfs", "websocket")
        || has(&["password"]) && matches!(word, "vmess" | "vless")
        || has(&["privateKey"]) && has(&["ip"]);
    let of_loon = CAPITALS.contains(&word)
        || has(&["transport", "obfs-name", "tls-name", "interface-ip", "ip-mode"])
        || options.nth(2).is_some() && IN_PLACE.contains(&word);
    match (is_old, of_rocket, of_loon) {
        (true, _, _) => Program::Quantumult,
        (_, true, _) => Program::Shadowrocket,
        (_, _, true) => Program::Loon,
        _ => Program::Surge,
    }
}

/// Whether a text is `host:port`.
fn is_place(text: &str) -> bool {
    text.rsplit_once(':').is_some_and(|(host, port)| link::host(host).is_ok() && link::port(port).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_documents_are_nobodys() {
        let others = [
            "",
            "vless://id@192.0.2.1:443?a=ws, 192.0.2.1, 443#x = ss, 192.0.2.1, 443",
            "proxies:\n  - {name: a = ss, server: 192.0.2.1, port: 443}",
            "[Interface]\nPrivateKey = x\n[Peer]\nEndpoint = 192.0.2.1:51820",
            "[Proxy]\naddress = 192.0.2.1\nport = 443",
            "a = b\nAlpha = ss, 192.0.2.1, 443",
            "http=192.0.2.1:80",
            "192.0.2.1:80\n192.0.2.2:80",
            "{\"a\": \"x = ss, 192.0.2.1, 443\"}",
            "Dear all, the total = http, so to say, 80",
        ];
        for text in others {
            assert_eq!(whose(text), None, "{text}");
        }
    }

    #[test]
    fn a_whole_configuration_is_known_without_a_proxy() {
        assert_eq!(whose("[Proxy]\n[Rule]\nFINAL,DIRECT"), Some(Program::Surge));
        assert_eq!(whose("[Proxy]\n[Remote Proxy]\n[Rule]\n"), Some(Program::Loon));
        assert_eq!(whose("[dns]\n[server_local]\n"), Some(Program::QuantumultX));
    }
}
