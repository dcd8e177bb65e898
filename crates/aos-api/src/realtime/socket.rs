//! One WebSocket: opened by a ticket, told the present state first and then what happens, closed when its peer is gone or too slow or
//! its session has ended.

use crate::auth::session::Session;
use crate::extract::Query;
use crate::middleware::auth::stand;
use crate::middleware::tracing::RequestContext;
use crate::problem::Problem;
use crate::realtime::{Place, message};
use crate::state::App;
use aos_broker::{EventId, Message as Told, Subscription};
use axum::extract::State;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::extract::ws::{CloseFrame, Message, WebSocket, WebSocketUpgrade};
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{Instant, MissedTickBehavior, interval};
use utoipa::IntoParams;

/// Nothing is expected from the peer but pongs and its goodbye.
const RECEIVED_BYTES_MAX: usize = 4 * 1024;

const SESSION_ENDED: u16 = 4401;
const TOO_SLOW: u16 = 4408;
const TOO_SLOW_REASON: &str = "messages are not taken fast enough; connect again and read the state";

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct SocketQuery {
    /// From `POST /auth/ws-ticket`; good once.
    #[serde(default)]
    ticket: Option<String>,
    /// The id of the last event seen: what happened since is told first, as far as it is kept.
    #[serde(default)]
    after: Option<String>,
}

/// Opens the WebSocket of live events.
///
/// Messages are JSON `{type, id, at, data}` of type `state_update` (the first one, and then whenever the picture changes),
/// `mapping_progress`, `narration`, `sources_connected`, `task_changed`, `notice`, and `lagged` when events were missed and the state
/// must be read again.
#[utoipa::path(get, path = "/ws", tag = "dcl", security(()), params(SocketQuery),
    responses((status = 101, description = "The WebSocket is open"), Problem))]
pub async fn open(
    State(app): State<App>,
    Query(query): Query<SocketQuery>,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Result<Response, Problem> {
    let session = redeem(&app, query.ticket.as_deref()).await?;
    RequestContext::set_tenant(session.scope.tenant_id());
    let after = query.after.filter(|after| !after.is_empty()).map(|after| event_id(&after)).transpose()?;
    let place = app.sockets.take(session.scope.tenant_id()).ok_or_else(|| {
        let detail = "this tenant has as many live connections open as it may";
        Problem::new(StatusCode::TOO_MANY_REQUESTS, "too_many_sockets", detail, "close one, for example another tab")
            .retry_after(30)
    })?;
    let upgrade = upgrade.map_err(|_| {
        let detail = "this address is for WebSockets";
        Problem::new(StatusCode::UPGRADE_REQUIRED, "upgrade_required", detail, "open it with a WebSocket client")
    })?;
    let upgrade = upgrade.max_message_size(RECEIVED_BYTES_MAX).max_frame_size(RECEIVED_BYTES_MAX);
    Ok(upgrade.on_upgrade(move |socket| async move {
        let mut line = Line { socket, app, session, _place: place };
        if let Some(close) = line.run(after).await {
            let _ = line.send(Message::Close(Some(close))).await;
        }
    }))
}

async fn redeem(app: &App, ticket: Option<&str>) -> Result<Arc<Session>, Problem> {
    let refused = |detail| {
        Problem::unauthorized(
            "invalid_ticket",
            detail,
            "ask for a ticket with POST /api/v1/auth/ws-ticket and use it once, soon",
        )
    };
    let ticket = ticket.ok_or_else(|| refused("a WebSocket is opened with a ticket, and there is none"))?;
    let claims = app.keys.verify(ticket, crate::auth::token::Audience::WebSocket, app.clock.now());
    let claims = claims.map_err(|_| refused("the ticket is not one that this server gave out, or it has expired"))?;
    // Only what is still there to be taken is good: a broker that forgot lets nobody in twice.
    let taken = app.broker.system().redeem_ticket(claims.once.as_deref().unwrap_or_default()).await;
    if taken.is_none_or(|(tenant, ..)| tenant != claims.tenant) {
        return Err(refused("the ticket was used already, or is not known any more"));
    }
    stand(app, &claims).await
}

fn event_id(text: &str) -> Result<EventId, Problem> {
    text.parse().map(EventId).map_err(|_| {
        Problem::bad_request(
            "bad_event_id",
            format!("`{text}` is not the id of an event"),
            "leave `after` out, or give the `id` of a message",
        )
    })
}

struct Line {
    socket: WebSocket,
    app: App,
    session: Arc<Session>,
    _place: Place,
}

/// What a socket waits for.
enum Next {
    Told(Told),
    Received(Option<Result<Message, axum::Error>>),
    Tick,
}

impl Line {
    /// Runs until it is over; returns how to say goodbye when the peer is still there.
    async fn run(&mut self, after: Option<EventId>) -> Option<CloseFrame> {
        let mut events = self.app.broker.tenant(&self.session.scope).subscribe(after).await;
        // What is kept is taken before the state is read: the state contains it, and what comes later is told later.
        let kept: Vec<Told> = std::iter::from_fn(|| events.try_next()).collect();
        let state = match self.app.dcl.tenant(&self.session.scope).state().await {
            Ok(picture) => message::present_state(&picture.state, self.app.clock.now()),
            Err(error) => {
                let problem = Problem::from(error);
                tracing::warn!(code = problem.code(), "a live connection could not be told the state: {problem}");
                return goodbye(1011, "the state cannot be read at this moment");
            }
        };
        let kept = kept.iter().filter(|told| !message::is_state(told));
        let first: Vec<String> = kept.map(|told| message::told(told, self.app.clock.now())).collect();
        for text in std::iter::once(state).chain(first) {
            if !self.send(Message::Text(text.into())).await {
                return goodbye(TOO_SLOW, TOO_SLOW_REASON);
            }
        }
        let mut heard = Instant::now();
        let mut ticks = interval(self.app.settings.socket.ping_every);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            let sent = match self.next(&mut events, &mut ticks).await {
                Next::Told(told) => self.send(Message::Text(message::told(&told, self.app.clock.now()).into())).await,
                Next::Received(None | Some(Err(_) | Ok(Message::Close(_)))) => return None,
                Next::Received(Some(Ok(_))) => {
                    heard = Instant::now();
                    true
                }
                Next::Tick if heard.elapsed() > self.app.settings.socket.silence_max => return None,
                Next::Tick if !stands(&self.app, &self.session).await => {
                    return goodbye(SESSION_ENDED, "the session has ended; sign in again");
                }
                Next::Tick => self.send(Message::Ping(Vec::new().into())).await,
            };
            if !sent {
                return goodbye(TOO_SLOW, TOO_SLOW_REASON);
            }
        }
    }

    async fn next(&mut self, events: &mut Subscription, ticks: &mut tokio::time::Interval) -> Next {
        tokio::select! {
            told = events.next() => Next::Told(told),
            received = self.socket.recv() => Next::Received(received),
            _ = ticks.tick() => Next::Tick,
        }
    }

    /// Hands one message over, or gives up on a peer that does not take it.
    async fn send(&mut self, message: Message) -> bool {
        let limit: Duration = self.app.settings.socket.send_timeout;
        matches!(tokio::time::timeout(limit, self.socket.send(message)).await, Ok(Ok(())))
    }
}

/// Asks again, because a socket outlives the moment it was opened in. A store that does not answer ends no session.
async fn stands(app: &App, session: &Session) -> bool {
    let revoked = app.store.tenant(&session.scope).is_revoked(&session.jti.to_string()).await;
    session.expires_at > app.clock.now() && !revoked.unwrap_or(false)
}

fn goodbye(code: u16, reason: &'static str) -> Option<CloseFrame> {
    Some(CloseFrame { code, reason: reason.into() })
}
