//! Live events of a tenant: told to every subscriber in every process, and kept for a while for those who come back.

pub(crate) mod log;
mod subscription;

pub use subscription::Subscription;

use crate::{Result, TenantBroker, lock};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use std::sync::Arc;

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
    /// Tasks have begun, moved on or ended.
    TaskChanged,
    /// Something that a person of the tenant should look at, such as an endpoint that was switched off.
    Notice,
}

/// Grows within a tenant, also over a restart of the process or of Redis.
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

impl TenantBroker<'_> {
    /// Tells every subscriber of this tenant, and keeps the event for those who come back soon.
    ///
    /// While Redis is away the event is told in this process only, and subscribers are told that others may have been missed. An
    /// event whose sending was cut short may be told twice.
    pub async fn publish(&self, topic: Topic, payload: serde_json::Value) -> Result<EventId> {
        let (payload, at) = (log::raw(&payload)?, self.inner.clock.now());
        let (tenant, topics) = (self.scope.tenant_id(), &self.inner.local.topics);
        if let Some(redis) = &self.inner.redis {
            let told = lock(topics).told(tenant);
            if let Ok(id) = redis.publish(tenant, topic, at, &payload, told).await {
                return Ok(id);
            }
        }
        Ok(lock(topics).log(tenant, at).publish(topic, payload, at))
    }

    /// Follows this tenant's events: those after `after` that are still kept, then new ones; new ones only without it.
    ///
    /// While Redis is away only what this process tells is followed; what the others told meanwhile is reported as a lag.
    pub async fn subscribe(&self, after: Option<EventId>) -> Subscription {
        let (tenant, topics) = (self.scope.tenant_id(), &self.inner.local.topics);
        let log = lock(topics).log(tenant, self.inner.clock.now());
        if let Some(redis) = &self.inner.redis {
            redis.follow(tenant, &log).await;
        }
        Subscription::new(log, after)
    }
}
