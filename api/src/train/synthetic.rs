//! Histories with a known truth, for tests.

use configstream_core::Timestamp;
use configstream_core::score::model::Claims;

use super::records::{Listing, Named, Records, Test};

const DAY: u64 = 86_400_000;

/// Proxies of twelve networks, a list a day and a batch an hour later. A proxy works as its network does:
/// four networks nearly always, four half of the time, four nearly never. The last octet says nothing.
pub(super) fn records(days: u64, seed: u64) -> Records {
    let mut records = Records::default();
    let mut state = seed;
    let mut draw = move || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as f64 / f64::from(1_u32 << 31)
    };
    for day in 1..=days {
        let fresh =
            |network: u64, place: u64| named(network, if place < 12 { place + 1 } else { place + day });
        let proxies: Vec<(u64, Named)> =
            (0..12).flat_map(|network| (0..16).map(move |place| (network, fresh(network, place)))).collect();
        let listing = |(_, proxy): &(u64, Named)| Listing {
            proxy: proxy.clone(),
            country: None,
            claims: Claims::default(),
        };
        records.lists.push((Timestamp::from_millis(day * DAY), proxies.iter().map(listing).collect()));
        let test = |(network, proxy): (u64, Named)| Test { proxy, worked: draw() < truth(network) };
        records
            .batches
            .push((Timestamp::from_millis(day * DAY + 3_600_000), proxies.into_iter().map(test).collect()));
    }
    records
}

/// The chance that a proxy of a network works.
pub(super) fn truth(network: u64) -> f64 {
    [0.9, 0.5, 0.1][(network % 3) as usize]
}

fn named(network: u64, place: u64) -> Named {
    let host = format!("192.{network}.0.{}", place.min(250));
    Named { id: format!("{host}:80"), host, port: 80 }
}
