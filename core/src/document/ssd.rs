//! SSD: a provider's servers as one link, `ssd://` and the base64 of a JSON object. What a server does
//! not say, the provider says for all.
//!
//! Specification: <https://github.com/TheCGDF/SSD-Windows/wiki/HTTP-Subscription-Protocol>

use serde_json::{Map, Value};

use super::{Format, Place, Reader, Reading, shadowsocks, tree, trim};
use crate::link::{Reason, base64};

const NAME: &str = "ssd";

/// The longest text that servers share, in bytes.
const LONGEST_SHARED: usize = 4096;

pub(super) struct Ssd;

impl Format for Ssd {
    fn name(&self) -> &'static str {
        NAME
    }

    fn specification(&self) -> &'static str {
        "https://github.com/TheCGDF/SSD-Windows/wiki/HTTP-Subscription-Protocol"
    }

    fn example(&self) -> &'static str {
        "ssd://eyJhaXJwb3J0IjoiRXhhbXBsZSIsInBvcnQiOjgzODgsImVuY3J5cHRpb24iOiJhZXMtMjU2LWdjbSIsInBhc3N3b3JkIjoic2VjcmV0Iiwic2VydmVycyI6W3sic2VydmVyIjoiMTkyLjAuMi4xIiwicmVtYXJrcyI6IkJlcmxpbiJ9XX0="
    }
}

impl Reader for Ssd {
    fn detect(&self, text: &str) -> bool {
        trim(text).get(..6).is_some_and(|start| start.eq_ignore_ascii_case("ssd://"))
    }

    fn read(&self, text: &str, reading: &mut Reading) {
        let place = Place { line: 1, byte: 0 };
        match provider(text) {
            Ok((shared, servers)) => {
                let proxies =
                    servers.into_iter().flat_map(|server| shadowsocks::read(with(&shared, server), NAME));
                proxies.for_each(|proxy| reading.take(place, proxy));
            }
            Err(reason) => reading.refuse(reason),
        }
    }
}

/// What all servers share, and the servers.
fn provider(text: &str) -> Result<(Map<String, Value>, Vec<Value>), Reason> {
    const EXPECTED: Reason = Reason::Malformed("not the base64 of an object with a list of servers");
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
