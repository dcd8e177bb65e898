//! Signed assertions for the JWT bearer flow (RFC 7523): a header and claims, signed with the application's RSA key (RS256, RFC 7518).

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use chrono::{DateTime, Utc};
use ring::rand::SystemRandom;
use ring::signature::{RSA_PKCS1_SHA256, RsaKeyPair};
use rustls_pki_types::PrivateKeyDer;
use rustls_pki_types::pem::PemObject;
use serde_json::json;
use std::fmt;
use std::sync::Arc;

/// Salesforce takes assertions that end within three minutes; vendors that allow more take them too.
const LIFETIME_S: i64 = 180;

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    #[error("the private key is not in PEM form; give the text from -----BEGIN PRIVATE KEY----- on")]
    Pem,
    #[error("the private key is no RSA key of 2048 to 4096 bits; make one with: openssl genrsa -out key.pem 2048")]
    Rsa,
    #[error("the assertion could not be signed; try again")]
    Signature,
}

/// An application's private key. `Debug` does not show it.
#[derive(Clone)]
pub struct SigningKey(Arc<RsaKeyPair>);

impl fmt::Debug for SigningKey {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("SigningKey([hidden])")
    }
}

/// Who asks (`issuer`: the client id), for whom (`subject`: the user name), and of whom (`audience`: the login server).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claims {
    pub issuer: String,
    pub subject: String,
    pub audience: String,
}

impl SigningKey {
    /// Reads a PEM text with a PKCS #8 or PKCS #1 key.
    pub fn of_pem(pem: &str) -> Result<Self, KeyError> {
        let key = match PrivateKeyDer::from_pem_slice(pem.as_bytes()).map_err(|_| KeyError::Pem)? {
            PrivateKeyDer::Pkcs8(der) => RsaKeyPair::from_pkcs8(der.secret_pkcs8_der()),
            PrivateKeyDer::Pkcs1(der) => RsaKeyPair::from_der(der.secret_pkcs1_der()),
            _ => return Err(KeyError::Rsa),
        };
        Ok(Self(Arc::new(key.map_err(|_| KeyError::Rsa)?)))
    }

    /// Writes and signs an assertion that ends soon after `now`.
    pub fn assertion(&self, claims: &Claims, now: DateTime<Utc>) -> Result<String, KeyError> {
        let header = json!({ "alg": "RS256", "typ": "JWT" });
        let claims = json!({
            "iss": claims.issuer,
            "sub": claims.subject,
            "aud": claims.audience,
            "exp": now.timestamp() + LIFETIME_S,
        });
        let message = format!("{}.{}", BASE64.encode(header.to_string()), BASE64.encode(claims.to_string()));
        let mut signature = vec![0; self.0.public().modulus_len()];
        self.0
            .sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message.as_bytes(), &mut signature)
            .map_err(|_| KeyError::Signature)?;
        Ok(format!("{message}.{}", BASE64.encode(signature)))
    }
}
