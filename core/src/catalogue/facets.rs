//! Facets: how many rows each filter would leave, as it would be if toggled.

use std::collections::BTreeMap;

use super::{Catalogue, Query};
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
pub fn facets(catalogue: &Catalogue, query: &Query) -> Facets {
    let without_protocols = Query { protocols: Vec::new(), ..query.clone() };
    let without_countries = Query { countries: Vec::new(), ..query.clone() };
    let (any_protocol, any_country) = (without_protocols.matcher(), without_countries.matcher());
    let mut facets = Facets::default();
    for row in catalogue.rows() {
        if any_protocol.matches(&row) {
            *facets.protocols.entry(row.protocol()).or_default() += 1;
        }
        if let Some(country) = row.country().filter(|_| any_country.matches(&row)) {
            *facets.countries.entry(country).or_default() += 1;
        }
    }
    facets
}
