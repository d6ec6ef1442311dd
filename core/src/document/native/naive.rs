//! The client of naive.
//!
//! Specification: <https://github.com/klzgrad/naiveproxy/blob/master/USAGE.txt>
//!
//! # Differences between programs
//!
//! The name in the address is the server name. Where the address is another, `host-resolver-rules`
//! maps the name to it.

use super::{Param, Program, Protocol, Proxy, Reason, Table, Tree, speaks};
use crate::link;

pub(in super::super) static NAIVE: Program = Program {
    name: "naive",
    specification: "https://github.com/klzgrad/naiveproxy/blob/master/USAGE.txt",
    is_yaml: false,
    example: r#"{"listen": "socks://127.0.0.1:1080", "proxy": "https://user:secret@example.com:443"}"#,
    has: &["proxy"],
    has_any: &["listen", "log", "extra-headers", "insecure-concurrency", "host-resolver-rules"],
    has_not: &["outbounds", "proxies"],
    read: |object| read(object),
    fits: |proxy| speaks(proxy, Protocol::Naive),
    write,
};

const TABLE: &Table =
    &[(Param::ExtraHeaders, &["extra-headers"]), (Param::Concurrency, &["insecure-concurrency"])];

const RULES: &str = "host-resolver-rules";

fn read(mut object: Tree) -> Vec<Result<Proxy, Reason>> {
    object.take_list(&["listen"]);
    let addresses = object.take_list(&["proxy"]);
    if addresses.is_empty() {
        return vec![Err(Reason::Malformed("the address of the proxy is missing"))];
    }
    addresses.into_iter().take(16).map(|address| one(&address, object.clone())).collect()
}

fn one(address: &str, mut object: Tree) -> Result<Proxy, Reason> {
    let mut proxy = link::parse(&format!("naive+{address}"))?.of_document();
    for (param, names) in TABLE {
        proxy.set(*param, object.take_as_is(names));
    }
    let rules = object.take(&[RULES]);
    match rules.strip_prefix("MAP ").and_then(|rule| rule.split_once(' ')) {
        Some((name, at)) if name == proxy.endpoint.host && link::host(at).is_ok() => {
            proxy.tls.get_or_insert_default().server_name = name.into();
            proxy.endpoint.host = link::host(at)?;
        }
        _ => object.put_some(RULES, &rules),
    }
    object.keep("naive", &mut proxy);
    Ok(proxy)
}

fn write(proxy: &Proxy, object: &mut Tree) {
    let mut bare = Proxy::new(Protocol::Naive, proxy.endpoint.host.as_str(), proxy.endpoint.port);
    bare.credentials = proxy.credentials.clone();
    bare.set(Param::Carrier, proxy.param(Param::Carrier).unwrap_or_default());
    let name = proxy.tls.as_ref().map_or("", |tls| tls.server_name.as_str());
    if !name.is_empty() && name != proxy.endpoint.host {
        bare.endpoint.host = name.into();
        object.put(RULES, format!("MAP {name} {}", proxy.endpoint.host));
    }
    object.put("listen", "socks://127.0.0.1:1080");
    let address = link::print(&bare);
    object.put("proxy", address.strip_prefix("naive+").unwrap_or(&address));
    object.put_params(proxy, TABLE);
}
