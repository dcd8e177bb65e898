//! One WebSocket: opened by a ticket, told the present state first and then what happens, closed when its peer is gone or too slow or
//! its session has ended.

use crate::extract::Query;
use crate::problem::Problem;
use crate::realtime::opening::{Beginning, Listener, LiveQuery};
use crate::state::App;
use aos_broker::{Message as Told, Subscription};
use axum::body::Bytes;
use axum::extract::State;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::extract::ws::{CloseFrame, Message, Utf8Bytes, WebSocket, WebSocketUpgrade};
use axum::http::StatusCode;
use axum::response::Response;
use futures_util::{SinkExt, StreamExt};
use std::time::Duration;
use tokio::time::{Instant, MissedTickBehavior, interval};

/// Nothing is expected from the peer but pongs and its goodbye.
const RECEIVED_BYTES_MAX: usize = 4 * 1024;
/// Messages that are handed over with one write, when so many wait.
const AT_ONCE_MAX: usize = 128;

/// How long the peer has to answer a goodbye.
const GOODBYE: Duration = Duration::from_secs(2);

const SESSION_ENDED: u16 = 4401;
const TOO_SLOW: u16 = 4408;
const TOO_SLOW_REASON: &str = "messages are not taken fast enough; connect again and read the state";

/// Opens the WebSocket of live events.
///
/// Messages are JSON `{type, id, at, data}` of type `state_update` (the first one, and then whenever the picture changes),
/// `mapping_progress`, `narration`, `sources_connected`, `task_changed`, `notice`, `ingested`, `canonicalized`, `materialized`, `viewed`,
/// `journaled`, `drift`, `intent`, and `lagged` when events were missed and the state must be read again.
#[utoipa::path(get, path = "/ws", tag = "live", security(()), params(LiveQuery),
    responses((status = 101, description = "The WebSocket is open"), Problem))]
pub async fn open(
    State(app): State<App>,
    Query(query): Query<LiveQuery>,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Result<Response, Problem> {
    let listener = Listener::by_ticket(app, query).await?;
    let upgrade = upgrade.map_err(|_| {
        let detail = "this address is for WebSockets";
        Problem::new(StatusCode::UPGRADE_REQUIRED, "upgrade_required", detail, "open it with a WebSocket client")
    })?;
    let upgrade = upgrade.max_message_size(RECEIVED_BYTES_MAX).max_frame_size(RECEIVED_BYTES_MAX);
    Ok(upgrade.on_upgrade(move |socket| async move {
        let mut line = Line { socket, listener };
        if let Some(close) = line.run().await {
            let _ = line.send(Message::Close(Some(close))).await;
            // Whoever closes with something unread in front of it resets the connection, and the peer may never see why.
            let answered = async { while let Some(Ok(_)) = line.socket.next().await {} };
            let _ = tokio::time::timeout(GOODBYE, answered).await;
        }
    }))
}

struct Line {
    socket: WebSocket,
    listener: Listener,
}

/// What a socket waits for.
enum Next {
    Told(Told),
    Received(Option<Result<Message, axum::Error>>),
    Rights,
    Tick,
}

impl Line {
    /// Runs until it is over; returns how to say goodbye when the peer is still there.
    async fn run(&mut self) -> Option<CloseFrame> {
        let Beginning { first, mut events } = match self.listener.begin().await {
            Ok(beginning) => beginning,
            Err(problem) => {
                tracing::warn!(code = problem.code(), "a live connection could not be told the state: {problem}");
                return goodbye(1011, "the state cannot be read at this moment");
            }
        };
        for said in first {
            if !self.send(text(said.text)).await {
                return goodbye(TOO_SLOW, TOO_SLOW_REASON);
            }
        }
        let mut heard = Instant::now();
        let mut rights = self.listener.app.sessions.changes();
        let mut ticks = interval(self.listener.app.settings.socket.ping_every);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            let next = tokio::select! {
                told = events.next() => Next::Told(told),
                received = self.socket.recv() => Next::Received(received),
                _ = rights.changed() => Next::Rights,
                _ = ticks.tick() => Next::Tick,
            };
            let sent = match next {
                Next::Told(told) => self.tell(told, &mut events).await,
                Next::Received(None | Some(Err(_) | Ok(Message::Close(_)))) => return None,
                Next::Received(Some(Ok(_))) => {
                    heard = Instant::now();
                    true
                }
                Next::Rights if !self.listener.rights_changed() => true,
                Next::Tick if heard.elapsed() > self.listener.app.settings.socket.silence_max => return None,
                Next::Rights | Next::Tick if !self.listener.still_may().await => {
                    return goodbye(SESSION_ENDED, "the session has ended; sign in again");
                }
                Next::Rights => true,
                Next::Tick => self.send(Message::Ping(Bytes::new())).await,
            };
            if !sent {
                return goodbye(TOO_SLOW, TOO_SLOW_REASON);
            }
        }
    }

    /// Hands over an event and those that wait behind it.
    async fn tell(&mut self, told: Told, events: &mut Subscription) -> bool {
        let limit: Duration = self.listener.app.settings.socket.send_timeout;
        let (socket, listener) = (&mut self.socket, &self.listener);
        let telling = async {
            let waiting = std::iter::once(told).chain(std::iter::from_fn(|| events.try_next()));
            for told in waiting.take(AT_ONCE_MAX).filter(|told| listener.wants(told)) {
                socket.feed(text(listener.say(told).text)).await?;
            }
            socket.flush().await
        };
        matches!(tokio::time::timeout(limit, telling).await, Ok(Ok(())))
    }

    /// Hands one message over, or gives up on a peer that does not take it.
    async fn send(&mut self, message: Message) -> bool {
        let limit: Duration = self.listener.app.settings.socket.send_timeout;
        matches!(tokio::time::timeout(limit, self.socket.send(message)).await, Ok(Ok(())))
    }
}

fn text(json: Bytes) -> Message {
    Message::Text(Utf8Bytes::try_from(json).expect("JSON is UTF-8"))
}

fn goodbye(code: u16, reason: &'static str) -> Option<CloseFrame> {
    Some(CloseFrame { code, reason: reason.into() })
}
