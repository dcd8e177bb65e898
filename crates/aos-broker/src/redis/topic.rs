//! A tenant's events in Redis: a stream of the recent ones, and a channel that says when there is another. Processes in which somebody
//! reads keep a copy of the stream; the channel carries no event, so a message that is lost or late changes nothing but the time.

use super::ear::Ear;
use super::link::{Away, Link};
use super::{Redis, keys};
use crate::local::Local;
use crate::lock;
use crate::topic::log::{Known, Log, MAX_BYTES, MAX_EVENTS, Piece};
use crate::topic::{Event, EventId, Topic};
use aos_core::TenantId;
use chrono::{DateTime, Utc};
use redis::Script;
use redis::streams::{StreamId, StreamRangeReply};
use serde_json::value::RawValue;
use std::sync::atomic::Ordering;
use std::sync::{Arc, LazyLock};
use std::time::Duration;
use tokio::sync::oneshot;

/// Events of a tenant in which nothing happens for so long are forgotten.
const LOG_TTL_MS: u64 = 24 * 3600 * 1000;
const PIECE_EVENTS: usize = 250;
/// The copy is compared so often even when nothing rings.
const COMPARE_EVERY: Duration = Duration::from_secs(30);

static PUBLISH: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("scripts/publish.lua")));
static FOLLOW: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("scripts/follow.lua")));

impl Redis {
    /// Adds an event. Its id is greater than `told`.
    pub(crate) async fn publish(
        &self,
        tenant: TenantId,
        topic: Topic,
        at: DateTime<Utc>,
        payload: &RawValue,
        told: u64,
    ) -> Result<EventId, Away> {
        let mut call = PUBLISH.key(keys::of(tenant, "events"));
        call.key(keys::of(tenant, "events:head")).arg(told).arg(LOG_TTL_MS).arg(keys::of(tenant, "events"));
        call.arg(topic.as_str()).arg(at.to_rfc3339()).arg(payload.get()).arg(MAX_EVENTS).arg(MAX_BYTES);
        self.link.invoke(&call).await.map(EventId)
    }

    /// Makes a log a copy of the one in Redis, and keeps it one for as long as somebody reads it.
    pub(crate) async fn follow(&self, tenant: TenantId, log: &Arc<Log>) {
        if !log.followed.swap(true, Ordering::SeqCst) {
            let (ready, listening) = oneshot::channel();
            let follower = Follower { link: self.link.clone(), local: self.local.clone(), tenant, log: log.clone() };
            let following = follower.follow(self.ear.clone(), ready);
            tokio::spawn(self.ended.clone().run_until_cancelled_owned(following));
            // An error says that the broker is being dropped.
            let _ = listening.await;
        }
        // When Redis is away the follower does it once Redis is back.
        let _ = compare(&self.link, tenant, log).await;
    }
}

/// Keeps one log equal to the one in Redis. A task of its own, so that a reader who goes away leaves nothing half done.
struct Follower {
    link: Arc<Link>,
    local: Arc<Local>,
    tenant: TenantId,
    log: Arc<Log>,
}

impl Follower {
    async fn follow(self, ear: Arc<Ear>, ready: oneshot::Sender<()>) {
        let mut bell = ear.listen(keys::of(self.tenant, "events")).await;
        let _ = ready.send(());
        loop {
            let _ = compare(&self.link, self.tenant, &self.log).await;
            let lapsed = tokio::time::timeout(COMPARE_EVERY, bell.rung()).await.is_err();
            if lapsed && lock(&self.local.topics).forget_unread(self.tenant, &self.log) {
                return;
            }
        }
    }
}

/// Fetches what the log does not have yet.
async fn compare(link: &Link, tenant: TenantId, log: &Log) -> Result<(), Away> {
    let _turn = log.turn.lock().await;
    loop {
        let Known { beginning, last, told } = log.known();
        let mut call = FOLLOW.key(keys::of(tenant, "events"));
        call.key(keys::of(tenant, "events:head")).arg(told).arg(LOG_TTL_MS).arg(keys::of(tenant, "events"));
        call.arg(beginning).arg(last).arg(PIECE_EVENTS);
        let (beginning, last, found): (u64, u64, StreamRangeReply) = link.invoke(&call).await?;
        let complete = found.ids.len() < PIECE_EVENTS;
        // What a newer version of this program wrote and we cannot read is missing from the copy, and its readers are told.
        let events = found.ids.iter().filter_map(event).collect();
        log.mirror(Piece { beginning, last, events, complete });
        if complete {
            return Ok(());
        }
    }
}

fn event(entry: &StreamId) -> Option<Event> {
    let id = EventId(entry.id.split('-').next()?.parse().ok()?);
    let topic = serde_json::from_value(entry.get::<String>("topic")?.into()).ok()?;
    let at = DateTime::parse_from_rfc3339(&entry.get::<String>("at")?).ok()?.with_timezone(&Utc);
    Some(Event::new(id, topic, at, RawValue::from_string(entry.get("payload")?).ok()?))
}
