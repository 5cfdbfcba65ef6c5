//! TLS for everything that goes over the network.

/// Sets the provider of cryptography for this process; one that is set already is as good. To be called before the first
/// HTTP client is made.
pub fn provide() {
    let _ = rustls::crypto::ring::default_provider().install_default();
}
