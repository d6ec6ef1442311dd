//! How fast a catalogue is built, stored, read and changed, and how much room it takes.
//!
//! The baseline is the form before: records of [`api::Snapshot`] as JSON, each link read again when it is
//! loaded. What is compared runs in turns within one run, and the ratio is what counts.
//!
//! `cargo bench -p configstream-core --bench catalogue -- 100000 1000000` says how many rows; a word after
//! them, as `decode`, runs that alone, for a profiler.

use std::collections::HashSet;
use std::fs;
use std::hint::black_box;
use std::process::Command;
use std::time::Duration;

use configstream_core::api;
use configstream_core::catalogue::{Catalogue, Entry, Patch, Snapshot};
use configstream_core::proxy::Fingerprint;

mod clock;
#[allow(dead_code)]
mod rows;
use clock::{median, once, time};

const ROUNDS: usize = 5;
/// How long one measurement takes at least.
const LEAST: Duration = Duration::from_millis(50);

#[global_allocator]
static HEAP: peak_alloc::PeakAlloc = peak_alloc::PeakAlloc;

fn main() {
    let words: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with('-')).collect();
    let counts: Vec<usize> = words.iter().filter_map(|word| word.parse().ok()).collect();
    let only = words.iter().find(|word| word.parse::<usize>().is_err());
    for count in if counts.is_empty() { vec![100_000] } else { counts } {
        report(count, only.map(String::as_str));
    }
}

fn report(count: usize, only: Option<&str>) {
    let entries = rows::rows(count, 1);
    let before = HEAP.current_usage();
    let catalogue = Catalogue::new(entries.clone());
    let room = HEAP.current_usage() - before;
    let held = Snapshot { catalogue: catalogue.clone(), ..Snapshot::default() }.encode();
    let before = HEAP.current_usage();
    let read = Snapshot::decode(&held);
    let room_read = HEAP.current_usage() - before;
    drop((read, held));
    let text: usize =
        entries.iter().map(|entry| entry.link.len() + entry.host.len() + entry.name.len()).sum();
    println!("{count} rows, {} identities", catalogue.len());
    println!(
        "  {:>7} bytes of memory a row, {} of them text; {} as decoded",
        room / count,
        text / count,
        room_read / count
    );
    let old = Snapshot { revision: 1, published_at: rows::NOW, catalogue };
    let new = changed(&old, &entries);
    let bytes = old.encode();
    let json = json(&old, &entries);
    let patch = Patch::between(&old, &new);
    let mut subjects: [(&str, &mut dyn FnMut()); 7] = [
        ("decode JSON (baseline)", &mut || drop(black_box(read_json(&json)))),
        ("encode JSON", &mut || drop(black_box(self::json(&old, &entries)))),
        ("build", &mut || drop(black_box(Catalogue::new(entries.clone())))),
        ("encode", &mut || drop(black_box(old.encode()))),
        ("decode", &mut || drop(black_box(Snapshot::decode(&bytes)))),
        ("difference", &mut || drop(black_box(Patch::between(&old, &new)))),
        ("apply", &mut || drop(black_box(patch.apply(old.clone())))),
    ];
    if let Some(only) = only {
        subjects.iter_mut().filter(|(name, _)| *name == only).for_each(|(_, work)| work());
        return;
    }
    times(&mut subjects);
    change_one(&old.catalogue, &entries);
    sizes(count, &entries, &bytes, &json, patch.encode());
}

fn times(subjects: &mut [(&str, &mut dyn FnMut())]) {
    let mut times = vec![Vec::new(); subjects.len()];
    for _ in 0..ROUNDS {
        for ((_, work), times) in subjects.iter_mut().zip(&mut times) {
            times.push(time(LEAST, *work));
        }
    }
    let base = times[0].clone();
    for ((name, _), times) in subjects.iter().zip(times) {
        let ratio = median(base.iter().zip(&times).map(|(base, time)| base / time).collect());
        println!("  {:>9.2} ms {name}, {ratio:.2} times as fast as the baseline", median(times) * 1_000.0);
    }
}

/// Half of the rows tested again, a tenth gone, a tenth new.
fn changed(old: &Snapshot, entries: &[Entry]) -> Snapshot {
    let retested = |(number, entry): (usize, &Entry)| match number % 10 {
        0 => None,
        1..6 => Some(rows::retested(entry, 5)),
        _ => Some(entry.clone()),
    };
    let mut all: Vec<Entry> = entries.iter().enumerate().filter_map(retested).collect();
    all.extend(rows::rows(entries.len() / 10, 2));
    Snapshot { revision: old.revision + 1, catalogue: Catalogue::new(all), ..old.clone() }
}

fn change_one(catalogue: &Catalogue, entries: &[Entry]) {
    let mut catalogue = catalogue.clone();
    let some: Vec<Entry> =
        entries.iter().step_by(entries.len() / 1_000).map(|entry| rows::retested(entry, 3)).collect();
    let took = once(|| some.iter().for_each(|entry| _ = black_box(catalogue.upsert(entry))));
    println!("  {:>9.2} µs upsert of one row", took * 1e6 / some.len() as f64);
    let took = once(|| some.iter().for_each(|entry| _ = black_box(catalogue.find(entry.id))));
    println!("  {:>9.2} µs find", took * 1e6 / some.len() as f64);
    let favourites: HashSet<Fingerprint> = some.iter().map(|entry| entry.id).collect();
    let took = time(LEAST, &mut || catalogue.set_favourites(&favourites));
    println!("  {:>9.2} ms set_favourites", took * 1e3);
    let took = once(|| some.iter().for_each(|entry| _ = black_box(catalogue.remove(entry.id))));
    println!("  {:>9.2} µs remove of one row", took * 1e6 / some.len() as f64);
}

fn json(snapshot: &Snapshot, entries: &[Entry]) -> Vec<u8> {
    let proxies = entries.iter().map(api::Proxy::from).collect();
    let (revision, published_at) = (snapshot.revision, snapshot.published_at);
    api::Snapshot { version: api::Snapshot::VERSION, revision, published_at, proxies }.encode()
}

fn read_json(bytes: &[u8]) -> Vec<Entry> {
    let snapshot = api::Snapshot::decode(bytes).expect("a snapshot");
    snapshot.proxies.iter().filter_map(api::Proxy::entry).collect()
}

fn sizes(count: usize, entries: &[Entry], bytes: &[u8], json: &[u8], patch: &[u8]) {
    let links = entries.iter().map(|entry| entry.link.as_str()).collect::<Vec<_>>().join("\n");
    for quality in [5, 9] {
        let Some(text) = compressed(links.as_bytes(), quality) else { return };
        let of = |bytes: &[u8]| compressed(bytes, quality).unwrap_or_default() as f64 / count as f64;
        let text = text as f64 / count as f64;
        println!(
            "  brotli {quality}, bytes a proxy: links {text:.1}, snapshot {:.1} ({:.1} beyond links), JSON {:.1}, patch {:.1}",
            of(bytes),
            of(bytes) - text,
            of(json),
            of(patch)
        );
    }
    let of = |bytes: &[u8]| bytes.len() as f64 / count as f64;
    println!(
        "  as they are: links {:.1}, snapshot {:.1}, JSON {:.1}, patch {:.1}",
        of(links.as_bytes()),
        of(bytes),
        of(json),
        of(patch)
    );
}

/// What the program `brotli` makes of some bytes; `None` where it is not installed.
fn compressed(bytes: &[u8], quality: u8) -> Option<usize> {
    let path = std::env::temp_dir().join(format!("catalogue-{}", std::process::id()));
    fs::write(&path, bytes).ok()?;
    let run = Command::new("brotli").args(["-c", "-q", &quality.to_string(), "-w", "22"]).arg(&path).output();
    _ = fs::remove_file(&path);
    run.ok().filter(|run| run.status.success()).map(|run| run.stdout.len())
}
