//! Choices: chips that are on or off, and what a browser can connect to.

use configstream_core::catalogue::{Entry, Facets, Query, Sort};
use configstream_core::geo::Country;
use configstream_core::route::{Engine, Unusable};
use configstream_core::{Protocol, link};

/// What browsers speak by themselves.
pub const BROWSER: [Protocol; 4] = [Protocol::Http, Protocol::Https, Protocol::Socks4, Protocol::Socks5];

/// Takes `item` out, or puts it in.
pub fn toggle<T: PartialEq>(items: &mut Vec<T>, item: T) {
    match items.iter().position(|known| *known == item) {
        Some(at) => _ = items.remove(at),
        None => items.push(item),
    }
}

/// Why this browser cannot connect to a row; `None` when it can.
pub fn obstacle(engine: Engine, entry: &Entry) -> Option<Unusable> {
    if !BROWSER.contains(&entry.protocol) {
        return Some(Unusable::Protocol(entry.protocol));
    }
    match link::parse_for_browser(&entry.link) {
        Ok(proxy) => engine.server(&proxy).err(),
        Err(_) => Some(Unusable::Protocol(entry.protocol)),
    }
}

/// The protocols to offer: those with rows, and those that are chosen, in the usual order.
pub fn protocols(facets: &Facets, chosen: &[Protocol]) -> Vec<Protocol> {
    let offered = |protocol: &Protocol| facets.protocols.contains_key(protocol) || chosen.contains(protocol);
    Protocol::ALL.into_iter().filter(offered).collect()
}

/// The countries to offer, the fullest first, and those that are chosen.
pub fn countries(facets: &Facets, chosen: &[Country]) -> Vec<Country> {
    let mut counted: Vec<(Country, usize)> =
        facets.countries.iter().map(|(country, n)| (*country, *n)).collect();
    counted.sort_by_key(|(country, n)| (std::cmp::Reverse(*n), *country));
    let missing = chosen.iter().filter(|country| !facets.countries.contains_key(country));
    counted.iter().map(|(country, _)| *country).chain(missing.copied()).collect()
}

/// A query whose text may have filters in it, with these as filters of their own.
pub fn with_typed_filters(query: &Query) -> Query {
    let chosen = Query { text: String::new(), ..query.clone() };
    Query::from_text(&[&chosen.to_text(), " ", &query.text].concat())
}

/// Has a query say nothing of countries.
pub fn forget_countries(query: &mut Query) {
    query.countries.clear();
    query.not.countries.clear();
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
    use configstream_core::Timestamp;
    use configstream_core::catalogue::Measured;

    use super::*;

    fn entry(text: &str) -> Entry {
        let proxy = link::parse(text).expect("a link");
        Entry::new(&proxy, Vec::new(), Measured::default(), Timestamp::default())
    }

    #[test]
    fn a_chip_pressed_twice_changes_nothing() {
        let mut chosen = vec![Protocol::Http];
        toggle(&mut chosen, Protocol::Vless);
        toggle(&mut chosen, Protocol::Vless);
        assert_eq!(chosen, [Protocol::Http]);
    }

    #[test]
    fn chrome_cannot_use_a_socks5_password_and_says_so() {
        let row = entry("socks5://user:pass@192.0.2.1:1080");
        assert_eq!(obstacle(Engine::Chrome, &row), Some(Unusable::SocksLogin));
        assert_eq!(obstacle(Engine::Firefox, &row), None);
    }

    #[test]
    fn the_fullest_country_comes_first_and_a_chosen_empty_one_stays() {
        let code = |code| Country::from_code(code).expect("a code");
        let facets = Facets { countries: [(code("DE"), 2), (code("FR"), 9)].into(), ..Facets::default() };
        assert_eq!(countries(&facets, &[code("US")]), [code("FR"), code("DE"), code("US")]);
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
    fn a_query_that_forgets_countries_keeps_all_else() {
        let mut query = Query::from_text("country:de -country:fr proto:vless berlin");
        forget_countries(&mut query);
        assert_eq!(query, Query::from_text("proto:vless berlin"));
    }

    #[test]
    fn every_sort_is_found_by_its_key() {
        assert!(Sort::ALL.into_iter().all(|sort| sort_of(sort.key()) == sort));
    }
}
