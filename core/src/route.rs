//! Where requests go, in the closed vocabulary that an engine can carry out.

use serde::{Deserialize, Serialize};

use crate::proxy::{Credentials, Protocol, Proxy};

/// Which browser carries a route out. Each has a list of what it can do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Engine {
    /// `chrome.proxy.settings` with `fixed_servers`.
    Chrome,
    /// `browser.proxy.onRequest`.
    Firefox,
}

/// How a browser speaks to a proxy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ServerScheme {
    /// HTTP proxy.
    Http,
    /// HTTP proxy over TLS.
    Https,
    /// SOCKS 4. The browser resolves names itself: DNS leaks.
    Socks4,
    /// SOCKS 5; the proxy resolves names.
    Socks5,
}

/// A proxy that a browser can speak to. It holds its password in the clear, because this is what
/// an engine is handed; it never goes to a page, a log or the popup.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Server {
    /// How to speak to it.
    pub scheme: ServerScheme,
    /// Host name or address, IPv6 without brackets.
    pub host: String,
    /// 1 to 65535.
    pub port: u16,
    /// User name and password, where the proxy asks for them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub login: Option<Login>,
}

/// A user name and its password.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Login {
    /// The user name.
    pub username: String,
    /// The password.
    pub password: String,
}

impl std::fmt::Debug for Server {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?} {}:{} login:{}", self.scheme, self.host, self.port, self.login.is_some())
    }
}

/// Where requests go.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum Route {
    /// As the browser would without us: its own settings.
    Restore,
    /// Through this proxy, and nowhere else.
    Proxy {
        /// The proxy.
        server: Server,
    },
    /// Nowhere: every request fails.
    Block,
}

/// Why a browser cannot use a proxy by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unusable {
    /// The protocol is none that browsers speak.
    #[error("browsers do not speak {0}; copy the link into a program that does")]
    Protocol(Protocol),
    /// Chrome offers SOCKS5 no password (it offers the method "no authentication" only).
    #[error("Chrome cannot send a SOCKS5 password; Firefox can")]
    SocksLogin,
    /// SOCKS4 carries no password.
    #[error("browsers send no SOCKS4 user id")]
    Socks4Login,
    /// TLS around SOCKS is none that browsers speak.
    #[error("browsers do not speak SOCKS over TLS")]
    SocksTls,
    /// A snapshot whose rows say what their links do not.
    #[error("the list shows another proxy than its link is; load the list again, or leave its source out")]
    NotAsShown,
}

impl Engine {
    /// Every engine.
    pub const ALL: [Self; 2] = [Self::Chrome, Self::Firefox];

    /// The name in queries and snapshots: lower case, stable.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Chrome => "chrome",
            Self::Firefox => "firefox",
        }
    }

    /// The engine of a [`key`](Self::key), whatever its case.
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|engine| engine.key().eq_ignore_ascii_case(key))
    }

    /// Whether the browser resolves names itself before it asks a proxy of this protocol: Chrome does for
    /// SOCKS4, which carries addresses only; Firefox has the proxy resolve (`socks4a`).
    pub fn leaks_dns(self, protocol: Protocol) -> bool {
        self == Self::Chrome && protocol == Protocol::Socks4
    }

    /// The server by which this browser reaches `proxy`, or why it cannot.
    pub fn server(self, proxy: &Proxy) -> Result<Server, Unusable> {
        let scheme = scheme(proxy.protocol).ok_or(Unusable::Protocol(proxy.protocol))?;
        let login = login(&proxy.credentials);
        let socks = matches!(scheme, ServerScheme::Socks4 | ServerScheme::Socks5);
        if socks && proxy.tls.is_some() {
            return Err(Unusable::SocksTls);
        }
        match (self, scheme, &login) {
            (Self::Chrome, ServerScheme::Socks5, Some(_)) => Err(Unusable::SocksLogin),
            (_, ServerScheme::Socks4, Some(_)) => Err(Unusable::Socks4Login),
            _ => Ok(Server {
                scheme,
                host: proxy.endpoint.host.as_str().to_owned(),
                port: proxy.endpoint.port,
                login,
            }),
        }
    }
}

fn scheme(protocol: Protocol) -> Option<ServerScheme> {
    match protocol {
        Protocol::Http => Some(ServerScheme::Http),
        Protocol::Https => Some(ServerScheme::Https),
        Protocol::Socks4 => Some(ServerScheme::Socks4),
        Protocol::Socks5 => Some(ServerScheme::Socks5),
        _ => None,
    }
}

fn login(credentials: &Credentials) -> Option<Login> {
    match credentials {
        Credentials::Login { username, password } if !username.is_empty() || !password.is_empty() => {
            Some(Login { username: username.as_str().to_owned(), password: password.expose().to_owned() })
        }
        _ => None,
    }
}
