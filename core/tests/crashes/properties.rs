//! What holds for any bytes. Included by the fuzzers, which look for bytes that break it, and by
//! `crashes.rs`, which tries those that once did.

use configstream_core::document::{self, Lost, READERS, Reading, Shape, WRITERS, Writer};
use configstream_core::link;
use configstream_core::proxy::Credentials;
use configstream_core::{Proxy, Secret};

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
