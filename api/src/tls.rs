//! TLS for everything that goes out: rustls with ring and Mozilla's roots, set up once.

use std::sync::{Arc, OnceLock};

use rustls::{ClientConfig, RootCertStore};

/// The configuration of every outgoing connection. Cloning it is cheap: its parts are shared.
///
/// It offers HTTP/1.1 only: a probe makes a single request, and lists are single requests too.
pub fn client_config() -> ClientConfig {
    static CONFIG: OnceLock<ClientConfig> = OnceLock::new();
    CONFIG.get_or_init(build).clone()
}

fn build() -> ClientConfig {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    let builder = ClientConfig::builder_with_provider(provider);
    let mut config = builder
        .with_safe_default_protocol_versions()
        .expect("ring supports TLS 1.2 and 1.3")
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    config
}

/// Makes ring the process's provider, for parts of reqwest that ask for the default one. A second
/// call changes nothing.
pub fn install() {
    rustls::crypto::ring::default_provider().install_default().ok();
}
