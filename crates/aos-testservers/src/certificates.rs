//! Certificates for tests: an authority made on the spot, and a certificate for this machine signed by it.

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, KeyUsagePurpose};
use std::path::PathBuf;
use std::sync::Arc;
use tempfile::TempDir;

/// A certificate for `localhost` and 127.0.0.1, its key, and its authority, each in a PEM file that lives as long as this.
#[derive(Clone)]
pub struct Certificate {
    folder: Arc<TempDir>,
}

impl Certificate {
    /// Makes a new authority, and a certificate signed by it.
    pub fn new() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let write =
            |name: &str, text: String| std::fs::write(folder.path().join(name), text).expect("a writable folder");

        let authority_key = KeyPair::generate().expect("a key");
        let mut authority = CertificateParams::default();
        authority.distinguished_name.push(DnType::CommonName, "AutonomOS tests");
        authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        authority.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::DigitalSignature];
        write("authority.pem", authority.self_signed(&authority_key).expect("an authority").pem());

        let key = KeyPair::generate().expect("a key");
        let names = ["localhost", "127.0.0.1"].map(str::to_owned);
        let certificate = CertificateParams::new(names).expect("valid names");
        let issuer = Issuer::new(authority, authority_key);
        write("certificate.pem", certificate.signed_by(&key, &issuer).expect("a certificate").pem());
        write("key.pem", key.serialize_pem());
        Self { folder: Arc::new(folder) }
    }

    pub fn authority(&self) -> PathBuf {
        self.folder.path().join("authority.pem")
    }

    pub fn chain(&self) -> PathBuf {
        self.folder.path().join("certificate.pem")
    }

    pub fn key(&self) -> PathBuf {
        self.folder.path().join("key.pem")
    }
}

impl Default for Certificate {
    fn default() -> Self {
        Self::new()
    }
}
