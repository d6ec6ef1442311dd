//! What the writers of Clash's form make for each of its programs.

use configstream_core::document::{self, Lost, Shape};
use configstream_core::{Proxy, link};
use proptest::prelude::*;

fn proxies(links: &[&str]) -> Vec<Proxy> {
    links.iter().map(|link| link::parse(link).unwrap()).collect()
}

fn write(format: &str, links: &[&str], shape: Shape) -> document::Written {
    document::write(format, &proxies(links), shape).unwrap()
}

/// Why a program cannot use a proxy.
fn refusal(format: &str, link: &str) -> Option<&'static str> {
    let losses = write(format, &[link], Shape::List).losses;
    losses.into_iter().find_map(|loss| if let Lost::Proxy(reason) = loss.lost { Some(reason) } else { None })
}

const ID: &str = "b831381d-6324-4d53-ad4f-8cda48b30811";
const KEY: &str = "QA9tXp3mpp1GVAmE1wFaKAI4vTapj6QaLaY4Lt1sXV0";

#[test]
fn stash_has_names_of_its_own() {
    let pin = "ab".repeat(32);
    let hysteria =
        format!("hysteria2://secret@192.0.2.1:443?up=10&down=20&pinSHA256={pin}&sni=example.com#a");
    let written = write("stash", &[&hysteria], Shape::List);
    assert_eq!(written.losses, []);
    for member in ["auth: secret", "up-speed: 10", "down-speed: 20", "server-cert-fingerprint: "] {
        assert!(written.text.contains(member), "{member}: {}", written.text);
    }
    let tuic = write("stash", &[&format!("tuic://{ID}:secret@192.0.2.1:443#a")], Shape::List);
    assert!(tuic.losses.is_empty() && tuic.text.contains("version: 5"), "{tuic:?}");
}

#[test]
fn udp_is_asked_for_where_it_must_be_and_nobody_says_no() {
    let trojan = "trojan://secret@192.0.2.1:443#a";
    assert_eq!(write("mihomo", &[trojan], Shape::List).losses, []);
    assert!(write("mihomo", &[trojan], Shape::List).text.contains("udp: true"));
    let said = "proxies: [{name: a, type: trojan, server: 192.0.2.1, port: 443, password: p, udp: false}]";
    let read = document::read(said.as_bytes()).proxies;
    assert!(document::write("mihomo", &read, Shape::List).unwrap().text.contains("udp: false"));
}

#[test]
fn what_mihomo_would_refuse_the_whole_file_for_is_refused() {
    let vless = |rest: &str| refusal("mihomo", &format!("vless://{ID}@192.0.2.1:443?{rest}#a"));
    assert_eq!(vless(&format!("security=reality&pbk={KEY}&sid=08")), None);
    assert!(vless("security=reality&pbk=abc").unwrap().contains("public key"));
    assert!(vless(&format!("security=reality&pbk={KEY}&sid=0")).unwrap().contains("short id"));
    assert!(vless("security=tls&flow=xtls-rprx-direct").unwrap().contains("flow"));
    assert!(vless("type=quic").unwrap().contains("network"));
    assert!(refusal("mihomo", "ss://2022-blake3-aes-128-gcm:short@192.0.2.1:1").unwrap().contains("2022"));
    assert!(refusal("mihomo", "socks4://192.0.2.1:1080").unwrap().contains("protocol"));
    assert!(refusal("mihomo", "hysteria://192.0.2.1:443?auth=a").unwrap().contains("bandwidths"));
}

#[test]
fn clash_gets_only_what_it_can_use() {
    assert_eq!(refusal("clash", "trojan://secret@192.0.2.1:443?type=ws&path=/a#a"), None);
    assert!(refusal("clash", &format!("vless://{ID}@192.0.2.1:443?security=tls")).unwrap().contains("Clash"));
    let trojan = write("clash", &["trojan://secret@192.0.2.1:443?fp=chrome#a"], Shape::List);
    assert!(!trojan.text.contains("chrome"));
    assert!(trojan.losses.iter().any(|loss| loss.lost == Lost::Field("fp".into())), "{:?}", trojan.losses);
}

#[test]
fn a_configuration_has_groups_by_hand_by_latency_and_by_country() {
    let links = ["ss://YWVzLTEyOC1nY206cA@192.0.2.1:1#🇩🇪 a", "ss://YWVzLTEyOC1nY206cA@192.0.2.2:1#Proxy"];
    for format in ["clash", "mihomo", "stash"] {
        let written = write(format, &links, Shape::Configuration);
        assert_eq!(written.losses, [], "{}", written.text);
        assert!(written.text.contains("{name: \"Proxy+\", type: select"), "{}", written.text);
        assert!(written.text.contains("{name: \"🇩🇪 Germany\", type: url-test"), "{}", written.text);
        assert!(written.text.ends_with("\"MATCH,Proxy+\"\n"), "{}", written.text);
        assert_eq!(document::read(written.text.as_bytes()).proxies.len(), 2);
    }
    let mihomo = write("mihomo", &links, Shape::Configuration).text;
    assert!(mihomo.contains("'https://1.1.1.1/dns-query#Proxy+'"), "{mihomo}");
}

#[test]
fn names_are_unique_and_nobody_elses() {
    let written =
        write("mihomo", &["http://a:b@192.0.2.1:1#DIRECT", "http://a:b@192.0.2.2:1#DIRECT"], Shape::List);
    assert!(written.text.contains("name: \"DIRECT 1\"") && written.text.contains("name: \"DIRECT 1 2\""));
}

#[test]
fn a_bomb_of_aliases_and_a_deep_document_are_refused_fast() {
    let level =
        |level: usize| format!("a{level}: &a{level} [{}]\n", vec![format!("*a{}", level - 1); 9].join(", "));
    let levels: Vec<_> = (1..40).map(level).collect();
    let bomb = format!("a0: &a0 [x, x]\n{}", levels.concat());
    let deep = "- ".repeat(100_000);
    for text in
        [bomb + "proxies: [*a39]\n", format!("proxies:\n{deep}"), format!("proxies: {}", "[".repeat(100_000))]
    {
        let reading = document::read(text.as_bytes());
        assert_eq!((reading.format, reading.proxies.len(), reading.rejected.len()), ("clash", 0, 1));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_mix_of_yamls_marks_panics_and_every_place_is_in_the_document(
        text in "(proxies:\n|payload:\n|---\n|- |\\{|\\}|\\[|\\]|: |, |\"|'|&a |\\*a |<<: |!!str |\\||>|\n|  |\t|#|%|@|type: ss|server: 192.0.2.1|port: 1|\\? |é|\r\n){0,60}"
    ) {
        let text = format!("proxies:\n{text}");
        for line in document::read(text.as_bytes()).rejected {
            prop_assert!(line.place.byte <= text.len());
        }
    }
}
