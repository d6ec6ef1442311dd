//! mieru links: `mierus://user:password@host?profile=default&port=6666&port=9998-9999&protocol=TCP&
//! protocol=UDP`. Each pair of port and protocol is a proxy; TCP where no protocol is said.
//!
//! Specification: <https://github.com/enfein/mieru/blob/main/docs/client-install.md>
//!
//! `mieru://` has the base64 of a client's whole configuration, and is printed as `mierus://`.
//!
//! # Incomplete support
//!
//! The traffic pattern and the encryption of a whole configuration are not read.

mod config;

use super::params::{Params, Printed, Table, close, names};
use super::parts::{decode, encode, endpoint, fragment, host, port, split, trim};
use super::{Reason, Scheme, base64, socks};
use crate::Text;
use crate::proxy::{Credentials, Param, Protocol, Proxy};

pub(super) struct Mieru;

const TABLE: &Table = &[
    (Param::Group, names!["profile"]),
    (Param::Multiplexing, names!["multiplexing"]),
    (Param::HandshakeMode, names!["handshake-mode"]),
];

const TCP: &str = "TCP";
const UDP: &str = "UDP";

/// The most ports of one link: each is a proxy with all that the link holds besides.
const MOST_PORTS: usize = 64;
const TOO_MANY: Reason = Reason::Malformed("more than 64 ports: write neighbours as a range, 6000-6999");

impl Scheme for Mieru {
    fn names(&self) -> &'static [&'static str] {
        &["mierus", "mieru"]
    }

    fn protocols(&self) -> &'static [Protocol] {
        &[Protocol::Mieru]
    }

    fn specification(&self) -> &'static str {
        "https://github.com/enfein/mieru/blob/main/docs/client-install.md"
    }

    fn example(&self) -> &'static str {
        "mierus://user:secret@192.0.2.1?port=9998-9999&protocol=TCP&mtu=1400&multiplexing=MULTIPLEXING_HIGH&profile=default#Berlin"
    }

    fn parse(&self, link: &str) -> Result<Proxy, Reason> {
        self.parse_all(link)?.into_iter().next().ok_or(Reason::NoPort)
    }

    fn parse_all(&self, link: &str) -> Result<Vec<Proxy>, Reason> {
        let parts = split(link)?;
        let credentials = socks::login(parts.user);
        if credentials == Credentials::None {
            let named = |proxy| Proxy { name: trim(&decode(parts.fragment)).into(), ..proxy };
            return Ok(config::read(parts.body)?.into_iter().map(named).collect());
        }
        let mut params = Params::read(parts.query);
        let (mut bindings, protocols) =
            (params.take_every(names!["port"]), params.take_every(names!["protocol"]));
        if bindings.len() > MOST_PORTS {
            return Err(TOO_MANY);
        }
        let host = match endpoint(parts.host, None) {
            Ok(at) => {
                bindings.insert(0, at.port.to_string().into());
                at.host
            }
            Err(_) => host(parts.host)?,
        };
        if bindings.is_empty() {
            return Err(Reason::NoPort);
        }
        let mut proxy = Proxy::new(Protocol::Mieru, host, 0);
        proxy.credentials = credentials;
        let mut proxy = close(proxy, &parts, params, TABLE);
        disown(&mut proxy, Param::Carrier);
        let protocols = protocols.iter().map(Text::as_str).chain(std::iter::repeat(TCP));
        bindings.iter().zip(protocols).map(|(ports, protocol)| binding(&proxy, ports, protocol)).collect()
    }

    fn print(&self, proxy: &Proxy) -> String {
        let mut rest = proxy.clone();
        let is_own = |ports: &&str| ports.contains('-') && first(ports) == Ok(proxy.endpoint.port);
        let ports = rest.param(Param::Ports).filter(is_own);
        let ports = ports.map_or(proxy.endpoint.port.to_string(), str::to_owned);
        if rest.param(Param::Ports).as_ref().is_some_and(is_own) {
            rest.set(Param::Ports, "");
        }
        let user = match &proxy.credentials {
            Credentials::Login { username, password } => {
                format!("{}:{}", encode(username), encode(password.expose()))
            }
            _ => String::new(),
        };
        let mut query = Printed::default();
        query.add("port", &ports);
        query.add("protocol", proxy.param(Param::Carrier).unwrap_or(TCP));
        rest.set(Param::Carrier, "");
        query.add_rest(&rest, TABLE);
        let host = proxy.endpoint.to_string();
        let host = host.rsplit_once(':').map_or("", |(host, _)| host);
        format!("mierus://{user}@{host}{}{}", query.finish(), fragment(&proxy.name))
    }
}

/// One proxy of a link: its port or range of ports, and what it rides on.
fn binding(proxy: &Proxy, ports: &str, protocol: &str) -> Result<Proxy, Reason> {
    let mut proxy = proxy.clone();
    proxy.endpoint.port = first(ports)?;
    if ports.contains('-') {
        disown(&mut proxy, Param::Ports);
        proxy.set(Param::Ports, ports);
    }
    // Its clients know them in capitals only.
    let carrier = if protocol.eq_ignore_ascii_case(UDP) { UDP } else { protocol };
    if !carrier.eq_ignore_ascii_case(TCP) {
        proxy.set(Param::Carrier, carrier);
    }
    Ok(proxy)
}

/// Keeps what goes by the key of a parameter, which is said otherwise here, as nothing that it knows.
fn disown(proxy: &mut Proxy, param: Param) {
    if let Some(other) = proxy.param(param).map(Text::from) {
        proxy.set(param, "");
        proxy.extra.insert(0, (param.key().into(), other));
    }
}

/// The first port of a range.
fn first(ports: &str) -> Result<u16, Reason> {
    port(ports.split('-').next().unwrap_or_default())
}
