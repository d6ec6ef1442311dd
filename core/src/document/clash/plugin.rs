//! Plugins of Shadowsocks: an object of options here, one text in the model (SIP003).

use serde_json::Value;

use super::super::tree::{Tree, text};
use crate::Proxy;
use crate::link::plugin;
use crate::proxy::Param;

/// A plugin: its name here, its name by SIP003, and its options, some of which have other names there.
struct Plugin {
    name: &'static str,
    sip: &'static str,
    options: &'static [(&'static str, &'static str)],
}

const WEB: &[(&str, &str)] = &[
    ("mode", "mode"),
    ("tls", "tls"),
    ("host", "host"),
    ("path", "path"),
    ("mux", "mux"),
    ("skip-cert-verify", "skip-cert-verify"),
    ("fingerprint", "fingerprint"),
    ("name-cert-verify", "name-cert-verify"),
    ("v2ray-http-upgrade", "v2ray-http-upgrade"),
    ("v2ray-http-upgrade-fast-open", "v2ray-http-upgrade-fast-open"),
];

const PLUGINS: &[Plugin] = &[
    Plugin { name: "obfs", sip: "obfs-local", options: &[("mode", "obfs"), ("host", "obfs-host")] },
    Plugin { name: "v2ray-plugin", sip: "v2ray-plugin", options: WEB },
    Plugin { name: "gost-plugin", sip: "gost-plugin", options: WEB },
    Plugin {
        name: "shadow-tls",
        sip: "shadow-tls",
        options: &[
            ("host", "host"),
            ("password", "password"),
            ("version", "version"),
            ("skip-cert-verify", "skip-cert-verify"),
            ("fingerprint", "fingerprint"),
        ],
    },
    Plugin {
        name: "restls",
        sip: "restls",
        options: &[
            ("host", "host"),
            ("password", "password"),
            ("version-hint", "version-hint"),
            ("restls-script", "restls-script"),
        ],
    },
    Plugin {
        name: "kcptun",
        sip: "kcptun",
        options: &[
            ("key", "key"),
            ("crypt", "crypt"),
            ("mode", "mode"),
            ("conn", "conn"),
            ("autoexpire", "autoexpire"),
            ("scavengettl", "scavengettl"),
            ("mtu", "mtu"),
            ("sndwnd", "sndwnd"),
            ("rcvwnd", "rcvwnd"),
            ("datashard", "datashard"),
            ("parityshard", "parityshard"),
            ("dscp", "dscp"),
            ("nocomp", "nocomp"),
            ("acknodelay", "acknodelay"),
            ("nodelay", "nodelay"),
            ("interval", "interval"),
            ("resend", "resend"),
            ("sockbuf", "sockbuf"),
            ("smuxver", "smuxver"),
            ("smuxbuf", "smuxbuf"),
            ("streambuf", "streambuf"),
            ("framesize", "framesize"),
            ("keepalive", "keepalive"),
            ("ratelimit", "ratelimit"),
        ],
    },
];

fn named(name: &str) -> Option<&'static Plugin> {
    PLUGINS.iter().find(|plugin| plugin.name == name || plugin.sip == name)
}

/// The name here of a plugin that SIP003 names.
pub(super) fn name(sip: &str) -> Option<&'static str> {
    named(sip).map(|plugin| plugin.name)
}

/// Reads the plugin. What no text can hold, as headers, is left.
pub(super) fn read(tree: &mut Tree, proxy: &mut Proxy) {
    old(tree);
    let said = tree.take(&["plugin"]);
    if said.is_empty() {
        return;
    }
    let known = named(&said);
    let mut options = Vec::new();
    if let Some(mut given) = tree.take_tree("plugin-opts") {
        options.extend(given.take_scalars().into_iter().filter_map(|option| read_option(known, option)));
        tree.give_back("plugin-opts", given);
    }
    let order = |name: &str| known.and_then(|plugin| plugin.options.iter().position(|(_, sip)| *sip == name));
    options.sort_by_key(|(name, _): &(String, String)| order(name));
    proxy.set(Param::Plugin, known.map_or(said.as_str(), |plugin| plugin.sip));
    proxy.set(Param::PluginOpts, plugin::write(&options));
}

/// What is true is a name alone, and what is false is not said, but for `mux`, which is on where nothing
/// is said.
fn read_option(plugin: Option<&Plugin>, (name, value): (String, Value)) -> Option<(String, String)> {
    let known = plugin.and_then(|plugin| plugin.options.iter().find(|(own, _)| *own == name));
    let sip = known.map_or(name.as_str(), |(_, sip)| sip).to_owned();
    match value {
        Value::Bool(yes) if name == "mux" => Some((sip, u8::from(yes).to_string())),
        Value::Bool(yes) => yes.then(|| (sip, String::new())),
        value => Some((sip, text(&value))),
    }
}

/// Puts the obfuscation to where it stands since 2018.
fn old(tree: &mut Tree) {
    let mode = tree.take(&["obfs"]);
    if !mode.is_empty() {
        let host = tree.take(&["obfs-host"]);
        tree.put("plugin", "obfs");
        tree.put_some("plugin-opts.mode", &mode);
        tree.put_some("plugin-opts.host", &host);
    }
}

/// Writes the plugin with those of its options that it has here.
pub(super) fn write(proxy: &Proxy, tree: &mut Tree) {
    let Some(known) = proxy.param(Param::Plugin).and_then(named) else { return };
    tree.put("plugin", known.name);
    if matches!(known.name, "v2ray-plugin" | "gost-plugin") {
        tree.put("plugin-opts.mode", "websocket");
    }
    for (sip, value) in plugin::options(proxy.param(Param::PluginOpts).unwrap_or_default()) {
        let Some((name, _)) = known.options.iter().find(|(_, own)| *own == sip) else { continue };
        let path = format!("plugin-opts.{name}");
        match (*name, value.as_str()) {
            ("mux", count) => tree.put(&path, count != "0"),
            (_, "") => tree.put(&path, true),
            ("version", number) => tree.put_number(&path, number),
            (_, text) => tree.put(&path, text),
        }
    }
}
