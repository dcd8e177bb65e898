//! Topics: one bounded log of recent events per tenant, read by any number of subscribers at their own speed. A subscriber
//! that is too slow, or comes back too late, is told what it missed; it never holds anything up.

use crate::{Error, Result, lock};
use aos_core::TenantId;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex};
use tokio::sync::watch;

/// Kept per tenant for those who come back: so many events, of so many bytes together.
const MAX_EVENTS: usize = 1000;
const MAX_BYTES: usize = 8 * 1024 * 1024;
const MAX_EVENT_BYTES: usize = 4 * 1024 * 1024;
/// Logs nobody follows are forgotten when there are more.
const MAX_LOGS: usize = 1024;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Topic {
    /// A step of connecting a source: a table read, matched, landed.
    MappingProgress,
    /// A line of what is being done, for people.
    Narration,
    /// A connect run has ended.
    SourcesConnected,
    /// The tenant's graph has changed.
    StateUpdate,
}

/// Grows within a tenant, also over a restart of the process.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct EventId(pub u64);

#[derive(Debug, Clone, Serialize)]
pub struct Event {
    pub id: EventId,
    #[serde(rename = "type")]
    pub topic: Topic,
    pub at: DateTime<Utc>,
    /// Written once, however many read it.
    pub payload: Box<RawValue>,
}

#[derive(Debug, Clone)]
pub enum Message {
    Event(Arc<Event>),
    /// Events went by that are not kept any more; what they told must be read anew. `None` when nobody knows how many.
    Lagged {
        missed: Option<u64>,
    },
}

/// A tenant's recent events.
pub(crate) struct Log {
    recent: Mutex<Recent>,
    /// The last event's id, to wake subscribers.
    last: watch::Sender<u64>,
}

struct Recent {
    events: VecDeque<Arc<Event>>,
    bytes: usize,
    /// The id before this log's first: of what was before nothing is known.
    beginning: u64,
    last: u64,
}

#[derive(Default)]
pub(crate) struct Topics {
    logs: HashMap<TenantId, Arc<Log>>,
}

/// Writes a payload as it will be sent.
pub(crate) fn raw(payload: &serde_json::Value) -> Result<Box<RawValue>> {
    let text = payload.to_string();
    if text.len() > MAX_EVENT_BYTES {
        return Err(Error::TooLarge { size: text.len(), limit: MAX_EVENT_BYTES });
    }
    Ok(RawValue::from_string(text).expect("a JSON value writes itself as JSON"))
}

impl Topics {
    pub(crate) fn log(&mut self, tenant: TenantId, now: DateTime<Utc>) -> Arc<Log> {
        if !self.logs.contains_key(&tenant) && self.logs.len() >= MAX_LOGS {
            self.logs.retain(|_, log| Arc::strong_count(log) > 1);
        }
        self.logs.entry(tenant).or_insert_with(|| Arc::new(Log::beginning_at(now))).clone()
    }
}

impl Log {
    /// Begins at an id that is greater than any given before: ids count up from the microsecond of the log's beginning.
    fn beginning_at(now: DateTime<Utc>) -> Self {
        let beginning = u64::try_from(now.timestamp_micros()).unwrap_or_default();
        let recent = Recent { events: VecDeque::new(), bytes: 0, beginning, last: beginning };
        Self { recent: Mutex::new(recent), last: watch::Sender::new(beginning) }
    }

    pub(crate) fn publish(&self, topic: Topic, payload: Box<RawValue>, at: DateTime<Utc>) -> EventId {
        let mut recent = lock(&self.recent);
        let id = EventId(recent.last + 1);
        recent.bytes += payload.get().len();
        recent.last = id.0;
        recent.events.push_back(Arc::new(Event { id, topic, at, payload }));
        while recent.events.len() > MAX_EVENTS || recent.bytes > MAX_BYTES {
            let Some(oldest) = recent.events.pop_front() else { break };
            recent.bytes -= oldest.payload.get().len();
        }
        self.last.send_replace(id.0);
        id
    }
}

impl Recent {
    /// Returns what follows an id, and the id to go on from; `None` when there is nothing yet.
    fn after(&self, id: u64) -> Option<(Message, u64)> {
        if id < self.beginning || id > self.last {
            return Some((Message::Lagged { missed: None }, self.before_oldest()));
        }
        if id == self.last {
            return None;
        }
        let oldest = self.before_oldest() + 1;
        if id + 1 < oldest {
            return Some((Message::Lagged { missed: Some(oldest - 1 - id) }, oldest - 1));
        }
        let event = self.events.get(usize::try_from(id + 1 - oldest).ok()?)?;
        Some((Message::Event(event.clone()), id + 1))
    }

    fn before_oldest(&self) -> u64 {
        self.last - self.events.len() as u64
    }
}

/// One reader of a tenant's events.
pub struct Subscription {
    log: Arc<Log>,
    last: watch::Receiver<u64>,
    read: u64,
}

impl Subscription {
    pub(crate) fn new(log: Arc<Log>, after: Option<EventId>) -> Self {
        let last = log.last.subscribe();
        let read = after.map_or_else(|| lock(&log.recent).last, |id| id.0);
        Self { log, last, read }
    }

    /// Waits for the next event. Dropping the future loses nothing.
    pub async fn next(&mut self) -> Message {
        loop {
            // Seen before looking, so that an event between the look and the wait wakes us.
            self.last.mark_unchanged();
            if let Some(message) = self.try_next() {
                return message;
            }
            self.last.changed().await.expect("the log is held by this subscription");
        }
    }

    /// Returns the next event when there is one already.
    pub fn try_next(&mut self) -> Option<Message> {
        let (message, read) = lock(&self.log.recent).after(self.read)?;
        self.read = read;
        Some(message)
    }
}
