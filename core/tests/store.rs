//! What holds for a catalogue that changes, and for its forms at rest and in motion.

use std::collections::{BTreeMap, HashSet};

use configstream_core::api;
use configstream_core::catalogue::{BadPatch, BadSnapshot, Catalogue, Entry, Measured, Patch, Row, Snapshot};
use configstream_core::geo::Country;
use configstream_core::proxy::Security;
use configstream_core::route::{Engine, Unusable};
use configstream_core::{Fingerprint, Timestamp, link};
use proptest::prelude::*;
use proptest::sample::{Index, select};

#[path = "../benches/rows/mod.rs"]
mod rows;

fn measured() -> impl Strategy<Value = Measured> {
    let country = select(["DE", "US"].as_slice()).prop_map(|code| Country::from_code(code).unwrap());
    let time = || prop::option::of((0..u64::MAX).prop_map(Timestamp::from_millis));
    let city = prop::option::of("(Bonn|Köln|x{300})").prop_map(|city| city.map(Into::into));
    let latency = prop::option::of(prop_oneof![0..3_000_u32, 0..u32::MAX]);
    let fields =
        (prop::option::of(country), city, latency, any::<Option<bool>>(), time(), time(), 0..1_500_u16);
    fields.prop_map(|(country, city, latency, working, tested_at, first_seen, reliability)| Measured {
        country,
        city,
        latency,
        working,
        tested_at,
        first_seen,
        reliability: Some(reliability).filter(|share| *share <= 1_000),
    })
}

/// A row of the generator with other values, or with texts that no link says.
fn entry() -> impl Strategy<Value = Entry> {
    let sources = prop::collection::vec("[a-d]", 0..4);
    let texts = prop::option::of(("[a-z.é]{0,9}", "\\PC{0,9}", any::<u16>()));
    (0..40_u64, measured(), sources, texts, 0..=100_u8).prop_map(
        |(number, measured, sources, texts, score)| {
            let entry = Entry { measured, sources, score, ..rows::row(number, 7) };
            match texts {
                Some((host, name, port)) => Entry { host, name, port, ..entry },
                None => entry,
            }
        },
    )
}

fn catalogue() -> impl Strategy<Value = Catalogue> {
    prop::collection::vec(entry(), 0..40).prop_map(Catalogue::new)
}

fn snapshot() -> impl Strategy<Value = Snapshot> {
    (any::<u64>(), any::<u64>(), catalogue()).prop_map(|(revision, at, catalogue)| Snapshot {
        revision,
        published_at: Timestamp::from_millis(at),
        catalogue,
    })
}

fn set(catalogue: &Catalogue) -> BTreeMap<Fingerprint, Entry> {
    catalogue.rows().map(|row| (row.id(), row.to_entry())).collect()
}

#[derive(Clone, Debug)]
enum Change {
    Upsert(Entry),
    Remove(Index),
    Extend(Vec<Entry>),
}

fn change() -> impl Strategy<Value = Change> {
    prop_oneof![
        4 => entry().prop_map(Change::Upsert),
        2 => any::<Index>().prop_map(Change::Remove),
        1 => prop::collection::vec(entry(), 0..9).prop_map(Change::Extend),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_goes_in_comes_out(entry in entry()) {
        let catalogue = Catalogue::new(vec![entry.clone()]);
        prop_assert_eq!(catalogue.row(0).map(|row| row.to_entry()), Some(entry));
    }

    #[test]
    fn a_catalogue_that_changed_is_one_made_anew(changes in prop::collection::vec(change(), 0..120)) {
        let (mut catalogue, mut expected) = (Catalogue::default(), BTreeMap::new());
        for change in changes {
            match change {
                Change::Upsert(entry) => {
                    let row = catalogue.upsert(&entry).unwrap();
                    prop_assert_eq!(catalogue.row(row).unwrap().to_entry(), entry.clone());
                    expected.insert(entry.id, entry);
                }
                Change::Remove(_) if catalogue.is_empty() => {}
                Change::Remove(at) => {
                    let id = catalogue.row(at.index(catalogue.len()) as u32).unwrap().id();
                    prop_assert!(catalogue.remove(id) && !catalogue.remove(id));
                    expected.remove(&id);
                }
                Change::Extend(entries) => {
                    catalogue.extend(entries.clone());
                    expected.extend(entries.into_iter().map(|entry| (entry.id, entry)));
                }
            }
            prop_assert_eq!(catalogue.len(), expected.len());
        }
        prop_assert_eq!(set(&catalogue), set(&Catalogue::new(expected.values().cloned().collect())));
        prop_assert_eq!(set(&catalogue), expected);
    }

    #[test]
    fn a_snapshot_reads_back(snapshot in snapshot()) {
        let bytes = snapshot.encode();
        let read = Snapshot::decode(&bytes).unwrap();
        prop_assert_eq!(read.encode(), bytes);
        prop_assert_eq!(read, snapshot);
    }

    #[test]
    fn a_snapshot_with_another_bit_or_cut_or_with_more_is_refused_whole(snapshot in snapshot(), at in any::<Index>(), bit in 0..8) {
        let bytes = snapshot.encode();
        let at = at.index(bytes.len());
        let mut flipped = bytes.clone();
        flipped[at] ^= 1_u8 << bit;
        let more = [&bytes, "x".as_bytes()].concat();
        for damaged in [&flipped, &bytes[..at], &more] {
            prop_assert_eq!(Snapshot::decode(damaged), Err(BadSnapshot::Damaged));
        }
    }

    #[test]
    fn a_patch_makes_the_new_of_the_old(old in snapshot(), new in snapshot()) {
        let patch = Patch::decode(Patch::between(&old, &new).encode()).unwrap();
        prop_assert_eq!((patch.from(), patch.to()), (old.revision, new.revision));
        let made = patch.apply(old).unwrap();
        prop_assert_eq!((made.revision, made.published_at), (new.revision, new.published_at));
        prop_assert_eq!(set(&made.catalogue), set(&new.catalogue));
    }

    #[test]
    fn a_patch_does_not_care_in_which_order_rows_lie(old in snapshot(), new in snapshot()) {
        let patch = Patch::between(&old, &new);
        let turned = Catalogue::new(old.catalogue.rows().rev().map(|row| row.to_entry()).collect());
        let made = patch.apply(Snapshot { catalogue: turned, ..old }).unwrap();
        prop_assert_eq!(set(&made.catalogue), set(&new.catalogue));
    }

    #[test]
    fn a_patch_is_refused_by_every_other_base(old in snapshot(), new in snapshot(), other in snapshot()) {
        let patch = Patch::between(&old, &new);
        let (from, have) = (old.revision, other.revision);
        prop_assume!(from != have && set(&other.catalogue) != set(&old.catalogue));
        let same_revision = Snapshot { revision: from, ..other.clone() };
        prop_assert_eq!(patch.apply(same_revision), Err(BadPatch::Rows(from)));
        prop_assert_eq!(patch.apply(other), Err(BadPatch::Base { from, have }));
    }

    #[test]
    fn a_damaged_patch_is_refused(old in snapshot(), new in snapshot(), at in any::<Index>(), bit in 0..8) {
        let mut bytes = Patch::between(&old, &new).encode().to_vec();
        let at = at.index(bytes.len());
        bytes[at] ^= 1_u8 << bit;
        prop_assert_eq!(Patch::decode(&bytes), Err(BadPatch::Form(BadSnapshot::Damaged)));
        prop_assert_eq!(Patch::decode(&bytes[..at]), Err(BadPatch::Form(BadSnapshot::Damaged)));
    }
}

#[test]
fn marks_stay_on_rows_that_stay_and_are_in_no_snapshot() {
    let entries = rows::rows(20, 1);
    let marked: HashSet<Fingerprint> = [entries[3].id, entries[5].id].into();
    let mut old = Snapshot { revision: 1, catalogue: Catalogue::new(entries.clone()), ..Snapshot::default() };
    old.catalogue.set_favourites(&marked);
    let new =
        Snapshot { revision: 2, catalogue: Catalogue::new(entries[4..].to_vec()), ..Snapshot::default() };
    let made = Patch::between(&old, &new).apply(old.clone()).unwrap();
    let favourites = |catalogue: &Catalogue| -> Vec<_> {
        catalogue.rows().filter(Row::is_favourite).map(|row| row.id()).collect()
    };
    assert_eq!(favourites(&made.catalogue), [entries[5].id]);
    assert_eq!(favourites(&Snapshot::decode(&old.encode()).unwrap().catalogue), []);
    old.catalogue.upsert(&rows::retested(&entries[3], 9)).unwrap();
    assert_eq!(favourites(&old.catalogue).len(), 2);
}

#[test]
fn a_snapshot_of_version_1_is_still_read() {
    let entries = rows::rows(50, 1);
    let proxies = entries.iter().map(api::Proxy::from).collect();
    let old = api::Snapshot { version: 1, revision: 9, published_at: rows::NOW, proxies };
    let read = Snapshot::decode(&old.encode()).unwrap();
    assert_eq!((read.revision, read.published_at), (9, rows::NOW));
    assert_eq!(read.catalogue, Catalogue::new(entries));
    assert_eq!(Snapshot::decode(b"{}"), Err(BadSnapshot::Damaged));
    let newer = api::Snapshot { version: 7, ..old };
    assert_eq!(Snapshot::decode(&newer.encode()), Err(BadSnapshot::Version(7)));
}

#[test]
fn a_row_that_shows_another_proxy_than_its_link_is_not_connected_to() {
    let entry = |text: &str| {
        Entry::new(&link::parse(text).unwrap(), Vec::new(), Measured::default(), Timestamp::default())
    };
    let honest = entry("https://192.0.2.1:443#one");
    let other = entry("http://198.51.100.1:80#one");
    let target = |entry: Entry| {
        let sent = Snapshot { catalogue: Catalogue::new(vec![entry]), ..Snapshot::default() }.encode();
        let row = Snapshot::decode(&sent).unwrap();
        row.catalogue.row(0).unwrap().target(Engine::Firefox)
    };
    assert!(target(honest.clone()).is_ok());
    let lies = [
        Entry { link: other.link.clone(), ..honest.clone() },
        Entry { id: other.id, ..honest.clone() },
        Entry { protocol: other.protocol, ..honest.clone() },
        Entry { host: other.host.clone(), ..honest.clone() },
        Entry { port: other.port, ..honest.clone() },
        Entry { safety: other.safety, ..honest.clone() },
        Entry { security: Some(Security::Reality), ..honest },
    ];
    for lie in lies {
        assert_eq!(target(lie.clone()), Err(Unusable::NotAsShown), "{lie:?}");
    }
}

#[test]
fn a_catalogue_that_is_updated_for_long_does_not_grow() {
    let entries = rows::rows(200, 1);
    let mut catalogue = Catalogue::new(entries.clone());
    let room = |catalogue: &Catalogue| {
        Snapshot { catalogue: catalogue.clone(), ..Snapshot::default() }.encode().len()
    };
    let before = room(&catalogue);
    for round in 0..50 {
        for entry in &entries {
            let name = format!("{round} {}", entry.name);
            catalogue.upsert(&Entry { name, ..entry.clone() }).unwrap();
        }
    }
    for entry in &entries {
        catalogue.upsert(entry).unwrap();
    }
    assert_eq!(room(&catalogue), before);
    assert_eq!(catalogue, Catalogue::new(entries));
}
