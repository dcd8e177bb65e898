//! Callers who hold connections open: they cost themselves their places, and nobody else anything.

use crate::refused::by_address;
use aos_api::listener::ConnectionLimits;
use aos_testkit::{TestApp, TestServer};
use serde_json::json;
use std::net::SocketAddr;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

const PATIENCE: Duration = Duration::from_secs(60);

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
    let entries = by_address(&app).await;
    let told = json!({ "head_too_slow": 1 });
    assert_eq!(entries[0]["detail"]["reasons"], told, "who says nothing at all does no harm: {entries:?}");
    assert_eq!(entries[0]["resource"], "address:127.0.0.1");
}

#[tokio::test]
async fn what_is_no_request_is_answered_with_a_problem_and_written_down() {
    let app = TestApp::new().await;
    let server = TestServer::start(&app).await;
    let many: String = (0..150).map(|number| format!("x-{number}: y\r\n")).collect();
    for (request, status, code) in [
        ("NONSENSE\r\n\r\n".to_owned(), "400 Bad Request", "unreadable_request"),
        (
            "GET / HTTP/1.1\r\nhost: here\r\ncontent-length: 5\r\ncontent-length: 6\r\n\r\nhello".to_owned(),
            "400 Bad Request",
            "unreadable_request",
        ),
        (format!("GET /{} HTTP/1.1\r\nhost: here\r\n\r\n", "x".repeat(70_000)), "414 URI Too Long", "address_too_long"),
        (
            format!("GET / HTTP/1.1\r\nhost: here\r\n{many}\r\n"),
            "431 Request Header Fields Too Large",
            "headers_too_large",
        ),
    ] {
        let answer = asked(server.address, &request).await;
        let (head, body) = answer.split_once("\r\n\r\n").unwrap_or_default();
        assert!(head.starts_with(&format!("HTTP/1.1 {status}\r\n")), "{code}: {answer}");
        assert!(head.contains("application/problem+json") && head.contains("x-trace-id: "), "{head}");
        let problem: serde_json::Value = serde_json::from_str(body).unwrap();
        assert_eq!(problem["code"], code);
        assert!(problem["next_step"].is_string() && problem["trace_id"].is_string(), "{problem}");
    }
    // A request before it on the same line is answered as ever.
    let both = asked(server.address, "GET /health/live HTTP/1.1\r\nhost: here\r\n\r\nNONSENSE\r\n\r\n").await;
    assert!(both.starts_with("HTTP/1.1 200 OK") && both.contains("HTTP/1.1 400 Bad Request"), "{both}");
    let entries = by_address(&app).await;
    let reasons = &entries[0]["detail"]["reasons"];
    assert_eq!(reasons, &json!({ "head_too_large": 2, "unreadable_request": 3 }), "{entries:?}");
}

#[tokio::test]
async fn a_body_that_does_not_come_to_its_end_is_told_so_and_written_down() {
    let app = TestApp::builder().settings(|settings| settings.request_timeout = Duration::from_secs(2)).build().await;
    let server = TestServer::start(&app).await;
    let half = "POST /api/v1/auth/login HTTP/1.1\r\nhost: here\r\ncontent-type: application/json\r\n\
                content-length: 100\r\nconnection: close\r\n\r\n{\"email\":";
    let begun = Instant::now();
    let answer = asked(server.address, half).await;
    assert!(answer.starts_with("HTTP/1.1 408 ") && answer.contains("body_too_slow"), "{answer}");
    assert!(begun.elapsed() < Duration::from_secs(10), "{:?}", begun.elapsed());
    let keyed = half.replacen("/auth/login", "/tasks", 1).replacen(
        "host: here",
        &format!("host: here\r\nidempotency-key: k\r\nauthorization: Bearer {}", app.acme.token()),
        1,
    );
    let answer = asked(server.address, &keyed).await;
    assert!(answer.starts_with("HTTP/1.1 408 ") && answer.contains("body_too_slow"), "{answer}");
    assert_eq!(by_address(&app).await[0]["detail"]["reasons"], json!({ "body_too_slow": 1 }));
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
