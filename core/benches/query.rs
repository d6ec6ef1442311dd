//! How fast rows are filtered, sorted, searched and counted: `cargo bench -p configstream-core --bench query`.
//!
//! The baseline is the same over a list of structs, as one would write it: a filter that asks each row, a
//! sort that compares rows, texts in lower case by row. What is compared runs in turns within one run, since
//! a machine is never the same twice, and the ratio is what counts. A round asks all questions of a subject,
//! and the time is that of one.
//!
//! What is computed once for a catalogue (`first …`) is apart: it is paid after a list has come, and not by
//! the questions that follow.
//!
//! `cargo bench -p configstream-core --bench query -- 100000` takes so many rows; a word after it, as
//! `facets`, runs that alone, for a profiler.

use std::hint::black_box;
use std::time::Duration;

use configstream_core::catalogue::{Catalogue, Query};

mod clock;
mod plain;
#[allow(dead_code)]
mod rows;
use clock::{median, once, time};
use plain::{plain_facets, plain_rows, plain_statistics, questions};

const ROUNDS: usize = 5;
/// How long one measurement takes at least.
const LEAST: Duration = Duration::from_millis(30);

/// What is measured: a name, the questions, how they are answered and how the baseline does.
type Subject<'a> = (&'a str, &'a [Query], &'a dyn Fn(&Query), &'a dyn Fn(&Query));

fn main() {
    let words: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with('-')).collect();
    let counts: Vec<usize> = words.iter().filter_map(|word| word.parse().ok()).collect();
    let only = words.iter().find(|word| word.parse::<usize>().is_err());
    for count in if counts.is_empty() { vec![1_000, 10_000, 100_000, 1_000_000] } else { counts } {
        report(count, only.map(String::as_str));
    }
}

fn report(count: usize, only: Option<&str>) {
    let entries = rows::rows(count, 1);
    let catalogue = Catalogue::new(entries.clone());
    println!("{} rows", catalogue.len());
    let (filters, typed) = questions();
    first(&catalogue);
    let search = |query: &Query| drop(black_box(catalogue.query(query, rows::NOW)));
    let count = |query: &Query| drop(black_box(catalogue.search(query, rows::NOW).facets()));
    let sum = |query: &Query| drop(black_box(catalogue.search(query, rows::NOW).statistics()));
    let plain = |query: &Query| drop(black_box(plain_rows(&entries, query)));
    let plain_count = |query: &Query| drop(black_box(plain_facets(&entries, query)));
    let plain_sum = |query: &Query| drop(black_box(plain_statistics(&entries, query)));
    let subjects: [Subject; 4] = [
        ("filter and sort", &filters, &search, &plain),
        ("keystroke", &typed, &search, &plain),
        ("all facets", &filters, &count, &plain_count),
        ("statistics", &filters, &sum, &plain_sum),
    ];
    for (name, queries, ours, baseline) in subjects {
        if only.is_some_and(|only| only != name) {
            continue;
        }
        let (mut times, mut ratios) = (Vec::new(), Vec::new());
        for _ in 0..if only.is_some() { 1 } else { ROUNDS } {
            let ours = each(queries, ours);
            times.push(ours);
            ratios.push(if only.is_some() { 0.0 } else { each(queries, baseline) / ours });
        }
        let (time, ratio) = (median(times) * 1e3, median(ratios));
        match only {
            None => println!("  {time:>9.3} ms a question: {name}, {ratio:.1} times as fast as the baseline"),
            // For a profiler: a time without a ratio.
            Some(_) => println!("  {time:>9.3} ms a question: {name}"),
        }
    }
    slowest(&catalogue, "filter and sort", &filters);
    slowest(&catalogue, "keystroke", &typed);
}

/// What is paid once.
fn first(catalogue: &Catalogue) {
    for (name, text) in [("filter", "proto:vless"), ("search", "x"), ("sort by name", "sort:name")] {
        let (fresh, query) = (catalogue.clone(), Query::from_text(text));
        let took = once(|| drop(black_box(fresh.query(&query, rows::NOW)))) * 1e3;
        println!("  {took:>9.3} ms once: first {name}");
    }
}

/// The question that takes longest, asked after the one before it.
fn slowest(catalogue: &Catalogue, name: &str, queries: &[Query]) {
    let mut times = vec![Vec::new(); queries.len()];
    for _ in 0..ROUNDS {
        for (query, times) in queries.iter().zip(&mut times) {
            times.push(once(|| drop(black_box(catalogue.query(query, rows::NOW)))) * 1e3);
        }
    }
    let mut all: Vec<(f64, &Query)> = times.into_iter().map(median).zip(queries).collect();
    all.sort_by(|a, b| a.0.total_cmp(&b.0));
    let half = all[all.len() / 2].0;
    let (took, query) = all[all.len() - 1];
    println!("  {half:>9.3} ms the median {name}, {took:.3} ms the slowest: {}", query.to_text());
}

/// Seconds that one question takes, asked as often as it needs to be measured.
fn each(queries: &[Query], ask: &dyn Fn(&Query)) -> f64 {
    time(LEAST, &mut || queries.iter().for_each(ask)) / queries.len() as f64
}
