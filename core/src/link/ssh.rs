//! SSH links: `ssh://user:password@host:port?pk=…&hk=…#name`, with the private key in `pk` and the
//! server's keys in `hk`. Port 22 where none is said.
//!
//! Specification: <https://github.com/hiddify/ray2sing>; the part before the query is that of
//! <https://datatracker.ietf.org/doc/html/draft-ietf-secsh-scp-sftp-ssh-uri>
//!
//! # Differences between programs
//!
//! The private key is base64 without the lines of PEM around it, or PEM as a whole; it is kept as it is.

use super::params::{Params, Printed, Table, close, names};
use super::parts::{decode, encode, endpoint, fragment, split};
use super::{Reason, Scheme};
use crate::proxy::{Credentials, Param, Protocol, Proxy};
use crate::{Secret, Text};

pub(super) struct Ssh;

const TABLE: &Table = &[
    (Param::HostKey, names!["hk", "host_key", "hostkey"]),
    (Param::Passphrase, names!["passphrase", "private_key_passphrase", "pkp"]),
];

impl Scheme for Ssh {
    fn names(&self) -> &'static [&'static str] {
        &["ssh"]
    }

    fn protocols(&self) -> &'static [Protocol] {
        &[Protocol::Ssh]
    }

    fn specification(&self) -> &'static str {
        "https://datatracker.ietf.org/doc/html/draft-ietf-secsh-scp-sftp-ssh-uri"
    }

    fn example(&self) -> &'static str {
        "ssh://user:secret@192.0.2.1:22?hk=ssh-ed25519%20AAAA#Berlin"
    }

    fn parse(&self, link: &str) -> Result<Proxy, Reason> {
        let parts = split(link)?;
        let at = endpoint(parts.host, Some(22))?;
        let (username, password) = parts.user.unwrap_or_default().split_once(':').unzip();
        let username = decode(username.or(parts.user).unwrap_or_default());
        if username.is_empty() {
            return Err(Reason::Malformed("the user is missing: expected user@host:port"));
        }
        let mut params = Params::read(parts.query);
        let mut proxy = Proxy::new(Protocol::Ssh, at.host, at.port);
        let private_key = params.take(names!["pk", "private_key", "privatekey"]);
        proxy.credentials = Credentials::Ssh {
            username: username.into(),
            password: decode(password.unwrap_or_default()).into(),
            private_key: digits(private_key),
        };
        Ok(close(proxy, &parts, params, TABLE))
    }

    fn print(&self, proxy: &Proxy) -> String {
        let mut query = Printed::default();
        let mut user = String::new();
        if let Credentials::Ssh { username, password, private_key } = &proxy.credentials {
            user = encode(username);
            if !password.is_empty() {
                user.extend([":", &encode(password.expose())]);
            }
            query.add_some("pk", private_key.expose());
        }
        query.add_rest(proxy, TABLE);
        format!("ssh://{user}@{}{}{}", proxy.endpoint, query.finish(), fragment(&proxy.name))
    }
}

/// In a query `+` is a blank; in base64 alone it was a digit. PEM has blanks of its own.
fn digits(key: Text) -> Secret {
    if key.starts_with('-') { key.into() } else { key.replace(' ', "+").into() }
}
