//! How cost grows from a thousand rows to a million: `cargo bench -p configstream-core --bench growth`.
//!
//! Ours and the baseline are those of the bench `query`; to decode is compared with records of JSON, and
//! memory with a list of structs. A path after it, as `-- /tmp/growth.svg`, gets the picture.

use std::hint::black_box;
use std::time::{Duration, SystemTime};

use configstream_core::api;
use configstream_core::catalogue::{Catalogue, Entry, Query, Snapshot};

mod chart;
mod clock;
mod plain;
#[allow(dead_code)]
mod rows;
use chart::{Line, Panel};
use clock::{median, time};
use plain::{plain_facets, plain_rows, plain_statistics, questions};

const COUNTS: [usize; 4] = [1_000, 10_000, 100_000, 1_000_000];
const ROUNDS: usize = 3;
/// How long one measurement takes at least.
const LEAST: Duration = Duration::from_millis(20);

#[global_allocator]
static HEAP: peak_alloc::PeakAlloc = peak_alloc::PeakAlloc;

/// What is measured, in the order of the figures of [`measure`].
const TIMES: [&str; 5] = ["filter and sort", "keystroke", "all facets", "statistics", "decode"];

fn main() {
    let path = std::env::args().skip(1).find(|word| !word.starts_with('-'));
    let (mut times, mut rooms) = (TIMES.map(Line::new).to_vec(), vec![Line::new("memory")]);
    for count in COUNTS {
        let (took, room) = measure(count);
        println!("{count} rows");
        for (line, (ours, theirs)) in times.iter_mut().zip(took) {
            line.add(count, ours, theirs);
            println!("  {ours:>10.4} ms {}, {:.1} times as fast as the baseline", line.name, theirs / ours);
        }
        for (line, (ours, theirs)) in rooms.iter_mut().zip([room]) {
            line.add(count, ours, theirs);
            println!("  {ours:>10.1} bytes of memory a row, the baseline {theirs:.1}");
        }
    }
    let panels = [
        Panel {
            title: "milliseconds a question",
            lines: times,
            decades: (-3, 5),
            mark: Some((25.0, "25 ms")),
        },
        Panel { title: "bytes of memory a row", lines: rooms, decades: (1, 4), mark: None },
    ];
    if let Some(path) = path {
        std::fs::write(&path, chart::svg(&panels, &about())).expect("the picture can be written");
        println!("{path}");
    }
}

/// When and where the figures were taken.
fn about() -> String {
    let said = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model =
        said.lines().find_map(|line| line.strip_prefix("model name")).unwrap_or("an unknown processor");
    let day = humantime::format_rfc3339_seconds(SystemTime::now()).to_string();
    format!("Measured on {} on one core of {}.", &day[..10], model.trim_start_matches(['\t', ' ', ':']))
}

/// Ours and the baseline's: milliseconds of each subject, and bytes of memory a row.
fn measure(count: usize) -> ([(f64, f64); 5], (f64, f64)) {
    let before = HEAP.current_usage();
    let entries = rows::rows(count, 1);
    let theirs = HEAP.current_usage() - before;
    let bytes = Snapshot { catalogue: Catalogue::new(entries.clone()), ..Snapshot::default() }.encode();
    let before = HEAP.current_usage();
    let Ok(Snapshot { catalogue, .. }) = Snapshot::decode(&bytes) else { panic!("our own snapshot") };
    catalogue.prepare();
    let ours = HEAP.current_usage() - before;
    let (filters, typed) = questions();
    let ask = |query: &Query| drop(black_box(catalogue.query(query, rows::NOW)));
    let plain = |query: &Query| drop(black_box(plain_rows(&entries, query)));
    let count_all = |query: &Query| drop(black_box(catalogue.search(query, rows::NOW).facets()));
    let sum = |query: &Query| drop(black_box(catalogue.search(query, rows::NOW).statistics()));
    let json = json(&entries);
    let times = [
        (each(&filters, &ask), each_once(&filters, &plain)),
        (each(&typed, &ask), each_once(&typed, &plain)),
        (
            each(&filters, &count_all),
            each_once(&filters, &|query| drop(black_box(plain_facets(&entries, query)))),
        ),
        (
            each(&filters, &sum),
            each_once(&filters, &|query| drop(black_box(plain_statistics(&entries, query)))),
        ),
        (each(&[Query::default()], &|_| drop(black_box(Snapshot::decode(&bytes)))), {
            each_once(&[Query::default()], &|_| drop(black_box(read_json(&json))))
        }),
    ];
    (times, (ours as f64 / count as f64, theirs as f64 / count as f64))
}

fn each(queries: &[Query], ask: &dyn Fn(&Query)) -> f64 {
    median((0..ROUNDS).map(|_| each_once(queries, ask)).collect())
}

/// Milliseconds that one question takes.
fn each_once(queries: &[Query], ask: &dyn Fn(&Query)) -> f64 {
    time(LEAST, &mut || queries.iter().for_each(ask)) * 1e3 / queries.len() as f64
}

fn json(entries: &[Entry]) -> Vec<u8> {
    let proxies = entries.iter().map(api::Proxy::from).collect();
    api::Snapshot { version: api::Snapshot::VERSION, revision: 1, published_at: rows::NOW, proxies }.encode()
}

fn read_json(bytes: &[u8]) -> Vec<Entry> {
    let snapshot = api::Snapshot::decode(bytes).expect("a snapshot");
    snapshot.proxies.iter().filter_map(api::Proxy::entry).collect()
}
