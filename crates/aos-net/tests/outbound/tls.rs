//! Servers that have to prove who they are.

use crate::server::{Server, answer};
use crate::{client, loopback, ms};
use aos_net::{Client, Error, Names, NetConfig, Phase, Request};
use rcgen::{CertifiedKey, generate_simple_self_signed};
use std::net::SocketAddr;
use std::sync::Arc;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};

const HELLO: &str = "HTTP/1.1 200 OK\r\ncontent-length: 5\r\nconnection: close\r\n\r\nhello";

/// Starts a server with this answer under the name `secure.example`, and returns its certificate with it.
async fn secure(answer: String) -> (SocketAddr, String) {
    let CertifiedKey { cert, signing_key } = generate_simple_self_signed(["secure.example".to_owned()]).unwrap();
    let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(signing_key.serialize_der()));
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![cert.der().clone()], key)
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let (acceptor, answer) = (acceptor.clone(), answer.clone());
            tokio::spawn(async move {
                let Ok(mut stream) = acceptor.accept(stream).await else { return };
                let mut request = [0; 4096];
                let _ = stream.read(&mut request).await;
                let _ = stream.write_all(answer.as_bytes()).await;
                let _ = stream.shutdown().await;
            });
        }
    });
    (address, pem(cert.der()))
}

fn pem(certificate: &[u8]) -> String {
    use base64::Engine;
    let text = base64::engine::general_purpose::STANDARD.encode(certificate);
    let lines: Vec<&str> = text.as_bytes().chunks(64).map(|line| std::str::from_utf8(line).unwrap()).collect();
    format!("-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n", lines.join("\n"))
}

fn trusting(certificate: Option<&str>) -> Client {
    let names = Names::function(|_| Ok(vec!["127.0.0.1".parse().unwrap()]));
    let trusted_certificates = certificate.map(|certificate| certificate.as_bytes().to_vec());
    client(NetConfig { names, trusted_certificates, ..loopback() })
}

async fn get(client: &Client, url: &str) -> Result<bytes::Bytes, Error> {
    client.fetch(Request::get(url)?).await?.bytes().await
}

#[tokio::test]
async fn a_certificate_that_nobody_vouches_for_is_refused() {
    let (address, _) = secure(HELLO.to_owned()).await;
    let error = get(&trusting(None), &format!("https://secure.example:{}/", address.port())).await.unwrap_err();
    assert!(matches!(error, Error::Tls { .. }), "{error:?}");
}

#[tokio::test]
async fn a_certificate_that_the_operator_trusts_is_good_for_its_own_name_only() {
    let (address, certificate) = secure(HELLO.to_owned()).await;
    let client = trusting(Some(&certificate));
    assert_eq!(get(&client, &format!("https://secure.example:{}/", address.port())).await.unwrap(), "hello");
    let error = get(&client, &format!("https://other.example:{}/", address.port())).await.unwrap_err();
    assert!(matches!(error, Error::Tls { .. }), "{error:?}");
}

#[tokio::test]
async fn a_redirect_from_an_encrypted_place_to_an_open_one_is_not_followed() {
    let open = Server::answering(|_| answer(200, "", "")).await;
    let (address, certificate) = secure(answer(302, &format!("location: {}\r\n", open.url("/")), "")).await;
    let client = trusting(Some(&certificate));
    let error = get(&client, &format!("https://secure.example:{}/", address.port())).await.unwrap_err();
    assert!(matches!(error, Error::Redirect { .. }), "{error:?}");
    assert!(open.received().is_empty());
}

#[tokio::test]
async fn a_server_that_does_not_speak_tls_is_told_apart() {
    let plain = Server::answering(|_| String::new()).await;
    let url = format!("https://127.0.0.1:{}/", plain.port());
    // It waits for the end of a request line that never comes; a server of plain HTTP says so in plain HTTP.
    let silent = get(&client(NetConfig { connect_timeout: ms(200), ..loopback() }), &url).await.unwrap_err();
    assert!(matches!(silent, Error::Timeout { phase: Phase::Connect, .. }), "{silent:?}");

    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("https://{}/", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await;
        }
    });
    let outspoken = get(&client(loopback()), &url).await.unwrap_err();
    assert!(matches!(outspoken, Error::Tls { .. }), "{outspoken:?}");
}

#[test]
fn certificates_that_cannot_be_read_are_refused_at_start() {
    for unreadable in [pem(b"not a certificate"), "not PEM".to_owned(), String::new()] {
        let config = NetConfig { trusted_certificates: Some(unreadable.into_bytes()), ..loopback() };
        assert!(matches!(Client::new(config, aos_core::Clock::System), Err(Error::Setup { .. })));
    }
}
