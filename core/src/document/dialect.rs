//! What the lines of [`policy`](super::policy) mean: one table for each program, by which a line is read
//! into a proxy and a proxy is written as a line.
//!
//! Specification: <https://manual.nssurge.com/policies/overview.html>
//!
//! # Differences between programs
//!
//! What stands in its place in one program has a name in another, so a value that is not found under its
//! names is looked for in its place.

use super::ciphers::{Families, has};
use super::policy::{Options, Table, breaks, is_in, is_one_of, kept, truth};
use thin_vec::ThinVec;

use crate::Text;
use crate::link::{self, Reason, plugin};
use crate::proxy::{Credentials, Network, Param, Protocol, Proxy, Security, Tls, Transport};

/// The names of one field: the first is written.
pub(super) type Names = &'static [&'static str];

/// A field that has a place in the model of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    Username,
    Password,
    Id,
    Method,
    AlterId,
    /// Whether headers of `VMess` are those of AEAD, which is what an alter id of 0 says.
    Aead,
    Flow,
    /// Whether there is TLS.
    On,
    ServerName,
    /// Whether the certificate is left unchecked.
    Insecure,
    /// Whether it is checked.
    Verified,
    Alpn,
    /// ALPN as TLS writes it, in hexadecimal.
    AlpnBytes,
    Browser,
    PublicKey,
    ShortId,
}

/// How bytes are carried, as these programs tell it apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    Tcp,
    /// An HTTP header in front of TCP.
    Header,
    Ws,
    Grpc,
    H2,
}

/// One type of proxy that a program has.
pub(super) struct Kind {
    /// What it is called: the first is written.
    pub(super) words: Names,
    pub(super) protocol: Protocol,
    /// Its credentials, in order. A name `""` is that of a value in its place, `"\""` of one in quotes.
    pub(super) parts: &'static [(Part, Names)],
    /// What it understands besides.
    pub(super) params: &'static Table,
    pub(super) ways: &'static [Way],
    /// The securities it has; the first is meant where a line says nothing.
    pub(super) security: &'static [Option<Security>],
}

/// A kind, shorter.
pub(super) const fn kind(
    words: Names,
    protocol: Protocol,
    parts: &'static [(Part, Names)],
    params: &'static Table,
    ways: &'static [Way],
    security: &'static [Option<Security>],
) -> Kind {
    Kind { words, protocol, parts, params, ways, security }
}

/// The language of one program.
pub(super) struct Dialect {
    /// The format's name.
    pub(super) name: &'static str,
    pub(super) kinds: &'static [Kind],
    /// What every kind understands.
    pub(super) params: &'static Table,
    /// The fields of TLS.
    pub(super) tls: &'static [(Part, Names)],
    /// The word for the transport, its path and its host, where there is such a word.
    pub(super) carried: [Names; 3],
    pub(super) put_transport: fn(&Proxy, &mut Options),
    /// Puts whether there is TLS; the flag is whether the proxy has what is meant without a word.
    pub(super) put_on: fn(&Proxy, bool, &mut Options),
    /// The ciphers of Shadowsocks.
    pub(super) ciphers: Families,
    /// The ciphers of `ShadowsocksR`.
    pub(super) old_ciphers: Families,
    /// The ciphers of `VMess`: ours, and theirs.
    pub(super) methods: &'static [(&'static str, &'static str)],
    /// The plugins of Shadowsocks.
    pub(super) plugins: Names,
    /// The name of the obfuscation of Shadowsocks.
    pub(super) obfs: &'static str,
    /// The obfuscations of Hysteria 2.
    pub(super) disguises: Names,
    /// The alter id of `VMess` where nothing is said.
    pub(super) alter_id: u16,
    /// What no and yes are.
    pub(super) flags: [&'static str; 2],
    /// Whether no server name is said by `off`.
    pub(super) sni_off: bool,
    /// The browsers that it imitates.
    pub(super) browsers: Names,
    /// Whether ALPN can be said for a protocol.
    pub(super) alpn: fn(Protocol) -> bool,
    /// How ports to hop over are written.
    pub(super) ports: fn(&str) -> String,
    pub(super) lacks: Lacks,
}

/// Why a proxy does not fit.
pub(super) struct Lacks {
    pub(super) protocol: fn(Protocol) -> &'static str,
    pub(super) transport: &'static str,
    pub(super) security: &'static str,
    pub(super) cipher: &'static str,
    pub(super) plugin: &'static str,
    pub(super) flow: &'static str,
    pub(super) obfuscation: &'static str,
    pub(super) feature: &'static str,
}

/// The reasons of one program.
macro_rules! lacks {
    ($program:literal: $($protocol:ident $label:literal)+) => {
        $crate::document::dialect::Lacks {
            protocol: |protocol| match protocol {
                $($crate::proxy::Protocol::$protocol => concat!($program, " has no ", $label),)+
                _ => concat!($program, " has no such protocol"),
            },
            transport: concat!($program, " has no such transport for this protocol"),
            security: concat!($program, " has no such security for this protocol"),
            cipher: concat!($program, " has no such cipher"),
            plugin: concat!($program, " has no such plugin"),
            flow: concat!($program, " has no such flow or encryption of VLESS"),
            obfuscation: concat!($program, " has no such obfuscation"),
            feature: concat!($program, " has no place for a part of it without which it does not connect"),
        }
    };
}
pub(super) use lacks;

pub(super) const PLAIN: &[Option<Security>] = &[None];
pub(super) const TLS: &[Option<Security>] = &[Some(Security::Tls)];
pub(super) const EITHER: &[Option<Security>] = &[None, Some(Security::Tls)];
pub(super) const ANY: &[Option<Security>] = &[None, Some(Security::Tls), Some(Security::Reality)];
pub(super) const TCP: &[Way] = &[Way::Tcp];

/// What is said under these names of a part of the credentials.
type Said = Vec<(Part, Text)>;

impl Dialect {
    /// The kind of a word.
    pub(super) fn kind(&self, word: &str) -> Option<&'static Kind> {
        self.kinds.iter().find(|kind| kind.words.iter().any(|known| known.eq_ignore_ascii_case(word)))
    }

    /// Reads a proxy of a kind at a place; the options are what stands behind it.
    pub(super) fn read(
        &self,
        kind: &Kind,
        (host, port): (Text, u16),
        mut options: Options,
    ) -> Result<Proxy, Reason> {
        let mut proxy = Proxy::new(kind.protocol, host, port);
        proxy.credentials = self.credentials(kind, &mut options)?;
        let mut secure = None;
        if kind.ways != TCP {
            (proxy.transport, secure) = self.transport(&mut options);
        }
        if kind.protocol == Protocol::Shadowsocks {
            secure = take_plugin(&mut options, &mut proxy, kind.security != PLAIN);
        }
        self.take_tls(kind, secure, &mut options, &mut proxy);
        options.give(&mut proxy, kind.params, read_param);
        options.give(&mut proxy, self.params, read_param);
        amend(&mut options, &mut proxy);
        options.keep(self.name, &mut proxy);
        Ok(proxy)
    }

    /// Reads a proxy from the host and the port that stand next, and from what is behind them.
    pub(super) fn read_entry(&self, word: &str, mut options: Options) -> Result<Proxy, Reason> {
        let kind = self.kind(word);
        let reason = |reason| if kind.is_some() { reason } else { unknown(word) };
        let host = options.next().ok_or_else(|| reason(Reason::NoHost))?;
        let port = options.port().map_err(reason)?;
        let place = (link::host(&host)?, port);
        match kind {
            Some(kind) => self.read(kind, place, options),
            None => Ok(self.other(word, place, options)),
        }
    }

    /// A proxy of a type that the model does not know: all that is said of it is kept.
    pub(super) fn other(&self, word: &str, (host, port): (Text, u16), options: Options) -> Proxy {
        let mut proxy = Proxy::new(Protocol::Other, host, port);
        proxy.set(Param::Type, word);
        options.keep(self.name, &mut proxy);
        proxy
    }

    fn credentials(&self, kind: &Kind, options: &mut Options) -> Result<Credentials, Reason> {
        let mut said = Said::new();
        for (part, names) in kind.parts {
            said.push((*part, take_part(*part, names, options)));
        }
        let of_vmess = kind.protocol == Protocol::Vmess;
        for (_, method) in said.iter_mut().filter(|(part, _)| of_vmess && *part == Part::Method) {
            if !METHODS.iter().any(|(known, _)| known.eq_ignore_ascii_case(method)) {
                // It means `auto`, and is kept.
                options.put_some("method", method);
                *method = Text::new();
            }
        }
        gather(kind.protocol, self.alter_id, &said)
    }

    /// Takes the transport, and whether its word says that there is TLS.
    fn transport(&self, options: &mut Options) -> (Transport, Option<bool>) {
        let [words, paths, hosts] = self.carried;
        let word = options.take_if(words, |word| way(word).is_some()).unwrap_or_default();
        let (mut found, secure) = way(&word).unwrap_or((Way::Tcp, None));
        for (name, flagged) in [("ws", Way::Ws), ("grpc", Way::Grpc)] {
            if options.take_flag(&[name]) == Some(true) {
                found = flagged;
            }
        }
        let mut transport = Transport::default();
        match found {
            Way::Tcp => return (transport, secure),
            Way::Header => transport.header = "http".into(),
            Way::Ws => transport.network = Network::Ws,
            Way::Grpc => transport.network = Network::Grpc,
            Way::H2 => transport.network = Network::H2,
        }
        transport.path = match found {
            Way::Grpc => options.take_as_is(&["grpc-service-name"]),
            _ => options.take_as_is(&["ws-path"]),
        };
        if transport.path.is_empty() {
            transport.path = options.take_as_is(paths);
        }
        if found != Way::Grpc {
            let host = take_host_header(options).unwrap_or_else(|| options.take(hosts));
            transport.host = link::header_host(&host).into();
        }
        (transport, secure)
    }

    /// Takes the fields of TLS. Without TLS they say nothing, and are left.
    fn take_tls(&self, kind: &Kind, said: Option<bool>, options: &mut Options, proxy: &mut Proxy) {
        if kind.security == PLAIN {
            return;
        }
        let reality = kind.security.contains(&Some(Security::Reality)) && self.has(options, Part::PublicKey);
        let flag = self.names(Part::On).and_then(|names| options.take_flag(names));
        let security = match said.or(flag) {
            _ if reality => Some(Security::Reality),
            Some(true) => Some(Security::Tls),
            Some(false) if kind.security.contains(&None) => None,
            Some(false) => {
                options.put(self.names(Part::On).and_then(|names| names.first()).unwrap_or(&"tls"), "false");
                Some(Security::Tls)
            }
            None => kind.security.first().copied().flatten(),
        };
        let Some(security) = security else { return };
        let mut tls = Tls { security, ..Tls::default() };
        for (part, names) in self.tls {
            self.take_tls_part(*part, names, options, &mut tls);
        }
        if tls.server_name.is_empty() && said == Some(true) && proxy.transport.network == Network::Tcp {
            tls.server_name = options.take(&["obfs-host"]);
        }
        if self.sni_off && tls.server_name == "off" {
            tls.server_name = Text::new();
            proxy.set(Param::DisableSni, "1");
        }
        let is_usual = proxy.protocol == Protocol::Https && tls == Tls::default();
        proxy.tls = Some(tls).filter(|_| !is_usual);
    }

    fn take_tls_part(&self, part: Part, names: Names, options: &mut Options, tls: &mut Tls) {
        let reality = tls.security == Security::Reality;
        match part {
            Part::ServerName => tls.server_name = options.take(names),
            Part::Insecure => tls.insecure |= options.take_flag(names) == Some(true),
            Part::Verified => tls.insecure |= options.take_flag(names) == Some(false),
            Part::Alpn => {
                let list = options.take(names);
                tls.alpn =
                    list.split(',').map(link::trim).filter(|item| !item.is_empty()).map(Text::from).collect();
            }
            Part::AlpnBytes => {
                let bytes = options.take_if(names, |value| alpn_list(link::trim(value)).is_some());
                tls.alpn = bytes.and_then(|bytes| alpn_list(link::trim(&bytes))).unwrap_or_default();
            }
            Part::Browser => {
                let known = |said: &str| self.browsers.contains(&said);
                tls.client_fingerprint = options.take_if(names, known).unwrap_or_default();
            }
            Part::PublicKey if reality => tls.public_key = options.take(names),
            Part::ShortId if reality => tls.short_id = options.take(names),
            _ => {}
        }
    }

    fn names(&self, part: Part) -> Option<Names> {
        self.tls.iter().find(|(known, _)| *known == part).map(|(_, names)| *names)
    }

    fn has(&self, options: &Options, part: Part) -> bool {
        self.names(part).is_some_and(|names| options.has(names))
    }

    /// The kind as which a proxy is written.
    pub(super) fn kind_of(&self, proxy: &Proxy) -> Option<&'static Kind> {
        let said = parts_of(proxy);
        self.kinds.iter().find(|kind| {
            kind.protocol == proxy.protocol
                && kind.security.contains(&security_of(proxy))
                && said.iter().all(|(part, _)| kind.parts.iter().any(|(known, _)| holds(*known, *part)))
        })
    }

    /// Whether the program can use a proxy, and if not, why not.
    pub(super) fn fits(&self, proxy: &Proxy) -> Result<(), &'static str> {
        let fit = |fits: bool, reason| if fits { Ok(()) } else { Err(reason) };
        let mut kinds = self.kinds.iter().filter(|kind| kind.protocol == proxy.protocol).peekable();
        fit(kinds.peek().is_some(), (self.lacks.protocol)(proxy.protocol))?;
        fit(kinds.any(|kind| kind.security.contains(&security_of(proxy))), self.lacks.security)?;
        let kind = self.kind_of(proxy).ok_or(self.lacks.feature)?;
        let way = way_of(&proxy.transport).filter(|way| kind.ways.contains(way));
        fit(way.is_some() || proxy.protocol.is_datagram(), self.lacks.transport)?;
        let is_reality = security_of(proxy) == Some(Security::Reality);
        fit(!is_reality || matches!(way, Some(Way::Tcp | Way::Grpc)), self.lacks.transport)?;
        fit(!is_half_a_login(kind, proxy), self.lacks.feature)?;
        fit(self.has_cipher(proxy), self.lacks.cipher)?;
        fit(self.has_plugin(proxy), self.lacks.plugin)?;
        fit(has_flow(proxy), self.lacks.flow)?;
        let disguise = proxy.param(Param::Obfs).filter(|_| proxy.protocol == Protocol::Hysteria2);
        fit(disguise.is_none_or(|obfs| self.disguises.contains(&obfs)), self.lacks.obfuscation)?;
        let needs = [Param::Realm, Param::ShadowLayer, Param::Finalmask, Param::Jc, Param::S1, Param::H1];
        let is_bare = needs.iter().all(|param| proxy.param(*param).is_none());
        fit(is_bare && !has_breaks(proxy), self.lacks.feature)
    }

    fn has_cipher(&self, proxy: &Proxy) -> bool {
        match &proxy.credentials {
            Credentials::Cipher { method, .. } if proxy.protocol == Protocol::ShadowsocksR => {
                has(self.old_ciphers, method)
            }
            Credentials::Cipher { method, .. } => has(self.ciphers, method),
            _ => true,
        }
    }

    fn has_plugin(&self, proxy: &Proxy) -> bool {
        let Some(name) = proxy.param(Param::Plugin) else { return true };
        let options = plugin::options(proxy.param(Param::PluginOpts).unwrap_or_default());
        let option =
            |wanted: &str| options.iter().find(|(name, _)| name == wanted).map(|(_, value)| value.as_str());
        let is_whole = match name {
            "obfs-local" => matches!(option("obfs"), Some("http" | "tls")),
            "v2ray-plugin" => matches!(option("mode"), None | Some("websocket")),
            "shadow-tls" => option("password").is_some() && option("version") != Some("1"),
            _ => false,
        };
        is_whole && self.plugins.contains(&name)
    }

    /// What is written behind the place of a proxy.
    pub(super) fn options(&self, kind: &Kind, proxy: &Proxy) -> Options {
        let mut options = Options::default();
        self.put_parts(kind, proxy, &mut options);
        if kind.ways != TCP {
            (self.put_transport)(proxy, &mut options);
        }
        self.put_plugin(proxy, &mut options);
        self.put_tls(kind, proxy, &mut options);
        self.put_params(proxy, kind.params, &mut options);
        self.put_params(proxy, self.params, &mut options);
        if proxy.param(Param::Obfs) == Some("gecko") {
            options.put_some("gecko-password", proxy.param(Param::ObfsPassword).unwrap_or_default());
        }
        options.put_kept(self.name, proxy, |name| self.knows(kind, proxy, name));
        options
    }

    /// Whether the program has a use for an option of a proxy. Two kinds may have one word, and without TLS
    /// its fields say nothing.
    fn knows(&self, kind: &Kind, proxy: &Proxy, name: &str) -> bool {
        let has = |names: &[&str]| is_one_of(name, names);
        let is_secure = security_of(proxy).is_some();
        let mut kinds = self.kinds.iter().filter(|other| other.words.first() == kind.words.first());
        let of_tls = |(part, names): &(Part, Names)| {
            (is_secure || matches!(part, Part::On | Part::PublicKey)) && has(names)
        };
        kinds.any(|kind| kind.parts.iter().any(|(_, names)| has(names)) || is_in(name, kind.params))
            || is_in(name, self.params)
            || self.tls.iter().any(of_tls)
            || kind.ways != TCP && (has(CARRIED) || self.carried.iter().any(|names| has(names)))
            || kind.protocol == Protocol::Shadowsocks && (has(DISGUISED) || has(&[self.obfs]))
            || kind.protocol == Protocol::WireGuard && has(TUNNELLED)
            || has(&["ws-headers", "gecko-password", "tag"])
            || has(&["method"]) && kind.protocol == Protocol::Vless
    }

    fn put_parts(&self, kind: &Kind, proxy: &Proxy, options: &mut Options) {
        let said = parts_of(proxy);
        for (part, names) in kind.parts {
            let value = said.iter().find(|(known, _)| holds(*part, *known)).map_or("", |(_, value)| value);
            let value = match part {
                Part::Aead => truth(value == "0"),
                Part::Method if kind.protocol == Protocol::Vmess => self.method(value),
                _ => value,
            };
            match names.first().copied().unwrap_or_default() {
                // A login that is none leaves both places empty.
                "" | "\"" if value.is_empty() && matches!(part, Part::Username | Part::Password) => {}
                name @ ("" | "\"") => options.put(name, value),
                name => options.put_some(name, value),
            }
        }
    }

    /// What the program calls a cipher of `VMess`; empty where it has no word for it.
    fn method(&self, ours: &str) -> &'static str {
        self.methods.iter().find(|(known, _)| *known == ours).map_or("", |(_, theirs)| theirs)
    }

    fn put_params(&self, proxy: &Proxy, table: &Table, options: &mut Options) {
        let gecko = proxy.protocol == Protocol::Hysteria2 && proxy.param(Param::Obfs) == Some("gecko");
        let is_gecko = |param| gecko && param == Param::ObfsPassword;
        options.put_params(proxy, table, self.flags, |param, value| match param {
            Param::Ports => Some((self.ports)(value)),
            Param::HopInterval => value.parse::<u32>().is_ok().then(|| value.to_owned()),
            Param::Up | Param::Down => megabits(value),
            param if is_gecko(param) => None,
            _ => Some(value.to_owned()),
        });
    }

    fn put_plugin(&self, proxy: &Proxy, options: &mut Options) {
        let Some(name) = proxy.param(Param::Plugin) else { return };
        for (option, value) in plugin::options(proxy.param(Param::PluginOpts).unwrap_or_default()) {
            let name = match (name, option.as_str()) {
                ("obfs-local", "obfs") => self.obfs,
                ("obfs-local", "obfs-host") | ("v2ray-plugin", "host") => "obfs-host",
                ("obfs-local", "obfs-uri") | ("v2ray-plugin", "path") => "obfs-uri",
                ("shadow-tls", "password") => "shadow-tls-password",
                ("shadow-tls", "host") => "shadow-tls-sni",
                ("shadow-tls", "version") => "shadow-tls-version",
                _ => continue,
            };
            options.put_some(name, &value);
        }
        if name == "v2ray-plugin" {
            let opts = plugin::options(proxy.param(Param::PluginOpts).unwrap_or_default());
            let secure = opts.iter().any(|(name, _)| name == "tls");
            options.put(self.obfs, if secure { "wss" } else { "ws" });
        }
    }

    fn put_tls(&self, kind: &Kind, proxy: &Proxy, options: &mut Options) {
        let security = security_of(proxy);
        let is_usual = kind.security.first() == Some(&security);
        let tls = proxy.tls.clone().unwrap_or_default();
        let is_nameless = self.sni_off && proxy.has(Param::DisableSni);
        if is_nameless {
            options.put("sni", "off");
        }
        for (part, names) in self.tls {
            let name = names.first().copied().unwrap_or_default();
            match part {
                Part::On => (self.put_on)(proxy, is_usual, options),
                Part::ServerName if is_nameless => {}
                Part::ServerName if options.has(&["obfs-host"]) && options.says("obfs", "over-tls") => {}
                Part::ServerName => options.put_some(name, &tls.server_name),
                Part::Insecure => options.put_some(name, if tls.insecure { self.flags[1] } else { "" }),
                Part::Verified => options.put_some(name, if tls.insecure { self.flags[0] } else { "" }),
                Part::Alpn | Part::AlpnBytes if !(self.alpn)(proxy.protocol) => {}
                Part::Alpn => options.put_some(name, &tls.alpn.join(",")),
                Part::AlpnBytes => options.put_some(name, &alpn_bytes(&tls.alpn)),
                Part::Browser if self.browsers.contains(&tls.client_fingerprint.as_str()) => {
                    options.put_some(name, &tls.client_fingerprint);
                }
                Part::PublicKey => options.put_some(name, &tls.public_key),
                Part::ShortId => options.put_some(name, &tls.short_id),
                _ => {}
            }
        }
    }
}

/// The options of a transport.
const CARRIED: Names = &["ws", "grpc", "ws-path", "ws-headers", "grpc-service-name"];
/// The options of a plugin of Shadowsocks.
const DISGUISED: Names = &[
    "obfs",
    "obfs-name",
    "obfs-host",
    "obfs-uri",
    "shadow-tls-password",
    "shadow-tls-sni",
    "shadow-tls-version",
];
/// The options of a tunnel in one line.
const TUNNELLED: Names = &["privateKey", "presharedKey", "ip", "ipv6", "reserved"];

/// Why a line of an unknown type without a place is none.
pub(super) fn unknown(word: &str) -> Reason {
    Reason::UnknownType(word.chars().take(40).collect())
}

/// The ciphers of `VMess` in every spelling, and ours.
const METHODS: &[(&str, &str)] = &[
    ("auto", "auto"),
    ("none", "none"),
    ("zero", "zero"),
    ("aes-128-gcm", "aes-128-gcm"),
    ("aes-128-cfb", "aes-128-cfb"),
    ("chacha20-poly1305", "chacha20-poly1305"),
    ("chacha20-ietf-poly1305", "chacha20-poly1305"),
];

/// Takes one part of the credentials: by its names, or else in its place.
fn take_part(part: Part, names: Names, options: &mut Options) -> Text {
    match part {
        Part::Aead => {
            let aead = options.take_flag(names);
            aead.map_or("", |yes| if yes { "0" } else { "1" }).into()
        }
        Part::AlterId => {
            let id = options.take_if(names, |value| link::trim(value).parse::<u16>().is_ok());
            id.map(|id| link::trim(&id).into()).unwrap_or_default()
        }
        Part::Flow => options.take(names),
        _ => match options.take_as_is(names) {
            value if value.is_empty() => options.next().unwrap_or_default(),
            value => value,
        },
    }
}

/// The credentials of a protocol from their parts.
fn gather(protocol: Protocol, alter_id: u16, said: &Said) -> Result<Credentials, Reason> {
    let part = |wanted| said.iter().find(|(part, _)| *part == wanted).map_or("", |(_, value)| value.as_str());
    let needed = |part: &str, reason| if part.is_empty() { Err(Reason::Malformed(reason)) } else { Ok(()) };
    let (username, password) = (Text::from(part(Part::Username)), part(Part::Password));
    let id = link::trim(part(Part::Id));
    match protocol {
        Protocol::Shadowsocks => link::cipher(part(Part::Method), password),
        Protocol::ShadowsocksR => {
            let method = link::trim(part(Part::Method)).to_ascii_lowercase();
            let method = if method.is_empty() { "none".into() } else { method.into() };
            Ok(Credentials::Cipher { method, password: password.into() })
        }
        Protocol::Vmess => {
            needed(id, "the user's id is missing")?;
            let method = part(Part::Method);
            let cipher = METHODS.iter().find(|(theirs, _)| theirs.eq_ignore_ascii_case(method));
            let alter_id = [Part::AlterId, Part::Aead]
                .into_iter()
                .find_map(|known| part(known).parse().ok())
                .unwrap_or(alter_id);
            let cipher = cipher.map_or("auto", |(_, ours)| ours).into();
            Ok(Credentials::Vmess { id: id.into(), cipher, alter_id })
        }
        Protocol::Vless => {
            needed(id, "the user's id is missing")?;
            let flow = part(Part::Flow).into();
            Ok(Credentials::Vless { id: id.into(), encryption: "none".into(), flow })
        }
        Protocol::Tuic | Protocol::Juicity if !id.is_empty() => {
            Ok(Credentials::User { id: id.into(), password: password.into() })
        }
        Protocol::Http | Protocol::Https | Protocol::Socks5 if username.is_empty() && password.is_empty() => {
            Ok(Credentials::None)
        }
        Protocol::Http | Protocol::Https | Protocol::Socks5 => {
            Ok(Credentials::Login { username, password: password.into() })
        }
        Protocol::Ssh => {
            needed(&username, "the user is missing")?;
            Ok(Credentials::Ssh { username, password: password.into(), private_key: "".into() })
        }
        Protocol::Hysteria | Protocol::Hysteria2 if password.is_empty() => Ok(Credentials::None),
        _ => {
            needed(password, "the password is missing")?;
            Ok(Credentials::Password(password.into()))
        }
    }
}

/// The parts of a proxy's credentials that say something.
fn parts_of(proxy: &Proxy) -> Said {
    let mut said = match &proxy.credentials {
        Credentials::None | Credentials::Keys { .. } => Said::new(),
        Credentials::Login { username, password } => {
            vec![(Part::Username, username.clone()), (Part::Password, password.expose().into())]
        }
        Credentials::Password(password) => vec![(Part::Password, password.expose().into())],
        Credentials::User { id, password } => {
            vec![(Part::Id, id.expose().into()), (Part::Password, password.expose().into())]
        }
        // A key has no place among the parts, so that such a proxy finds no kind.
        Credentials::Ssh { username, password, private_key } => vec![
            (Part::Username, username.clone()),
            (Part::Password, password.expose().into()),
            (Part::PublicKey, private_key.expose().into()),
        ],
        Credentials::Cipher { method, password } => {
            vec![(Part::Method, method.clone()), (Part::Password, password.expose().into())]
        }
        Credentials::Vmess { id, cipher, alter_id } => vec![
            (Part::Id, id.expose().into()),
            (Part::Method, cipher.clone()),
            (Part::AlterId, alter_id.to_string().into()),
        ],
        Credentials::Vless { id, flow, .. } => {
            vec![(Part::Id, id.expose().into()), (Part::Flow, flow.clone())]
        }
    };
    said.retain(|(_, value)| !value.is_empty());
    said
}

/// Whether a part of a table holds a part of credentials.
fn holds(of_table: Part, part: Part) -> bool {
    of_table == part || of_table == Part::Aead && part == Part::AlterId
}

/// What a word for a transport means: the way, and whether there is TLS, where it says so.
fn way(word: &str) -> Option<(Way, Option<bool>)> {
    match link::trim(word).to_ascii_lowercase().as_str() {
        "tcp" | "none" => Some((Way::Tcp, None)),
        "over-tls" => Some((Way::Tcp, Some(true))),
        "ws" | "websocket" => Some((Way::Ws, None)),
        "wss" => Some((Way::Ws, Some(true))),
        // Quantumult X takes three words for it.
        "http" | "vmess-http" | "vemss-http" | "shadowsocks-http" => Some((Way::Header, None)),
        "grpc" => Some((Way::Grpc, None)),
        "h2" => Some((Way::H2, None)),
        _ => None,
    }
}

/// The way of a transport; `None` where it is one that none of these programs has.
pub(super) fn way_of(transport: &Transport) -> Option<Way> {
    match (transport.network, transport.header.as_str()) {
        (Network::Tcp, "") => Some(Way::Tcp),
        (Network::Tcp, "http") => Some(Way::Header),
        (Network::Ws, _) => Some(Way::Ws),
        (Network::Grpc, _) if transport.mode != "multi" => Some(Way::Grpc),
        (Network::H2, _) => Some(Way::H2),
        _ => None,
    }
}

fn security_of(proxy: &Proxy) -> Option<Security> {
    let usual = (proxy.protocol == Protocol::Https).then_some(Security::Tls);
    proxy.tls.as_ref().map(|tls| tls.security).or(usual)
}

/// Whether a flow and an encryption are those that programs of this family have. Vision is of plain TCP.
fn has_flow(proxy: &Proxy) -> bool {
    match &proxy.credentials {
        Credentials::Vless { encryption, flow, .. } => {
            let is_plain = way_of(&proxy.transport) == Some(Way::Tcp);
            matches!(encryption.as_str(), "" | "none")
                && (flow.is_empty() || flow == "xtls-rprx-vision" && is_plain)
        }
        _ => true,
    }
}

/// Whether a password alone would stand in the place of the name.
fn is_half_a_login(kind: &Kind, proxy: &Proxy) -> bool {
    let in_place = |(part, names): &(Part, Names)| *part == Part::Username && names.first() == Some(&"");
    let is_nameless =
        matches!(&proxy.credentials, Credentials::Login { username, .. } if username.is_empty());
    is_nameless && kind.parts.iter().any(in_place)
}

/// Whether a value of a proxy has what ends a line, which no line holds.
pub(super) fn has_breaks(proxy: &Proxy) -> bool {
    let Transport { header, host, path, mode, authority, .. } = &proxy.transport;
    let has = |texts: &[&str]| texts.iter().any(|text| breaks(text));
    let of_tls = |tls: &Tls| {
        has(&[&tls.server_name, &tls.client_fingerprint, &tls.public_key, &tls.short_id, &tls.spider_x])
            || tls.alpn.iter().any(|item| breaks(item))
    };
    let of_keys = match &proxy.credentials {
        Credentials::Keys { private_key, pre_shared_key } => {
            has(&[private_key.expose(), pre_shared_key.expose()])
        }
        _ => parts_of(proxy).iter().any(|(_, value)| breaks(value)),
    };
    of_keys
        || has(&[&proxy.endpoint.host, header, host, path, mode, authority])
        || proxy.tls.as_ref().is_some_and(of_tls)
        || proxy.params.iter().any(|(_, value)| breaks(value))
}

/// Takes the host out of the headers of a WebSocket; the others are left.
fn take_host_header(options: &mut Options) -> Option<Text> {
    let headers = options.take_if(&["ws-headers"], |headers| host_of(headers).is_some())?;
    let host = host_of(&headers)?.into();
    let others: Vec<_> = headers.split('|').filter(|header| host_of(header).is_none()).collect();
    options.put_some("ws-headers", &others.join("|"));
    Some(host)
}

fn host_of(headers: &str) -> Option<&str> {
    headers.split('|').find_map(|header| {
        let (name, value) = header.split_once(':')?;
        link::trim(name).eq_ignore_ascii_case("host").then(|| super::policy::unquote(link::trim(value)))
    })
}

/// Puts a WebSocket as Surge has it, and gRPC; the headers beside the host are those that were kept.
pub(super) fn put_flags(proxy: &Proxy, format: &str, options: &mut Options) {
    let transport = &proxy.transport;
    match transport.network {
        Network::Ws => {
            options.put("ws", "true");
            options.put_some("ws-path", &transport.path);
            let host = Some(format!("Host:{}", transport.host)).filter(|_| !transport.host.is_empty());
            let others = kept(format, proxy).filter(|(name, _)| *name == "ws-headers");
            let others =
                others.flat_map(|(_, value)| value.split('|')).filter(|value| host_of(value).is_none());
            let headers: Vec<_> = host.into_iter().chain(others.map(str::to_owned)).collect();
            options.put_some("ws-headers", &headers.join("|"));
        }
        Network::Grpc => {
            options.put("grpc", "true");
            options.put_some("grpc-service-name", &transport.path);
        }
        _ => {}
    }
}

/// Takes the plugin of Shadowsocks, and whether its word says that there is TLS.
fn take_plugin(options: &mut Options, proxy: &mut Proxy, has_tls: bool) -> Option<bool> {
    let known = |word: &str| {
        matches!(word, "http" | "tls" | "ws" | "wss" | "shadowsocks-http") || has_tls && word == "over-tls"
    };
    let mut word = options.take_if(&["obfs-name", "obfs"], known).unwrap_or_default();
    let mut host = Text::new();
    if word.is_empty() && matches!(options.peek(), Some("http" | "tls")) {
        // Loon once wrote both in their places.
        (word, host) = (options.next().unwrap_or_default(), options.next().unwrap_or_default());
    }
    let word = if word == "shadowsocks-http" { "http" } else { &word };
    if word == "over-tls" {
        return Some(true);
    }
    let mut opts = Vec::new();
    let mut give = |name: &str, value: Text| {
        if !value.is_empty() {
            opts.push((name.to_owned(), value.to_string()));
        }
    };
    match word {
        "http" | "tls" => {
            give("obfs", word.into());
            give("obfs-host", if host.is_empty() { options.take(&["obfs-host"]) } else { host });
            give("obfs-uri", options.take(&["obfs-uri"]));
            proxy.set(Param::Plugin, "obfs-local");
        }
        "ws" | "wss" => {
            give("mode", "websocket".into());
            give("path", options.take_as_is(&["obfs-uri"]));
            give("mux", "0".into());
            give("host", options.take(&["obfs-host"]));
            proxy.set(Param::Plugin, "v2ray-plugin");
            if word == "wss" {
                opts.push(("tls".to_owned(), String::new()));
            }
        }
        _ if options.has(&["shadow-tls-password"]) => {
            give("host", options.take(&["shadow-tls-sni"]));
            give("password", options.take_as_is(&["shadow-tls-password"]));
            give("version", options.take(&["shadow-tls-version"]));
            proxy.set(Param::Plugin, "shadow-tls");
        }
        _ => {}
    }
    proxy.set(Param::PluginOpts, plugin::write(&opts));
    None
}

/// ALPN as TLS writes it (RFC 7301, section 3.1), in hexadecimal.
fn alpn_bytes(list: &[Text]) -> String {
    let mut digits = String::new();
    for item in list {
        let length = u8::try_from(item.len()).unwrap_or_default();
        digits.extend([length].iter().chain(item.as_bytes()).map(|byte| format!("{byte:02x}")));
    }
    digits
}

/// What [`alpn_bytes`] wrote.
fn alpn_list(digits: &str) -> Option<ThinVec<Text>> {
    let pairs = digits.as_bytes().chunks(2);
    let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok();
    let bytes = pairs.map(byte).collect::<Option<Vec<_>>>().filter(|_| digits.len().is_multiple_of(2))?;
    let (mut rest, mut list) = (bytes.as_slice(), ThinVec::new());
    while let Some((length, after)) = rest.split_first() {
        let (item, after) = after.split_at_checked(usize::from(*length))?;
        list.push(std::str::from_utf8(item).ok().filter(|item| !item.is_empty())?.into());
        rest = after;
    }
    Some(list)
}

/// A parameter as it is kept.
fn read_param(param: Param, text: &str) -> Text {
    match param {
        Param::Ports => text.replace(';', ",").replace(':', "-").replace(' ', "").into(),
        Param::CertSha256 => link::hexadecimal(text),
        _ => text.into(),
    }
}

/// What one field says of another.
fn amend(options: &mut Options, proxy: &mut Proxy) {
    if proxy.protocol != Protocol::Hysteria2 {
        return;
    }
    let gecko = options.take_as_is(&["gecko-password"]);
    let disguise = if gecko.is_empty() { "salamander" } else { "gecko" };
    if !gecko.is_empty() {
        proxy.set(Param::ObfsPassword, gecko);
    }
    match proxy.param(Param::ObfsPassword) {
        Some(_) => proxy.set(Param::Obfs, disguise),
        // Without its secret it is none.
        None => proxy.set(Param::Obfs, ""),
    }
}

/// The addresses of a tunnel's client: the first of IPv4 and the first of IPv6, without their masks.
pub(super) fn addresses(proxy: &Proxy) -> [String; 2] {
    let all = proxy.param(Param::LocalAddress).unwrap_or_default().split(',').map(link::trim);
    let bare = all.map(|address| address.split_once('/').map_or(address, |(bare, _)| bare));
    let (six, four): (Vec<_>, Vec<_>) = bare.partition(|address| address.contains(':'));
    [four, six].map(|list| list.first().copied().unwrap_or_default().to_owned())
}

/// An address with the mask of a single one, which is what these programs mean.
pub(super) fn masked(address: &str) -> String {
    match address {
        "" => String::new(),
        address if address.contains('/') => address.to_owned(),
        address if address.contains(':') => format!("{address}/128"),
        address => format!("{address}/32"),
    }
}

/// The addresses of a tunnel's client, joined.
pub(super) fn joined(addresses: &[Text; 2]) -> String {
    let all = addresses.iter().map(|address| masked(address)).filter(|address| !address.is_empty());
    all.collect::<Vec<_>>().join(",")
}

/// All networks: that is meant where a proxy says nothing, but these programs want it said.
const ALL_NETWORKS: &str = "0.0.0.0/0,::/0";

/// The networks that go through a tunnel.
pub(super) fn networks(proxy: &Proxy) -> &str {
    proxy.param(Param::AllowedIps).unwrap_or(ALL_NETWORKS)
}

/// What [`networks`] wrote, without the blanks of a list.
pub(super) fn read_networks(text: &str) -> String {
    let list = text.replace(' ', "");
    if list == ALL_NETWORKS { String::new() } else { list }
}

/// The three reserved bytes, if they are that.
pub(super) fn reserved(proxy: &Proxy) -> Option<&str> {
    proxy.param(Param::Reserved).filter(|bytes| link::reserved(bytes).is_some_and(|read| read == *bytes))
}

/// The other peers of a tunnel that were kept: each in its brackets, and nothing else.
pub(super) fn other_peers<'a>(
    format: &'a str,
    proxy: &'a Proxy,
    [open, close]: [char; 2],
) -> impl Iterator<Item = &'a str> {
    let is_peer = move |peer: &&str| {
        let mut fields = Options::of(peer);
        let is_one = fields.next().is_some_and(|field| field == **peer) && fields == Options::default();
        is_one && peer.starts_with(open) && peer.ends_with(close)
    };
    kept(format, proxy).map(|(_, peer)| peer).filter(is_peer)
}

/// Whether a tunnel has what none can do without.
pub(super) fn is_tunnel(proxy: &Proxy) -> bool {
    matches!(&proxy.credentials, Credentials::Keys { .. })
        && proxy.param(Param::PeerPublicKey).is_some()
        && addresses(proxy).iter().any(|address| !address.is_empty())
}

/// A bandwidth as a number of Mbit/s; `None` where it is in another unit.
fn megabits(text: &str) -> Option<String> {
    let lower = text.to_ascii_lowercase();
    let number = link::trim(lower.strip_suffix("mbps").unwrap_or(&lower));
    number.parse::<u32>().ok().map(|number| number.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn alpn_in_bytes_reads_back_and_what_is_none_is_left() {
        let list = ["h2", "http/1.1"].map(Text::from);
        assert_eq!(alpn_bytes(&list), "02683208687474702f312e31");
        assert_eq!(alpn_list("02683208687474702f312e31"), Some(list.into_iter().collect()));
        for other in ["0268", "h2", "0", "00", "02683", "é2"] {
            assert_eq!(alpn_list(other), None, "{other}");
        }
    }

    #[test]
    fn bandwidth_is_a_number_of_megabits_or_nothing() {
        let read = ["100", "100 Mbps", "1 gbps", ""].map(megabits);
        assert_eq!(read, [Some("100".to_owned()), Some("100".to_owned()), None, None]);
    }
}
