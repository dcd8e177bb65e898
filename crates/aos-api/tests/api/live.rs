//! The WebSocket: who may open it, what is said first, and that it is resumed and closed as promised.

use aos_testkit::{Client, TestApp, TestServer};
use futures_util::StreamExt;
use serde_json::{Value, json};
use std::time::Duration;
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

async fn ticket(client: &Client) -> String {
    let ticket = client.post("/api/v1/auth/ws-ticket", &json!({})).await.assert_status(200).json();
    ticket["ticket"].as_str().unwrap().to_owned()
}

async fn open(server: &TestServer, query: &str) -> Result<Socket, u16> {
    match connect_async(format!("ws://{}/dcl/ws?{query}", server.address)).await {
        Ok((socket, _)) => Ok(socket),
        Err(Error::Http(refused)) => Err(refused.status().as_u16()),
        Err(error) => panic!("{error}"),
    }
}

/// Returns the next message that says something.
async fn said(socket: &mut Socket) -> Value {
    loop {
        let next = tokio::time::timeout(Duration::from_secs(60), socket.next()).await;
        match next.expect("a message in time").expect("an open socket").unwrap() {
            Message::Text(text) => return serde_json::from_str(&text).unwrap(),
            Message::Close(frame) => panic!("closed: {frame:?}"),
            _ => {}
        }
    }
}

async fn said_until(socket: &mut Socket, kind: &str) -> Vec<Value> {
    let mut messages = Vec::new();
    loop {
        let message = said(socket).await;
        let over = message["type"] == kind;
        messages.push(message);
        if over {
            return messages;
        }
    }
}

#[tokio::test]
async fn the_first_thing_said_is_the_present_state_and_then_what_happens() {
    let app = TestApp::new().await;
    let server = TestServer::start(&app).await;
    app.acme.create_connection("crm", &app.files.crm("crm", "Acme")).await;
    let mut socket = open(&server, &format!("ticket={}", ticket(&app.acme).await)).await.unwrap();
    let first = said(&mut socket).await;
    let state = app.acme.get("/dcl/state").await.json();
    assert_eq!((&first["type"], &first["data"]["version"]), (&json!("state_update"), &state["version"]));
    app.acme.connect().await;
    let messages = said_until(&mut socket, "state_update").await;
    let kinds: Vec<&str> = messages.iter().map(|message| message["type"].as_str().unwrap()).collect();
    assert!(kinds.contains(&"mapping_progress") && kinds.contains(&"sources_connected"), "{kinds:?}");
    let (last, state) = (messages.last().unwrap(), app.acme.get("/dcl/state").await.json());
    assert_eq!(last["data"], state);
    assert!(messages.iter().all(|message| message["id"].is_string() && message["at"].is_string()));
}

#[tokio::test]
async fn what_tasks_do_is_told_to_their_tenant() {
    let app = TestApp::new().await;
    let server = TestServer::start(&app).await;
    let mut socket = open(&server, &format!("ticket={}", ticket(&app.acme).await)).await.unwrap();
    said(&mut socket).await;
    let id = crate::waiting::enqueue(&app.acme, json!({ "kind": "noop" })).await;
    loop {
        let told = said_until(&mut socket, "task_changed").await.pop().unwrap();
        let task =
            told["data"]["tasks"].as_array().unwrap().iter().find(|task| task["id"] == json!(id)).unwrap().clone();
        if task["state"] == "success" {
            return assert_eq!((&task["kind"], &task["attempt"]), (&json!("noop"), &json!(1)));
        }
    }
}

#[tokio::test]
async fn a_ticket_opens_one_socket_of_its_own_tenant() {
    let app = TestApp::builder().counts_by_the_clock().build().await;
    let server = TestServer::start(&app).await;
    let one = format!("ticket={}", ticket(&app.globex).await);
    let mut socket = open(&server, &one).await.unwrap();
    let me = app.globex.get("/api/v1/auth/me").await.json();
    assert_eq!(said(&mut socket).await["data"]["tenant_id"], me["tenant"]["id"]);
    assert_eq!(open(&server, &one).await.err(), Some(401));
    assert_eq!(open(&server, "").await.err(), Some(401));
    let late = format!("ticket={}", ticket(&app.acme).await);
    app.clock.advance(chrono::Duration::seconds(30));
    assert_eq!(open(&server, &late).await.err(), Some(401));
    // What happens to acme is not told to globex.
    app.acme.create_connection("crm", &app.files.crm("crm", "Acme")).await;
    app.acme.connect().await;
    let heard = tokio::time::timeout(Duration::from_millis(300), said(&mut socket)).await;
    assert!(heard.is_err(), "{heard:?}");
}

#[tokio::test]
async fn a_socket_goes_on_where_the_one_before_it_ended() {
    let app = TestApp::new().await;
    let server = TestServer::start(&app).await;
    app.acme.create_connection("crm", &app.files.crm("crm", "Acme")).await;
    let mut socket = open(&server, &format!("ticket={}", ticket(&app.acme).await)).await.unwrap();
    said(&mut socket).await;
    app.acme.connect().await;
    let messages = said_until(&mut socket, "state_update").await;
    drop(socket);
    let after = messages[0]["id"].as_str().unwrap();
    let query = format!("ticket={}&after={after}", ticket(&app.acme).await);
    let mut again = open(&server, &query).await.unwrap();
    let state = app.acme.get("/dcl/state").await.json();
    assert_eq!(said(&mut again).await["data"], state);
    // All that was missed but the picture, which was told already and may be out of date by now.
    for missed in messages[1..].iter().filter(|message| message["type"] != "state_update") {
        assert_eq!(said(&mut again).await, *missed);
    }
    app.acme.connect().await;
    let later = said(&mut again).await;
    assert!(messages.iter().all(|message| message["id"] != later["id"]) && later["type"] != "state_update", "{later}");
    let query = format!("ticket={}&after=1", ticket(&app.acme).await);
    let mut lost = open(&server, &query).await.unwrap();
    assert_eq!(said(&mut lost).await["type"], "state_update");
    assert_eq!(said(&mut lost).await["type"], "lagged");
    let query = format!("ticket={}&after=yesterday", ticket(&app.acme).await);
    assert_eq!(open(&server, &query).await.err(), Some(400));
}

#[tokio::test]
async fn a_socket_ends_with_its_session() {
    let app =
        TestApp::builder().settings(|settings| settings.socket.ping_every = Duration::from_millis(50)).build().await;
    let server = TestServer::start(&app).await;
    let mut socket = open(&server, &format!("ticket={}", ticket(&app.acme).await)).await.unwrap();
    said(&mut socket).await;
    app.acme.post("/api/v1/auth/logout", &json!({})).await.assert_status(204);
    let closed = async {
        loop {
            match socket.next().await {
                Some(Ok(Message::Close(Some(frame)))) => return u16::from(frame.code),
                Some(Ok(_)) => {}
                other => panic!("{other:?}"),
            }
        }
    };
    assert_eq!(tokio::time::timeout(Duration::from_secs(10), closed).await.unwrap(), 4401);
}

#[tokio::test]
async fn a_tenant_has_only_so_many_sockets() {
    let app = TestApp::builder().settings(|settings| settings.socket.per_tenant_max = 1).build().await;
    let server = TestServer::start(&app).await;
    let _socket = open(&server, &format!("ticket={}", ticket(&app.acme).await)).await.unwrap();
    assert_eq!(open(&server, &format!("ticket={}", ticket(&app.acme).await)).await.err(), Some(429));
    assert!(open(&server, &format!("ticket={}", ticket(&app.globex).await)).await.is_ok());
}
