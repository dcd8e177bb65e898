//! Who may listen, from when on and to what; the same for both ways of listening.

use crate::auth::session::{Moment, Session};
use crate::auth::token::Audience;
use crate::guard;
use crate::middleware::auth::stand;
use crate::middleware::rate;
use crate::middleware::tracing::RequestContext;
use crate::problem::Problem;
use crate::realtime::{Place, message};
use crate::state::App;
use aos_broker::{EventId, Message, Subscription, Topic};
use aos_core::barrier::{Guard, stands};
use aos_core::policy::{Permission, Resource};
use axum::body::Bytes;
use axum::http::StatusCode;
use serde::Deserialize;
use serde_json::json;
use std::collections::BTreeSet;
use std::sync::Arc;
use utoipa::IntoParams;

/// What a refusal is about, in the audit trail.
const LIVE_EVENTS: &str = "live events";

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct LiveQuery {
    /// From `POST /auth/ws-ticket`; good once.
    #[serde(default)]
    pub ticket: Option<String>,
    /// The id of the last event seen: what happened since is told first, as far as it is kept.
    #[serde(default)]
    pub after: Option<String>,
    /// Types of events to be told, separated by commas; all without it. What was missed and the end are told always.
    #[serde(default)]
    #[param(example = "task_changed,journaled")]
    pub types: Option<String>,
}

/// One who listens.
pub struct Listener {
    pub app: App,
    pub session: Arc<Session>,
    after: Option<EventId>,
    topics: Option<BTreeSet<Topic>>,
    seen: Moment,
    _place: Place,
}

/// How listening begins: with what is to be said at once, and then what happens.
pub struct Beginning {
    pub first: Vec<Said>,
    pub events: Subscription,
}

/// A message, and the event it tells of.
pub struct Said {
    pub message: Option<Message>,
    pub text: Bytes,
}

impl Listener {
    /// Takes the ticket and a place.
    pub async fn by_ticket(app: App, query: LiveQuery) -> Result<Self, Problem> {
        let session = redeem(&app, query.ticket.as_deref()).await?;
        Self::new(app, session, query).await
    }

    pub async fn new(app: App, session: Arc<Session>, query: LiveQuery) -> Result<Self, Problem> {
        let tenant = session.scope.tenant_id();
        RequestContext::set_tenant(tenant);
        rate::take_read(&app, &session.scope).await.map_err(|problem| too_much(&app, &session, problem))?;
        if let Err(problem) = guard::check(&session.scope, Permission::ReadEvents, Resource::Any) {
            let refused = json!({ "method": "GET" });
            app.store.tenant(&session.scope).record_audit("access.denied", LIVE_EVENTS, refused).await?;
            RequestContext::refusal_is_kept();
            return Err(problem);
        }
        let after = query.after.filter(|after| !after.is_empty()).map(|after| event_id(&after)).transpose()?;
        let topics = query.types.filter(|types| !types.is_empty()).map(|types| topics(&types)).transpose()?;
        let seen = app.sessions.moment(tenant);
        let place = app.sockets.take(tenant).ok_or_else(|| {
            let detail = "this tenant has as many live connections open as it may";
            let next_step = "close one, for example another tab";
            let problem = Problem::new(StatusCode::TOO_MANY_REQUESTS, "too_many_sockets", detail, next_step);
            too_much(&app, &session, problem.retry_after(30))
        })?;
        Ok(Self { app, session, after, topics, seen, _place: place })
    }

    /// Begins to listen. The state is told first, and what happened since `after` next.
    pub async fn begin(&self) -> Result<Beginning, Problem> {
        let mut events = self.app.broker.tenant(&self.session.scope).subscribe(self.after).await;
        // What is kept is taken before the state is read: the state contains it, and what comes later is told later.
        let kept: Vec<Message> = std::iter::from_fn(|| events.try_next()).collect();
        let mut first = Vec::new();
        if self.wants_topic(Topic::StateUpdate) {
            let picture = self.app.dcl.tenant(&self.session.scope).state().await.map_err(Problem::from)?;
            let text = message::present_state(&picture.state, self.app.clock.now());
            first.push(Said { message: None, text });
        }
        let kept = kept.into_iter().filter(|told| !message::is_state(told) && self.wants(told));
        first.extend(kept.map(|told| self.say(told)));
        Ok(Beginning { first, events })
    }

    pub fn say(&self, message: Message) -> Said {
        let text = message::told(&message, self.app.clock.now());
        Said { message: Some(message), text }
    }

    pub fn wants(&self, message: &Message) -> bool {
        match message {
            Message::Event(event) => self.wants_topic(event.topic),
            Message::Lagged { .. } => true,
        }
    }

    fn wants_topic(&self, topic: Topic) -> bool {
        self.topics.as_ref().is_none_or(|topics| topics.contains(&topic))
    }

    /// Tells whether the one who listens still may. Listening outlives the moment in which it began, so this is asked again, now and then and
    /// whenever somebody's rights in the tenant have changed. A store that does not answer ends nobody's listening.
    pub async fn still_may(&mut self) -> bool {
        if self.session.is_over(self.app.clock.now()) {
            return false;
        }
        let now = self.app.sessions.moment(self.session.scope.tenant_id());
        match crate::middleware::auth::stand_anew(&self.app, &self.session).await {
            Ok(session) => {
                self.seen = now;
                guard::check(&session.scope, Permission::ReadEvents, Resource::Any).is_ok()
            }
            Err(problem) => problem.status() != StatusCode::UNAUTHORIZED,
        }
    }

    /// Tells whether somebody's rights in the tenant have changed since they were looked at.
    pub fn rights_changed(&self) -> bool {
        self.app.sessions.moment(self.session.scope.tenant_id()) != self.seen
    }
}

/// Has it written down that someone who is known asks for too much.
fn too_much(app: &App, session: &Session, problem: Problem) -> Problem {
    app.denials.count_known(&session.scope, LIVE_EVENTS, problem.code());
    RequestContext::refusal_is_kept();
    problem
}

async fn redeem(app: &App, ticket: Option<&str>) -> Result<Arc<Session>, Problem> {
    let refused = |detail| {
        Problem::unauthorized(
            "invalid_ticket",
            detail,
            "ask for a ticket with POST /api/v1/auth/ws-ticket and use it once, soon",
        )
    };
    let ticket = ticket.ok_or_else(|| refused("listening begins with a ticket, and there is none"))?;
    let claims = app.keys.verify(ticket, Audience::WebSocket, app.clock.now());
    let claims = claims.map_err(|_| refused("the ticket is not one that this server gave out, or it has expired"))?;
    // Only what is still there to be taken is good: a broker that forgot lets nobody in twice.
    let taken = app.broker.system().redeem_ticket(claims.once.as_deref().unwrap_or_default()).await;
    if stands(Guard::Ticket) && taken.is_none_or(|(tenant, ..)| tenant != claims.tenant) {
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

fn topics(text: &str) -> Result<BTreeSet<Topic>, Problem> {
    let named = |name: &str| Topic::ALL.into_iter().find(|topic| topic.as_str() == name);
    text.split(',').map(str::trim).map(|name| named(name).ok_or_else(|| unknown_topic(name))).collect()
}

fn unknown_topic(name: &str) -> Problem {
    let known = Topic::ALL.map(Topic::as_str).join(", ");
    Problem::bad_request(
        "unknown_event_type",
        format!("there is no type of event called `{name}`"),
        format!("leave `types` out, or name some of {known}"),
    )
}
