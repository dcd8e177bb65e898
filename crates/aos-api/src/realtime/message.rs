//! What is said live, as JSON text on one line: `{type, id, at, data}`.

use aos_broker::{Event, Message, Topic};
use axum::body::Bytes;
use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::{Value, json};

#[derive(Serialize)]
struct Said<'a, T> {
    r#type: &'a str,
    /// Only events have one; give the last one seen as `after` to go on from there.
    id: Option<String>,
    at: DateTime<Utc>,
    data: T,
}

/// Says the picture as it is now; the first message of all.
pub fn present_state(picture: &aos_dcl::state::State, at: DateTime<Utc>) -> Bytes {
    text(&Said { r#type: "state_update", id: None, at, data: picture })
}

/// Says that something was missed, and what to do about it.
pub fn lagged(missed: Option<u64>, at: DateTime<Utc>) -> Bytes {
    let next_step = "read /api/v1/dcl/state again; what was missed is not kept";
    notice("lagged", json!({ "missed": missed, "next_step": next_step }), at)
}

/// Says goodbye where there is no other way to.
pub fn goodbye(reason: &str, at: DateTime<Utc>) -> Bytes {
    notice("closed", json!({ "reason": reason }), at)
}

pub fn told(message: &Message, at: DateTime<Utc>) -> Bytes {
    match message {
        Message::Event(event) => event.said(),
        Message::Lagged { missed } => lagged(*missed, at),
    }
}

/// True for a picture, which is out of date once there is a later one.
pub fn is_state(message: &Message) -> bool {
    matches!(message, Message::Event(event) if event.topic == Topic::StateUpdate)
}

/// Writes a message as a server-sent event, after the HTML standard, §9.2. Its data is one line.
pub fn frame(kind: &str, event: Option<&Event>, data: &[u8]) -> Bytes {
    let mut frame = Vec::with_capacity(data.len() + 96);
    if let Some(event) = event {
        frame.extend_from_slice(format!("id: {}\n", event.id.0).as_bytes());
    }
    frame.extend_from_slice(format!("event: {kind}\ndata: ").as_bytes());
    frame.extend_from_slice(data);
    frame.extend_from_slice(b"\n\n");
    frame.into()
}

fn notice(kind: &str, data: Value, at: DateTime<Utc>) -> Bytes {
    text(&Said { r#type: kind, id: None, at, data })
}

fn text<T: Serialize>(said: &Said<'_, T>) -> Bytes {
    serde_json::to_vec(said).expect("what is said is always JSON").into()
}
