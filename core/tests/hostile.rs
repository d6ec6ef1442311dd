//! Input that was made to hurt: every reader of the table is given all of it, on a stack no larger than a
//! browser's, and must end, in time and room that grow with the input and no faster.

use std::time::{Duration, Instant};

use configstream_core::document::{self, Format, READERS, Reader};
use peak_alloc::PeakAlloc;

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

/// Bytes that reading may take for each byte of input, and on top of that for any input. A short link of a
/// dozen bytes becomes a proxy of 500, in a list that grows by doubling.
const ROOM: (usize, usize) = (200, 4 << 20);

/// How much slower than a plain walk over its letters a text may be read.
const SLOWNESS: u32 = 400;

/// How long anything may take: noise of the machine.
const NOISE: Duration = Duration::from_millis(400);

/// The stack of a program in a browser.
const STACK: usize = 1 << 20;

/// Sizes, from one at which squared time is merely long to one at which it would be hours.
const SIZES: [usize; 3] = [32 << 10, 128 << 10, 512 << 10];

/// The bytes of a line without an end.
const LINE: usize = 50_000_000;

/// What makes an input of about so many bytes.
type Make = Box<dyn Fn(usize) -> Vec<u8> + Sync>;

/// An input.
struct Input {
    name: String,
    /// The reader that it is made for; every one where it is made for none.
    reader: Option<&'static dyn Reader>,
    make: Make,
}

impl Input {
    fn new(name: String, make: impl Fn(usize) -> Vec<u8> + Sync + 'static) -> Self {
        Self { name, reader: None, make: Box::new(make) }
    }
}

/// What is repeated to make an input: depth in every notation, quotes and comments that never end, marks that
/// readers look for, all of them without what belongs to them.
const REPEATED: &[&str] = &[
    "a",
    "\0",
    "\u{feff}",
    "\n",
    "\r",
    " ",
    ",",
    ":",
    "=",
    "#",
    "%",
    "%25",
    "\\",
    "\"",
    "'",
    "`",
    "|",
    "&",
    "[",
    "{",
    "(",
    "<",
    "]",
    "}",
    "- ",
    "? ",
    "- - ",
    "{\"a\":",
    "[{",
    "[[[[]]]]",
    "a: ",
    "a:\n ",
    "\"a\":",
    "&a ",
    "*a ",
    "&a [",
    "!a ",
    "!!map {",
    "---\n",
    "...\n",
    "/*",
    "//",
    "://",
    "vless://",
    "a://",
    "ss://",
    "&amp;",
    "amp;",
    "\\u0026",
    "%26amp%3B",
    "@",
    "?",
    "?&",
    "<html>",
    "<!--",
    "[Proxy]\n",
    "[Interface]\n",
    "[Peer]\n",
    "[a]\n",
    "a = ss, ",
    "a,b,c\n",
    "ssd://",
    "AAAA",
    "{\"outbounds\":[",
    "{\"outbounds\":[{",
    "proxies: [",
    "proxies:\n- ",
    "<<: *a\n",
    "|\n  ",
    "a=b;",
    "\u{1F1E9}\u{1F1EA}",
];

fn repeated(text: &'static str) -> impl Fn(usize) -> Vec<u8> + Sync {
    move |size| text.repeat(size.div_ceil(text.len())).into_bytes()
}

/// Depth, and length, at places of a reader's example, the rest of which is cut off.
fn nested(reader: &'static dyn Reader) -> impl Iterator<Item = Input> {
    let example = reader.example();
    let starts = example.match_indices([':', '[', '{', '=', ',']).map(|(at, mark)| at + mark.len()).take(12);
    starts.flat_map(move |start| {
        ["[", "{\"a\":", "- ", "x"].map(|mark| {
            let before = example.get(..start).unwrap_or_default();
            let make = move |size: usize| [before, &mark.repeat(size / mark.len())].concat().into_bytes();
            let input = Input::new(format!("{before:?} and then {mark:?}"), make);
            Input { reader: Some(reader), ..input }
        })
    })
}

/// YAML of lines that each name the one before nine times: a few dozen lines are more than any memory.
fn alias_bomb(head: &'static str) -> impl Fn(usize) -> Vec<u8> + Sync {
    move |size| {
        let mut text = "a0: &a0 [x,x,x,x,x,x,x,x,x]\n".to_owned();
        let mut number = 0;
        while text.len() < size {
            let again = vec![format!("*a{number}"); 9].join(",");
            number += 1;
            text.extend(["a", &number.to_string(), ": &a", &number.to_string(), " [", &again, "]\n"]);
        }
        format!("{text}{head} *a{number}\n").into_bytes()
    }
}

/// A link of several proxies as long as a link may be, again and again: each may share what is long.
fn many_of_one(size: usize) -> Vec<u8> {
    let link = format!("mierus://u:p@192.0.2.1?{}x={}\n", "port=1&".repeat(4_000), "y".repeat(20_000));
    link.repeat(size.div_ceil(link.len())).into_bytes()
}

fn inputs() -> Vec<Input> {
    let of = |text: &'static str| Input::new(format!("{text:?} again and again"), repeated(text));
    let mut inputs: Vec<Input> = REPEATED.iter().map(|text| of(text)).collect();
    inputs.extend(READERS.iter().map(|reader| of(reader.example())));
    inputs.push(Input::new("no UTF-8".to_owned(), |size| vec![0xff; size]));
    inputs.push(Input::new("links of many proxies".to_owned(), many_of_one));
    for head in ["proxies:", "proxies: [{name:", "outbounds:", "a:\n  <<:"] {
        inputs.push(Input::new(format!("aliases of aliases, and {head:?}"), alias_bomb(head)));
    }
    inputs.extend(READERS.iter().flat_map(|reader| nested(*reader)));
    inputs
}

/// Reads on a small stack; `None` stands for the reader that is detected.
fn read(reader: Option<&'static dyn Reader>, bytes: &[u8]) -> (Duration, usize) {
    let before = MEMORY.current_usage();
    MEMORY.reset_peak_usage();
    let start = Instant::now();
    let reading = match reader {
        Some(reader) => document::read_as(reader.name(), bytes).expect("a format of the table"),
        None => document::read(bytes),
    };
    let (time, peak) = (start.elapsed(), MEMORY.peak_usage().saturating_sub(before));
    drop(reading);
    (time, peak)
}

/// What a walk over a text's letters takes here and now, for each byte.
fn walk() -> Duration {
    let text = "socks5://192.0.2.1:1080#Берлин\n".repeat(10_000);
    let start = Instant::now();
    let letters: usize = text.chars().map(|char| char.to_lowercase().count()).sum();
    assert!(letters > 0);
    let each = start.elapsed() / u32::try_from(text.len()).expect("small");
    each.max(Duration::from_nanos(1))
}

/// The time and the room that so many bytes may take.
fn limits(size: usize, nanosecond: Duration) -> (Duration, usize) {
    (nanosecond * SLOWNESS * u32::try_from(size).expect("small") + NOISE, size * ROOM.0 + ROOM.1)
}

/// Whether what took so much at the last size but one cannot take too much at the last, four times as long,
/// even if it grew with the square of the size: 16 times the room, and four times that in time, for noise.
fn is_harmless(time: Duration, peak: usize, nanosecond: Duration) -> bool {
    let [.., last] = SIZES;
    let (most_time, most_room) = limits(last, nanosecond);
    time * 64 < most_time && peak * 16 < most_room
}

/// What an input takes more than it may, at the smallest size at which it does. The last size is read only
/// where it could be too much.
fn check(reader: Option<&'static dyn Reader>, input: &Input, nanosecond: Duration) -> Result<(), String> {
    let who = format!("{} on {}", called(reader), input.name);
    for (at, size) in SIZES.into_iter().enumerate() {
        let bytes = (input.make)(size);
        let size = bytes.len();
        let (allowed, room) = limits(size, nanosecond);
        let (mut time, peak) = read(reader, &bytes);
        if time > allowed && time < allowed * 8 {
            time = time.min(read(reader, &bytes).0);
        }
        if time > allowed {
            return Err(format!("{who}: {size} bytes take {time:?}, not {allowed:?}"));
        }
        if peak > room {
            return Err(format!("{who}: {size} bytes take {peak} bytes of memory"));
        }
        if at + 2 == SIZES.len() && is_harmless(time, peak, nanosecond) {
            break;
        }
    }
    Ok(())
}

fn called(reader: Option<&'static dyn Reader>) -> &'static str {
    reader.map_or("whoever is detected", |reader| reader.name())
}

fn readers() -> impl Iterator<Item = Option<&'static dyn Reader>> {
    READERS.iter().map(|reader| Some(*reader)).chain([None])
}

/// On a stack of its own, so that one that is too deep is told by the thread's name.
fn on_a_small_stack(name: &str, work: impl FnOnce() -> Vec<String> + Send) -> Vec<String> {
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().name(name.to_owned()).stack_size(STACK);
        let thread = thread.spawn_scoped(scope, work).expect("a thread");
        thread.join().unwrap_or_else(|_| vec![format!("{name}: a panic")])
    })
}

/// One test, because memory is counted for the whole program.
#[test]
fn whatever_is_read_takes_time_and_room_that_grow_with_it_and_no_faster() {
    let nanosecond = walk();
    let mut failures = Vec::new();
    for input in inputs() {
        let own = input.reader.map(Format::name);
        let readers =
            readers().filter(|reader| own.is_none_or(|own| reader.is_none_or(|reader| reader.name() == own)));
        let check_all = || readers.filter_map(|reader| check(reader, &input, nanosecond).err()).collect();
        failures.extend(on_a_small_stack(&input.name, check_all));
    }
    failures.extend(on_a_small_stack("one line of 50 MB", one_long_line));
    assert!(failures.is_empty(), "\n{}", failures.join("\n"));
}

/// Megabytes without an end of line take each reader no more than a few copies of them.
fn one_long_line() -> Vec<String> {
    let bytes = vec![b'a'; LINE];
    let peaks = readers().map(|reader| (called(reader), read(reader, &bytes).1));
    let too_much = peaks.filter(|(_, peak)| *peak > bytes.len() * 8);
    too_much.map(|(name, peak)| format!("{name} on one line of 50 MB: {peak} bytes of memory")).collect()
}
