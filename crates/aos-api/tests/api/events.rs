//! Server-sent events: who may listen, what is told first, and that listening goes on where it ended and ends with the session.

use aos_testkit::{Client, TestApp};
use axum::body::{Body, BodyDataStream};
use axum::http::{Request, StatusCode};
use futures_util::StreamExt;
use serde_json::{Value, json};
use std::time::Duration;
use tower::ServiceExt;

const STREAM: &str = "/api/v1/events/stream";

/// One who reads events.
struct Reader {
    body: BodyDataStream,
    read: String,
}

#[derive(Debug)]
struct Told {
    id: Option<String>,
    event: String,
    data: Value,
}

impl Reader {
    async fn open(app: &TestApp, query: &str, headers: &[(&str, &str)]) -> Result<Self, (StatusCode, Value)> {
        let mut request = Request::get(format!("{STREAM}?{query}"));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let response = app.router().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
        if response.status() != StatusCode::OK {
            let status = response.status();
            let body = axum::body::to_bytes(response.into_body(), 64 * 1024).await.unwrap();
            return Err((status, serde_json::from_slice(&body).unwrap()));
        }
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        assert!(response.headers().get("content-encoding").is_none());
        Ok(Self { body: response.into_body().into_data_stream(), read: String::new() })
    }

    async fn of(app: &TestApp, client: &Client, query: &str) -> Self {
        let bearer = format!("Bearer {}", client.token());
        Self::open(app, query, &[("authorization", &bearer)]).await.unwrap()
    }

    /// Returns the next event; none once the stream has ended.
    async fn next(&mut self) -> Option<Told> {
        loop {
            if let Some((frame, rest)) = self.read.split_once("\n\n") {
                let lines: Vec<String> = frame.lines().map(str::to_owned).collect();
                self.read = rest.to_owned();
                let field = |name: &str| {
                    let prefix = format!("{name}: ");
                    lines.iter().find_map(|line| line.strip_prefix(&prefix)).map(str::to_owned)
                };
                let Some(data) = field("data") else { continue };
                let data = serde_json::from_str(&data).unwrap();
                return Some(Told { id: field("id"), event: field("event").unwrap(), data });
            }
            let piece =
                tokio::time::timeout(Duration::from_secs(60), self.body.next()).await.expect("an event in time")?;
            self.read.push_str(std::str::from_utf8(&piece.unwrap()).unwrap());
        }
    }

    async fn until(&mut self, event: &str) -> Vec<Told> {
        let mut all = Vec::new();
        loop {
            all.push(self.next().await.expect("an open stream"));
            if all.last().unwrap().event == event {
                return all;
            }
        }
    }
}

#[tokio::test]
async fn the_state_is_told_first_and_then_every_stage_of_what_happens() {
    let app = TestApp::new().await;
    app.acme.create_connection("crm", &app.files.crm("crm", "Acme")).await;
    let mut reader = Reader::of(&app, &app.acme, "").await;
    let first = reader.next().await.unwrap();
    assert_eq!((first.event.as_str(), first.id), ("state_update", None));
    app.acme.connect().await;
    let told = reader.until("state_update").await;
    let kinds: Vec<&str> = told.iter().map(|told| told.event.as_str()).collect();
    for stage in ["ingested", "canonicalized", "materialized", "viewed", "journaled", "sources_connected"] {
        assert!(kinds.contains(&stage), "{stage} is missing in {kinds:?}");
    }
    for told in &told {
        assert_eq!(
            (told.data["type"].as_str(), told.data["id"].as_str()),
            (Some(told.event.as_str()), told.id.as_deref())
        );
    }
    let records = |event: &str| -> u64 {
        let of = told.iter().filter(|told| told.event == event);
        of.map(|told| told.data["data"]["records"].as_u64().unwrap()).sum()
    };
    let ledger = app.acme.get("/api/v1/ledger").await.json();
    assert_eq!(records("ingested"), ledger["totals"]["read"].as_u64().unwrap(), "{ledger}");
}

#[tokio::test]
async fn who_comes_back_is_told_what_was_missed() {
    let app = TestApp::new().await;
    let mut reader = Reader::of(&app, &app.acme, "types=task_changed").await;
    let one = crate::waiting::enqueue(&app.acme, json!({ "kind": "noop" })).await;
    let seen = reader.next().await.unwrap();
    assert!(seen.data.to_string().contains(&one.to_string()), "only what was asked for is told: {seen:?}");
    drop(reader);
    let two = crate::waiting::enqueue(&app.acme, json!({ "kind": "noop" })).await;
    let (bearer, last) = (format!("Bearer {}", app.acme.token()), seen.id.unwrap());
    let headers = [("authorization", bearer.as_str()), ("last-event-id", last.as_str())];
    let mut again = Reader::open(&app, "types=task_changed", &headers).await.unwrap();
    loop {
        let told = again.next().await.unwrap();
        assert_eq!(told.event, "task_changed");
        if told.data.to_string().contains(&two.to_string()) {
            break;
        }
    }
}

#[tokio::test]
async fn that_a_task_waits_and_that_it_is_canceled_is_told_though_no_worker_touches_it() {
    let app = TestApp::new().await;
    let mut reader = Reader::of(&app, &app.acme, "types=task_changed").await;
    let id = crate::waiting::enqueue(&app.acme, json!({ "kind": "noop", "delay_seconds": 3600 })).await;
    app.acme.delete(&format!("/api/v1/tasks/{id}")).await.assert_status(200);
    for state in ["queued", "canceled"] {
        let told = reader.next().await.unwrap();
        let task = &told.data["data"]["tasks"][0];
        assert_eq!((&task["id"], &task["state"]), (&json!(id), &json!(state)), "{told:?}");
    }
}

#[tokio::test]
async fn nobody_listens_without_a_ticket_or_a_token_and_nobody_to_another_tenant() {
    let app = TestApp::new().await;
    let refused = |answer: Result<Reader, (StatusCode, Value)>| answer.err().expect("a refusal").0;
    assert_eq!(refused(Reader::open(&app, "", &[]).await), StatusCode::UNAUTHORIZED);
    assert_eq!(refused(Reader::open(&app, "ticket=none", &[]).await), StatusCode::UNAUTHORIZED);
    let ticket = app.acme.post("/api/v1/auth/ws-ticket", &json!({})).await.assert_status(200).json();
    let query = format!("ticket={}", ticket["ticket"].as_str().unwrap());
    assert!(Reader::open(&app, &query, &[]).await.is_ok());
    assert_eq!(refused(Reader::open(&app, &query, &[]).await), StatusCode::UNAUTHORIZED);
    let bearer = format!("Bearer {}", app.acme.token());
    let wrong = Reader::open(&app, "types=weather", &[("authorization", &bearer)]).await;
    assert_eq!(wrong.err().unwrap().1["code"], "unknown_event_type");
    let mut other = Reader::of(&app, &app.globex, "types=task_changed").await;
    crate::waiting::enqueue(&app.acme, json!({ "kind": "noop" })).await;
    let mine = crate::waiting::enqueue(&app.globex, json!({ "kind": "noop" })).await;
    let told = other.next().await.unwrap();
    assert!(told.data.to_string().contains(&mine.to_string()), "{told:?}");
}

#[tokio::test]
async fn listening_ends_with_the_session_and_says_so() {
    let app = TestApp::new().await;
    let mut reader = Reader::of(&app, &app.acme, "").await;
    reader.next().await.unwrap();
    app.acme.post("/api/v1/auth/logout", &json!({})).await.assert_status(204);
    let last = reader.until("closed").await.pop().unwrap();
    assert!(last.data["data"]["reason"].as_str().unwrap().contains("sign in again"), "{last:?}");
    assert!(reader.next().await.is_none());
}

#[tokio::test]
async fn a_reader_that_takes_nothing_is_let_go_and_told_and_the_others_miss_nothing() {
    let app =
        TestApp::builder().settings(|settings| settings.socket.send_timeout = Duration::from_millis(200)).build().await;
    let mut slow = Reader::of(&app, &app.acme, "types=task_changed").await;
    let mut quick = Reader::of(&app, &app.acme, "types=task_changed").await;
    let mut ids = Vec::new();
    for _ in 0..30 {
        let id = crate::waiting::enqueue(&app.acme, json!({ "kind": "noop" })).await;
        while !quick.next().await.unwrap().data.to_string().contains(&id.to_string()) {}
        ids.push(id);
    }
    tokio::time::sleep(Duration::from_millis(400)).await;
    let last = slow.until("closed").await.pop().unwrap();
    assert!(last.data["data"]["reason"].as_str().unwrap().contains("not taken fast enough"), "{last:?}");
    assert!(slow.next().await.is_none());
}
