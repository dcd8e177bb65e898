//! TLS for outbound connections: rustls with ring, the operating system's authorities and the operator's own.

use crate::error::{Cause, Error, Result};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};
use std::sync::Arc;
use tracing::warn;

pub(crate) fn client_config(trusted_certificates: Option<&[u8]>) -> Result<ClientConfig> {
    let setup = |error: &(dyn std::error::Error + 'static)| Error::Setup { source: Cause::of(error) };
    let mut authorities = RootCertStore::empty();
    let system = rustls_native_certs::load_native_certs();
    authorities.add_parsable_certificates(system.certs);
    if let Some(pem) = trusted_certificates {
        let before = authorities.len();
        for certificate in CertificateDer::pem_slice_iter(pem) {
            authorities.add(certificate.map_err(|error| setup(&error))?).map_err(|error| setup(&error))?;
        }
        if authorities.len() == before {
            return Err(Error::Setup { source: Cause::because("there is no certificate in PEM form") });
        }
    }
    if authorities.is_empty() {
        warn!(
            "the operating system has no trusted certificates: https addresses cannot be reached; install ca-certificates"
        );
    }
    // The provider is named here, so that no order of start-up and no other library decides it.
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    Ok(config.map_err(|error| setup(&error))?.with_root_certificates(authorities).with_no_client_auth())
}
