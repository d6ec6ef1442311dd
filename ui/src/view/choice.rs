//! Choices: chips that are on or off, and what a browser can connect to.

use configstream_core::Protocol;
use configstream_core::catalogue::{Entry, Query, Row, Sort};
use configstream_core::route::{Engine, Unusable};

/// Why this browser cannot connect to a row, as far as the row says it; `None` when it can. The link is not
/// read: that is done when it is connected to.
pub fn obstacle(engine: Engine, entry: &Entry) -> Option<Unusable> {
    let socks = matches!(entry.protocol, Protocol::Socks4 | Protocol::Socks5);
    match entry.protocol {
        _ if entry.engines.has(engine) => None,
        _ if socks && entry.security.is_some() => Some(Unusable::SocksTls),
        Protocol::Socks5 => Some(Unusable::SocksLogin),
        Protocol::Socks4 => Some(Unusable::Socks4Login),
        Protocol::Http | Protocol::Https => Some(Unusable::NotAsShown),
        other => Some(Unusable::Protocol(other)),
    }
}

/// Whether a pick takes a row: this browser reaches it by itself, and the proxy looks names up.
pub fn is_picked_from(engine: Engine, row: Row<'_>) -> bool {
    row.engines().has(engine) && !engine.leaks_dns(row.protocol())
}

/// A query whose text may have filters in it, with these as filters of their own.
pub fn with_typed_filters(query: &Query) -> Query {
    let chosen = Query { text: String::new(), ..query.clone() };
    Query::from_text(&[&chosen.to_text(), " ", &query.text].concat())
}

/// The words for a sort key.
pub const fn sort_label(sort: Sort) -> &'static str {
    match sort {
        Sort::Score => "Best score",
        Sort::Latency => "Fastest",
        Sort::Country => "Country",
        Sort::Protocol => "Protocol",
        Sort::TestedAt => "Last tested",
        Sort::Name => "Name",
    }
}

/// The sort key of its [`Sort::key`].
pub fn sort_of(key: &str) -> Sort {
    Sort::ALL.into_iter().find(|sort| sort.key() == key).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use configstream_core::catalogue::{Catalogue, Measured};
    use configstream_core::geo::Country;
    use configstream_core::{Timestamp, link};

    use super::*;

    fn entry(text: &str) -> Entry {
        let proxy = link::parse(text).expect("a link");
        Entry::new(&proxy, Vec::new(), Measured::default(), Timestamp::default())
    }

    #[test]
    fn chrome_cannot_use_a_socks5_password_and_says_so() {
        let row = entry("socks5://user:pass@192.0.2.1:1080");
        assert_eq!(obstacle(Engine::Chrome, &row), Some(Unusable::SocksLogin));
        assert_eq!(obstacle(Engine::Firefox, &row), None);
    }

    #[test]
    fn the_obstacle_of_a_row_is_that_of_its_link() {
        for text in [
            "http://192.0.2.1:80",
            "https://user:pass@192.0.2.1:443",
            "socks4://192.0.2.1:1080",
            "socks4://user@192.0.2.1:1080",
            "socks5://192.0.2.1:1080",
            "socks5://user:pass@192.0.2.1:1080",
            "trojan://secret@192.0.2.1:443",
        ] {
            let proxy = link::parse(text).expect("a link");
            for engine in Engine::ALL {
                assert_eq!(obstacle(engine, &entry(text)), engine.server(&proxy).err(), "{text}");
            }
        }
    }

    #[test]
    fn a_pick_takes_what_the_browser_reaches_without_looking_names_up_itself() {
        let links = ["http://192.0.2.1:80", "socks4://192.0.2.2:1080", "trojan://secret@192.0.2.3:443"];
        let catalogue = Catalogue::new(links.map(entry).to_vec());
        let picked = |engine| catalogue.rows().map(|row| is_picked_from(engine, row)).collect::<Vec<_>>();
        assert_eq!(picked(Engine::Chrome), [true, false, false]);
        assert_eq!(picked(Engine::Firefox), [true, true, false]);
    }

    #[test]
    fn what_is_typed_as_a_filter_is_one_beside_the_chips() {
        let typed = "berlin country:fr".to_owned();
        let query =
            Query { protocols: vec![Protocol::Vless], text: typed, sort: Sort::Name, ..Query::default() };
        let france = Country::from_code("FR").expect("a code");
        let expected = Query { countries: vec![france], text: "berlin".to_owned(), ..query.clone() };
        assert_eq!(with_typed_filters(&query), expected);
    }

    #[test]
    fn every_sort_is_found_by_its_key() {
        assert!(Sort::ALL.into_iter().all(|sort| sort_of(sort.key()) == sort));
    }
}
