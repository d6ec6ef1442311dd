//! SSD: a provider's servers as one link, `ssd://` and the base64 of a JSON object. What a server does
//! not say, the provider says for all. Such a link may also stand among others.
//!
//! Specification: <https://github.com/TheCGDF/SSD-Windows/wiki/HTTP-Subscription-Protocol>

use serde_json::{Map, Value};

use super::{Format, Place, Reader, Reading, shadowsocks, tree, trim};
use crate::Proxy;
use crate::link::{Reason, Scheme, base64, several};
use crate::proxy::Protocol;

const NAME: &str = "ssd";
const SPECIFICATION: &str = "https://github.com/TheCGDF/SSD-Windows/wiki/HTTP-Subscription-Protocol";

/// The longest text that servers share, in bytes.
const LONGEST_SHARED: usize = 4096;

pub(crate) struct Ssd;

impl Format for Ssd {
    fn name(&self) -> &'static str {
        NAME
    }

    fn specification(&self) -> &'static str {
        SPECIFICATION
    }

    fn example(&self) -> &'static str {
        "ssd://eyJhaXJwb3J0IjoiRXhhbXBsZSIsInBvcnQiOjgzODgsImVuY3J5cHRpb24iOiJhZXMtMjU2LWdjbSIsInBhc3N3b3JkIjoic2VjcmV0Iiwic2VydmVycyI6W3sic2VydmVyIjoiMTkyLjAuMi4xIiwicmVtYXJrcyI6IkJlcmxpbiJ9XX0="
    }
}

impl Reader for Ssd {
    fn detect(&self, text: &str) -> bool {
        let (name, body) = trim(text).split_once("://").unwrap_or_default();
        name.eq_ignore_ascii_case(NAME) && !body.contains("://")
    }

    fn read(&self, text: &str, reading: &mut Reading) {
        let place = Place { line: 1, byte: 0 };
        match proxies(text) {
            Ok(proxies) => proxies.for_each(|proxy| reading.take(place, proxy)),
            Err(reason) => reading.refuse(reason),
        }
    }
}

impl Scheme for Ssd {
    fn names(&self) -> &'static [&'static str] {
        &[NAME]
    }

    fn protocols(&self) -> &'static [Protocol] {
        &[]
    }

    fn specification(&self) -> &'static str {
        SPECIFICATION
    }

    fn example(&self) -> &'static str {
        Format::example(self)
    }

    fn parse(&self, link: &str) -> Result<Proxy, Reason> {
        self.parse_all(link)?.into_iter().next().ok_or(EXPECTED)
    }

    fn parse_all(&self, link: &str) -> Result<Vec<Proxy>, Reason> {
        several(proxies(link)?.map(|read| read.map(|proxy| vec![proxy])))
    }

    fn print(&self, _proxy: &Proxy) -> String {
        String::new()
    }
}

const EXPECTED: Reason = Reason::Malformed("not the base64 of an object with a list of servers");

/// The proxies of a link.
fn proxies(link: &str) -> Result<impl Iterator<Item = Result<Proxy, Reason>>, Reason> {
    let (shared, servers) = provider(link)?;
    Ok(servers.into_iter().flat_map(move |server| shadowsocks::read(with(&shared, server), NAME)))
}

/// What all servers share, and the servers.
fn provider(text: &str) -> Result<(Map<String, Value>, Vec<Value>), Reason> {
    let (_, body) = text.split_once("://").ok_or(EXPECTED)?;
    let json = base64::decode_text(trim(body)).ok_or(EXPECTED)?;
    let Ok(Value::Object(mut object)) = serde_json::from_str(&json) else { return Err(EXPECTED) };
    let Some(Value::Array(servers)) = object.remove("servers") else { return Err(EXPECTED) };
    let shared = ["port", "encryption", "password", "plugin", "plugin_options"];
    // Each server gets a copy.
    object.retain(|name, value| {
        shared.contains(&name.as_str()) && (1..=LONGEST_SHARED).contains(&tree::text(value).len())
    });
    Ok((object, servers))
}

/// A server with what it does not say itself.
fn with(shared: &Map<String, Value>, mut server: Value) -> Value {
    if let Value::Object(server) = &mut server {
        for (name, value) in shared {
            server.entry(name).or_insert_with(|| value.clone());
        }
    }
    server
}
