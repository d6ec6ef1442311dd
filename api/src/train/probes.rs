//! The history of the database that `serve` keeps.

use std::collections::HashMap;
use std::path::Path;

use configstream_core::score::model::Claims;
use configstream_core::{Timestamp, link};

use super::records::{Listing, Named, Records, Test};
use crate::clock;
use crate::geo::Geo;
use crate::reliability::{self, TOGETHER};
use crate::store::{self, Tried};

/// What the database in a folder knows of tests. The message of an error says what to do.
pub(super) fn read(folder: &Path) -> Result<Records, String> {
    let tried = store::ask(folder, async |store| store.tried(clock::now()).await)?;
    Ok(records(&tried, &Geo::open()))
}

/// Tests by the hour. That a proxy was tested says that it was listed.
fn records(tried: &[Tried], geo: &Geo) -> Records {
    let mut records = Records::default();
    let mut names: HashMap<&str, Option<Listing>> = HashMap::new();
    for hour in tried.chunk_by(|a, b| hour(a) == hour(b)) {
        let Some(asked_at) = hour.first().map(self::hour) else { continue };
        let (mut list, mut tests) = (Vec::new(), Vec::new());
        for one in hour {
            let known = names.entry(&one.proxy).or_insert_with(|| listing(one, geo));
            let Some(listing) = known.clone() else { continue };
            tests.push(Test { proxy: listing.proxy.clone(), worked: one.working });
            list.push(listing);
        }
        records.lists.push((asked_at, list));
        records.batches.push((asked_at.plus(TOGETHER), tests));
    }
    records
}

fn hour(tried: &Tried) -> Timestamp {
    reliability::hour(tried.at)
}

fn listing(tried: &Tried, geo: &Geo) -> Option<Listing> {
    let endpoint = link::parse(&tried.config).ok()?.endpoint;
    let proxy = Named { id: tried.proxy.clone(), host: endpoint.host.to_string(), port: endpoint.port };
    // The stored country will not do: it is the exit's, and there because the proxy worked, perhaps later.
    let country = geo.country_of_host(&proxy.host);
    Some(Listing { proxy, country, claims: Claims::default() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tests_of_an_hour_are_one_batch_asked_for_at_its_start() {
        let tried = |minutes: u64| Tried {
            proxy: "00".to_owned(),
            config: "socks5://192.0.2.1:1080".to_owned(),
            at: Timestamp::from_millis(minutes * 60_000),
            working: minutes > 60,
        };
        let records = records(&[5, 50, 61].map(tried), &Geo::open());
        assert_eq!(records.batches.iter().map(|(_, tests)| tests.len()).collect::<Vec<_>>(), [2, 1]);
        assert_eq!(records.lists[1].0, Timestamp::from_millis(TOGETHER));
        assert_eq!(records.batches[1].1[0].proxy.port, 1080);
    }
}
