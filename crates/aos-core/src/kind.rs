//! What tasks there are: the name of each kind, the payload it takes, and what its payload must hold to.
//!
//! Whoever enqueues a task checks its payload here, the worker reads it here; so both speak of the same thing. How a kind is done is
//! the worker's business.

use crate::id::{IntentId, TaskId};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

/// The right that a tenant's orchestration jobs (connect, reset, production mode) take, so that one of them runs at a time.
pub const AOA: &str = "aoa";

pub const NOOP: &str = "noop";
pub const CONNECT: &str = "connect";
/// Reads one connection.
pub const SYNC: &str = "sync";
pub const RESET: &str = "reset";
pub const PROD_MODE: &str = "prod_mode";
pub const DISCOVER: &str = "discover";
pub const SLACK: &str = "slack";
/// Finds the records that are one thing.
pub const UNIFY: &str = "unify";
/// Has a pilot look at the unified picture.
pub const RUN_AGENT: &str = "run_agent";
/// Tells a task's end to its `callback_url`. Enqueued with that end, never by hand.
pub const CALLBACK: &str = "callback";

/// Looks into what is proposed to be connected. Enqueued with the proposal, never by hand.
pub const ONBOARD: &str = "onboard";

/// Maps raw records of a stream anew. Enqueued with the change of its mapping, never by hand.
pub const REMAP: &str = "remap";
/// Looks at an item of the review queue that nobody has decided. Enqueued with the item, never by hand.
pub const REVIEW_DUE: &str = "review_due";
/// Says what has become of an item of the review queue that nobody decided; its end is told to whom the tenant named. Never enqueued by hand.
pub const REVIEW_TOLD: &str = "review_told";

/// Reads a document at a URL into the knowledge base. Enqueued where that is asked for, never by hand.
pub const INGEST_DOCUMENT: &str = "ingest_document";
/// Makes the vectors of a document. Enqueued with the document, never by hand.
pub const EMBED_DOCUMENT: &str = "embed_document";

/// Leaves a row behind that the crash test counts; see `fault`.
#[cfg(feature = "fault-points")]
pub const EFFECT: &str = "effect";

/// The kinds that anyone who may run tasks can enqueue.
pub const OPEN: [&str; 9] = [NOOP, CONNECT, SYNC, RESET, PROD_MODE, DISCOVER, SLACK, UNIFY, RUN_AGENT];

/// Wakes workers: there is something to claim. Whoever enqueues tells it after the commit.
pub const WAKE: &str = "tasks";
/// Wakes workers: something that runs is to be stopped. Whoever cancels tells it after the commit.
pub const WAKE_CANCELED: &str = "tasks_canceled";

const NAMES_MAX: usize = 1000;
const SLEEP_MS_MAX: u64 = 60 * 60 * 1000;
const SLACK_TEXT_CHARS_MAX: usize = 40_000;
const QUERY_CHARS_MAX: usize = 2000;
const RESULTS_MAX: u32 = 100;
const AGENT_ID_CHARS_MAX: usize = 64;

/// Does nothing, after a while: for probes and benchmarks.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Noop {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sleep_ms: Option<u64>,
}

/// Reads the sources, maps and unifies them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(as = ConnectRequest, example = json!({ "sources": ["salesforce"], "agents": ["revops_pilot"] })))]
#[serde(deny_unknown_fields)]
pub struct Connect {
    /// Names or ids of connections; all of the tenant's when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sources: Option<Vec<String>>,
    /// Agents that consume the result; the choice made before when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agents: Option<Vec<String>>,
}

/// Reads one connection: what is new, everything, or its keys.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sync {
    /// Name or id of the connection.
    pub connection: String,
    #[serde(default)]
    pub mode: SyncMode,
    /// Only these streams; all of them when there are none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub streams: Vec<String>,
    /// For a backfill of one stream: only these of its columns, added to what is held. All of them when there are none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub columns: Vec<String>,
    /// Whether it is meant that most records of a stream are gone: what a read did not meet is then deleted, however much it is.
    #[serde(default)]
    pub accept_loss: bool,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum SyncMode {
    /// What is new since the last read; everything where the source cannot tell.
    #[default]
    Incremental,
    /// Everything, from the start. What is not met is gone.
    Full,
    /// Everything again, for a column that was not there when its records were read. No cursor moves, and nothing is deleted.
    Backfill,
    /// The keys only: what is not met is gone.
    Keys,
}

impl SyncMode {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Incremental => "incremental",
            Self::Full => "full",
            Self::Backfill => "backfill",
            Self::Keys => "keys",
        }
    }
}

/// How often a sync is tried where nobody says otherwise: a source that takes no more requests, and a read that waits to be confirmed, put it off.
pub const SYNC_ATTEMPTS: u32 = 50;

/// Names the right that a sync takes, so that one connection is read by one task at a time.
pub fn sync_right(connection: crate::ConnectionId) -> String {
    format!("sync:{connection}")
}

/// Finds the records of different connections that are one thing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(as = UnifyRequest, example = json!({ "entities": ["contact"], "refit": false })))]
#[serde(deny_unknown_fields)]
pub struct Unify {
    /// The entities to resolve; all that have fields to tell things by when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entities: Option<Vec<String>>,
    /// Whether the model is to be fitted anew, although there is one that fits the number of records.
    #[serde(default)]
    pub refit: bool,
}

/// Has a pilot look at the unified picture and write down what it finds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RunAgent {
    /// The id of the pilot.
    pub agent: String,
    /// Whether what is new is told to the tenant's Slack.
    #[serde(default)]
    pub digest: bool,
}

/// Clears what is derived from the sources.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reset {}

/// Says whether the tenant runs in production mode, in which no language model is asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(as = ProductionMode, example = json!({ "enabled": true })))]
#[serde(deny_unknown_fields)]
pub struct ProdMode {
    pub enabled: bool,
}

/// Posts a message to the tenant's Slack webhook.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Slack {
    pub text: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel: Option<String>,
}

/// Asks the AOD service what there is in the organisation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(as = DiscoverRequest, example = json!({ "nlp_query": "Which systems hold our cloud cost?", "max_results": 10 })))]
#[serde(deny_unknown_fields)]
pub struct Discover {
    /// The question, in words.
    #[cfg_attr(
        feature = "openapi",
        schema(min_length = 1, max_length = 2000, example = "Which systems hold our cloud cost?")
    )]
    pub nlp_query: String,
    /// What to look for; everything when left out.
    #[serde(default = "DiscoveryType::all")]
    pub discovery_types: Vec<DiscoveryType>,
    /// What else the service should know.
    #[serde(default)]
    pub context: Map<String, Value>,
    #[serde(default = "ten")]
    #[cfg_attr(feature = "openapi", schema(minimum = 1, maximum = 100))]
    pub max_results: u32,
    /// Results that are less sure are left out.
    #[serde(default = "seventy_percent")]
    #[cfg_attr(feature = "openapi", schema(minimum = 0, maximum = 1))]
    pub min_confidence: f64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum DiscoveryType {
    EntityMapping,
    DataSourceDiscovery,
    SchemaAnalysis,
    RelationshipDiscovery,
}

/// Tells the end of a task, as it was after this attempt, to its `callback_url`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Callback {
    pub task_id: TaskId,
    pub attempt: u32,
}

/// Takes an intent as far as it goes without a decision.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Onboard {
    pub intent: IntentId,
}

/// Names the right that looking into an intent takes, so that one task does it at a time.
pub fn onboard_right(intent: IntentId) -> String {
    format!("onboard:{intent}")
}

/// Names the re-mapping that is to be done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Remap {
    pub remap: uuid::Uuid,
}

/// Names the item of the review queue that is to be looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReviewDue {
    pub review: uuid::Uuid,
}

/// Names the item of the review queue that others are told about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReviewTold {
    pub review: uuid::Uuid,
}

/// Reads a document at a URL, cuts it into chunks and keeps them in place of what was read there before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IngestDocument {
    pub url: String,
    /// What it is called; what the document says of itself when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
    /// The least role that may see it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub least_role: Option<crate::Role>,
    /// Whether personal data is taken out before anything is kept.
    pub redact_pii: bool,
    /// How long a chunk may be, in tokens.
    pub chunk_tokens_max: u32,
}

/// Names the document whose vectors are to be made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EmbedDocument {
    pub document: uuid::Uuid,
}

/// Works for so long, half of it before its effect and half after, and fails in its first attempts.
#[cfg(feature = "fault-points")]
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Effect {
    pub work_ms: u64,
    pub failures: u32,
}

/// Why a task of this kind with this payload cannot be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    #[error("there is no task kind `{kind}`; use one of {}", OPEN.join(", "))]
    Unknown { kind: String },
    #[error("tasks of kind `{kind}` are not enqueued by hand; use one of {}", OPEN.join(", "))]
    Internal { kind: String },
    #[error("the payload does not fit a task of kind `{kind}`: {why}")]
    Payload { kind: String, why: String },
}

impl DiscoveryType {
    pub fn all() -> Vec<Self> {
        vec![Self::EntityMapping, Self::DataSourceDiscovery, Self::SchemaAnalysis, Self::RelationshipDiscovery]
    }
}

/// Returns the exclusive right that a task of this kind needs, if any.
pub fn exclusive(kind: &str) -> Option<&'static str> {
    matches!(kind, CONNECT | RESET | PROD_MODE).then_some(AOA)
}

/// Returns the kind that an action of the task API names.
pub fn of_action(action: &str) -> &str {
    match action {
        "post_to_slack" => SLACK,
        "aoa_connect" => CONNECT,
        "aoa_reset" => RESET,
        "aoa_toggle_dev_mode" | "aoa_prod_mode" => PROD_MODE,
        "aoa_discover" => DISCOVER,
        other => other,
    }
}

/// Returns the payload as the worker reads it, with what was left out filled in, or says why it cannot be.
pub fn checked(kind: &str, payload: Value) -> Result<Value, Error> {
    let payload = if payload.is_null() { json!({}) } else { payload };
    let refuse = |why: String| Error::Payload { kind: kind.to_owned(), why };
    if !payload.is_object() {
        return Err(refuse("it is not a JSON object".to_owned()));
    }
    match kind {
        NOOP => {
            let noop: Noop = read(kind, payload)?;
            if noop.sleep_ms.is_some_and(|sleep| sleep > SLEEP_MS_MAX) {
                return Err(refuse(format!("sleep_ms is at most {SLEEP_MS_MAX}")));
            }
            Ok(json!(noop))
        }
        CONNECT => {
            let connect: Connect = read(kind, payload)?;
            if [&connect.sources, &connect.agents].into_iter().flatten().any(|names| names.len() > NAMES_MAX) {
                return Err(refuse(format!("at most {NAMES_MAX} sources or agents can be named")));
            }
            Ok(json!(connect))
        }
        SYNC => {
            let sync: Sync = read(kind, payload)?;
            if sync.connection.is_empty() {
                return Err(refuse("connection names the connection to read".to_owned()));
            }
            if sync.streams.len() > NAMES_MAX {
                return Err(refuse(format!("at most {NAMES_MAX} streams can be named")));
            }
            if sync.columns.len() > NAMES_MAX {
                return Err(refuse(format!("at most {NAMES_MAX} columns can be named")));
            }
            if !sync.columns.is_empty() && (sync.mode != SyncMode::Backfill || sync.streams.len() != 1) {
                return Err(refuse("columns are for the mode backfill, and of one stream".to_owned()));
            }
            Ok(json!(sync))
        }
        UNIFY => {
            let unify: Unify = read(kind, payload)?;
            if unify.entities.as_ref().is_some_and(|entities| entities.len() > NAMES_MAX) {
                return Err(refuse(format!("at most {NAMES_MAX} entities can be named")));
            }
            Ok(json!(unify))
        }
        RUN_AGENT => {
            let run: RunAgent = read(kind, payload)?;
            if !(1..=AGENT_ID_CHARS_MAX).contains(&run.agent.chars().count()) {
                return Err(refuse(format!("agent has 1 to {AGENT_ID_CHARS_MAX} characters")));
            }
            Ok(json!(run))
        }
        RESET => Ok(json!(read::<Reset>(kind, payload)?)),
        PROD_MODE => Ok(json!(read::<ProdMode>(kind, payload)?)),
        SLACK => {
            let slack: Slack = read(kind, payload)?;
            if !(1..=SLACK_TEXT_CHARS_MAX).contains(&slack.text.chars().count()) {
                return Err(refuse(format!("text has 1 to {SLACK_TEXT_CHARS_MAX} characters")));
            }
            Ok(json!(slack))
        }
        DISCOVER => {
            let discover: Discover = read(kind, payload)?;
            discover.check().map_err(refuse)?;
            Ok(json!(discover))
        }
        CALLBACK | ONBOARD | REMAP | REVIEW_DUE | REVIEW_TOLD | INGEST_DOCUMENT | EMBED_DOCUMENT => {
            Err(Error::Internal { kind: kind.to_owned() })
        }
        #[cfg(feature = "fault-points")]
        EFFECT => Ok(json!(read::<Effect>(kind, payload)?)),
        other => Err(Error::Unknown { kind: other.to_owned() }),
    }
}

impl Discover {
    fn check(&self) -> Result<(), String> {
        if !(1..=QUERY_CHARS_MAX).contains(&self.nlp_query.chars().count()) {
            return Err(format!("nlp_query has 1 to {QUERY_CHARS_MAX} characters"));
        }
        if self.discovery_types.is_empty() {
            return Err("discovery_types names at least one, or is left out".to_owned());
        }
        if !(1..=RESULTS_MAX).contains(&self.max_results) {
            return Err(format!("max_results is 1 to {RESULTS_MAX}"));
        }
        if !(0.0..=1.0).contains(&self.min_confidence) {
            return Err("min_confidence is 0 to 1".to_owned());
        }
        Ok(())
    }
}

fn read<T: DeserializeOwned>(kind: &str, payload: Value) -> Result<T, Error> {
    serde_json::from_value(payload).map_err(|error| Error::Payload { kind: kind.to_owned(), why: error.to_string() })
}

fn ten() -> u32 {
    10
}

fn seventy_percent() -> f64 {
    0.7
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_open_kind_has_a_payload_and_only_those() {
        let payloads = [
            (NOOP, Value::Null),
            (CONNECT, json!({ "sources": ["crm"] })),
            (SYNC, json!({ "connection": "crm", "mode": "full" })),
            (RESET, json!({})),
            (PROD_MODE, json!({ "enabled": true })),
            (DISCOVER, json!({ "nlp_query": "cloud cost" })),
            (SLACK, json!({ "text": "done" })),
            (UNIFY, json!({ "entities": ["contact"] })),
            (RUN_AGENT, json!({ "agent": "finops_pilot" })),
        ];
        assert_eq!(payloads.each_ref().map(|(kind, _)| *kind), OPEN);
        for (kind, payload) in payloads {
            let checked_once = checked(kind, payload).expect(kind);
            assert_eq!(checked(kind, checked_once.clone()), Ok(checked_once), "{kind}");
        }
        for internal in [CALLBACK, ONBOARD, REMAP, REVIEW_DUE, REVIEW_TOLD, INGEST_DOCUMENT, EMBED_DOCUMENT] {
            assert!(matches!(checked(internal, json!({})), Err(Error::Internal { .. })));
        }
        assert!(matches!(checked("sing", json!({})), Err(Error::Unknown { .. })));
    }

    #[test]
    fn a_payload_that_does_not_fit_its_kind_is_refused() {
        let long = "x".repeat(SLACK_TEXT_CHARS_MAX + 1);
        for (kind, payload) in [
            (NOOP, json!({ "sleep_ms": SLEEP_MS_MAX + 1 })),
            (NOOP, json!({ "unknown": 1 })),
            (CONNECT, json!({ "sources": "crm" })),
            (CONNECT, json!({ "sources": vec!["crm"; NAMES_MAX + 1] })),
            (SYNC, json!({ "connection": "" })),
            (SYNC, json!({ "connection": "crm", "mode": "sideways" })),
            (RUN_AGENT, json!({ "agent": "" })),
            (RESET, json!([])),
            (PROD_MODE, json!({})),
            (DISCOVER, json!({ "nlp_query": "" })),
            (DISCOVER, json!({ "nlp_query": "x", "max_results": 0 })),
            (DISCOVER, json!({ "nlp_query": "x", "min_confidence": 1.1 })),
            (DISCOVER, json!({ "nlp_query": "x", "discovery_types": [] })),
            (SLACK, json!({ "text": long })),
        ] {
            assert!(matches!(checked(kind, payload.clone()), Err(Error::Payload { .. })), "{kind} {payload:.80}");
        }
    }
}
