//! What is said on a WebSocket, as JSON text: `{type, id, at, data}`.

use aos_broker::{Event, EventId, Message, Topic};
use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::json;

#[derive(Serialize)]
struct Said<'a, T> {
    #[serde(rename = "type")]
    kind: &'a str,
    /// Give the last one seen as `after` to go on from there. Text, because it is a name and not a number.
    id: Option<String>,
    at: DateTime<Utc>,
    data: T,
}

/// Says the picture as it is now; the first message on every socket.
pub fn present_state(picture: &aos_dcl::state::State, at: DateTime<Utc>) -> String {
    text(&Said { kind: "state_update", id: None, at, data: picture })
}

pub fn told(message: &Message, at: DateTime<Utc>) -> String {
    match message {
        Message::Event(event) => happened(event),
        Message::Lagged { missed } => {
            let next_step = "read /api/v1/dcl/state again; what was missed is not kept";
            text(&Said { kind: "lagged", id: None, at, data: json!({ "missed": missed, "next_step": next_step }) })
        }
    }
}

/// True for a picture, which is out of date once there is a later one.
pub fn is_state(message: &Message) -> bool {
    matches!(message, Message::Event(event) if event.topic == Topic::StateUpdate)
}

fn happened(event: &Event) -> String {
    let kind = serde_json::to_value(event.topic).unwrap_or_default();
    let kind = kind.as_str().unwrap_or("unknown");
    let EventId(id) = event.id;
    text(&Said { kind, id: Some(id.to_string()), at: event.at, data: &event.payload })
}

fn text<T: Serialize>(said: &Said<'_, T>) -> String {
    serde_json::to_string(said).expect("what is said is always JSON")
}
