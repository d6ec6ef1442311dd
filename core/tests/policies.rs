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
        for format in FORMATS.iter().chain(&["egern"]) {
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

/// What is written of a link in a format, and the fields that are lost.
/// What is written of a link, as if a document had said it, and what is lost.
fn written(format: &str, link: &str) -> (String, Vec<String>) {
    let proxy = link::parse(link).unwrap().of_document();
    let written = document::write(format, &[proxy], Shape::List).unwrap();
    let lost = written.losses.into_iter().map(|loss| match loss.lost {
        Lost::Field(field) => field,
        other => format!("{other:?}"),
    });
    (written.text, lost.collect())
}

const ID: &str = "b831381d-6324-4d53-ad4f-8cda48b30811";

#[test]
fn no_value_of_a_link_becomes_a_line_of_its_own() {
    let breaks = ["%0A", "%0D", "%C2%85", "%E2%80%A8", "%E2%80%A9", "%0B"];
    let values = [
        "vless://ID@192.0.2.1:443?security=reality&pbk=abc~%5BScript%5D~evil%20%3D%20type%3Dcron",
        "vless://ID@192.0.2.1:443?security=reality&pbk=abc&sid=1~%5BScript%5D~evil%20%3D%20type%3Dcron",
        "trojan://s@192.0.2.1:443?FORMAT%3Ax=1~%5BMITM%5D~evil%20%3D%20*",
        "trojan://s@192.0.2.1:443?FORMAT%3Ax~evil=1",
        "trojan://p@192.0.2.1:443?alpn=h2~%5BX%5D~evil",
        "trojan://p@192.0.2.1:443?type=ws&FORMAT%3Aws-headers=A%3Ab~evil",
        "wireguard://key~evil@192.0.2.1:443?publickey=key&address=198.51.100.2",
        "wireguard://key@192.0.2.1:443?publickey=key&address=198.51.100.2&FORMAT%3Asection%3Aa=1~evil",
        "wireguard://key@192.0.2.1:443?publickey=key&address=198.51.100.2&FORMAT%3Apeer%3Aa=1~evil",
        "wireguard://key@192.0.2.1:443?publickey=key&address=198.51.100.2&FORMAT%3Apeers%3A=(a)~evil",
        "wireguard://key@192.0.2.1:443?publickey=key&address=198.51.100.2&FORMAT%3Apeers%3A=%7Ba%7D~evil",
        "trojan://p@192.0.2.1:443#a~evil",
    ];
    for format in FORMATS {
        for (value, mark) in values.iter().flat_map(|value| breaks.iter().map(move |mark| (value, mark))) {
            let link = value.replace("ID", ID).replace("FORMAT", format).replace('~', mark);
            let Ok(proxy) = link::parse(&link) else { continue };
            let text = document::write(format, &[proxy], Shape::Configuration).unwrap().text;
            let hidden =
                |char: char| char.is_control() && char != '\n' || matches!(char, '\u{2028}' | '\u{2029}');
            assert!(!text.contains(hidden), "{format} {link}\n{text}");
            assert!(!text.lines().any(|line| line.starts_with("evil")), "{format} {link}\n{text}");
        }
    }
}

#[test]
fn a_type_that_nobody_knows_is_not_written_with_a_break() {
    let read = document::read_as("surge", b"A = h2-connect, 192.0.2.1, 443, username=a").unwrap();
    let mut proxy = read.proxies[0].clone();
    let written = |proxy: &Proxy| document::write("surge", std::slice::from_ref(proxy), Shape::List).unwrap();
    assert!(written(&proxy).text.contains("username=a"));
    proxy.extra.push(("surge:password".into(), "a\n[Script]".into()));
    assert_eq!(written(&proxy).text, "");
}

#[test]
fn what_was_kept_does_not_undo_what_a_proxy_says() {
    for (format, names) in [
        ("surge", "sni skip-cert-verify SKIP_CERT_VERIFY password tls ws ws-path udp-relay alpn"),
        ("surfboard", "sni skip-cert-verify password tls ws ws-path"),
        ("loon", "sni tls-name skip-cert-verify over-tls transport path public-key"),
        ("quantumultx", "tls-host tls-verification over-tls obfs obfs-host tag password"),
        ("shadowrocket", "peer sni allowInsecure skip-cert-verify tls obfs password pbk"),
    ] {
        for name in names.split(' ') {
            let link = format!("trojan://secret@192.0.2.1:443?sni=example.com&{format}%3A{name}=evil");
            let (text, lost) = written(format, &link);
            assert!(!text.contains("evil") && text.contains("secret"), "{format} {name}: {text}");
            assert!(lost.iter().any(|field| field.starts_with("extra")), "{format} {name}: {lost:?}");
        }
        let (text, lost) = written(
            format,
            &format!("trojan://secret@192.0.2.1:443?{format}%3Ax=1&{format}%3A=2&{format}%3Aa%20b=2"),
        );
        assert!(text.contains("x=1"), "{text}");
        assert!(!text.contains(", 2") && !text.contains(",2") && !text.contains("a b"), "{text}");
        assert!(!lost.is_empty());
    }
    let (text, _) = written(
        "quantumultx",
        "ss://YWVzLTEyOC1nY206c2VjcmV0@192.0.2.1:8388?quantumultx%3Assr-protocol=evil",
    );
    assert!(!text.contains("evil"), "{text}");
    let (text, _) = written(
        "surge",
        "wireguard://key@192.0.2.1:443?publickey=key&address=198.51.100.2\
         &surge%3Asection%3Aprivate-key=evil&surge%3Apeer%3Aendpoint=evil&surge%3Asection-name=evil",
    );
    assert!(text.contains("private-key = key") && !text.contains("evil"), "{text}");
}

#[test]
fn numbers_and_ports_that_are_none_are_not_written_and_are_named() {
    let tunnel = "wireguard://key@192.0.2.1:443?publickey=key&address=198.51.100.2&";
    for format in ["surge", "loon", "shadowrocket"] {
        for (value, field) in [("mtu=abc", "mtu"), ("keepalive=25s", "keepalive")] {
            let (text, lost) = written(format, &[tunnel, value].concat());
            assert!(!text.contains("abc") && !text.contains("25s") && !text.is_empty(), "{format}: {text}");
            assert!(lost.iter().any(|lost| lost == field), "{format} {value}: {lost:?}");
        }
    }
    for format in ["surge", "surfboard", "loon"] {
        for ports in ["abc", "0", "5-1", "70000", "1,,2"] {
            let (text, _) = written(format, &format!("hysteria2://secret@192.0.2.1:443?mport={ports}"));
            assert!(!text.contains("hopping") && !text.contains("server-ports"), "{format} {ports}: {text}");
        }
        let (text, _) = written(format, "hysteria2://secret@192.0.2.1:443?mport=443,5000-6000");
        assert!(text.contains("6000"), "{text}");
    }
}

#[test]
fn reality_and_vision_are_of_plain_tcp() {
    for format in ["surge", "loon", "quantumultx"] {
        let of = |rest: &str| written(format, &format!("vless://{ID}@192.0.2.1:443?{rest}")).0;
        assert_eq!(of("type=ws&security=reality&pbk=key"), "", "{format}");
        assert_eq!(of("type=ws&security=tls&flow=xtls-rprx-vision"), "", "{format}");
        assert_ne!(of("security=reality&pbk=key&flow=xtls-rprx-vision"), "", "{format}");
        assert_ne!(of("type=ws&security=tls"), "", "{format}");
    }
}

#[test]
fn no_server_name_is_said_once() {
    let (text, lost) =
        written("surge", &format!("tuic://{ID}:secret@192.0.2.1:443?sni=example.com&disable_sni=1"));
    assert_eq!(text.matches("sni=").count(), 1, "{text}");
    assert!(lost.iter().any(|field| field == "sni"), "{lost:?}");
}

#[test]
fn a_host_does_not_become_a_header() {
    for format in ["surge", "surfboard"] {
        let link = "trojan://secret@192.0.2.1:443?type=ws&host=example.com";
        assert_eq!(written(format, &[link, "%7CX-Evil%3A1"].concat()).0, "");
        let (text, _) = written(format, &format!("{link}&{format}%3Aws-headers=A%3Ab%7CHost%3Aevil"));
        assert!(text.contains("Host:example.com|A:b") && !text.contains("evil"), "{text}");
    }
}

#[test]
fn no_proxy_has_the_name_of_a_policy() {
    let names =
        ["DIRECT", "Reject", "REJECT-DROP", "reject-tinygif", "REJECT-NO-DROP", "REJECT-200", "PROXY"];
    let names = names.into_iter().chain(["CELLULAR", "Cellular-Only", "HYBRID", "NO-HYBRID", "DEVICE:mac"]);
    for name in names {
        for format in FORMATS {
            let text = written(format, &format!("trojan://secret@192.0.2.1:443#{name}")).0;
            assert!(text.contains(&format!("{name} 1")), "{format}: {text}");
        }
    }
    let refused = written("quantumultx", "trojan://secret@192.0.2.1:443#REJECTED").0;
    assert!(refused.contains("tag=REJECTED"), "{refused}");
}

#[test]
fn a_configuration_without_a_proxy_rejects() {
    let brook = link::parse("mieru://a:b@192.0.2.1?port=2999&protocol=TCP&profile=a").ok();
    for format in FORMATS {
        for proxies in [vec![], brook.iter().cloned().collect()] {
            let text = document::write(format, &proxies, Shape::Configuration).unwrap().text;
            let expected = if *format == "quantumultx" {
                ["static=Select, reject\n", "final, Select\n"]
            } else {
                ["Select = select, REJECT\n", "FINAL,Select\n"]
            };
            assert!(expected.iter().all(|part| text.contains(part)), "{format}:\n{text}");
        }
    }
}

#[test]
fn private_networks_and_the_test_are_the_same_everywhere() {
    let proxy = link::parse("trojan://secret@192.0.2.1:443#REJECTED").unwrap();
    for format in FORMATS {
        let text = document::write(format, std::slice::from_ref(&proxy), Shape::Configuration).unwrap().text;
        let tests = text.matches("http://").count();
        assert_eq!(tests, text.matches("http://www.gstatic.com/generate_204").count(), "{text}");
        assert!(tests > 0 && !text.contains('{') && text.contains("REJECTED"), "{format}:\n{text}");
        if *format != "quantumultx" {
            let skipped = text.lines().find(|line| line.starts_with("skip-proxy")).unwrap();
            assert!(skipped.contains("169.254.0.0/16") && skipped.contains("224.0.0.0/4"), "{skipped}");
        }
    }
}

#[test]
fn what_a_program_would_refuse_the_whole_file_for_is_left_out() {
    let cases = [
        ("singbox", format!("vless://{ID}@192.0.2.1:443?security=tls&ech=AEX")),
        ("singbox", format!("vless://{ID}@192.0.2.1:443?type=ws&path=%25zz&security=tls")),
        ("singbox", "ss://aes-128-gcm:x@192.0.2.1:1?plugin=obfs-local%3Bobfs%3Dfoo".to_owned()),
        ("singbox", "naive+quic://u:p@192.0.2.1:443?congestion=foo".to_owned()),
        ("xray", format!("vless://{ID}@192.0.2.1:443?type=xhttp&mode=foo&security=tls")),
        (
            "xray",
            format!(
                "vless://{ID}@192.0.2.1:443?type=xhttp&extra=%7B%22downloadSettings%22%3A5%7D&security=tls"
            ),
        ),
        ("xray", format!("vless://{ID}@192.0.2.1:443?security=tls&fm=%7B%22tcp%22%3A5%7D")),
        ("xray", "hysteria2://x@192.0.2.1:443?mport=5000-6000&hop-interval=1".to_owned()),
    ];
    for (format, link) in cases {
        let (text, lost) = written(format, &link);
        assert!(
            !text.contains("192.0.2.1") && lost.iter().any(|lost| lost.starts_with("Proxy(")),
            "{text} {lost:?}"
        );
    }
    let tunnel = "wireguard://QA9tXp3mpp1GVAmE1wFaKAI4vTapj6QaLaY4Lt1sXV0%3D@192.0.2.1:1\
        ?publickey=bmXOCaF1FxEMF9dyiK2H5a1SUtzH0JuVo51h2wPfgyo%3D&address=";
    for format in ["singbox", "xray", "mihomo", "wireguard"] {
        for address in ["foo", "10.0.0.2/99", "10.0.0.2/32&mtu=abc", "10.0.0.2/32&allowedips=foo"] {
            let (text, _) = written(format, &format!("{tunnel}{address}"));
            assert!(!text.contains("192.0.2.1"), "{format} {address}: {text}");
        }
        assert!(written(format, &format!("{tunnel}10.0.0.2/32")).0.contains("192.0.2.1"), "{format}");
    }
}
