//! Plugins of Shadowsocks: `name;key=value;flag`, with `\` before a `;`, `=` or `\` that is meant.
//!
//! Specification: <https://shadowsocks.org/doc/sip003.html>
//!
//! ```
//! use configstream_core::link::plugin;
//! let options = plugin::options(r"tls;path=/a\;b");
//! assert_eq!(options, [("tls".to_owned(), String::new()), ("path".to_owned(), "/a;b".to_owned())]);
//! assert_eq!(plugin::write(&options), r"tls;path=/a\;b");
//! ```

use crate::Proxy;
use crate::proxy::Param;

/// The options in order; one without a value has an empty one.
pub fn options(text: &str) -> Vec<(String, String)> {
    let mut options = Vec::new();
    let (mut name, mut value) = (String::new(), None::<String>);
    let mut chars = text.chars();
    while let Some(char) = chars.next() {
        match (char, &mut value) {
            (';', _) => options.push((std::mem::take(&mut name), value.take().unwrap_or_default())),
            ('=', None) => value = Some(String::new()),
            ('\\', place) => place.as_mut().unwrap_or(&mut name).extend(chars.next()),
            (char, place) => place.as_mut().unwrap_or(&mut name).push(char),
        }
    }
    options.push((name, value.unwrap_or_default()));
    options.retain(|(name, _)| !name.is_empty());
    options
}

/// Options as one text.
pub fn write(options: &[(String, String)]) -> String {
    let write = |(name, value): &(String, String)| {
        if value.is_empty() { escape(name) } else { format!("{}={}", escape(name), escape(value)) }
    };
    options.iter().map(write).collect::<Vec<_>>().join(";")
}

fn escape(text: &str) -> String {
    text.replace('\\', r"\\").replace(';', r"\;").replace('=', r"\=")
}

/// The plugin of a proxy with its options, as SIP002 writes it.
pub(crate) fn join(proxy: &Proxy) -> Option<String> {
    let name = proxy.param(Param::Plugin)?;
    Some(proxy.param(Param::PluginOpts).map_or(name.to_owned(), |options| format!("{name};{options}")))
}

/// Gives a proxy a plugin with its options; `simple-obfs` is the older name of `obfs-local`.
pub(crate) fn give(proxy: &mut Proxy, text: &str) {
    let (name, options) = text.split_once(';').unwrap_or((text, ""));
    let name = name.trim();
    proxy.set(Param::Plugin, if name == "simple-obfs" { "obfs-local" } else { name });
    proxy.set(Param::PluginOpts, options.trim());
}
