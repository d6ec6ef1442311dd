//! Proxies that were made to hurt: every writer of the table is given all of them, in both shapes, and must
//! name what it could not write.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use configstream_core::document::{self, Lost, Shape, WRITERS, Writer, Written};
use configstream_core::link::{self, SCHEMES};
use configstream_core::proxy::{Credentials, Network, Param, Security, Tls, Transport};
use configstream_core::{Protocol, Proxy, Text};
use peak_alloc::PeakAlloc;

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

/// The stack of a program in a browser.
const STACK: usize = 1 << 20;

/// Bytes that writing and reading again may take for each byte of the proxies, and on top of that for any.
const ROOM: (usize, usize) = (40, 16 << 20);

const SHAPES: [Shape; 2] = [Shape::List, Shape::Configuration];

/// The formats whose programs read line by line.
const LINES: &[&str] = &["surge", "surfboard", "loon", "quantumultx", "shadowrocket", "wireguard", "openvpn"];

/// What strangers write into links.
const HOSTILE: &[&str] = &[
    "a\n[Script]\nx = type=cron, script-path=https://example.com/x.js",
    "a\r[MITM]\rhostname = *",
    "a\r\n[Rewrite]\r\nx",
    "\n[URL Rewrite]\n^x https://example.com 302",
    "a\u{2028}[General]\u{85}[Script]",
    "a\0b",
    "\"",
    "'",
    "a\"b'c\\",
    "[Script]",
    "a = b",
    "a, tls=true, skip-cert-verify=true",
    ",",
    "#",
    "a # b",
    "; x",
    "// x",
    "\u{202e}evil\u{200f}",
    "../../etc/passwd",
    "{a: b, c: [",
    "- a: b",
    "a: b",
    "|",
    "&a",
    "*a",
    "!!map",
    "null",
    "~",
    "1e5",
    "</ca>\nscript-security 2\nup /bin/sh",
    " ",
    "\t",
    "%0A[Script]%0A",
    "\u{feff}",
    "a://b",
    "vless://x@192.0.2.1:1",
    "DIRECT",
    "PROXY",
    "Proxy",
    "\u{1F1E9}\u{1F1EA} Berlin",
];

/// Longer than a link, and than what some programs hold.
const LONG: usize = 70_000;

/// Names under which formats keep fields: some are fields that they know, some are nobody's.
const PATHS: &[&str] = &[
    "type",
    "name",
    "server",
    "port",
    "tag",
    "a.b",
    "a..b",
    ".",
    "",
    "tls",
    "tls.enabled",
    "tls.insecure",
    "skip-cert-verify",
    "network",
    "ws-opts.path",
    "streamSettings.tlsSettings.allowInsecure",
    "settings",
    "protocol",
    "detour",
    "dialer-proxy",
    "section:a\n[Script]",
    "peer:public-key",
    "peers",
    "interface.PostUp",
    "interface.X\nPostUp",
    "peer.Endpoint",
    "up",
    "<ca>",
    "a\n[Script]\nb",
];

fn texts() -> Vec<Text> {
    let long = "x".repeat(LONG);
    HOSTILE.iter().copied().chain([long.as_str()]).map(Text::from).collect()
}

/// A proxy of every protocol that says what one of its protocol must: the examples of the schemes.
fn harmless() -> Vec<Proxy> {
    let examples = SCHEMES.iter().map(|scheme| link::parse(scheme.example()).unwrap().of_document());
    let known: Vec<_> = examples.collect();
    let missing =
        Protocol::ALL.iter().filter(|protocol| !known.iter().any(|known| known.protocol == **protocol));
    let bare = missing.map(|protocol| Proxy::new(*protocol, "192.0.2.1", 443)).collect::<Vec<_>>();
    known.into_iter().chain(bare).collect()
}

/// Each of the places in which a text of a stranger may stand.
const PLACES: &[fn(&mut Proxy, &Text)] = &[
    |proxy, text| proxy.name.clone_from(text),
    |proxy, text| web(proxy).host.clone_from(text),
    |proxy, text| web(proxy).path.clone_from(text),
    |proxy, text| tls(proxy).server_name.clone_from(text),
    |proxy, text| tls(proxy).alpn = [text.clone(), "h2".into()].into_iter().collect(),
    |proxy, text| {
        tls(proxy).security = Security::Reality;
        tls(proxy).public_key.clone_from(text);
    },
    |proxy, text| tls(proxy).short_id.clone_from(text),
    |proxy, text| tls(proxy).client_fingerprint.clone_from(text),
    secrets,
];

fn web(proxy: &mut Proxy) -> &mut Transport {
    proxy.transport.network = Network::Ws;
    &mut proxy.transport
}

fn tls(proxy: &mut Proxy) -> &mut Tls {
    proxy.tls.get_or_insert_default()
}

fn secrets(proxy: &mut Proxy, text: &Text) {
    let secret = || text.as_str().into();
    match &mut proxy.credentials {
        Credentials::Password(password)
        | Credentials::User { password, .. }
        | Credentials::Cipher { password, .. } => *password = secret(),
        Credentials::Login { username, password } => (*username, *password) = (text.clone(), secret()),
        Credentials::Ssh { username, private_key, .. } => {
            (*username, *private_key) = (text.clone(), secret());
        }
        Credentials::Keys { private_key, pre_shared_key } => {
            (*private_key, *pre_shared_key) = (secret(), secret());
        }
        others => *others = Credentials::Login { username: text.clone(), password: secret() },
    }
}

/// One proxy for a text at a place; some places are parameters, some are kept fields of formats.
fn hurt(proxy: &Proxy, place: usize, text: &Text) -> Proxy {
    let mut proxy = proxy.clone();
    let formats: BTreeSet<_> = WRITERS.iter().map(|writer| writer.reader().name()).collect();
    match PLACES.get(place) {
        Some(put) => put(&mut proxy, text),
        None if place == PLACES.len() => {
            for param in Param::ALL {
                proxy.set(*param, text.clone());
            }
        }
        None => {
            let param = Param::ALL[(place * 31 + text.len()) % Param::ALL.len()];
            proxy.set(param, text.clone());
            let path = PATHS[(place + text.len()) % PATHS.len()];
            proxy
                .extra
                .extend(formats.iter().map(|format| (format!("{format}:{path}").into(), text.clone())));
        }
    }
    proxy
}

/// Proxies of one protocol with hostile texts, and harmless ones among them. Not each text at each place, but
/// each text at some, and at each place some.
fn hostile(number: usize, proxy: &Proxy) -> Vec<Proxy> {
    let mut proxies = vec![proxy.clone()];
    let places = PLACES.len() + 4;
    for (at, text) in texts().iter().enumerate() {
        let chosen = (0..places).filter(|place| (place + at + number).is_multiple_of(7));
        proxies.extend(chosen.map(|place| hurt(proxy, place, text)));
    }
    proxies.push(proxy.clone());
    proxies
}

fn write(writer: &dyn Writer, proxies: &[Proxy], shape: Shape) -> Written {
    document::write(writer.name(), proxies, shape).unwrap()
}

fn read(writer: &dyn Writer, text: &str) -> Vec<Proxy> {
    document::read_as(writer.reader().name(), text.as_bytes()).unwrap().proxies
}

/// Which of the proxies are named as lost.
fn lost(written: &Written) -> HashSet<usize> {
    let lost = written.losses.iter().filter(|loss| matches!(loss.lost, Lost::Proxy(_)));
    lost.map(|loss| loss.proxy).collect()
}

/// The sections of a text without the numbers in them, at every end of a line that any program knows. A name
/// may begin with a bracket, as `[DE] 1` does; a section is alone on its line.
fn sections(text: &str) -> BTreeSet<String> {
    let lines = text.split(['\n', '\r', '\u{b}', '\u{c}', '\u{85}', '\u{2028}', '\u{2029}']);
    let sections = lines.map(str::trim).filter(|line| line.starts_with('[') && line.ends_with(']'));
    let name = |line: &str| {
        line.split_inclusive(']').next().unwrap_or_default().chars().take(40).collect::<String>()
    };
    sections.map(|line| name(line).replace(|char: char| char.is_ascii_digit(), "")).collect()
}

/// Proxies, and the bytes of them all.
type Case = (Vec<Proxy>, usize);

/// Hostile proxies of every protocol.
fn cases(harmless: &[Proxy]) -> Vec<Case> {
    let cases = harmless.iter().enumerate().map(|(at, proxy)| {
        let proxies = hostile(at, proxy);
        let given = document::write("json", &proxies, Shape::List).unwrap().text.len();
        (proxies, given)
    });
    cases.collect()
}

/// What one writer does wrong with some proxies.
fn check(
    writer: &dyn Writer,
    shape: Shape,
    (proxies, given): &Case,
    known: &BTreeSet<String>,
) -> Vec<String> {
    let before = MEMORY.current_usage();
    MEMORY.reset_peak_usage();
    let written = write(writer, proxies, shape);
    let room = MEMORY.peak_usage().saturating_sub(before);
    let mut wrong = Vec::new();
    if room > given * ROOM.0 + ROOM.1 {
        wrong.push(format!("{room} bytes of memory for {given}"));
    }
    let (again, lost) = (read(writer, &written.text).len(), lost(&written).len());
    if again + lost != proxies.len() {
        wrong.push(format!("{} given, {again} read again, {lost} lost", proxies.len()));
    }
    if LINES.contains(&writer.name()) {
        let foreign = sections(&written.text).into_iter().filter(|section| !known.contains(section));
        wrong.extend(foreign.map(|section| format!("a section {section:?}")));
    }
    let called = |wrong| format!("{} {shape:?}: {}: {wrong}", writer.name(), proxies[0].protocol);
    wrong.into_iter().map(called).collect()
}

/// What a writer does wrong with proxies of every protocol.
fn check_all(writer: &dyn Writer, shape: Shape, harmless: &[Proxy], cases: &[Case]) -> Vec<String> {
    let text = write(writer, harmless, shape).text;
    if shape == Shape::Configuration && !writer.has_configuration() {
        let is_list = text == write(writer, harmless, Shape::List).text;
        return if is_list { Vec::new() } else { vec![format!("{}: another shape", writer.name())] };
    }
    let known = sections(&text);
    cases.iter().flat_map(|case| check(writer, shape, case, &known)).collect()
}

/// On a stack of its own, so that a panic names its writer.
fn on_a_small_stack(writer: &dyn Writer, work: impl FnOnce() -> Vec<String> + Send) -> Vec<String> {
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().name(writer.name().to_owned()).stack_size(STACK);
        let thread = thread.spawn_scoped(scope, work).expect("a thread");
        thread.join().unwrap_or_else(|_| vec![format!("{}: a panic", writer.name())])
    })
}

/// One test, because memory is counted for the whole program.
#[test]
fn whatever_strangers_write_is_read_again_or_named_as_lost_and_opens_no_section() {
    let mut failures = Vec::new();
    let harmless = harmless();
    let cases = cases(&harmless);
    for writer in WRITERS {
        for shape in SHAPES {
            failures.extend(on_a_small_stack(*writer, || check_all(*writer, shape, &harmless, &cases)));
        }
        failures.extend(on_a_small_stack(*writer, || overrides(*writer)));
    }
    assert!(failures.is_empty(), "\n{}", failures.join("\n"));
}

/// Kept fields of a format that cost a proxy something else than kept fields.
fn overrides(writer: &dyn Writer) -> Vec<String> {
    let deep = "a.".repeat(32_000);
    let paths: Vec<_> = PATHS.iter().copied().chain([deep.as_str()]).collect();
    let (mut bare, mut kept) = (Vec::new(), Vec::new());
    for proxy in harmless() {
        for (at, path) in paths.iter().enumerate() {
            let name: Text = format!("p{}", bare.len()).into();
            let value = ["true", "direct", "Zzz", "{\"a\": 1}"][at % 4].into();
            let mut proxy = Proxy { name, ..proxy.clone() };
            bare.push(proxy.clone());
            proxy.extra.push((format!("{}:{path}", writer.reader().name()).into(), value));
            kept.push(proxy);
        }
    }
    let fits = |at: usize| writer.fits(&bare[at]).is_ok() && writer.fits(&kept[at]).is_ok();
    let [bare_lost, kept_lost] = [&bare, &kept].map(|proxies| said(&write(writer, proxies, Shape::List)));
    let wrong = (0..kept.len()).filter(|at| fits(*at)).filter_map(|at| {
        let more: Vec<_> =
            kept_lost.get(&at)?.difference(bare_lost.get(&at).unwrap_or(&BTreeSet::new())).cloned().collect();
        let path = paths[at % paths.len()].chars().take(40).collect::<String>();
        (!more.is_empty()).then(|| format!("{}: {}: {path:?}: {more:?}", writer.name(), kept[at].protocol))
    });
    wrong.collect()
}

/// What is lost of each proxy but for kept fields.
fn said(written: &Written) -> BTreeMap<usize, BTreeSet<String>> {
    let mut losses: BTreeMap<_, BTreeSet<_>> = BTreeMap::new();
    for loss in &written.losses {
        let said = format!("{:?}", loss.lost);
        if !said.starts_with("Field(\"extra.") {
            losses.entry(loss.proxy).or_default().insert(said);
        }
    }
    losses
}

fn parse(links: &[&str]) -> Vec<Proxy> {
    links.iter().map(|link| link::parse(link).unwrap().of_document()).collect()
}

#[test]
fn what_does_not_read_again_is_named_alone_and_left_out() {
    let mut proxies =
        parse(&["socks5://192.0.2.1:1080#a", "hysteria2://x@192.0.2.2:443#b", "socks5://192.0.2.3:1#c"]);
    proxies[1].set(Param::Obfs, "salamander");
    proxies.push(proxies[0].clone());
    proxies[3].name = "x".repeat(LONG).into();
    for name in ["links", "base64"] {
        let written = document::write(name, &proxies, Shape::List).unwrap();
        let lost = written.losses.iter().map(|loss| (loss.proxy, matches!(loss.lost, Lost::Proxy(_))));
        assert_eq!(lost.collect::<Vec<_>>(), [(1, true), (3, true)], "{name}");
        let again = document::read(written.text.as_bytes()).proxies;
        assert_eq!(again, [proxies[0].clone(), proxies[2].clone()], "{name}");
    }
}

#[test]
fn a_link_overrides_nothing_of_an_entry() {
    for (format, field) in [
        ("clash", "clash%3Atype=direct"),
        ("clash", "clash%3Aname=Zzz"),
        ("mihomo", "clash%3Aname=b"),
        ("mihomo", "clash%3Askip-cert-verify=true"),
        ("stash", "clash%3Aserver=192.0.2.9"),
        ("xray", "xray%3AstreamSettings.tlsSettings.allowInsecure=true"),
        ("xray", "xray%3Aprotocol=freedom"),
        ("singbox", "singbox%3Atls.insecure=true"),
        ("egern", "egern%3Askip_tls_verify=true"),
    ] {
        let links =
            ["trojan://x@192.0.2.1:443?sni=example.com#a", "trojan://x@192.0.2.2:443?sni=example.com#b"];
        let plain = parse(&links);
        let proxies = parse(&[links[0], &links[1].replace('#', &format!("&{field}#"))]);
        let written = document::write(format, &proxies, Shape::List).unwrap();
        assert_eq!(written.text, document::write(format, &plain, Shape::List).unwrap().text, "{field}");
        let kept = format!("extra.{}", field.split_once('=').unwrap().0.replace("%3A", ":"));
        assert!(
            written.losses.iter().any(|loss| loss.lost == Lost::Field(kept.clone())),
            "{:?}",
            written.losses
        );
    }
}

#[test]
fn what_a_link_says_under_the_name_of_a_format_is_written_nowhere_but_in_links() {
    for writer in WRITERS.iter().filter(|writer| writer.name() != "openvpn") {
        for scheme in
            SCHEMES.iter().filter(|scheme| writer.fits(&link::parse(scheme.example()).unwrap()).is_ok())
        {
            let (link, name) = scheme.example().split_once('#').unwrap_or((scheme.example(), ""));
            let mark = if link.contains('?') { '&' } else { '?' };
            let format = writer.reader().name();
            let text = format!("{link}{mark}{format}%3Ainterface=evil&{format}%3Aexec=evil#{name}");
            let Ok(proxy) = link::parse(&text) else { continue };
            let written = document::write(writer.name(), std::slice::from_ref(&proxy), Shape::List).unwrap();
            let is_own = ["links", "base64", "json"].contains(&writer.name());
            assert!(is_own || !written.text.contains("evil"), "{}: {}", writer.name(), written.text);
            let kept = proxy.extra.iter().filter(|(name, _)| name.contains(':')).count();
            let lost =
                written.losses.iter().filter(|loss| format!("{:?}", loss.lost).contains("extra.")).count();
            assert!(
                is_own || lost >= kept || !written.text.contains("192"),
                "{}: {:?}",
                writer.name(),
                written.losses
            );
        }
    }
}
