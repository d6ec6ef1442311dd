//! How fast links are read, and how much room a proxy takes: `cargo xtask bench`.
//!
//! The lines are the examples and cases of every scheme, so that anybody has them; where
//! `CONFIGSTREAM_CORPUS` is a folder of real lists, its `links/dev.txt` too. What is compared runs in
//! turns within one run, since a machine is never the same twice, and the ratio is what counts.
//!
//! The baseline is what a program does at the least that reads a link with a library:
//! `url::Url::parse`, and the decoded pairs of the query and the decoded name as texts. It knows nothing
//! of schemes, opens no base64, checks no cipher and keeps no rest.
//!
//! # Where the time goes
//!
//! By instructions over real lists (callgrind): a third is the query, cut, decoded and taken by name; a tenth
//! each are cutting the link, opening base64, and the host and the port; a sixth is the allocator, which
//! serves one piece for each text over 16 bytes and two for the query. Nothing of the rest is more than a
//! twentieth. Records of `sn://` cost twenty links each, since inflating begins with tables; they are rare.
//!
//! What is kept must be written once, and freed once: about five pieces of the heap for a VLESS link, 15 ns
//! each. With the search for the ends of its parts that is a quarter of what reading costs now, and the limit
//! of any way that gives each proxy texts of its own.
//!
//! # For a profiler
//!
//! `cargo bench -p configstream-core --bench links -- link::parse` runs one subject alone.

use std::hint::black_box;
use std::time::Duration;

use configstream_core::document::{self, Stream};
use configstream_core::link::{self, SCHEMES};
use configstream_core::{Proxy, Text};

#[allow(dead_code)]
mod clock;
#[path = "../tests/cases/reader.rs"]
mod reader;
use clock::{median, once, time};

const ROUNDS: usize = 15;
/// How long one measurement of a round takes at least.
const LEAST: Duration = Duration::from_millis(100);
/// How many proxies are held to see the room that one takes.
const HELD: usize = 200_000;
/// How long a document is that comes in pieces, in bytes, and how long these are.
const LONG: usize = 100_000_000;
const PIECE: usize = 16 * 1024;

fn main() {
    report("examples and cases", &own_lines());
    if let Some(lines) = real_lines() {
        report("real lists", &lines);
    }
}

/// The examples and the cases that read.
fn own_lines() -> Vec<String> {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases");
    let texts = reader::files(&folder).into_iter().map(|file| std::fs::read_to_string(file).expect("text"));
    let mut lines: Vec<String> = SCHEMES.iter().map(|scheme| scheme.example().to_owned()).collect();
    for text in texts {
        lines.extend(reader::cases(&text).map(|(link, _)| link.to_owned()));
    }
    lines.retain(|line| link::parse(line).is_ok());
    lines
}

fn real_lines() -> Option<Vec<String>> {
    let folder = std::path::PathBuf::from(std::env::var_os("CONFIGSTREAM_CORPUS")?);
    let bytes = std::fs::read(folder.join("links/dev.txt")).ok()?;
    Some(String::from_utf8_lossy(&bytes).lines().map(str::to_owned).collect())
}

fn report(what: &str, lines: &[String]) {
    println!("{what}: {} lines", lines.len());
    let unknown: Vec<String> = lines.iter().map(|line| format!("x{line}")).collect();
    let whole = lines.join("\n").into_bytes();
    let mut subjects: [(&str, &mut dyn FnMut()); 4] = [
        ("url::Url (baseline)", &mut || lines.iter().for_each(|line| drop(black_box(with_url(line))))),
        ("link::parse", &mut || lines.iter().for_each(|line| drop(black_box(link::parse(line))))),
        ("link::parse, unknown", &mut || unknown.iter().for_each(|line| drop(black_box(link::parse(line))))),
        ("document::read", &mut || drop(black_box(document::read(&whole)))),
    ];
    if let Some(only) = std::env::args().nth(1).filter(|word| !word.starts_with('-')) {
        // For a profiler: one subject alone, with a time but without a ratio.
        for (_, work) in subjects.iter_mut().filter(|(name, _)| *name == only) {
            println!("  {:>9.0} links a second by {only}", lines.len() as f64 / time(LEAST, *work));
        }
        return;
    }
    if let Some(bytes) = room(lines) {
        println!("  {bytes:>9.0} bytes a proxy beyond its text ({} of them the struct)", size_of::<Proxy>());
    }
    let mut times = vec![Vec::new(); subjects.len()];
    for _ in 0..ROUNDS {
        for ((_, work), times) in subjects.iter_mut().zip(&mut times) {
            times.push(time(LEAST, *work) / lines.len() as f64);
        }
    }
    let base = times[0].clone();
    for ((name, _), times) in subjects.iter().zip(times) {
        let ratio = median(base.iter().zip(&times).map(|(base, time)| base / time).collect());
        let best = times.iter().copied().fold(f64::MAX, f64::min);
        let usual = median(times);
        println!(
            "  {:>9.0} links a second by {name} ({:.0} at best), {ratio:.2} times the baseline",
            1.0 / usual,
            1.0 / best
        );
    }
    stream(lines);
}

/// Passes a long document through in pieces, and says what that took.
fn stream(lines: &[String]) {
    let list = lines.join("\n") + "\n";
    let (mut stream, mut read, mut passed, mut held) = (Stream::new(), 0_usize, 0, 0);
    let (before, mut grown) = (resident(), 0);
    let took = once(|| {
        while passed < LONG {
            for piece in list.as_bytes().chunks(PIECE) {
                stream.push(piece, &mut |item| read += usize::from(black_box(item).is_ok()));
                held = held.max(stream.held());
            }
            passed += list.len();
            grown = grown.max(resident().zip(before).map_or(0, |(now, before)| now.saturating_sub(before)));
        }
    });
    println!(
        "  {:>9.0} links a second by document::Stream; of {} MB it held {} KB at most, and the process grew by {} KB",
        read as f64 / took,
        passed / 1_000_000,
        held / 1_000,
        grown / 1_000
    );
}

type Baseline = (url::Url, Vec<(String, String)>, String);

fn with_url(line: &str) -> Option<Baseline> {
    let url = url::Url::parse(line).ok()?;
    let pairs = url.query_pairs().into_owned().collect();
    let name = percent_encoding::percent_decode_str(url.fragment().unwrap_or_default()).decode_utf8_lossy();
    let name = name.into_owned();
    Some((url, pairs, name))
}

/// Bytes that a held proxy takes beyond its text, by what the process gains; `None` where the system does
/// not say.
fn room(lines: &[String]) -> Option<f64> {
    let proxies = || lines.iter().cycle().filter_map(|line| link::parse(line).ok()).take(HELD);
    let text: usize = proxies().map(|proxy| text_of(&proxy)).sum();
    let mut held = Vec::with_capacity(HELD);
    let before = resident()?;
    held.extend(proxies());
    let room = resident()?.saturating_sub(before) as f64 - text as f64;
    // What is given back would be used again, and the next measurement would see nothing.
    std::mem::forget(held);
    Some(room / HELD as f64)
}

/// Bytes of memory that the process holds.
fn resident() -> Option<usize> {
    let said = std::fs::read_to_string("/proc/self/statm").ok()?;
    said.split(' ').nth(1)?.parse::<usize>().ok().map(|pages| pages * 4096)
}

/// Bytes of all the texts of a proxy.
fn text_of(proxy: &Proxy) -> usize {
    use configstream_core::proxy::Credentials::{
        Cipher, Keys, Login, None, Password, Ssh, User, Vless, Vmess,
    };
    let credentials = match &proxy.credentials {
        None => 0,
        Login { username: a, password: b } | Cipher { method: a, password: b } => a.len() + b.expose().len(),
        Password(a) => a.expose().len(),
        User { id: a, password: b } | Keys { private_key: a, pre_shared_key: b } => {
            a.expose().len() + b.expose().len()
        }
        Ssh { username, password, private_key } => {
            username.len() + password.expose().len() + private_key.expose().len()
        }
        Vmess { id, cipher, .. } => id.expose().len() + cipher.len(),
        Vless { id, encryption, flow } => id.expose().len() + encryption.len() + flow.len(),
    };
    let transport = &proxy.transport;
    let texts = [&transport.header, &transport.host, &transport.path, &transport.mode, &transport.authority];
    let tls = proxy.tls.iter().map(|tls| {
        let alpn: usize = tls.alpn.iter().map(Text::len).sum();
        let texts =
            [&tls.server_name, &tls.client_fingerprint, &tls.public_key, &tls.short_id, &tls.spider_x];
        alpn + texts.map(Text::len).iter().sum::<usize>()
    });
    let params = proxy.params.iter().map(|(_, value)| value.len());
    let extra = proxy.extra.iter().map(|(name, value)| name.len() + value.len());
    let rest = tls.chain(params).chain(extra).sum::<usize>();
    proxy.endpoint.host.len()
        + proxy.name.len()
        + credentials
        + rest
        + texts.map(Text::len).iter().sum::<usize>()
}
