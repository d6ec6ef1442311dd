//! What holds for the formats of lines and sections, whatever their values are.

use configstream_core::Proxy;
use configstream_core::document::{self, Lost, Shape, WRITERS};
use configstream_core::link;
use configstream_core::proxy::{Credentials, Network, Param, Protocol, Tls, Transport};
use proptest::prelude::*;

const FORMATS: &[&str] = &["surge", "surfboard", "loon", "quantumultx", "shadowrocket"];

/// Texts with all that ends, quotes or comments something in such a line.
fn nasty() -> impl Strategy<Value = String> {
    let pieces = prop::sample::select(vec![
        "a",
        "b",
        "=",
        ",",
        "\"",
        "'",
        "\\",
        "[",
        "]",
        "{",
        "(",
        ")",
        "#",
        ";",
        "//",
        ":",
        "|",
        " ",
        " # ",
        "tls=true",
        "://",
        "ss://",
        "🇩🇪",
        "é",
        "wireguard",
        "]=",
    ]);
    prop::collection::vec(pieces, 1..8).prop_map(|pieces| pieces.concat())
}

fn proxies(name: &str, secret: &str, path: &str) -> Vec<Proxy> {
    let of = |protocol, credentials| {
        let tls = matches!(protocol, Protocol::Trojan | Protocol::Hysteria2 | Protocol::AnyTls);
        let mut proxy = Proxy::new(protocol, "192.0.2.1", 443);
        proxy.credentials = credentials;
        proxy.tls = tls.then(Tls::default);
        proxy.name = name.into();
        proxy
    };
    let password = || Credentials::Password(secret.into());
    let login = || Credentials::Login { username: secret.into(), password: path.into() };
    let cipher = || Credentials::Cipher { method: "aes-128-gcm".into(), password: secret.into() };
    let mut trojan = of(Protocol::Trojan, password());
    trojan.transport = Transport { network: Network::Ws, path: path.into(), ..Transport::default() };
    let mut hysteria = of(Protocol::Hysteria2, password());
    hysteria.set(Param::Obfs, "salamander");
    hysteria.set(Param::ObfsPassword, path);
    vec![
        trojan,
        hysteria,
        of(Protocol::AnyTls, password()),
        of(Protocol::Http, login()),
        of(Protocol::Socks5, login()),
        of(Protocol::Shadowsocks, cipher()),
    ]
}

proptest! {
    #[test]
    fn whatever_the_values_are_what_is_written_reads_again(
        name in nasty(), secret in nasty(), path in nasty()
    ) {
        let (secret, path) = (secret.trim(), path.trim());
        prop_assume!(!secret.is_empty() && !path.is_empty());
        let proxies = proxies(&name, secret, path);
        for format in FORMATS {
            for shape in [Shape::List, Shape::Configuration] {
                let written = document::write(format, &proxies, shape).unwrap();
                for loss in &written.losses {
                    let unread = loss.lost == Lost::Proxy("what was written does not read again");
                    let is_value = matches!(&loss.lost, Lost::Field(_));
                    prop_assert!(!unread && !is_value, "{format}: {loss:?}\n{}", written.text);
                }
            }
        }
    }

    #[test]
    fn no_text_is_too_much_for_a_reader(text in "(\\[[A-Za-z _]{0,12}\\]\n)?([^\n]{0,40}\n){0,6}") {
        for format in FORMATS.iter().chain(&["quantumult"]) {
            document::read_as(format, text.as_bytes()).unwrap();
        }
    }
}

#[test]
fn a_whole_configuration_has_groups_servers_of_names_and_rules() {
    let proxy = link::parse("trojan://secret@192.0.2.1:443#🇩🇪 Berlin").unwrap();
    for format in FORMATS {
        let text = document::write(format, std::slice::from_ref(&proxy), Shape::Configuration).unwrap().text;
        let final_rule = if *format == "quantumultx" { "final, Select" } else { "FINAL,Select" };
        for part in ["https://1.1.1.1/dns-query", "🇩🇪 Germany", "192.168.0.0/16", "Auto", final_rule] {
            assert!(text.contains(part), "{format} has no {part}:\n{text}");
        }
        assert_eq!(document::read(text.as_bytes()).format, *format, "{text}");
    }
}

#[test]
fn every_format_of_this_family_says_that_it_has_configurations() {
    let formats = WRITERS.iter().filter(|writer| FORMATS.contains(&writer.name()));
    assert_eq!(formats.filter(|writer| writer.has_configuration()).count(), FORMATS.len());
}

#[test]
fn a_proxy_that_a_program_cannot_use_is_refused_with_its_reason() {
    let refused = |format: &str, link: &str| {
        let written = document::write(format, &[link::parse(link).unwrap()], Shape::List).unwrap();
        match written.losses.as_slice() {
            [loss] if written.text.is_empty() => format!("{:?}", loss.lost),
            _ => written.text,
        }
    };
    let vless = "vless://id@192.0.2.1:443?type=";
    for (format, link, reason) in [
        ("surfboard", "vless://id@192.0.2.1:443", "Surfboard has no VLESS"),
        ("surge", &[vless, "xhttp"].concat(), "Surge has no such transport"),
        ("surge", &[vless, "grpc"].concat(), "Surge has no such transport"),
        ("loon", "tuic://id:secret@192.0.2.1:443", "Loon has no TUIC"),
        ("quantumultx", "hysteria2://secret@192.0.2.1:443", "Quantumult X has no Hysteria 2"),
        ("shadowrocket", &[vless, "tcp&pbk=key"].concat(), "Shadowrocket has no such security"),
        ("surge", "ss://YWVzLTEyOC1jY206dGVzdA@192.0.2.1:8888", "Surge has no such cipher"),
        ("loon", "ss://YWVzLTEyOC1nY206dGVzdA@192.0.2.1:8888?plugin=gost-plugin", "Loon has no such plugin"),
        ("quantumultx", "trojan://secret@192.0.2.1:443?type=ws&path=%2Fa%2Cb", "a value needs them"),
        ("surge", "vless://id@192.0.2.1:443?flow=xtls-rprx-direct", "Surge has no such flow"),
    ] {
        assert!(refused(format, link).contains(reason), "{format} {link}: {}", refused(format, link));
    }
}
