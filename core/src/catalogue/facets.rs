//! Facets: how many rows each filter would leave, as it would be if toggled.

use std::collections::BTreeMap;

use super::{Entry, Query};
use crate::Protocol;
use crate::geo::Country;

/// Counts per filter value: protocols under the query without its protocols, countries under the
/// query without its countries.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facets {
    /// Rows per protocol.
    pub protocols: BTreeMap<Protocol, usize>,
    /// Rows per country.
    pub countries: BTreeMap<Country, usize>,
}

/// Counts the rows of each filter value.
pub fn facets(entries: &[Entry], query: &Query) -> Facets {
    let without_protocols = Query { protocols: Vec::new(), ..query.clone() };
    let without_countries = Query { countries: Vec::new(), ..query.clone() };
    let (any_protocol, any_country) = (without_protocols.matcher(), without_countries.matcher());
    let mut facets = Facets::default();
    for entry in entries {
        if any_protocol.matches(entry) {
            *facets.protocols.entry(entry.protocol).or_default() += 1;
        }
        if let Some(country) = entry.measured.country.filter(|_| any_country.matches(entry)) {
            *facets.countries.entry(country).or_default() += 1;
        }
    }
    facets
}
