//! Names of files, for formats that hold one proxy each.

use std::collections::HashSet;

use crate::Proxy;
use crate::geo::Country;

/// The longest name without its ending: `wg-quick` names a network interface after the file, and Linux
/// takes 15 characters for one.
const LONGEST: usize = 15;

/// Names that Windows keeps for devices.
const DEVICES: [&str; 6] = ["con", "prn", "aux", "nul", "com", "lpt"];

/// A file name for each proxy, without its ending: of letters, digits, `-` and `_` alone, at most 15, and
/// no two the same but for case.
///
/// ```
/// use configstream_core::{curate::file_names, link};
/// let names = ["socks5://192.0.2.1:1#../Berlin 1", "socks5://192.0.2.1:1#../berlin 1"];
/// let proxies = names.map(|link| link::parse(link).unwrap());
/// assert_eq!(file_names(&proxies), ["Berlin-1", "berlin-1-2"]);
/// ```
pub fn file_names(proxies: &[Proxy]) -> Vec<String> {
    let mut taken = HashSet::new();
    let mut last = std::collections::HashMap::new();
    let names = proxies.iter().map(|proxy| {
        let stem = stem(proxy);
        let number = last.entry(stem.to_ascii_lowercase()).or_insert(0_usize);
        loop {
            *number += 1;
            let name = numbered(&stem, *number);
            if taken.insert(name.to_ascii_lowercase()) {
                return name;
            }
        }
    });
    names.collect()
}

/// What of a proxy's name a file name can hold; its country and protocol, where that is nothing.
fn stem(proxy: &Proxy) -> String {
    let plain = plain(&proxy.name);
    let device = DEVICES
        .iter()
        .any(|device| plain.to_ascii_lowercase().trim_end_matches(|c: char| c.is_ascii_digit()) == *device);
    if plain.chars().any(|char| char.is_ascii_alphabetic()) && !device {
        return cut(&plain, LONGEST).to_owned();
    }
    let country = Country::named_in(&proxy.name).map(|country| country.code().to_owned() + "-");
    let name = [country.unwrap_or_default().as_str(), proxy.protocol.key(), "-", plain.as_str()].concat();
    cut(&name, LONGEST).to_owned()
}

/// Letters and digits of ASCII, with one `-` for what stands between them.
fn plain(name: &str) -> String {
    let words = name.split(|char: char| !char.is_ascii_alphanumeric() && char != '_');
    words.filter(|word| !word.is_empty()).collect::<Vec<_>>().join("-")
}

fn numbered(stem: &str, number: usize) -> String {
    if number == 1 {
        return stem.to_owned();
    }
    let end = format!("-{number}");
    [cut(stem, LONGEST.saturating_sub(end.len())), &end].concat()
}

/// The first bytes of a text of ASCII, without a `-` at its end.
fn cut(text: &str, most: usize) -> &str {
    text.get(..most).unwrap_or(text).trim_end_matches('-')
}
