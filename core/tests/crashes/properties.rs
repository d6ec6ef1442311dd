//! What holds for any bytes. Included by the fuzzers, which look for bytes that break it, and by
//! `crashes.rs`, which tries those that once did.

use configstream_core::catalogue::{Catalogue, Entry, Measured, Patch, Snapshot, seal};
use configstream_core::document::{self, Lost, READERS, Reading, Shape, WRITERS, Writer};
use configstream_core::link;
use configstream_core::proxy::Credentials;
use configstream_core::route::Engine;
use configstream_core::{Proxy, Secret, Timestamp};

/// Every line reads or is refused, and what reads prints as a link that reads as the same.
pub(crate) fn links(bytes: &[u8]) {
    for line in String::from_utf8_lossy(bytes).lines() {
        for proxy in link::parse_all(line).unwrap_or_default() {
            prints_back(&proxy);
            shows_no_secret(&proxy);
        }
    }
}

/// A document reads as what it looks like and as every format, with places that it has and no more
/// proxies and rejected lines than it has room for.
pub(crate) fn documents(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    fits_into(&document::read(bytes), &text);
    for format in READERS {
        let reading = document::read_as(format.name(), bytes).expect("a format of the table");
        assert_eq!(reading.format, format.name());
        fits_into(&reading, &text);
    }
}

/// What a document holds is written in every format, and each proxy reads again or is named as lost.
pub(crate) fn roundtrip(bytes: &[u8]) {
    let mut reading = document::read(bytes);
    // Enough for names that clash; each is written in every format, and twice.
    reading.proxies.truncate(8);
    for writer in WRITERS {
        for shape in [Shape::List, Shape::Configuration] {
            writes_all_or_says_so(*writer, &reading.proxies, shape);
        }
    }
}

/// Bytes read as a snapshot, as the body of one, as a patch and as the changes of one, or are refused; what
/// reads is written as the same again.
pub(crate) fn catalogue(bytes: &[u8]) {
    _ = Snapshot::decode(bytes);
    _ = Patch::decode(bytes);
    if let Ok(snapshot) = Snapshot::decode(&seal(Snapshot::MAGIC, Snapshot::VERSION, bytes)) {
        stores_back(&snapshot);
    }
    let changes = [&head(), bytes].concat();
    let patch = Patch::decode(&seal(Patch::MAGIC, Patch::VERSION, &changes)).expect("a good head");
    if let Ok(snapshot) = patch.apply(base()) {
        stores_back(&snapshot);
    }
}

/// Bodies of snapshots and changes of patches.
pub(crate) fn stored() -> [Vec<u8>; 3] {
    let empty = Snapshot { revision: 1, ..Snapshot::default() };
    let gone = Patch::between(&base(), &Snapshot { revision: 2, ..Snapshot::default() });
    [body(&base().encode()).to_vec(), body(&empty.encode()).to_vec(), changes(gone.encode()).to_vec()]
}

fn stores_back(snapshot: &Snapshot) {
    assert_eq!(Snapshot::decode(&snapshot.encode()).as_ref(), Ok(snapshot));
    for row in snapshot.catalogue.rows() {
        _ = row.target(Engine::Firefox);
    }
}

/// The longest link that is read: one that is longer only when it is printed is not asked about.
const LONGEST_LINK: usize = 64 * 1024;

fn prints_back(proxy: &Proxy) {
    let printed = link::print(proxy);
    if printed.len() <= LONGEST_LINK {
        assert_eq!(link::parse(&printed).as_ref(), Ok(proxy), "{printed}");
        assert_eq!(printed.lines().count(), 1, "{printed}");
    }
}

/// A proxy shows itself as one does that has other secrets.
fn shows_no_secret(proxy: &Proxy) {
    assert_eq!(format!("{proxy:?}"), format!("{:?}", without_secrets(proxy)));
}

fn without_secrets(proxy: &Proxy) -> Proxy {
    let mut proxy = proxy.clone();
    for secret in secrets(&mut proxy.credentials) {
        *secret = Secret::from("another");
    }
    for (param, value) in &mut proxy.params {
        if param.is_secret() {
            *value = "another".into();
        }
    }
    proxy.extra.iter_mut().for_each(|(_, value)| *value = "another".into());
    proxy
}

fn secrets(credentials: &mut Credentials) -> Vec<&mut Secret> {
    match credentials {
        Credentials::None => vec![],
        Credentials::Password(secret)
        | Credentials::Login { password: secret, .. }
        | Credentials::Cipher { password: secret, .. }
        | Credentials::Vmess { id: secret, .. }
        | Credentials::Vless { id: secret, .. } => vec![secret],
        Credentials::User { id, password } => vec![id, password],
        Credentials::Keys { private_key, pre_shared_key } => vec![private_key, pre_shared_key],
        Credentials::Ssh { password, private_key, .. } => vec![password, private_key],
    }
}

fn fits_into(reading: &Reading, text: &str) {
    // Places in base64 count in the text within, in which a byte may become the three of U+FFFD.
    let length = if reading.format == "base64" { text.len() * 3 } else { text.len() };
    for place in reading.rejected.iter().map(|line| line.place) {
        assert!(place.line >= 1 && place.line <= length + 1, "{place:?} in {length} bytes");
        assert!(place.byte <= length, "{place:?} in {length} bytes");
        assert!(
            reading.format == "base64" || text.is_char_boundary(place.byte),
            "{place:?} is within a letter"
        );
    }
    let found = reading.proxies.len() + reading.rejected.len() + reading.unnamed;
    assert!(found <= text.len() + 1, "{found} of {} bytes", text.len());
}

fn writes_all_or_says_so(writer: &dyn Writer, proxies: &[Proxy], shape: Shape) {
    let name = writer.name();
    let written = document::write(name, proxies, shape).expect("a format of the table");
    let lost = written.losses.iter().filter(|loss| matches!(loss.lost, Lost::Proxy(_))).count();
    let reader = writer.reader().name();
    let again = document::read_as(reader, written.text.as_bytes()).expect("a format of the table");
    assert_eq!(again.proxies.len() + lost, proxies.len(), "{name}: {}\n{:?}", written.text, written.losses);
}

/// A few rows, to be stored and changed.
fn base() -> Snapshot {
    let links = [
        "socks5://user:pass@192.0.2.1:1080#Berlin%20%F0%9F%87%A9%F0%9F%87%AA",
        "vless://b831381d-6324-4d53-ad4f-8cda48b30811@h.example:443?type=ws&security=tls&path=%2Fx#one",
        "vmess://b831381d-6324-4d53-ad4f-8cda48b30811@h.example:443?type=ws",
        "http://[2001:db8::1]:8080",
    ];
    let measured =
        Measured { latency: Some(80), working: Some(true), city: Some("Bonn".into()), ..Measured::default() };
    let entry = |link: &str| {
        let proxy = link::parse(link).expect("a link");
        Entry::new(&proxy, vec!["a".to_owned(), "b".to_owned()], measured.clone(), Timestamp::default())
    };
    Snapshot { revision: 1, catalogue: Catalogue::new(links.map(entry).to_vec()), ..Snapshot::default() }
}

/// What comes after the head that every form has.
fn body(sealed: &[u8]) -> &[u8] {
    &sealed[24..]
}

/// Where the changes of a patch begin: after five numbers, of which the last byte has no high bit.
fn changes(sealed: &[u8]) -> &[u8] {
    let body = body(sealed);
    let mut ends = body.iter().enumerate().filter(|(_, byte)| **byte < 0x80);
    let (end, _) = ends.nth(4).expect("five numbers");
    &body[end + 1..]
}

/// The numbers with which a patch of the base begins.
fn head() -> Vec<u8> {
    let patch = Patch::between(&base(), &Snapshot { revision: 2, ..Snapshot::default() });
    let body = body(patch.encode());
    body[..body.len() - changes(patch.encode()).len()].to_vec()
}
