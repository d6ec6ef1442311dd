//! The client of Juicity.
//!
//! Specification: <https://github.com/juicity/juicity/blob/main/cmd/client/README.md>

use super::{Credentials, Param, Program, Protocol, Proxy, Reason, Table, Tree, put_tls, speaks, take_tls};
use crate::link;

pub(in super::super) static JUICITY: Program = Program {
    name: "juicity",
    specification: "https://github.com/juicity/juicity/blob/main/cmd/client/README.md",
    is_yaml: false,
    example: r#"{"listen": "127.0.0.1:1080", "server": "192.0.2.1:443", "uuid": "b831381d-6324-4d53-ad4f-8cda48b30811", "password": "secret", "sni": "example.com", "congestion_control": "bbr"}"#,
    has: &["server", "uuid", "password"],
    has_any: &[],
    has_not: &["type", "port", "server_port", "outbounds"],
    read: |object| vec![read(object)],
    fits: |proxy| speaks(proxy, Protocol::Juicity),
    write,
};

const TABLE: &Table =
    &[(Param::Congestion, &["congestion_control"]), (Param::CertChainSha256, &["pinned_certchain_sha256"])];

const TLS: [&[&str]; 3] = [&["sni"], &["allow_insecure"], &[]];

fn read(mut object: Tree) -> Result<Proxy, Reason> {
    let at = link::endpoint(&object.take(&["server"]), Some(443))?;
    let mut proxy = Proxy::new(Protocol::Juicity, at.host, at.port);
    let (id, password) = (object.take(&["uuid"]), object.take_as_is(&["password"]));
    proxy.credentials = Credentials::User { id: id.into(), password: password.into() };
    proxy.tls = Some(take_tls(&mut object, TLS));
    object.give(&mut proxy, TABLE);
    object.take(&["listen"]);
    object.keep("juicity", &mut proxy);
    Ok(proxy)
}

fn write(proxy: &Proxy, object: &mut Tree) {
    object.put("listen", "127.0.0.1:1080");
    object.put("server", proxy.endpoint.to_string());
    if let Credentials::User { id, password } = &proxy.credentials {
        object.put("uuid", id.expose());
        object.put("password", password.expose());
    }
    if let Some(tls) = &proxy.tls {
        put_tls(object, tls, TLS);
    }
    object.put_params(proxy, TABLE);
}
