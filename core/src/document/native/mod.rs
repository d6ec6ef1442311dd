//! Clients' own configurations that hold one proxy: one file per program, each a [`Program`].
//!
//! Where the client itself listens is not read: it is written as 127.0.0.1, port 1080.

mod hysteria;
mod hysteria2;
mod juicity;
mod mieru;
mod naive;
mod trojan;
mod tuic;
mod warp;

pub(super) use hysteria::HYSTERIA;
pub(super) use hysteria2::HYSTERIA2;
pub(super) use juicity::JUICITY;
pub(super) use mieru::MIERU;
pub(super) use naive::NAIVE;
pub(super) use trojan::{TROJAN, TROJAN_GO};
pub(super) use tuic::TUIC;
pub(super) use warp::WARP;

use serde_json::Value;

use super::tree::{self, Table, Tree};
use super::{Format, Place, Reader, Reading, Shape, Writer, is_json, jsonc, sip008, yaml};
use crate::link::Reason;
use crate::proxy::{Credentials, Network, Param, Protocol, Security, Tls, Transport};
use crate::{Proxy, Text};

/// The format of a program whose configuration is one object.
pub(super) struct Program {
    name: &'static str,
    specification: &'static str,
    /// Whether its file may be YAML too.
    is_yaml: bool,
    example: &'static str,
    /// Names that the object has, all of them.
    has: &'static [&'static str],
    /// Names of which it has one.
    has_any: &'static [&'static str],
    /// Names that it has not.
    has_not: &'static [&'static str],
    /// Reads the object, in which nothing is empty.
    read: fn(Tree) -> Vec<Result<Proxy, Reason>>,
    /// Whether the program can use a proxy.
    fits: fn(&Proxy) -> Result<(), &'static str>,
    /// Writes the proxy into an object that holds what was kept of it.
    write: fn(&Proxy, &mut Tree),
}

/// Longer than any of these files.
const LONGEST: usize = 64 * 1024;

impl Format for Program {
    fn name(&self) -> &'static str {
        self.name
    }

    fn specification(&self) -> &'static str {
        self.specification
    }

    fn example(&self) -> &'static str {
        self.example
    }
}

impl Reader for Program {
    fn detect(&self, text: &str) -> bool {
        if text.len() > LONGEST {
            return false;
        }
        let value = if is_json(text) { first(text) } else { self.yaml(text) };
        value.as_ref().and_then(Value::as_object).is_some_and(|object| {
            let has = |name: &&str| object.contains_key(*name);
            self.has.iter().all(has)
                && (self.has_any.is_empty() || self.has_any.iter().any(has))
                && !self.has_not.iter().any(has)
        })
    }

    fn read(&self, text: &str, reading: &mut Reading) {
        let one = |mut value| {
            tree::prune(&mut value);
            match Tree::of(value) {
                Some(object) => (self.read)(object),
                None => vec![Err(Reason::Malformed("no object: expected a client's configuration"))],
            }
        };
        match self.yaml(text).filter(|_| !is_json(text)) {
            Some(value) => {
                let place = Place { line: 1, byte: 0 };
                for read in one(value) {
                    reading.take(place, read);
                }
            }
            None => sip008::read_list(text, &[], reading, one),
        }
    }
}

impl Program {
    /// A file in YAML, where the program has such and all of its names start a line.
    fn yaml(&self, text: &str) -> Option<Value> {
        let named = |line: &str, name| line.strip_prefix(name).is_some_and(|rest| rest.starts_with(':'));
        let is_whole =
            self.is_yaml && self.has.iter().all(|name| text.lines().any(|line| named(line, *name)));
        is_whole.then(|| yaml::value(text).ok()).flatten()
    }
}

/// The first value of a JSON text.
fn first(text: &str) -> Option<Value> {
    let plain = jsonc::plain(text);
    let (_, value) = jsonc::values(&plain).into_iter().next()?;
    jsonc::value(value).ok()
}

impl Writer for Program {
    fn reader(&self) -> &'static dyn Reader {
        match self.name {
            "hysteria" => &HYSTERIA,
            "hysteria2" => &HYSTERIA2,
            "trojan" => &TROJAN,
            "trojan-go" => &TROJAN_GO,
            "naive" => &NAIVE,
            "tuic" => &TUIC,
            "juicity" => &JUICITY,
            _ => &MIERU,
        }
    }

    fn fits(&self, proxy: &Proxy) -> Result<(), &'static str> {
        (self.fits)(proxy)
    }

    fn has_unique_names(&self) -> bool {
        false
    }

    fn holds_one(&self) -> bool {
        true
    }

    fn write(&self, proxies: &[Proxy], _shape: Shape) -> String {
        let one = |proxy: &Proxy| {
            let mut object = Tree::default();
            object.put_kept(self.name, proxy);
            (self.write)(proxy, &mut object);
            format!("{:#}\n", object.value())
        };
        proxies.iter().map(one).collect()
    }
}

/// Takes TLS by the names of the server name, of the flag that leaves it unchecked, and of the ALPN list.
fn take_tls(object: &mut Tree, names: [&[&str]; 3]) -> Tls {
    let [server_name, insecure, alpn] = names;
    Tls {
        server_name: object.take(server_name),
        insecure: object.take_flag(insecure).unwrap_or_default(),
        alpn: object.take_list(alpn),
        ..Tls::default()
    }
}

/// Puts what [`take_tls`] takes, by the first names.
fn put_tls(object: &mut Tree, tls: &Tls, names: [&[&str]; 3]) {
    let first = names.map(|names| names.first().copied().unwrap_or_default());
    let [server_name, insecure, alpn] = first;
    object.put_some(server_name, &tls.server_name);
    object.put_yes(insecure, tls.insecure);
    if !alpn.is_empty() {
        object.put_list(alpn, &tls.alpn);
    }
}

/// A password, or nothing where there is none.
fn password(text: Text) -> Credentials {
    if text.is_empty() { Credentials::None } else { Credentials::Password(text.into()) }
}

/// The password of a proxy that has one alone.
fn password_of(proxy: &Proxy) -> &str {
    match &proxy.credentials {
        Credentials::Password(password) => password.expose(),
        _ => "",
    }
}

/// A speed in Mbit/s without its unit; any other as it is.
fn megabits(speed: &str) -> String {
    let lower = speed.to_ascii_lowercase();
    let number = lower.strip_suffix("mbps").map(str::trim_end);
    number.filter(|number| number.parse::<u64>().is_ok()).map_or_else(|| speed.to_owned(), str::to_owned)
}

/// What every program says of a proxy that speaks something else.
fn speaks(proxy: &Proxy, protocol: Protocol) -> Result<(), &'static str> {
    if proxy.protocol == protocol { Ok(()) } else { Err("the program speaks another protocol") }
}
