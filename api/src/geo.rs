//! The country of an address, from the database that the Tor project redistributes (CC BY-SA 4.0,
//! made from the location data of `IPFire`). It is embedded: nothing is looked up over a network.

use std::net::IpAddr;
use std::sync::Arc;

use configstream_core::geo::Country;
use tor_geoip::GeoipDb;

/// The embedded database. Cloning shares it.
#[derive(Clone)]
pub struct Geo(Arc<GeoipDb>);

impl Geo {
    /// Opens the database; the first call in a process takes some tenths of a second.
    pub fn open() -> Self {
        Self(GeoipDb::new_embedded())
    }

    /// The country of an address; `None` for private and unassigned ones.
    pub fn country(&self, address: IpAddr) -> Option<Country> {
        let code = self.0.lookup_country_code(address.to_canonical())?;
        Country::from_code(code.get())
    }

    /// The country of a proxy's host, where that is an address.
    pub fn country_of_host(&self, host: &str) -> Option<Country> {
        host.parse().ok().and_then(|address| self.country(address))
    }

    /// The autonomous system of an address; `None` where the database has none.
    pub fn asn(&self, address: IpAddr) -> Option<u32> {
        self.0.lookup_asn(address.to_canonical()).filter(|asn| *asn > 0)
    }
}

impl std::fmt::Debug for Geo {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Geo")
    }
}
