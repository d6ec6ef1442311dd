//! What `mieru://` carries: the base64 of a client's configuration in the form of Protocol Buffers, of which
//! this reads what a proxy has.
//!
//! Specification: <https://protobuf.dev/programming-guides/encoding/>; the numbers of the fields are those of
//! <https://github.com/enfein/mieru/tree/main/pkg/appctl/proto>

use super::{MOST_PORTS, TCP, TOO_MANY, base64, binding, host};
use crate::Text;
use crate::link::{Reason, several, trim};
use crate::proxy::{Credentials, Param, Protocol, Proxy};

/// The levels of multiplexing, by their number; the first is the usual one.
const LEVELS: [&str; 5] =
    ["", "MULTIPLEXING_OFF", "MULTIPLEXING_LOW", "MULTIPLEXING_MIDDLE", "MULTIPLEXING_HIGH"];

/// The ways to begin, by their number; the first is the usual one.
const HANDSHAKES: [&str; 3] = ["", "HANDSHAKE_STANDARD", "HANDSHAKE_NO_WAIT"];

/// The number of UDP among what a proxy may ride on.
const UDP: u64 = 1;

/// Reads a configuration: each binding of each server of each profile is a proxy.
pub(super) fn read(body: &str) -> Result<Vec<Proxy>, Reason> {
    const BROKEN: Reason =
        Reason::Malformed("neither user:password@host nor the base64 of a client's configuration");
    let bytes = base64::decode(body).ok_or(BROKEN)?;
    let mut read = Vec::new();
    for profile in Message(&bytes).messages(1).ok_or(BROKEN)? {
        for server in profile.messages(3).ok_or(BROKEN)? {
            for binding in server.messages(3).ok_or(BROKEN)? {
                if read.len() == MOST_PORTS {
                    return Err(TOO_MANY);
                }
                read.push(profile.proxy(server, binding).unwrap_or(Err(BROKEN)).map(|proxy| vec![proxy]));
            }
        }
    }
    if read.is_empty() { Err(Reason::NoPort) } else { several(read.into_iter()) }
}

/// A message: fields, each with its number.
#[derive(Clone, Copy)]
struct Message<'a>(&'a [u8]);

enum Value<'a> {
    Number(u64),
    Bytes(&'a [u8]),
    /// Four or eight bytes: nothing that is asked for.
    Fixed,
}

impl<'a> Message<'a> {
    /// Every value of a field; `None` where the bytes are no message.
    fn values(mut self, wanted: u64) -> Option<Vec<Value<'a>>> {
        let mut values = Vec::new();
        while !self.0.is_empty() {
            let key = self.number()?;
            let value = self.value(key & 7)?;
            if key >> 3 == wanted {
                values.push(value);
            }
        }
        Some(values)
    }

    fn value(&mut self, kind: u64) -> Option<Value<'a>> {
        match kind {
            0 => self.number().map(Value::Number),
            1 => self.bytes(8).map(|_| Value::Fixed),
            2 => {
                let length = usize::try_from(self.number()?).ok()?;
                self.bytes(length).map(Value::Bytes)
            }
            5 => self.bytes(4).map(|_| Value::Fixed),
            _ => None,
        }
    }

    fn bytes(&mut self, length: usize) -> Option<&'a [u8]> {
        let (bytes, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(bytes)
    }

    /// Seven bits a byte, the least first, and a mark that more follow; no more than ten bytes.
    fn number(&mut self) -> Option<u64> {
        let mut number = 0;
        for shift in (0..64).step_by(7) {
            let (first, rest) = self.0.split_first()?;
            self.0 = rest;
            number |= u64::from(first & 0x7f) << shift;
            if first & 0x80 == 0 {
                return Some(number);
            }
        }
        None
    }

    fn messages(self, wanted: u64) -> Option<Vec<Message<'a>>> {
        let message = |value| match value {
            Value::Bytes(bytes) => Some(Message(bytes)),
            _ => None,
        };
        self.values(wanted)?.into_iter().map(message).collect()
    }

    /// The last message of a field; an empty one where there is none.
    fn message(self, wanted: u64) -> Option<Message<'a>> {
        Some(self.messages(wanted)?.pop().unwrap_or(Message(&[])))
    }

    /// The last text of a field.
    fn text(self, wanted: u64) -> Option<String> {
        Some(String::from_utf8_lossy(self.message(wanted)?.0).into_owned())
    }

    /// The last number of a field; 0 where there is none.
    fn last(self, wanted: u64) -> Option<u64> {
        Some(match self.values(wanted)?.pop() {
            Some(Value::Number(number)) => number,
            _ => 0,
        })
    }

    /// The proxy of a profile, one of its servers and one of its bindings.
    fn proxy(self, server: Message<'_>, bound: Message<'_>) -> Option<Result<Proxy, Reason>> {
        let (address, name) = (server.text(1)?, server.text(2)?);
        let host = match host(if name.is_empty() { &address } else { &name }) {
            Ok(host) => host,
            Err(reason) => return Some(Err(reason)),
        };
        let mut proxy = Proxy::new(Protocol::Mieru, host, 0);
        let user = self.message(2)?;
        let (username, password) = (Text::from(user.text(1)?), Text::from(user.text(2)?));
        if username.is_empty() || password.is_empty() {
            return Some(Err(Reason::Malformed("the user or the password is missing")));
        }
        proxy.credentials = Credentials::Login { username, password: password.into() };
        self.give(&mut proxy)?;
        let (port, range) = (bound.last(1)?.to_string(), bound.text(3)?);
        let carrier = if bound.last(2)? == UDP { "UDP" } else { TCP };
        Some(binding(&proxy, if range.is_empty() { &port } else { trim(&range) }, carrier))
    }

    /// Gives a proxy what a profile says besides.
    fn give(self, proxy: &mut Proxy) -> Option<()> {
        let name = |names: &[&'static str], number: u64| {
            usize::try_from(number).ok().and_then(|number| names.get(number).copied()).unwrap_or_default()
        };
        proxy.set(Param::Group, trim(&self.text(1)?));
        proxy.set(
            Param::Mtu,
            Some(self.last(4)?).filter(|mtu| *mtu > 0).map(|mtu| mtu.to_string()).unwrap_or_default(),
        );
        proxy.set(Param::Multiplexing, name(&LEVELS, self.message(5)?.last(1)?));
        proxy.set(Param::HandshakeMode, name(&HANDSHAKES, self.last(6)?));
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A field that holds bytes.
    fn bytes(number: u8, inner: &[u8]) -> Vec<u8> {
        let length = u8::try_from(inner.len() & 0x7f).unwrap() | 0x80;
        let more = u8::try_from(inner.len() >> 7).unwrap();
        [&[number << 3 | 2, length, more], inner].concat()
    }

    fn config(bindings: &[&[u8]]) -> Vec<u8> {
        let user = [bytes(1, b"user"), bytes(2, b"secret")].concat();
        let bindings: Vec<_> = bindings.iter().map(|binding| bytes(3, binding)).collect();
        let server = [bytes(1, b"2001:db8::1"), bindings.concat()].concat();
        let profile = [
            bytes(1, b"default"),
            bytes(2, &user),
            bytes(3, &server),
            vec![4 << 3, 0xf8, 0x0a],
            bytes(5, &[8, 4]),
        ];
        [bytes(1, &profile.concat()), vec![3 << 3, 1, 9 << 3 | 5, 0, 0, 0, 0]].concat()
    }

    fn link(bytes: &[u8]) -> String {
        format!("mieru://{}", data(bytes))
    }

    fn data(bytes: &[u8]) -> String {
        let text = |chunk: &[u8]| {
            let bits = (0..3).fold(0_u32, |bits, at| bits << 8 | u32::from(*chunk.get(at).unwrap_or(&0)));
            (0..=chunk.len()).map(move |at| {
                let letters = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
                char::from(letters[(bits >> (18 - 6 * at) & 63) as usize])
            })
        };
        bytes.chunks(3).flat_map(text).collect()
    }

    #[test]
    fn each_binding_of_a_configuration_is_a_proxy() {
        let range = [&[2 << 3, 1][..], &bytes(3, b"9998-9999")].concat();
        let proxies =
            crate::link::parse_all(&link(&config(&[&[1 << 3, 0x8a, 0x34, 2 << 3, 2], &range]))).unwrap();
        let places: Vec<_> = proxies.iter().map(|proxy| proxy.endpoint.to_string()).collect();
        assert_eq!(places, ["[2001:db8::1]:6666", "[2001:db8::1]:9998"]);
        assert_eq!((proxies[0].param(Param::Carrier), proxies[1].param(Param::Carrier)), (None, Some("UDP")));
        let said =
            [Param::Group, Param::Mtu, Param::Multiplexing].map(|param| proxies[1].param(param).unwrap());
        assert_eq!(said, ["default", "1400", "MULTIPLEXING_HIGH"]);
        for proxy in proxies {
            assert_eq!(crate::link::parse(&crate::link::print(&proxy)), Ok(proxy));
        }
    }

    #[test]
    fn what_is_cut_or_too_much_gives_a_reason_and_no_panic() {
        let whole = config(&[&[1 << 3, 80]]);
        for end in 0..whole.len() {
            let _ = crate::link::parse_all(&link(&whole[..end]));
        }
        let many = vec![&[1 << 3, 80][..]; MOST_PORTS + 1];
        assert_eq!(crate::link::parse_all(&link(&config(&many))), Err(TOO_MANY));
        assert_eq!(crate::link::parse_all(&link(&config(&[]))), Err(Reason::NoPort));
    }
}
