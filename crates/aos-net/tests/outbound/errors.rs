//! What errors say, and what they must not say.

use crate::server::{Server, answer};
use crate::{client, loopback};
use aos_core::Clock;
use aos_net::{Client, Error, Request};
use chrono::{DateTime, Utc};
use std::time::Duration;
use tokio::net::TcpListener;

#[tokio::test]
async fn an_unwelcome_status_says_what_the_server_said() {
    let server =
        Server::answering(|_| answer(422, "retry-after: 7\r\n", "{\n  \"detail\": \"no such\u{7}\tfield\"\n}")).await;
    let error = client(loopback()).fetch(Request::get(&server.url("/")).unwrap()).await.err().unwrap();
    let Error::Status { status, excerpt, retry_after, .. } = &error else { panic!("{error:?}") };
    assert_eq!((*status, excerpt.as_str()), (422, "{ \"detail\": \"no such field\" }"));
    assert_eq!(*retry_after, Some(Duration::from_secs(7)));
}

#[tokio::test]
async fn a_long_answer_is_shown_by_its_beginning() {
    let server = Server::answering(|_| answer(500, "", &"word ".repeat(100_000))).await;
    let error = client(loopback()).fetch(Request::get(&server.url("/")).unwrap()).await.err().unwrap();
    assert!(matches!(&error, Error::Status { excerpt, .. } if excerpt.chars().count() == 300), "{error:?}");
}

#[tokio::test]
async fn no_error_shows_a_secret_of_the_request() {
    let echo = Server::answering(|request| {
        let headers: String = request.headers.iter().map(|(name, value)| format!("{name}={value};")).collect();
        answer(400, "", &format!("cannot {} {} with {headers}", request.method, request.path))
    })
    .await;
    let broken = Server::answering(|_| "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{".to_owned()).await;
    let nonsense = Server::answering(|_| "what?\r\n\r\n".to_owned()).await;
    let not_json = Server::answering(|request| answer(200, "", &format!("{:?}", request.path))).await;
    let closed = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let bases = [echo.url(""), broken.url(""), nonsense.url(""), not_json.url(""), format!("http://{closed}")];
    let bases = bases.into_iter().chain([
        "http://10.0.0.1".into(),
        "http://x.invalid".into(),
        "http://u:s3cret-word@10.0.0.1".into(),
    ]);
    for base in bases {
        let url = format!("{base}/hook/s3cret-in-the-path-long?key=s3cret-in-query#s3cret-fragment");
        let request = Request::post(&url).unwrap().bearer("s3cret-token").unwrap();
        let request = request.secret_header("x-api-key", "s3cret-api-key").unwrap();
        assert!(!format!("{request:?}").contains("s3cret"), "{request:?}");
        let error = client(loopback()).send_json::<u64>(request).await.unwrap_err();
        let shown = format!("{error} {error:?} {}", error.story());
        assert!(!shown.contains("s3cret"), "{shown}");
    }
    let url = "http://u:s3cret@[bad";
    let shown = format!("{:?}", Request::get(url).unwrap_err());
    assert!(!shown.contains("s3cret"), "{shown}");
}

#[tokio::test]
async fn a_connection_that_is_refused_breaks_off_or_speaks_something_else_is_told_apart() {
    let get = async |url: &str| {
        let response = client(loopback()).fetch(Request::get(url).unwrap()).await?;
        response.bytes().await
    };
    let closed = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let error = get(&format!("http://{closed}/")).await.unwrap_err();
    assert!(matches!(error, Error::Connect { .. }), "{error:?}");
    assert!(error.story().contains("Connection refused"), "{}", error.story());

    let broken = Server::answering(|_| "HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nabc".to_owned()).await;
    assert!(matches!(get(&broken.url("/")).await, Err(Error::Interrupted { .. })));
    let nonsense = Server::answering(|_| "220 mail.example ESMTP\r\n".to_owned()).await;
    assert!(matches!(get(&nonsense.url("/")).await, Err(Error::Interrupted { .. })));
}

#[tokio::test]
async fn an_answer_that_is_not_the_expected_json_says_where_and_not_what() {
    let server = Server::answering(|_| answer(200, "", "{\"count\": \"four\"}")).await;
    let error =
        client(loopback()).get_json::<std::collections::HashMap<String, u64>>(&server.url("/")).await.unwrap_err();
    assert!(matches!(error, Error::Decode { .. }));
    assert!(error.story().contains("line 1, column 16"), "{}", error.story());
    assert!(!error.story().contains("four"), "{}", error.story());
}

#[test]
fn a_header_that_the_client_writes_itself_or_that_breaks_the_line_is_refused() {
    let request = || Request::get("http://example.com/").unwrap();
    for name in ["Host", "content-length", "Transfer-Encoding", "connection", "bad name", ""] {
        assert!(matches!(request().header(name, "1"), Err(Error::Request(_))), "{name}");
    }
    assert!(matches!(request().header("x-a", "1\r\nx-b: 2"), Err(Error::Request(_))));
    let error = request().secret_header("x-a", "s3cret\n").unwrap_err();
    assert!(!format!("{error:?} {error}").contains("s3cret"));
}

#[tokio::test]
async fn how_long_to_wait_is_read_as_seconds_or_as_a_date() {
    let now: DateTime<Utc> = "2026-11-21T10:00:00Z".parse().unwrap();
    let client = Client::new(loopback(), Clock::fixed(now)).unwrap();
    let wait = async |value: &'static str| {
        let server = Server::answering(move |_| answer(503, &format!("retry-after: {value}\r\n"), "")).await;
        client.send(Request::get(&server.url("/")).unwrap()).await.unwrap().retry_after().map(|wait| wait.as_secs())
    };
    assert_eq!(wait("120").await, Some(120));
    assert_eq!(wait("0").await, Some(0));
    assert_eq!(wait("Sat, 21 Nov 2026 10:02:00 GMT").await, Some(120));
    assert_eq!(wait("Saturday, 21-Nov-26 10:02:00 GMT").await, Some(120));
    assert_eq!(wait("Sat Nov 21 10:02:00 2026").await, Some(120));
    assert_eq!(wait("Sat, 21 Nov 2026 09:00:00 GMT").await, Some(0));
    assert_eq!(wait("99999999999999999999999999").await, Some(86_400));
    assert_eq!(wait("Thu, 01 Jan 2099 00:00:00 GMT").await, Some(86_400));
    for unreadable in ["-5", "1.5", "soon", "2026-11-21T10:02:00Z"] {
        assert_eq!(wait(unreadable).await, None, "{unreadable}");
    }
}
