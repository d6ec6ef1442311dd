//! The programs that formats are written for, and how each says whether it takes a document.
//!
//! Each has a document that it must take and one that it must refuse, so that a judge who nods at everything
//! is found out.

use configstream_core::proxy::{Credentials, Network, Param, Security};
use configstream_core::{Protocol, Proxy};

/// A program that judges documents.
pub(crate) struct Judge {
    /// What it is called in what the test prints.
    pub(crate) name: &'static str,
    /// The names of the formats that it reads.
    pub(crate) formats: &'static [&'static str],
    /// What starts it.
    pub(crate) program: Program,
    /// The words of its answer.
    pub(crate) sign: Sign,
    /// What the file is called: some look at the end of the name.
    pub(crate) file: &'static str,
    /// The proxies that it has the means for.
    pub(crate) takes: fn(&Proxy) -> bool,
    /// What it must take.
    pub(crate) good: &'static str,
    /// What it must refuse.
    pub(crate) bad: &'static str,
}

/// How a program is started; the file's name comes last.
pub(crate) enum Program {
    /// A command in `PATH` with its arguments.
    Command(&'static str, &'static [&'static str]),
    /// A Python module, and the script that hands it the file.
    Python(&'static str, &'static str),
}

/// What says that a document is taken.
pub(crate) enum Sign {
    /// It ends well.
    Ends,
    /// It prints one of these; it would run for ever, or fail for want of a network.
    Says(&'static [&'static str]),
}

use Program::{Command, Python};
use Sign::{Ends, Says};

/// Every judge; those that are not installed are passed over, and counted.
pub(crate) const JUDGES: &[Judge] = &[
    Judge {
        name: "mihomo",
        formats: &["clash"],
        program: Command("mihomo", &["-t", "-d", ".", "-f"]),
        sign: Ends,
        file: "config.yaml",
        takes: any,
        good: "proxies:\n- {name: a, type: socks5, server: 192.0.2.1, port: 1080}\n",
        bad: "proxies:\n- {name: a, type: nonsense, server: 192.0.2.1, port: 1080}\n",
    },
    Judge {
        name: "the schema of mihomo",
        formats: &["clash", "mihomo"],
        program: Python(
            "meta_json_schema.schemas, fastjsonschema, ruamel.yaml",
            "import json, sys, fastjsonschema, meta_json_schema.schemas\n\
             from ruamel.yaml import YAML\n\
             schema = list(meta_json_schema.schemas.__path__)[0] + '/meta-json-schema.json'\n\
             document = YAML(typ='safe', pure=True).load(open(sys.argv[1]))\n\
             try: fastjsonschema.validate(json.load(open(schema)), document)\n\
             except fastjsonschema.JsonSchemaException as error: sys.exit(str(error))",
        ),
        sign: Ends,
        file: "config.yaml",
        takes: has_uuid,
        good: "proxies:\n- {name: a, type: socks5, server: 192.0.2.1, port: 1080}\n",
        bad: "proxies:\n- {name: a, type: socks5, server: 192.0.2.1, port: none}\n",
    },
    Judge {
        name: "sing-box",
        formats: &["singbox"],
        program: Command("sing-box", &["check", "-c"]),
        sign: Ends,
        file: "config.json",
        takes: any,
        good: SING_BOX,
        bad: r#"{"outbounds": [{"type": "nonsense", "tag": "a"}]}"#,
    },
    Judge {
        name: "sing-box as a library",
        formats: &["singbox"],
        program: Python(
            "singbox",
            "import os, sys, singbox\n\
             singbox.SingBox().startFromJSON(open(sys.argv[1]).read())\n\
             sys.stdout.flush(); os._exit(0)",
        ),
        sign: Ends,
        file: "config.json",
        takes: any,
        good: SING_BOX,
        bad: r#"{"outbounds": [{"type": "nonsense", "tag": "a"}]}"#,
    },
    Judge {
        name: "Xray",
        formats: &["xray"],
        program: Command("xray", &["run", "-test", "-c"]),
        sign: Ends,
        file: "config.json",
        takes: any,
        good: XRAY,
        bad: r#"{"outbounds": [{"protocol": "nonsense", "settings": {}}]}"#,
    },
    Judge {
        name: "Xray as a library",
        formats: &["xray"],
        // It says that it has started only where the configuration lets it speak.
        program: Python(
            "xray",
            "import json, sys, xray\n\
             config = json.load(open(sys.argv[1])); config.pop('log', None)\n\
             xray.startFromJSON(json.dumps(config))",
        ),
        sign: Says(&[" started"]),
        file: "config.json",
        takes: any,
        good: XRAY,
        bad: r#"{"outbounds": [{"protocol": "nonsense", "settings": {}}]}"#,
    },
    Judge {
        name: "V2Ray 4",
        formats: &["xray"],
        program: Command("v2ray", &["-test", "-config"]),
        sign: Ends,
        file: "config.json",
        takes: old_v2ray,
        good: XRAY,
        bad: r#"{"outbounds": [{"protocol": "nonsense", "settings": {}}]}"#,
    },
    Judge {
        name: "Hysteria 2 as a library",
        formats: &["hysteria2"],
        program: Python(
            "hysteria2",
            "import sys, hysteria2\nhysteria2.startFromJSON(open(sys.argv[1]).read())",
        ),
        // A host that has no address yet is no fault of the document.
        sign: Says(&["connect error", "connected to server", "network is unreachable"]),
        file: "config.json",
        takes: any,
        good: r#"{"server": "192.0.2.1:443", "auth": "secret", "tls": {"insecure": true}}"#,
        bad: r#"{"server": "192.0.2.1:443", "auth": "secret", "obfs": {"type": "nonsense"}}"#,
    },
    Judge {
        name: "trojan",
        formats: &["trojan"],
        program: Command("trojan", &["-t", "-c"]),
        sign: Ends,
        file: "config.json",
        takes: |proxy| proxy.transport.network == Network::Tcp,
        good: TROJAN,
        bad: r#"{"run_type": "client""#,
    },
    Judge {
        name: "ss-local",
        formats: &["shadowsocks"],
        program: Command("ss-local", &["-b", "127.0.0.1", "-l", "1080", "-c"]),
        sign: Says(&["listening at"]),
        file: "config.json",
        takes: |proxy| proxy.param(Param::Plugin).is_none(),
        good: r#"{"server": "192.0.2.1", "server_port": 8388, "method": "aes-256-gcm", "password": "secret"}"#,
        bad: r#"{"server": "192.0.2.1", "server_port": 8388, "method": "nonsense", "password": "secret"}"#,
    },
    Judge {
        name: "wg",
        formats: &["wireguard"],
        // It reads the whole file before it looks for the interface.
        program: Command("sh", &["-c", "wg-quick strip \"$0\" | wg setconf absent /dev/stdin"]),
        sign: Says(&["Unable to modify interface"]),
        file: "./wg0.conf",
        takes: |proxy| proxy.param(Param::Jc).is_none(),
        good: WIREGUARD,
        bad: "[Interface]\nPrivateKey = nonsense\n",
    },
    Judge {
        name: "OpenVPN",
        formats: &["openvpn"],
        program: Command("openvpn", &["--dev", "null", "--ifconfig-noexec", "--route-noexec", "--config"]),
        sign: Says(&["Network unreachable", "link remote:", "Enter Auth Username", "Could not determine"]),
        file: "client.ovpn",
        takes: any,
        good: "client\ndev tun\nproto udp\nremote 192.0.2.1 1194\nnobind\nauth-user-pass\n<ca>\nx\n</ca>\n",
        bad: "client\ndev tun\nnonsense 1\n",
    },
];

const SING_BOX: &str = r#"{"outbounds": [{"type": "vless", "tag": "a", "server": "192.0.2.1", "server_port": 443,
    "uuid": "b831381d-6324-4d53-ad4f-8cda48b30811", "tls": {"enabled": true, "server_name": "a.example"}}]}"#;

const XRAY: &str = r#"{"outbounds": [{"protocol": "vmess", "settings": {"vnext": [{"address": "192.0.2.1",
    "port": 443, "users": [{"id": "b831381d-6324-4d53-ad4f-8cda48b30811"}]}]}}]}"#;

const TROJAN: &str = r#"{"run_type": "client", "local_addr": "127.0.0.1", "local_port": 1080,
    "remote_addr": "192.0.2.1", "remote_port": 443, "password": ["secret"], "ssl": {"sni": "a.example"}}"#;

const WIREGUARD: &str = "[Interface]\nPrivateKey = yAnz5TF+lXXJte14tji3zlMNq+hd2rYUIgJBgB3fBmk=\n\
    Address = 10.0.0.2/32\n[Peer]\nPublicKey = xTIBA5rboUvnH4htodjb6e697QjLERt1NAB4mZqp8Dg=\n\
    Endpoint = 192.0.2.1:51820\nAllowedIPs = 0.0.0.0/0\n";

fn any(_: &Proxy) -> bool {
    true
}

/// What the last `V2Ray` before version 5 knows.
fn old_v2ray(proxy: &Proxy) -> bool {
    use Network::{H2, Kcp, Quic, Tcp, Ws};
    let protocols = [Protocol::Vmess, Protocol::Trojan, Protocol::Socks5, Protocol::Http];
    let security = proxy.tls.as_ref().map(|tls| tls.security);
    protocols.contains(&proxy.protocol)
        && has_uuid(proxy)
        && [Tcp, Ws, H2, Kcp, Quic].contains(&proxy.transport.network)
        && [None, Some(Security::Tls)].contains(&security)
}

/// Newer programs make a UUID out of any other text.
fn has_uuid(proxy: &Proxy) -> bool {
    match &proxy.credentials {
        Credentials::Vmess { id, .. } | Credentials::Vless { id, .. } => id.expose().len() == 36,
        _ => true,
    }
}
