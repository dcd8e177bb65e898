//! Server-sent events: the same as on the WebSocket, for those who would rather read lines.
//!
//! Each reader has a few frames waiting for it and no more. Whoever does not take them in time is told so last and let go; nobody
//! else waits for them.

use crate::extract::Query;
use crate::middleware::auth::signed_in;
use crate::problem::Problem;
use crate::realtime::message;
use crate::realtime::opening::{Beginning, Listener, LiveQuery, Said};
use crate::state::App;
use aos_broker::{Message, Subscription};
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::http::{HeaderMap, HeaderName};
use axum::response::{IntoResponse, Response};
use futures_util::stream::unfold;
use std::convert::Infallible;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::{MissedTickBehavior, interval};

/// Frames that wait for a reader; each may hold several events.
const WAITING_MAX: usize = 8;
const AT_ONCE_MAX: usize = 128;
const LAST_EVENT_ID: &str = "last-event-id";
/// How long a reader waits before it comes back, unless it knows better.
const COME_BACK_AFTER_MS: u64 = 2000;
/// A comment, so that proxies and readers see that the line stands.
const HEARTBEAT: &[u8] = b": still here\n\n";

/// Streams live events as server-sent events.
///
/// Each event has `id`, `event` (its type) and `data`, which is JSON `{type, id, at, data}` on one line; types are those of the WebSocket.
/// A reader that comes back says `Last-Event-ID`, as browsers do by themselves, or `after`. The access token goes in the `Authorization`
/// header; readers that cannot send one, such as `EventSource`, use a ticket. The last event is `closed`, with the reason.
#[utoipa::path(get, path = "/stream", tag = "live", security(("bearer" = []), ()), params(LiveQuery,
    ("Last-Event-ID" = Option<String>, Header, description = "The id of the last event seen")),
    responses((status = 200, description = "Events, without end", content_type = "text/event-stream", body = String), Problem))]
pub async fn open(
    State(app): State<App>,
    Query(mut query): Query<LiveQuery>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    if let Some(last) = headers.get(LAST_EVENT_ID).and_then(|id| id.to_str().ok()) {
        query.after = Some(last.to_owned());
    }
    let listener = match &query.ticket {
        Some(_) => Listener::by_ticket(app, query).await?,
        None => {
            let session = signed_in(&app, &headers).await?;
            Listener::new(app, session, query).await?
        }
    };
    let beginning = listener.begin().await?;
    let (frames, waiting) = mpsc::channel(WAITING_MAX);
    let (last_word, left) = tokio::sync::oneshot::channel();
    tokio::spawn(async move {
        let at = listener.app.clock.clone();
        let reason = tell(listener, beginning, frames).await;
        let _ = last_word.send(message::frame("closed", None, &message::goodbye(reason, at.now())));
    });
    // What waits is told first, then the goodbye.
    let body = unfold((waiting, Some(left)), |(mut waiting, left)| async move {
        match waiting.recv().await {
            Some(frame) => Some((Ok::<Bytes, Infallible>(frame), (waiting, left))),
            None => Some((Ok(left?.await.ok()?), (waiting, None))),
        }
    });
    let headers = [
        (CONTENT_TYPE, "text/event-stream"),
        (CACHE_CONTROL, "no-store"),
        // Asks nginx not to hold events back.
        (HeaderName::from_static("x-accel-buffering"), "no"),
    ];
    Ok((headers, Body::from_stream(body)).into_response())
}

/// Tells what happens until it is over; returns why.
async fn tell(mut listener: Listener, beginning: Beginning, frames: mpsc::Sender<Bytes>) -> &'static str {
    const TOO_SLOW: &str = "events are not taken fast enough; connect again and read the state";
    let limit = listener.app.settings.socket.send_timeout;
    let Beginning { first, mut events } = beginning;
    let mut begin = format!("retry: {COME_BACK_AFTER_MS}\n\n").into_bytes();
    for said in &first {
        begin.extend_from_slice(&frame(said));
    }
    if !hand_over(&frames, begin.into(), limit).await {
        return TOO_SLOW;
    }
    let mut rights = listener.app.sessions.changes();
    let mut ticks = interval(listener.app.settings.socket.ping_every);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        let (frame, ask) = tokio::select! {
            told = events.next() => (batch(&listener, told, &mut events), false),
            _ = rights.changed() => (Bytes::new(), listener.rights_changed()),
            _ = ticks.tick() => (Bytes::from_static(HEARTBEAT), true),
            () = frames.closed() => return "the reader is gone",
        };
        if ask && !listener.still_may().await {
            return "the session has ended; sign in again";
        }
        if !frame.is_empty() && !hand_over(&frames, frame, limit).await {
            return TOO_SLOW;
        }
    }
}

/// Writes an event, and those that wait behind it, into one piece.
fn batch(listener: &Listener, told: Message, events: &mut Subscription) -> Bytes {
    let waiting = std::iter::once(told).chain(std::iter::from_fn(|| events.try_next()));
    let mut piece = Vec::new();
    for told in waiting.take(AT_ONCE_MAX).filter(|told| listener.wants(told)) {
        piece.extend_from_slice(&frame(&listener.say(told)));
    }
    piece.into()
}

fn frame(said: &Said) -> Bytes {
    match &said.message {
        Some(Message::Event(event)) => message::frame(event.topic.as_str(), Some(event), &said.text),
        Some(Message::Lagged { .. }) => message::frame("lagged", None, &said.text),
        None => message::frame("state_update", None, &said.text),
    }
}

async fn hand_over(frames: &mpsc::Sender<Bytes>, frame: Bytes, limit: Duration) -> bool {
    frames.send_timeout(frame, limit).await.is_ok()
}
