//! Callers who hold connections open: they cost themselves their places, and nobody else anything.

use aos_api::listener::ConnectionLimits;
use aos_testkit::{TestApp, TestServer};
use std::net::SocketAddr;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

const PATIENCE: Duration = Duration::from_secs(20);

async fn asked(address: SocketAddr, request: &str) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    read_all(&mut stream).await
}

async fn read_all(stream: &mut TcpStream) -> String {
    let mut answer = Vec::new();
    let _ = tokio::time::timeout(PATIENCE, stream.read_to_end(&mut answer)).await.expect("an end");
    String::from_utf8_lossy(&answer).into_owned()
}

const WELL: &str = "GET /health/live HTTP/1.1\r\nhost: here\r\nconnection: close\r\n\r\n";

#[tokio::test]
async fn one_connection_too_many_is_refused_with_a_reason_and_a_place_is_free_again_when_one_closes() {
    let app = TestApp::new().await;
    let limits = ConnectionLimits { per_address_max: 2, ..ConnectionLimits::default() };
    let server = TestServer::with_limits(&app, limits).await;
    let held = [TcpStream::connect(server.address).await.unwrap(), TcpStream::connect(server.address).await.unwrap()];
    let answer = asked(server.address, WELL).await;
    assert!(answer.starts_with("HTTP/1.1 503"), "{answer}");
    assert!(answer.contains("retry-after: 5") && answer.contains("too_many_connections"), "{answer}");
    drop(held);
    let end = Instant::now() + PATIENCE;
    while !asked(server.address, WELL).await.starts_with("HTTP/1.1 200") {
        assert!(Instant::now() < end, "the places are free");
    }
}

#[tokio::test]
async fn a_proxy_holds_as_many_as_there_are() {
    let app = TestApp::new().await;
    let trusted_proxies = vec!["127.0.0.0/8".parse().unwrap()];
    let limits = ConnectionLimits { per_address_max: 1, trusted_proxies, ..ConnectionLimits::default() };
    let server = TestServer::with_limits(&app, limits).await;
    let _held = TcpStream::connect(server.address).await.unwrap();
    assert!(asked(server.address, WELL).await.starts_with("HTTP/1.1 200"));
}

#[tokio::test]
async fn who_sends_headers_byte_by_byte_or_nothing_at_all_is_closed_in_time_while_others_are_served() {
    let app = TestApp::new().await;
    let limits = ConnectionLimits { header_timeout: Duration::from_millis(400), ..ConnectionLimits::default() };
    let server = TestServer::with_limits(&app, limits).await;
    let mut silent = TcpStream::connect(server.address).await.unwrap();
    let mut slow = TcpStream::connect(server.address).await.unwrap();
    let begun = Instant::now();
    let dripping = async {
        for byte in WELL.as_bytes().iter().cycle() {
            if *byte == b'\r' {
                continue;
            }
            if slow.write_all(&[*byte]).await.is_err() || begun.elapsed() > PATIENCE {
                break;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    let (served, silent_end, ()) = tokio::join!(asked(server.address, WELL), read_all(&mut silent), dripping);
    assert!(served.starts_with("HTTP/1.1 200"), "{served}");
    assert!(!silent_end.contains("200 OK"), "{silent_end}");
    assert!(begun.elapsed() < PATIENCE, "both were closed");
}

#[tokio::test]
async fn who_takes_nothing_of_an_answer_is_cut_off() {
    let app = TestApp::new().await;
    let limits = ConnectionLimits {
        per_address_max: 1,
        stall_timeout: Duration::from_millis(300),
        ..ConnectionLimits::default()
    };
    let server = TestServer::with_limits(&app, limits).await;
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    // So many answers that they fill every buffer on the way.
    let many = "GET /openapi.json HTTP/1.1\r\nhost: here\r\n\r\n".repeat(400);
    let _ = tokio::time::timeout(Duration::from_secs(1), stream.write_all(many.as_bytes())).await;
    let end = Instant::now() + PATIENCE;
    // Its place is the only one: it is free again once the line was cut.
    while !asked(server.address, WELL).await.starts_with("HTTP/1.1 200") {
        assert!(Instant::now() < end, "the place is free");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}
