//! What holds for every scheme and every format of the tables.

use std::collections::HashSet;
use std::path::Path;

use configstream_core::document::{self, READERS, Shape, WRITERS};
use configstream_core::link::{self, Reason, SCHEMES};
use configstream_core::proxy::Param;
use configstream_core::{Protocol, Proxy};

#[test]
fn the_example_of_every_scheme_reads_and_prints_back_as_it_is_if_the_scheme_prints_any() {
    for scheme in SCHEMES {
        let proxy = link::parse(scheme.example()).unwrap();
        let printed = link::print(&proxy);
        assert_eq!(link::parse(&printed), Ok(proxy.clone()));
        let prints = !scheme.protocols().is_empty();
        assert_eq!(printed == scheme.example(), prints, "{printed}");
        assert_eq!(scheme.protocols().contains(&proxy.protocol), prints, "{printed}");
    }
}

#[test]
fn whatever_is_said_by_the_key_of_a_parameter_is_printed_back() {
    let said =
        |key: &str| [format!("{key}=a"), format!("{key}=a&{key}=b"), format!("x=1&{key}=1&{key}=9-99")];
    let keys = Param::ALL.iter().map(|param| param.key());
    let keys: Vec<_> = keys.chain(["name", "remarks", "tag", "user", "password", "server", "tls"]).collect();
    for (scheme, key) in SCHEMES.iter().flat_map(|scheme| keys.iter().map(move |key| (scheme, key))) {
        let (link, name) = scheme.example().split_once('#').unwrap_or((scheme.example(), ""));
        let mark = if link.contains('?') { '&' } else { '?' };
        let named = |query: String| [format!("{link}{mark}{query}#{name}"), format!("{link}{mark}{query}")];
        for text in said(key).into_iter().flat_map(named) {
            for proxy in link::parse_all(&text).unwrap_or_default() {
                assert_eq!(link::parse(&link::print(&proxy)), Ok(proxy), "{text}");
            }
        }
    }
}

#[test]
fn the_example_of_every_scheme_is_of_its_first_name() {
    for scheme in SCHEMES {
        let (name, _) = scheme.example().split_once("://").unwrap();
        assert_eq!(scheme.names().first(), Some(&name));
    }
}

#[test]
fn every_scheme_and_every_format_says_where_it_is_described() {
    let schemes = SCHEMES.iter().map(|scheme| scheme.specification());
    for address in schemes.chain(READERS.iter().map(|format| format.specification())) {
        assert!(address.starts_with("https://"), "{address}");
    }
}

#[test]
fn every_scheme_has_a_folder_of_cases() {
    for scheme in SCHEMES {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases").join(scheme.names()[0]);
        assert!(folder.read_dir().is_ok_and(|mut files| files.next().is_some()), "{}", folder.display());
    }
}

#[test]
fn no_two_schemes_and_no_two_formats_share_a_name() {
    let names: Vec<_> = SCHEMES.iter().flat_map(|scheme| scheme.names()).collect();
    assert_eq!(names.iter().collect::<HashSet<_>>().len(), names.len());
    let names: Vec<_> = READERS.iter().map(|format| format.name()).collect();
    assert_eq!(names.iter().collect::<HashSet<_>>().len(), names.len());
}

#[test]
fn every_name_of_a_scheme_names_its_protocol() {
    for scheme in SCHEMES {
        for name in scheme.names() {
            let of_link = link::parse(&format!("{name}://192.0.2.1:1")).ok().map(|proxy| proxy.protocol);
            let expected = match scheme.protocols() {
                [] => Protocol::from_key(name),
                [protocol] => Some(*protocol),
                _ => of_link,
            };
            assert_eq!(link::protocol(name), expected, "{name}");
        }
    }
}

#[test]
fn what_browsers_speak_reads_without_the_other_schemes() {
    for scheme in SCHEMES {
        let plain = [Protocol::Http, Protocol::Https, Protocol::Socks4, Protocol::Socks5];
        let proxy = link::parse(scheme.example()).unwrap();
        let printed = link::print(&proxy);
        let expected = plain.contains(&proxy.protocol);
        assert_eq!(link::parse_for_browser(&printed).ok(), Some(proxy).filter(|_| expected), "{printed}");
    }
}

#[test]
fn every_protocol_is_printed_by_exactly_one_scheme() {
    for protocol in Protocol::ALL {
        let printers = SCHEMES.iter().filter(|scheme| scheme.protocols().contains(&protocol));
        assert_eq!(printers.count(), 1, "{protocol}");
    }
}

#[test]
fn every_parameter_is_found_by_its_key_in_any_spelling() {
    for param in Param::ALL {
        assert_eq!(Param::from_key(param.key()), Some(*param));
        assert_eq!(Param::from_key(&param.key().to_uppercase().replace('_', "-")), Some(*param));
    }
}

#[test]
fn what_must_not_be_shown_is_not_in_the_debug_form() {
    for param in Param::ALL {
        let mut proxy = Proxy::new(Protocol::Trojan, "192.0.2.1", 443);
        proxy.set(*param, "hunter2");
        proxy.extra.push(("token".into(), "hunter3".into()));
        let shown = format!("{proxy:?}");
        assert_eq!(shown.contains("hunter2"), !param.is_secret(), "{shown}");
        assert!(!shown.contains("hunter3"), "{shown}");
    }
}

#[test]
fn only_what_changes_where_bytes_go_or_as_whom_changes_the_identity() {
    for param in Param::ALL {
        let mut proxy = Proxy::new(Protocol::Trojan, "192.0.2.1", 443);
        let before = proxy.fingerprint();
        proxy.set(*param, "1");
        assert_eq!(proxy.fingerprint() != before, param.is_identity(), "{param:?}");
    }
}

/// Room counts: lists have millions. Its texts, two words each, are most of it.
#[test]
#[cfg(target_pointer_width = "64")]
fn a_proxy_takes_no_more_room_than_it_did() {
    assert!(size_of::<Proxy>() <= 304, "{}", size_of::<Proxy>());
}

#[test]
fn parameters_are_kept_in_order_each_once() {
    let mut proxy = Proxy::new(Protocol::Hysteria2, "192.0.2.1", 443);
    proxy.set(Param::Obfs, "salamander");
    proxy.set(Param::Ports, "1-2");
    proxy.set(Param::Ports, "3-4");
    proxy.set(Param::Mtu, "1");
    proxy.set(Param::Mtu, "");
    assert_eq!(proxy.params, [(Param::Ports, "3-4".into()), (Param::Obfs, "salamander".into())]);
}

#[test]
fn scheme_names_are_read_in_any_case() {
    for scheme in SCHEMES {
        let (name, rest) = scheme.example().split_once("://").unwrap();
        let shouted = format!("{}://{rest}", name.to_ascii_uppercase());
        assert_eq!(link::parse(&shouted), link::parse(scheme.example()));
    }
}

#[test]
fn the_example_of_every_format_reads_unless_the_format_is_refused() {
    for format in READERS {
        let reading = document::read_as(format.name(), format.example().as_bytes()).unwrap();
        let reason = reading.rejected.first().map(|line| &line.reason);
        let refused = matches!(reason, Some(Reason::Page { .. } | Reason::Encrypted));
        assert_ne!(reading.proxies.is_empty(), !refused, "{}: {reason:?}", format.name());
    }
}

#[test]
fn every_format_that_is_read_is_recognised_by_its_example() {
    for format in READERS {
        assert_eq!(document::read(format.example().as_bytes()).format, format.name());
    }
}

#[test]
fn what_a_format_writes_and_reads_is_the_same() {
    let proxies: Vec<Proxy> = SCHEMES.iter().map(|scheme| link::parse(scheme.example()).unwrap()).collect();
    for name in ["links", "base64", "json", "csv"] {
        let written = document::write(name, &proxies, Shape::List).unwrap();
        assert_eq!(written.losses, []);
        let reading = document::read(written.text.as_bytes());
        assert_eq!((reading.format, &reading.proxies), (name, &proxies));
    }
}

#[test]
fn an_unknown_format_is_answered_with_the_names_that_would_do() {
    let unknown = document::write("html", &[], Shape::List).unwrap_err();
    let names: Vec<_> = WRITERS.iter().map(|format| format.name()).collect();
    assert_eq!(unknown.to_string(), format!("no format html: expected one of {}", names.join(", ")));
    assert!(document::read_as("nonsense", b"").unwrap_err().expected.contains("html"));
}
