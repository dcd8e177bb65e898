//! TLS for outbound connections: rustls with ring, the operating system's authorities and the operator's own.

use crate::error::{Cause, Error, Result};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};
use std::sync::Arc;
use tracing::warn;

fn setup(error: &(dyn std::error::Error + 'static)) -> Error {
    Error::Setup { source: Cause::of(error) }
}

/// Trusts the operating system's authorities and those in `trusted_certificates` (PEM).
pub(crate) fn authorities(trusted_certificates: Option<&[u8]>) -> Result<RootCertStore> {
    let mut authorities = RootCertStore::empty();
    let system = rustls_native_certs::load_native_certs();
    authorities.add_parsable_certificates(system.certs);
    if let Some(pem) = trusted_certificates {
        add(&mut authorities, pem)?;
    }
    if authorities.is_empty() {
        warn!(
            "the operating system has no trusted certificates: https addresses cannot be reached; install ca-certificates"
        );
    }
    Ok(authorities)
}

/// Trusts the authorities in `pem` and nobody else.
pub(crate) fn only(pem: &[u8]) -> Result<RootCertStore> {
    let mut authorities = RootCertStore::empty();
    add(&mut authorities, pem)?;
    Ok(authorities)
}

fn add(authorities: &mut RootCertStore, pem: &[u8]) -> Result<()> {
    let before = authorities.len();
    for certificate in CertificateDer::pem_slice_iter(pem) {
        authorities.add(certificate.map_err(|error| setup(&error))?).map_err(|error| setup(&error))?;
    }
    if authorities.len() == before {
        return Err(Error::Setup { source: Cause::because("there is no certificate in PEM form") });
    }
    Ok(())
}

pub(crate) fn client_config(authorities: RootCertStore) -> Result<ClientConfig> {
    // The provider is named here, so that no order of start-up and no other library decides it.
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    Ok(config.map_err(|error| setup(&error))?.with_root_certificates(authorities).with_no_client_auth())
}
