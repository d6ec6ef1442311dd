//! Rows like those of public lists, the same each time: for benches and tests that need many.
//!
//! The mix is that of what public collections hold: half VLESS and Shadowsocks, with `VMess`, Trojan,
//! Hysteria 2 and plain proxies; a few hosts that thousands of links share, and many that have one; user
//! ids that are copied from list to list; names with flags, numbers and advertising; one in eight works.

use configstream_core::catalogue::{Entry, Measured};
use configstream_core::geo::Country;
use configstream_core::{Proxy, Timestamp, link};

/// When the rows were tested last.
pub(crate) const NOW: Timestamp = Timestamp::from_millis(1_800_000_000_000);

const HOUR: u64 = 3_600_000;
const COUNTRIES: [&str; 16] =
    ["US", "DE", "NL", "FR", "GB", "SG", "HK", "JP", "FI", "CA", "RU", "SE", "TR", "KR", "PL", "IN"];
const CITIES: [&str; 16] = [
    "Ashburn",
    "Frankfurt am Main",
    "Amsterdam",
    "Paris",
    "London",
    "Singapore",
    "Hong Kong",
    "Tokyo",
    "Helsinki",
    "Toronto",
    "Moscow",
    "Stockholm",
    "Istanbul",
    "Seoul",
    "Warsaw",
    "Mumbai",
];
const CHANNELS: [&str; 8] = [
    "@free_lines",
    "Channel | open.example",
    "[OpenRay]",
    "Join t.me/lines",
    "vless-ws",
    "GB left",
    "IPLC 专线",
    "سرور",
];
const ZONES: [&str; 6] = [
    "workers.example",
    "pages.example.org",
    "cdn.example.net",
    "fast.example.com",
    "ir.example",
    "top.example",
];

/// So many rows, of which a few in a thousand may have one identity.
pub(crate) fn rows(count: usize, seed: u64) -> Vec<Entry> {
    (0..count as u64).map(|number| row(number, seed)).collect()
}

/// One row: the same for the same number and seed.
pub(crate) fn row(number: u64, seed: u64) -> Entry {
    let mut draw = Draw(seed ^ number.wrapping_mul(0xD605_1F2E_9B1B_AF15));
    let country = draw.few(16);
    let proxy = proxy(&mut draw, country, number);
    let sources = sources(&mut draw);
    Entry::new(&proxy, sources, measured(&mut draw, country), NOW)
}

/// A row tested again.
pub(crate) fn retested(entry: &Entry, seed: u64) -> Entry {
    let id = u64::from_str_radix(&entry.id.to_string(), 16).unwrap_or_default();
    let mut draw = Draw(seed ^ id);
    let tested_at = Some(NOW.plus(draw.below(HOUR)));
    let measured = measured(&mut draw, 0);
    let measured = Measured {
        tested_at,
        latency: measured.latency,
        working: measured.working,
        ..entry.measured.clone()
    };
    Entry { measured, score: draw.below(101) as u8, ..entry.clone() }
}

/// `SplitMix64` (<https://prng.di.unimi.it/splitmix64.c>).
struct Draw(u64);

impl Draw {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let bits = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let bits = (bits ^ (bits >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        bits ^ (bits >> 31)
    }

    fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }

    /// A few of these are most: the half of the half is a quarter of all.
    fn few(&mut self, end: u64) -> usize {
        let share = self.below(1 << 20) as f64 / f64::from(1 << 20);
        ((end as f64).powf(share) - 1.0) as usize
    }

    fn of<'a>(&mut self, all: &[&'a str]) -> &'a str {
        let at = self.few(all.len() as u64 + 1).min(all.len() - 1);
        all[at]
    }

    fn hex(&mut self, digits: usize) -> String {
        (0..digits).map(|_| char::from(b"0123456789abcdef"[self.below(16) as usize])).collect()
    }

    fn base64(&mut self, letters: usize) -> String {
        const LETTERS: &[u8; 62] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
        (0..letters).map(|_| char::from(LETTERS[self.below(62) as usize])).collect()
    }
}

/// Something drawn from a pool of so many: the same number gives the same thing.
fn shared(draw: &mut Draw, pool: u64) -> Draw {
    Draw(draw.few(pool) as u64 * 7_919 + pool)
}

fn uuid(draw: &mut Draw) -> String {
    let mut of = if draw.below(10) < 5 { shared(draw, 20_000) } else { Draw(draw.next()) };
    format!("{}-{}-4{}-a{}-{}", of.hex(8), of.hex(4), of.hex(3), of.hex(3), of.hex(12))
}

fn host(draw: &mut Draw) -> String {
    let mut of = if draw.below(10) < 6 { shared(draw, 60_000) } else { Draw(draw.next()) };
    if of.below(10) < 6 {
        return format!("{}.{}.{}.{}", 1 + of.below(222), of.below(256), of.below(256), 1 + of.below(254));
    }
    let length = 4 + of.below(10) as usize;
    format!("{}.{}", of.hex(length), of.of(&ZONES))
}

fn port(draw: &mut Draw) -> u64 {
    if draw.below(10) < 6 {
        [443, 8443, 80, 2053, 8080, 2087][draw.few(6)]
    } else {
        1_024 + draw.below(60_000)
    }
}

fn name(draw: &mut Draw, country: usize, number: u64) -> String {
    let known = Country::from_code(COUNTRIES[country]);
    let flag = known.map(|country| country.flag()).unwrap_or_default();
    match draw.below(6) {
        0 => String::new(),
        1 => format!("{flag} {} {}", COUNTRIES[country], draw.below(400)),
        2 => format!("{flag}{} | {}", CITIES[country], draw.of(&CHANNELS)),
        3 => format!("{}-{number}", draw.of(&CHANNELS)),
        4 => format!("{}_{}", COUNTRIES[country], draw.hex(5)),
        _ => format!("[{}] {flag} {} {}ms", draw.of(&CHANNELS), draw.below(90), draw.below(900)),
    }
}

fn proxy(draw: &mut Draw, country: usize, number: u64) -> Proxy {
    let (at, port) = (host(draw), port(draw));
    let link = match draw.below(100) {
        0..34 => vless(draw, &at, port),
        34..52 => format!(
            "ss://{}:{}@{at}:{port}",
            draw.of(&["chacha20-ietf-poly1305", "aes-256-gcm", "aes-128-gcm", "aes-256-cfb"]),
            secret(draw)
        ),
        52..64 => format!(
            "vmess://{}@{at}:{port}?type=ws&security={}&host={}&path=/{}",
            uuid(draw),
            draw.of(&["tls", "none"]),
            host(draw),
            path(draw)
        ),
        64..74 => format!(
            "trojan://{}@{at}:{port}?security=tls&sni={}&type={}&path=/{}",
            secret(draw),
            host(draw),
            draw.of(&["tcp", "ws"]),
            path(draw)
        ),
        74..79 => format!(
            "hysteria2://{}@{at}:{port}?sni={}&insecure=1&obfs=salamander&obfs-password={}",
            secret(draw),
            host(draw),
            secret(draw)
        ),
        79..88 => format!("http://{at}:{port}"),
        88..92 => format!("socks5://{}:{}@{at}:{port}", draw.base64(6), draw.base64(8)),
        92..97 => format!("socks5://{at}:{port}"),
        _ => format!("socks4://{at}:{port}"),
    };
    let mut proxy = link::parse(&link).expect("a link");
    proxy.name = name(draw, country, number).into();
    proxy
}

fn secret(draw: &mut Draw) -> String {
    let mut of = if draw.below(10) < 5 { shared(draw, 5_000) } else { Draw(draw.next()) };
    let length = 8 + of.below(24) as usize;
    of.base64(length)
}

fn path(draw: &mut Draw) -> String {
    let mut of = shared(draw, 3_000);
    let length = of.below(20) as usize;
    of.base64(length)
}

fn vless(draw: &mut Draw, at: &str, port: u64) -> String {
    let id = uuid(draw);
    match draw.below(10) {
        0..3 => {
            let mut server = shared(draw, 8_000);
            let (key, short) = (server.base64(43), server.hex(16));
            let sni = draw.of(&["www.example.com", "mail.example.org", "cdn.example.net", "store.example"]);
            format!(
                "vless://{id}@{at}:{port}?security=reality&sni={sni}&fp=chrome&pbk={key}&sid={short}&flow=xtls-rprx-vision"
            )
        }
        3..8 => {
            let (sni, path) = (host(draw), path(draw));
            format!(
                "vless://{id}@{at}:{port}?security=tls&sni={sni}&type=ws&host={sni}&path=/{path}?ed%3D2048&fp=randomized"
            )
        }
        8 => format!("vless://{id}@{at}:{port}?type=grpc&serviceName={}&security=none", path(draw)),
        _ => format!("vless://{id}@{at}:{port}?type=tcp&security=none&encryption=none"),
    }
}

fn sources(draw: &mut Draw) -> Vec<String> {
    let count = 1 + draw.few(6);
    let mut sources: Vec<String> = Vec::new();
    for _ in 0..count {
        let source = format!("raw.example/lists/{}/sub.txt", draw.few(300));
        if !sources.contains(&source) {
            sources.push(source);
        }
    }
    sources
}

fn measured(draw: &mut Draw, country: usize) -> Measured {
    let is_tested = draw.below(10) > 0;
    let working = is_tested.then(|| draw.below(8) == 0);
    let is_known = draw.below(10) < 8;
    Measured {
        country: Country::from_code(COUNTRIES[country]).filter(|_| is_known),
        city: (is_known && draw.below(2) == 0).then(|| CITIES[country].into()),
        latency: (working == Some(true)).then(|| 40 + draw.few(4_000) as u32),
        working,
        tested_at: is_tested.then(|| Timestamp::from_millis(NOW.millis() - draw.below(6 * HOUR))),
        first_seen: Some(Timestamp::from_millis(NOW.millis() - draw.few(2_000) as u64 * HOUR)),
        reliability: is_tested.then(|| draw.few(1_001) as u16),
    }
}
