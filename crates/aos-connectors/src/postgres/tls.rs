//! TLS towards PostgreSQL, in the words of libpq's `sslmode`.
//! <https://www.postgresql.org/docs/current/libpq-ssl.html#LIBPQ-SSL-PROTECTION>

use aos_net::Client;
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, SignatureScheme};
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio_postgres::tls::{ChannelBinding, TlsConnect};

/// How the way to the server is protected.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum TlsMode {
    /// Nothing is encrypted.
    Disable,
    /// Encrypted; whoever answers may be anybody.
    Require,
    /// Encrypted, with a certificate of a trusted authority for whatever name.
    VerifyAuthority,
    /// Encrypted, with a certificate of a trusted authority for this host.
    #[default]
    VerifyFull,
}

impl TlsMode {
    pub fn parse(text: &str) -> Result<Self, String> {
        match text {
            "disable" => Ok(Self::Disable),
            // Both would silently go on without encryption; whoever wants that says so.
            "allow" | "prefer" | "require" => Ok(Self::Require),
            "verify-ca" => Ok(Self::VerifyAuthority),
            "verify-full" => Ok(Self::VerifyFull),
            _ => Err("it is to be one of disable, require, verify-ca, verify-full".to_owned()),
        }
    }

    /// Returns what a handshake is made with; `None` without TLS.
    pub fn handshake(
        self,
        host: &str,
        authority: Option<&str>,
        net: &Client,
    ) -> Result<Option<Handshake>, crate::error::Error> {
        let config = match self {
            Self::Disable => return Ok(None),
            Self::VerifyFull => net.tls_config(authority.map(str::as_bytes))?,
            Self::VerifyAuthority | Self::Require => {
                let provider = Arc::new(rustls::crypto::ring::default_provider());
                let chain = match self {
                    Self::Require => None,
                    _ => Some(authorities(net, authority, &provider)?),
                };
                lenient(provider, chain)?
            }
        };
        let refuse =
            || crate::error::Error::Config { field: "host".to_owned(), reason: "it is no valid name".to_owned() };
        let name = ServerName::try_from(host.to_owned()).map_err(|_| refuse())?;
        Ok(Some(Handshake { config, name }))
    }
}

fn setup(error: &dyn std::error::Error) -> crate::error::Error {
    crate::error::Error::Config { field: "tls".to_owned(), reason: error.to_string() }
}

fn authorities(
    net: &Client,
    authority: Option<&str>,
    provider: &Arc<CryptoProvider>,
) -> Result<Arc<WebPkiServerVerifier>, crate::error::Error> {
    let roots = net.tls_authorities(authority.map(str::as_bytes))?;
    WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider.clone())
        .build()
        .map_err(|error| setup(&error))
}

fn lenient(
    provider: Arc<CryptoProvider>,
    chain: Option<Arc<WebPkiServerVerifier>>,
) -> Result<Arc<ClientConfig>, crate::error::Error> {
    let verifier = Arc::new(Lenient { provider: provider.clone(), chain });
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| setup(&error))?
        .dangerous()
        .with_custom_certificate_verifier(verifier)
        .with_no_client_auth();
    Ok(Arc::new(config))
}

/// Asks less of a certificate than the web does, because the connection's owner chose so: its authority only, or nothing at all. That
/// the server has the certificate's key is always checked.
#[derive(Debug)]
struct Lenient {
    provider: Arc<CryptoProvider>,
    chain: Option<Arc<WebPkiServerVerifier>>,
}

impl ServerCertVerifier for Lenient {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let Some(chain) = &self.chain else { return Ok(ServerCertVerified::assertion()) };
        match chain.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now) {
            // The chain is verified before the name is looked at.
            Err(rustls::Error::InvalidCertificate(
                CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
            )) => Ok(ServerCertVerified::assertion()),
            verified => verified,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(message, certificate, signed, &self.provider.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, certificate, signed, &self.provider.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

/// Turns a connection into an encrypted one, once the server has agreed to it.
pub(super) struct Handshake {
    config: Arc<ClientConfig>,
    name: ServerName<'static>,
}

impl TlsConnect<TcpStream> for Handshake {
    type Stream = Encrypted;
    type Error = io::Error;
    type Future = Pin<Box<dyn Future<Output = io::Result<Encrypted>> + Send>>;

    fn connect(self, stream: TcpStream) -> Self::Future {
        Box::pin(async move {
            let connector = tokio_rustls::TlsConnector::from(self.config);
            Ok(Encrypted(connector.connect(self.name, stream).await?))
        })
    }
}

pub(super) struct Encrypted(tokio_rustls::client::TlsStream<TcpStream>);

impl tokio_postgres::tls::TlsStream for Encrypted {
    fn channel_binding(&self) -> ChannelBinding {
        ChannelBinding::none()
    }
}

impl AsyncRead for Encrypted {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, out: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(context, out)
    }
}

impl AsyncWrite for Encrypted {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(context)
    }
}
