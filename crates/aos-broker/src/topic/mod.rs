//! Live events of a tenant: told to every subscriber in every process, and kept for a while for those who come back.

pub(crate) mod log;
mod subscription;

pub use subscription::Subscription;

use crate::{Result, TenantBroker, lock};
use bytes::Bytes;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use std::sync::{Arc, OnceLock};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
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
    /// A page of a stream was read and its raw records are kept.
    Ingested,
    /// Canonical events were made of a page, or rejections.
    Canonicalized,
    /// The rows of a page's events hold.
    Materialized,
    /// The unified views show what was materialized.
    Viewed,
    /// A run is over and its ledger is closed.
    Journaled,
    /// Tasks were enqueued, have begun, logged something, moved on or ended.
    TaskChanged,
    /// What is proposed to be connected has come further, or something stands in its way.
    Intent,
    /// A source is not as it was accepted, what waits for a decision has changed, or a repair was applied or undone.
    Drift,
    /// Most columns of a source are known before it is mapped: somebody may say whether a model is asked about the others.
    RagCoverageCheck,
    /// Something that a person of the tenant should look at, such as an endpoint that was switched off.
    Notice,
}

impl Topic {
    pub const ALL: [Self; 14] = [
        Self::MappingProgress,
        Self::Narration,
        Self::SourcesConnected,
        Self::StateUpdate,
        Self::Ingested,
        Self::Canonicalized,
        Self::Materialized,
        Self::Viewed,
        Self::Journaled,
        Self::TaskChanged,
        Self::Intent,
        Self::Drift,
        Self::RagCoverageCheck,
        Self::Notice,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::MappingProgress => "mapping_progress",
            Self::Narration => "narration",
            Self::SourcesConnected => "sources_connected",
            Self::StateUpdate => "state_update",
            Self::Ingested => "ingested",
            Self::Canonicalized => "canonicalized",
            Self::Materialized => "materialized",
            Self::Viewed => "viewed",
            Self::Journaled => "journaled",
            Self::TaskChanged => "task_changed",
            Self::Intent => "intent",
            Self::Drift => "drift",
            Self::RagCoverageCheck => "rag_coverage_check",
            Self::Notice => "notice",
        }
    }
}

/// Grows within a tenant, also over a restart of the process or of Redis.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct EventId(pub u64);

#[derive(Debug, Clone)]
pub struct Event {
    pub id: EventId,
    pub topic: Topic,
    pub at: DateTime<Utc>,
    pub payload: Box<RawValue>,
    said: OnceLock<Bytes>,
}

impl Event {
    pub(crate) fn new(id: EventId, topic: Topic, at: DateTime<Utc>, payload: Box<RawValue>) -> Self {
        Self { id, topic, at, payload, said: OnceLock::new() }
    }

    /// Returns the event as JSON text on one line: `{type, id, at, data}`, the id as text because it is a name and not a number.
    ///
    /// It is written once, however many are told.
    pub fn said(&self) -> Bytes {
        let write = || {
            #[derive(Serialize)]
            struct Said<'e> {
                r#type: Topic,
                id: String,
                at: DateTime<Utc>,
                data: &'e RawValue,
            }
            let said = Said { r#type: self.topic, id: self.id.0.to_string(), at: self.at, data: &self.payload };
            Bytes::from(serde_json::to_vec(&said).expect("an event is always JSON"))
        };
        self.said.get_or_init(write).clone()
    }
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
