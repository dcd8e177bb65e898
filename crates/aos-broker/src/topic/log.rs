//! One bounded log of recent events per tenant: the only one there is, or this process's copy of the one in Redis.
//!
//! Ids count up by one within an *era*. An era begins at the microsecond in which the log was made, so that its ids are greater than
//! any given before. When a log begins anew (a restart, an emptied Redis, a time in which Redis was away), a new era begins, and who
//! read in the old one is told that something may have been missed.

use crate::topic::{Event, EventId, Message, Topic};
use crate::{Error, Result, lock};
use aos_core::TenantId;
use chrono::{DateTime, Utc};
use serde_json::value::RawValue;
use std::collections::{HashMap, VecDeque};
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex};
use tokio::sync::watch;

/// Kept per tenant for those who come back: so many events, of so many bytes together.
pub(crate) const MAX_EVENTS: usize = 1000;
pub(crate) const MAX_BYTES: usize = 8 * 1024 * 1024;
const MAX_EVENT_BYTES: usize = 4 * 1024 * 1024;
/// Logs nobody follows are forgotten when there are more.
const MAX_LOGS: usize = 1024;

/// A tenant's recent events.
pub(crate) struct Log {
    pub(super) recent: Mutex<Recent>,
    /// Wakes subscribers.
    pub(super) changed: watch::Sender<()>,
    /// Held while the log is compared with Redis, so that answers are applied in the order they were asked for.
    pub(crate) turn: tokio::sync::Mutex<()>,
    /// Set once somebody keeps this log equal to the one in Redis.
    pub(crate) followed: AtomicBool,
}

pub(super) struct Recent {
    events: VecDeque<Arc<Event>>,
    bytes: usize,
    /// The id before this era's first: of what was before nothing is known.
    beginning: u64,
    last: u64,
    /// The greatest id that anybody was told, in any era; none is 0.
    told: u64,
    /// Whether the era is the one in Redis.
    shared: bool,
}

/// What is known of an era in Redis; zeros when nothing is.
pub(crate) struct Known {
    pub(crate) beginning: u64,
    pub(crate) last: u64,
    pub(crate) told: u64,
}

/// A piece of the log in Redis: its era, its last id, and events in order.
pub(crate) struct Piece {
    pub(crate) beginning: u64,
    pub(crate) last: u64,
    pub(crate) events: Vec<Event>,
    /// Whether `events` reach to `last`.
    pub(crate) complete: bool,
}

#[derive(Default)]
pub(crate) struct Topics {
    logs: HashMap<TenantId, Arc<Log>>,
}

/// Writes a payload as it will be sent.
pub(super) fn raw(payload: &serde_json::Value) -> Result<Box<RawValue>> {
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

    /// Returns the greatest id that subscribers here were told; 0 when there are none.
    pub(super) fn told(&self, tenant: TenantId) -> u64 {
        self.logs.get(&tenant).map_or(0, |log| lock(&log.recent).told)
    }

    /// Forgets a tenant's log. Whoever follows it keeps what it has until it lets go.
    pub(crate) fn forget(&mut self, tenant: TenantId) {
        self.logs.remove(&tenant);
    }

    /// Forgets a log that nobody but its follower holds; returns whether it did.
    pub(crate) fn forget_unread(&mut self, tenant: TenantId, follower: &Arc<Log>) -> bool {
        const MAP_AND_FOLLOWER: usize = 2;
        let unread = Arc::strong_count(follower) <= MAP_AND_FOLLOWER;
        if unread {
            self.logs.remove(&tenant);
        }
        unread
    }
}

impl Log {
    fn beginning_at(now: DateTime<Utc>) -> Self {
        let beginning = micros(now);
        let (events, bytes, told, shared) = (VecDeque::new(), 0, 0, false);
        let recent = Recent { events, bytes, beginning, last: beginning, told, shared };
        Self {
            recent: Mutex::new(recent),
            changed: watch::Sender::new(()),
            turn: tokio::sync::Mutex::default(),
            followed: AtomicBool::new(false),
        }
    }

    /// Adds an event of this process. A log that was a copy of the one in Redis begins an era of its own.
    pub(super) fn publish(&self, topic: Topic, payload: Box<RawValue>, at: DateTime<Utc>) -> EventId {
        let mut recent = lock(&self.recent);
        if recent.shared {
            let beginning = micros(at).max(recent.told + 1);
            recent.restart(beginning);
            recent.shared = false;
        }
        let id = EventId(recent.last + 1);
        recent.push(Event::new(id, topic, at, payload));
        self.changed.send_replace(());
        id
    }

    pub(crate) fn known(&self) -> Known {
        let recent = lock(&self.recent);
        let (beginning, last) = if recent.shared { (recent.beginning, recent.last) } else { (0, 0) };
        Known { beginning, last, told: recent.told }
    }

    /// Makes this log equal to the one in Redis, as far as the piece goes.
    pub(crate) fn mirror(&self, piece: Piece) {
        let mut recent = lock(&self.recent);
        let before = (recent.beginning, recent.last);
        if !recent.shared || recent.beginning != piece.beginning {
            recent.restart(piece.beginning);
            recent.shared = true;
        }
        for event in piece.events {
            if event.id.0 > recent.last {
                recent.skip_to(event.id.0 - 1);
                recent.push(event);
            }
        }
        if piece.complete {
            recent.skip_to(piece.last);
        }
        if before != (recent.beginning, recent.last) {
            self.changed.send_replace(());
        }
    }
}

impl Recent {
    pub(super) fn last(&self) -> u64 {
        self.last
    }

    /// Returns what follows an id, and the id to go on from; `None` when there is nothing yet.
    pub(super) fn after(&self, id: u64) -> Option<(Message, u64)> {
        if id < self.beginning || id > self.last {
            return Some((Message::Lagged { missed: None }, self.before_oldest()));
        }
        if id == self.last {
            return None;
        }
        let before_oldest = self.before_oldest();
        if id < before_oldest {
            return Some((Message::Lagged { missed: Some(before_oldest - id) }, before_oldest));
        }
        let event = self.events.get(usize::try_from(id - before_oldest).ok()?)?;
        Some((Message::Event(event.clone()), id + 1))
    }

    fn before_oldest(&self) -> u64 {
        self.last - self.events.len() as u64
    }

    fn push(&mut self, event: Event) {
        self.bytes += event.payload.get().len();
        self.last = event.id.0;
        self.told = self.told.max(event.id.0);
        self.events.push_back(Arc::new(event));
        while self.events.len() > MAX_EVENTS || self.bytes > MAX_BYTES {
            let Some(oldest) = self.events.pop_front() else { break };
            self.bytes -= oldest.payload.get().len();
        }
    }

    fn restart(&mut self, beginning: u64) {
        self.events.clear();
        (self.bytes, self.beginning, self.last) = (0, beginning, beginning);
    }

    /// Goes on after an id whose events, and some before it, are not there any more; does nothing when none are missing.
    fn skip_to(&mut self, last: u64) {
        if last > self.last {
            self.events.clear();
            (self.bytes, self.last) = (0, last);
        }
    }
}

fn micros(at: DateTime<Utc>) -> u64 {
    u64::try_from(at.timestamp_micros()).unwrap_or_default()
}
