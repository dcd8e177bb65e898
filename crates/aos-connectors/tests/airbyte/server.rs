//! An Airbyte server, played by the HTTP that its public documentation describes.

use crate::support::context;
use aos_connectors::airbyte::monitor::{Access, Monitor, Server};
use aos_connectors::{Error, Secret};
use aos_core::Clock;
use serde_json::json;
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

/// Answers by what is asked, and writes down what was.
async fn airbyte(connections: usize) -> (String, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/api/public/v1", listener.local_addr().unwrap());
    let asked = Arc::new(Mutex::new(Vec::new()));
    let told = asked.clone();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let told = told.clone();
            tokio::spawn(async move {
                let mut buffer = vec![0; 16 << 10];
                let mut held = 0;
                loop {
                    let Ok(read @ 1..) = stream.read(&mut buffer[held..]).await else { return };
                    held += read;
                    let text = String::from_utf8_lossy(&buffer[..held]).into_owned();
                    let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
                    let length = head
                        .lines()
                        .find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length: ")?.parse().ok());
                    if body.len() < length.unwrap_or(0) {
                        continue;
                    }
                    let (status, answer) = answer(head, body, connections);
                    told.lock().unwrap().push(head.lines().next().unwrap_or_default().to_owned());
                    let answer = answer.to_string();
                    let reply = format!(
                        "HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{answer}",
                        answer.len()
                    );
                    stream.write_all(reply.as_bytes()).await.unwrap();
                    held = 0;
                }
            });
        }
    });
    (url, asked)
}

fn answer(head: &str, body: &str, connections: usize) -> (&'static str, serde_json::Value) {
    let line = head.lines().next().unwrap_or_default();
    let path = line.split(' ').nth(1).unwrap_or_default();
    if path.ends_with("/applications/token") {
        let known = body.contains("\"client_id\":\"app\"") && body.contains("\"client_secret\":\"swordfish-9\"");
        return match known {
            true => ("200 OK", json!({"access_token": "short-lived", "token_type": "Bearer", "expires_in": 900})),
            false => ("401 Unauthorized", json!({"title": "unauthorized"})),
        };
    }
    if !head.to_ascii_lowercase().contains("authorization: bearer short-lived") {
        return ("401 Unauthorized", json!({"title": "unauthorized"}));
    }
    let query =
        |name: &str| path.split(['?', '&']).find_map(|pair| pair.strip_prefix(&format!("{name}=")).map(str::to_owned));
    if path.contains("/connections") {
        let offset: usize = query("offset").unwrap().parse().unwrap();
        let rows: Vec<_> = (offset..connections.min(offset + 100))
            .map(|n| json!({"connectionId": format!("c{n}"), "name": format!("Connection {n}"), "status": "active"}))
            .collect();
        return ("200 OK", json!({"data": rows, "next": "", "previous": ""}));
    }
    let jobs = match query("connectionId").as_deref() {
        Some("c0") => {
            json!([{"jobId": 7, "status": "succeeded", "jobType": "sync", "startTime": "2026-11-20T10:00:00Z", "connectionId": "c0",
            "lastUpdatedAt": "2026-11-20T10:08:53Z", "duration": "PT8M53S", "bytesSynced": 1048576, "rowsSynced": 5000}])
        }
        Some("c1") => {
            json!([{"jobId": 8, "status": "running", "jobType": "sync", "startTime": "2026-11-20T11:00:00Z", "connectionId": "c1"}])
        }
        _ => json!([]),
    };
    ("200 OK", json!({"data": jobs}))
}

fn monitor(url: &str, secret: &str) -> Monitor {
    let access = Access::Application { id: "app".to_owned(), secret: Secret::new(secret) };
    let server = Server { url: url.to_owned(), access, workspace: None };
    Monitor::new(server, context().net, Clock::System)
}

#[tokio::test]
async fn the_last_sync_of_each_connection_is_told_and_asked_for_once() {
    let (url, asked) = airbyte(102).await;
    let monitor = monitor(&url, "swordfish-9");
    let syncs = monitor.syncs().await.unwrap();
    assert_eq!((syncs.connections.len(), syncs.cut), (102, false));
    let last = syncs.connections[0].last.as_ref().unwrap();
    assert_eq!(
        (last.status.as_str(), last.records, last.bytes, last.duration_ms),
        ("succeeded", Some(5000), Some(1_048_576), Some(533_000))
    );
    let running = syncs.connections[1].last.as_ref().unwrap();
    assert_eq!((running.status.as_str(), running.records, running.duration_ms), ("running", None, None));
    assert_eq!(syncs.connections[2].last, None);
    let before = asked.lock().unwrap().len();
    assert_eq!(before, 1 + 2 + 102);
    assert_eq!(monitor.syncs().await.unwrap(), syncs);
    assert_eq!(asked.lock().unwrap().len(), before, "the second look asked again");
}

#[tokio::test]
async fn wrong_credentials_and_nobody_there_are_clear() {
    let (url, _) = airbyte(1).await;
    let error = monitor(&url, "wrong-secret").syncs().await.unwrap_err();
    assert!(matches!(error, Error::Unauthorized { .. }), "{error}");
    assert!(!format!("{error:?}").contains("wrong-secret"));
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let error = monitor(&format!("http://127.0.0.1:{free}/v1"), "x").syncs().await.unwrap_err();
    assert!(matches!(error, Error::Unreachable { .. }), "{error}");
}
