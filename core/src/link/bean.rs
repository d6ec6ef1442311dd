//! What `NekoBox` and its kin pass on: `sn://kind?base64`, `exclave://…`, `husi://…`, where the base64
//! is zlib of a record in Kryo's form. `WireGuard` is read, and printed as `wireguard://`.
//!
//! Specification: <https://github.com/EsotericSoftware/kryo>; the order of the fields is that of
//! <https://github.com/MatsuriDayo/NekoBoxForAndroid>
//!
//! # Incomplete support
//!
//! The records of other protocols are refused: everything else has a link that all programs read. No
//! list of the last years holds them.

use super::parts::{Parts, host, split, trim};
use super::{Reason, Scheme, base64, wireguard};
use crate::proxy::{Credentials, Param, Protocol, Proxy};

pub(super) struct Bean;

/// The longest record, in bytes; that of a `WireGuard` proxy has 200.
const LONGEST: usize = 64 * 1024;

impl Scheme for Bean {
    fn names(&self) -> &'static [&'static str] {
        &["sn", "exclave", "husi"]
    }

    fn protocols(&self) -> &'static [Protocol] {
        &[]
    }

    fn specification(&self) -> &'static str {
        "https://github.com/MatsuriDayo/NekoBoxForAndroid"
    }

    fn example(&self) -> &'static str {
        "sn://wg?eNpjYmBgMLQ00jPQM9LbmMEJ5Jgb6Rmagfj6xkZcRgYGhlYpSRZWVob6hkY7kj28ClJy3QyiAm33JnuEZSa557xqZGBlYHAM9DzCCDTKKbUoJ_NdYyMATPUW4A"
    }

    fn parse(&self, link: &str) -> Result<Proxy, Reason> {
        const BROKEN: Reason = Reason::Malformed("not the base64 of a record that NekoBox or its kin wrote");
        let parts = split(link)?;
        match parts.host {
            "subscription" => return Err(Reason::Subscription),
            "wg" => {}
            _ => {
                return Err(Reason::Foreign(
                    "only NekoBox, Exclave and Husi read this record: share it there as a link",
                ));
            }
        }
        let bytes = base64::decode(parts.query).ok_or(BROKEN)?;
        let bytes =
            miniz_oxide::inflate::decompress_to_vec_zlib_with_limit(&bytes, LONGEST).map_err(|_| BROKEN)?;
        wireguard(&mut Record(&bytes), &parts).ok_or(BROKEN)?
    }

    fn print(&self, _proxy: &Proxy) -> String {
        String::new()
    }
}

/// Reads a record of `WireGuard`; `None` where it ends too early.
fn wireguard(record: &mut Record<'_>, parts: &Parts<'_>) -> Option<Result<Proxy, Reason>> {
    record.number()?;
    let (address, port) = (record.text()?, record.number()?);
    let Ok(host) = host(&address) else { return Some(Err(Reason::NoHost)) };
    let Some(port) = u16::try_from(port).ok().filter(|port| *port > 0) else {
        return Some(Err(Reason::BadPort));
    };
    let mut proxy = Proxy::new(Protocol::WireGuard, host, port);
    let addresses = record.text()?;
    let addresses: Vec<_> =
        addresses.split(['\n', ',']).map(trim).filter(|address| !address.is_empty()).collect();
    proxy.set(Param::LocalAddress, addresses.join(","));
    let private_key = trim(&record.text()?).to_owned();
    proxy.set(Param::PeerPublicKey, trim(&record.text()?));
    let pre_shared_key = trim(&record.text()?).to_owned();
    proxy.credentials =
        Credentials::Keys { private_key: private_key.into(), pre_shared_key: pre_shared_key.into() };
    proxy.set(Param::Mtu, record.number()?.to_string());
    let reserved = record.text()?;
    proxy.set(Param::Reserved, wireguard::reserved(&reserved).unwrap_or(reserved));
    if parts.scheme.eq_ignore_ascii_case("exclave") {
        let keepalive = record.number()?;
        proxy.set(Param::Keepalive, if keepalive > 0 { keepalive.to_string() } else { String::new() });
    }
    // The name is that of the record, behind the version of its own part; the last thing that counts.
    record.number()?;
    proxy.name = record.text()?.split_whitespace().collect::<Vec<_>>().join(" ").into();
    Some(Ok(proxy))
}

/// What is left of a record.
struct Record<'a>(&'a [u8]);

impl Record<'_> {
    fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*first)
    }

    /// A whole number of four bytes, the least first.
    fn number(&mut self) -> Option<i32> {
        let (bytes, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(i32::from_le_bytes(*bytes))
    }

    /// A text: ASCII with the last byte marked, or its length in UTF-16 and UTF-8 of each half.
    fn text(&mut self) -> Option<String> {
        let first = *self.0.first()?;
        if first & 0x80 == 0 {
            return self.ascii();
        }
        let length = self.length()?.saturating_sub(1);
        let units: Option<Vec<_>> = (0..length).map(|_| self.unit()).collect();
        Some(String::from_utf16_lossy(&units?))
    }

    fn ascii(&mut self) -> Option<String> {
        let end = self.0.iter().position(|byte| byte & 0x80 != 0)?;
        let (text, rest) = self.0.split_at_checked(end + 1)?;
        self.0 = rest;
        Some(text.iter().map(|byte| char::from(byte & 0x7f)).collect())
    }

    /// Six bits and a mark that more follow, then seven bits and a mark each.
    fn length(&mut self) -> Option<usize> {
        let first = self.byte()?;
        let mut length = usize::from(first & 0x3f);
        let (mut more, mut shift) = (first & 0x40 != 0, 6);
        while more && shift < 27 {
            let next = self.byte()?;
            length |= usize::from(next & 0x7f) << shift;
            (more, shift) = (next & 0x80 != 0, shift + 7);
        }
        Some(length)
    }

    /// One half of UTF-16 in one to three bytes.
    fn unit(&mut self) -> Option<u16> {
        let first = u16::from(self.byte()?);
        let mut low = || Some(u16::from(self.byte()? & 0x3f));
        match first >> 4 {
            0..=7 => Some(first),
            12 | 13 => Some((first & 0x1f) << 6 | low()?),
            _ => Some((first & 0x0f) << 12 | low()? << 6 | low()?),
        }
    }
}
