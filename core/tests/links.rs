//! What holds for links of any content.

use configstream_core::document::{self, Shape};
use configstream_core::link::{self, SCHEMES};
use configstream_core::proxy::{Credentials, Kind, Network, Param, Security, Tls, Transport};
use configstream_core::{Protocol, Proxy, Text};
use proptest::prelude::*;
use proptest::sample::select;

/// A text with nothing to trim, of any script and any reserved character.
fn text() -> impl Strategy<Value = String> {
    "[a-zA-Z0-9 #%?&=+@/:;,|\"'<>{}\\[\\]é漢🇩🇪\u{200b}\n]{0,12}"
        .prop_map(|text| text.trim_matches(|c: char| c.is_whitespace() || c == '\u{200b}').to_owned())
}

fn some_text() -> impl Strategy<Value = String> {
    text().prop_filter("not empty", |text| !text.is_empty())
}

fn word() -> impl Strategy<Value = String> {
    "[a-z0-9/.%]{0,8}".prop_filter("not what stands for nothing", |word| word != "none")
}

fn host() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-z0-9]{1,8}(\\.[a-z]{2,3}){1,2}",
        Just("192.0.2.1".to_owned()),
        any::<u128>().prop_map(|bits| std::net::Ipv6Addr::from_bits(bits).to_string()),
        Just("пример.рф".to_owned()),
    ]
}

fn transport() -> impl Strategy<Value = Transport> {
    let fields = (select(Network::ALL.as_slice()), word(), word(), text(), word(), word());
    fields.prop_map(|(network, header, host, path, mode, authority)| {
        let [header, host, path, mode, authority] = [header, host, path, mode, authority].map(Text::from);
        let mut transport = Transport { network, header, host, path, mode, authority };
        keep_used(&mut transport);
        transport
    })
}

/// Empties what the network does not use, as reading a link does.
fn keep_used(transport: &mut Transport) {
    use Network::{Grpc, H2, HttpUpgrade, Kcp, Quic, Tcp, Ws, Xhttp};
    let network = transport.network;
    let mut keep = |used: bool, field: fn(&mut Transport) -> &mut Text| {
        if !used {
            *field(transport) = Text::new();
        }
    };
    keep(matches!(network, Kcp | Quic), |transport| &mut transport.header);
    keep(matches!(network, Ws | H2 | HttpUpgrade | Xhttp | Quic), |transport| &mut transport.host);
    keep(network != Tcp, |transport| &mut transport.path);
    keep(matches!(network, Grpc | Xhttp), |transport| &mut transport.mode);
    keep(network == Grpc, |transport| &mut transport.authority);
}

fn tls() -> impl Strategy<Value = Option<Tls>> {
    let security = select([Security::Tls, Security::Reality, Security::Xtls].as_slice());
    let alpn = prop::collection::vec("[a-z0-9/.]{1,8}", 0..3);
    let fields = (security, word(), alpn, word(), any::<bool>(), (word(), word(), text()));
    let tls = fields.prop_map(|(security, server_name, alpn, fp, insecure, (key, id, spider))| {
        let (server_name, client_fingerprint) = (server_name.into(), fp.into());
        let alpn = alpn.into_iter().map(Text::from).collect();
        let mut tls = Tls { security, server_name, alpn, client_fingerprint, insecure, ..Tls::default() };
        if security == Security::Reality {
            (tls.public_key, tls.short_id, tls.spider_x) = (key.into(), id.into(), spider.into());
        }
        tls
    });
    prop::option::of(tls)
}

fn extra() -> impl Strategy<Value = Vec<(String, String)>> {
    prop::collection::vec(("x[a-z0-9&=# ]{0,6}", text()), 0..4)
}

/// Parameters of every kind; what a value must be like depends on few of them.
fn params() -> impl Strategy<Value = Vec<(Param, String)>> {
    // Only what is of no known protocol has a type.
    let params: Vec<_> = Param::ALL.iter().copied().filter(|param| *param != Param::Type).collect();
    let value = (select(params), text(), any::<bool>()).prop_map(|(param, text, yes)| {
        let value = match (param.kind(), param) {
            (Kind::Flag, _) => u8::from(yes).to_string(),
            (_, Param::CertSha256) => "00ff".to_owned(),
            (_, Param::Plugin) => "v2ray-plugin".to_owned(),
            (_, Param::HopInterval) => "15-30".to_owned(),
            (_, Param::Reserved) => "1,2,3".to_owned(),
            (_, Param::Stun) => "192.0.2.1:1,192.0.2.2:2".to_owned(),
            (_, Param::PeerPublicKey) => text.replace([' ', '\n'], "+"),
            (_, Param::Ports) => "443,5000-6000".to_owned(),
            (_, Param::ShadowLayer) => format!("ss;aes-256-gcm:{text}").trim().to_owned(),
            _ => text,
        };
        (param, value)
    });
    prop::collection::vec(value, 0..4)
}

fn login() -> impl Strategy<Value = Credentials> {
    prop_oneof![
        Just(Credentials::None),
        (some_text(), text()).prop_map(|(username, password)| Credentials::Login {
            username: username.into(),
            password: password.into()
        }),
    ]
}

fn credentials(protocol: Protocol) -> BoxedStrategy<Credentials> {
    match protocol {
        Protocol::Http
        | Protocol::Https
        | Protocol::Socks4
        | Protocol::Socks5
        | Protocol::Naive
        | Protocol::OpenVpn
        | Protocol::Other => login().boxed(),
        Protocol::Trojan | Protocol::AnyTls | Protocol::Snell | Protocol::Brook => password().boxed(),
        Protocol::Hysteria | Protocol::Hysteria2 => prop_oneof![Just(Credentials::None), password()].boxed(),
        Protocol::Tuic | Protocol::Juicity => prop_oneof![password(), user()].boxed(),
        Protocol::Mieru => login().prop_filter("a user", |login| *login != Credentials::None).boxed(),
        Protocol::WireGuard => ("[a-zA-Z0-9+/]{3}=", key())
            .prop_map(|(private_key, pre_shared_key)| Credentials::Keys {
                private_key: private_key.into(),
                pre_shared_key: pre_shared_key.into(),
            })
            .boxed(),
        Protocol::Ssh => (some_text(), text(), key())
            .prop_map(|(username, password, private_key)| Credentials::Ssh {
                username: username.into(),
                password: password.into(),
                private_key: private_key.into(),
            })
            .boxed(),
        Protocol::ShadowsocksR => ("[a-z0-9-]{1,8}", text())
            .prop_map(|(method, password)| Credentials::Cipher {
                method: method.into(),
                password: password.into(),
            })
            .boxed(),
        Protocol::Shadowsocks => {
            let methods = select(["aes-256-gcm", "2022-blake3-aes-128-gcm", "rc4-md5"].as_slice());
            let cipher = |(method, password): (&str, String)| Credentials::Cipher {
                method: method.into(),
                password: password.into(),
            };
            (methods, some_text()).prop_map(cipher).boxed()
        }
        Protocol::Vmess => (some_text(), select(["auto", "none", "zero"].as_slice()), any::<u16>())
            .prop_map(|(id, cipher, alter_id)| Credentials::Vmess {
                id: id.replace('\n', "").into(),
                cipher: cipher.into(),
                alter_id,
            })
            .boxed(),
        Protocol::Vless => (some_text(), word())
            .prop_map(|(id, flow)| Credentials::Vless {
                id: id.into(),
                encryption: "none".into(),
                flow: flow.into(),
            })
            .boxed(),
    }
}

fn password() -> impl Strategy<Value = Credentials> {
    some_text().prop_map(|word| Credentials::Password(word.into()))
}

fn user() -> impl Strategy<Value = Credentials> {
    (some_text(), text())
        .prop_map(|(id, password)| Credentials::User { id: id.into(), password: password.into() })
}

fn key() -> impl Strategy<Value = String> {
    "([a-zA-Z0-9+/]{3}=)?"
}

/// Gives a proxy of a protocol the transport and the TLS that it can have.
fn carry(proxy: &mut Proxy, transport: Transport, tls: Option<Tls>) {
    let plain = || Tls {
        security: Security::Tls,
        public_key: Text::new(),
        short_id: Text::new(),
        spider_x: Text::new(),
        ..tls.clone().unwrap_or_default()
    };
    match proxy.protocol {
        Protocol::Vless | Protocol::Vmess | Protocol::Trojan | Protocol::Shadowsocks | Protocol::AnyTls => {
            (proxy.transport, proxy.tls) = (transport, tls);
        }
        Protocol::Hysteria | Protocol::Hysteria2 | Protocol::Tuic | Protocol::Juicity | Protocol::Naive => {
            proxy.tls = Some(plain());
        }
        Protocol::Socks5 | Protocol::Socks4 => proxy.tls = tls.is_some().then(plain),
        Protocol::Brook => {
            let networks = [Network::Tcp, Network::Ws, Network::Quic];
            proxy.transport.network = networks[transport.path.len() % 3];
            let secure = match proxy.transport.network {
                Network::Ws => tls.is_some(),
                network => network == Network::Quic,
            };
            proxy.tls = secure.then(plain);
        }
        _ => {}
    }
}

/// Sets what a protocol cannot do without, and takes away what would be another's.
fn settle(proxy: &mut Proxy) {
    match proxy.protocol {
        Protocol::ShadowsocksR => {
            proxy.set(Param::SsrProtocol, "auth_aes128_md5");
            proxy.set(Param::Obfs, "plain");
        }
        Protocol::Hysteria2 if proxy.param(Param::Obfs).is_some() => proxy.set(Param::ObfsPassword, "a&b#c"),
        // Its links call the secret so.
        Protocol::Hysteria => proxy.set(Param::ObfsParam, ""),
        _ => {}
    }
}

fn proxy() -> impl Strategy<Value = Proxy> {
    let protocols: Vec<_> = SCHEMES.iter().flat_map(|scheme| scheme.protocols()).copied().collect();
    select(protocols).prop_flat_map(|protocol| {
        let stream = (transport(), tls());
        let parts = (host(), 1..=u16::MAX, credentials(protocol), stream, text(), (params(), extra()));
        parts.prop_map(move |(host, port, credentials, (transport, tls), name, (params, extra))| {
            let mut proxy = Proxy { credentials, name: name.into(), ..Proxy::new(protocol, host, port) };
            for (param, value) in params {
                proxy.set(param, value);
            }
            settle(&mut proxy);
            carry(&mut proxy, transport, tls);
            let user = proxy.credentials != Credentials::None;
            if user || !matches!(protocol, Protocol::Http | Protocol::Https) {
                proxy.extra = extra.into_iter().map(|(name, value)| (name.into(), value.into())).collect();
            }
            proxy
        })
    })
}

/// The names of parameters that schemes know, and some that none does.
const NAMES: &str = "type security sni peer alpn fp pbk sid spx host path serviceName mode headerType header_type \
    authority allowInsecure insecure encryption flow tls aid scy seed key quicSecurity plugin remarks ps \
    scheme net add port id v x ports mport protocol obfs-host wsPath network xtls xtls hop-interval obfs obfs-password obfsParam auth token \
    realm-id stun publickey pk psk reserved mtu uot reduce_rtt server wssserver password user pass url \
    pinSHA256 plugin-opts shadow-tls";

/// A query of parameters that schemes know, in any spelling, repeated, empty, contradicting.
fn query() -> impl Strategy<Value = String> {
    let names: Vec<_> = NAMES.split_whitespace().chain([""]).collect();
    let values = [
        "",
        " ",
        "none",
        "tls",
        "reality",
        "ws",
        "grpc",
        "tcp",
        "http",
        "kcp",
        "quic",
        "xhttp",
        "0",
        "1",
        "true",
        "a",
        "b,c",
        ",",
        "%20",
        "%",
        "none=--@x",
        "socks5h",
        "auto",
        "/x?ed=1",
        "%zz",
        "+",
        "{\"Host\":\"h\"}",
        "5-6",
        "AAAA",
        "[1, 2,3]",
        "wss://h.example/a",
        "h.example:1",
        "socks5://h.example:1%23n",
        "e30",
        "AB:cd",
        "a;b=c",
    ];
    prop::collection::vec((select(names), select(values.to_vec())), 0..9).prop_map(|pairs| {
        pairs.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("&")
    })
}

fn link_of_known_parts() -> impl Strategy<Value = String> {
    let starts = [
        "vless://id@h.example:443",
        "trojan://pw@h.example",
        "ss://none:pw@h.example:443",
        "ss://bm9uZTpwdw@h.example:443",
        "vmess://id@h.example:443",
        "vmess://YXV0bzppZEBoLmV4YW1wbGU6NDQz",
        "vmess://ws+tls:id-1@h.example:443",
        "vmess1://id@h.example:443/p",
        "vless://YXV0bzppZEBoLmV4YW1wbGU6NDQz",
        "socks5h://u@h.example",
        "socks4://h.example",
        "https://u:p@h.example",
        "http://h.example:80",
        "socks5://dTpw@[::1]:1",
        "socks5+tls://u@h.example",
        "socks4+tls://u@h.example",
        "hysteria2://u:p@h.example:1,5-6",
        "hysteria2://h.example",
        "hy2+realm+http://t@h.example/id",
        "hysteria://h.example:1",
        "tuic://u%3Ap@h.example:1",
        "tuic://token@h.example:1",
        "tuic://h.example:1",
        "juicity://u:p@h.example:1",
        "wg://key@h.example",
        "wireguard://h.example",
        "anytls://pw@h.example",
        "naive+quic://u:p@h.example",
        "snell://psk@h.example:1",
        "mierus://u:p@h.example",
        "mierus://u:p@h.example:1",
        "ssh://u@h.example",
        "brook://server",
        "brook://wssserver",
        "tg://socks",
        "https://t.me/http",
        "clash://install-config",
    ];
    let names = ["", "#", "#name", "# a ", "#%zz", "#a#b"];
    (select(starts.to_vec()), query(), select(names.to_vec()))
        .prop_map(|(start, query, name)| format!("{start}?{query}{name}"))
}

/// A v2rayN object of members in any type, repeated and contradicting.
fn vmess_json() -> impl Strategy<Value = String> {
    let names = [
        "ps",
        "remarks",
        "aid",
        "scy",
        "security",
        "net",
        "type",
        "headerType",
        "host",
        "path",
        "tls",
        "sni",
        "alpn",
        "fp",
        "mode",
        "authority",
        "serviceName",
        "allowInsecure",
        "seed",
        "key",
        "pbk",
        "v",
        "x",
    ];
    let values = [
        "\"\"",
        "\"none\"",
        "\"a\"",
        "\" b \"",
        "\"ws\"",
        "\"grpc\"",
        "\"kcp\"",
        "\"quic\"",
        "\"tcp\"",
        "\"http\"",
        "\"tls\"",
        "true",
        "1",
        "0",
        "null",
        "[\"a\",\"b\"]",
        "{\"Host\":\"h\"}",
        "\"reality\"",
    ];
    prop::collection::vec((select(names.to_vec()), select(values.to_vec())), 0..9).prop_map(|members| {
        let members = members.iter().map(|(name, value)| format!("\"{name}\":{value}"));
        let needed = ["\"add\":\"h.example\",\"port\":\"443\",\"id\":\"id\"".to_owned()];
        format!("vmess://{{{}}}", needed.into_iter().chain(members).collect::<Vec<_>>().join(","))
    })
}

fn prints_back(proxy: &Proxy) -> Result<(), TestCaseError> {
    let printed = link::print(proxy);
    let again = link::parse(&printed);
    prop_assert_eq!(again.as_ref(), Ok(proxy), "{}", printed);
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn printing_and_reading_a_proxy_gives_the_same_proxy(proxy in proxy()) {
        prints_back(&proxy)?;
    }

    #[test]
    fn writing_json_or_a_table_and_reading_it_gives_the_same_proxy(proxy in proxy()) {
        for format in ["json", "csv"] {
            let written = document::write(format, std::slice::from_ref(&proxy), Shape::List).unwrap();
            prop_assert_eq!(&written.losses, &[]);
            let again = document::read(written.text.as_bytes());
            prop_assert_eq!((again.format, again.proxies.first()), (format, Some(&proxy)), "{}", written.text);
        }
    }

    #[test]
    fn what_a_link_of_known_parts_reads_as_prints_back(link in link_of_known_parts()) {
        if let Ok(proxy) = link::parse(&link) {
            prints_back(&proxy)?;
        }
    }

    #[test]
    fn what_vmess_json_reads_as_prints_back(link in vmess_json()) {
        if let Ok(proxy) = link::parse(&link) {
            prints_back(&proxy)?;
        }
    }

    #[test]
    fn no_text_behind_a_scheme_panics_and_what_reads_prints_back(
        at in 0..SCHEMES.len(),
        rest in "[a-zA-Z0-9%@:/?#&=+\\[\\].;, {}\"é🇩🇪-]{0,40}",
    ) {
        for name in SCHEMES[at].names() {
            if let Ok(proxy) = link::parse(&format!("{name}://{rest}")) {
                prints_back(&proxy)?;
            }
        }
    }

    #[test]
    fn no_text_panics(text in any::<String>()) {
        let _ = link::parse(&text);
    }

    #[test]
    fn no_cut_or_change_of_a_link_panics_and_what_reads_prints_back(
        at in 0..SCHEMES.len(),
        from in 0..60_usize,
        put in "[%@:/?#&=\\[\\]é\u{0}]{0,3}",
    ) {
        let example = SCHEMES[at].example();
        let (before, after) = example.split_at(from.min(example.len()));
        for link in [before.to_owned(), format!("{before}{put}{after}"), format!("{before}{put}")] {
            if let Ok(proxy) = link::parse(&link) {
                prints_back(&proxy)?;
            }
        }
    }

    #[test]
    fn a_reason_never_tells_the_password(password in "[a-zA-Z0-9]{12}", port in "[0-9:a-z]{0,7}", at in 0..SCHEMES.len()) {
        let name = SCHEMES[at].names()[0];
        for link in [
            format!("{name}://{password}@h.example:{port}"),
            format!("{name}://user:{password}@h.example:{port}?type=x"),
            format!("{password} {name}://"),
        ] {
            if let Err(reason) = link::parse(&link) {
                let told = format!("{reason} {reason:?}");
                prop_assert!(!told.contains(&password), "{}", told);
            }
        }
    }
}
