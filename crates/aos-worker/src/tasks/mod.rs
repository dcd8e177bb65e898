//! The kinds of tasks, one file each. What their payloads hold is said in `aos_core::kind`.

mod callback;
mod connect;
mod discover;
#[cfg(feature = "fault-points")]
mod effect;
mod ingest_document;
mod noop;
mod onboard;
mod prod_mode;
mod remap;
mod reset;
mod review_due;
mod review_told;
mod run_agent;
mod slack;
mod sync;
mod unify;
pub(crate) mod watch;

pub use discover::{AodClient, AodSettings};

use crate::context::TaskContext;
use crate::handler::{Registry, TaskError, with_causes};
use aos_ai::knowledge::KnowledgeBase;
use aos_ai::models::Models;
use aos_broker::{Broker, Topic};
use aos_dcl::Dcl;
use aos_net::schedule;
use std::time::Duration;

/// What the handlers of this crate work with.
pub struct TaskParts {
    pub dcl: Dcl,
    pub net: aos_net::Client,
    pub broker: Broker,
    /// None when the operator has named no AOD service.
    pub aod: Option<AodClient>,
    pub knowledge: KnowledgeBase,
    /// The models that tenants have chosen.
    pub models: Models,
}

/// Returns every handler of this crate; workers that have them also look at watched files.
pub fn registry(parts: &TaskParts) -> Registry {
    let TaskParts { dcl, net, broker, aod, knowledge, models } = parts;
    let registry = Registry::default();
    #[cfg(feature = "fault-points")]
    let registry = registry.with(effect::Effect);
    registry
        .watching(dcl.clone())
        .with(noop::Noop)
        .with(connect::Connect { dcl: dcl.clone() })
        .with(sync::Sync { dcl: dcl.clone() })
        .with(remap::Remap { dcl: dcl.clone() })
        .with(onboard::Onboard { dcl: dcl.clone() })
        .with(unify::Unify { dcl: dcl.clone() })
        .with(reset::Reset { dcl: dcl.clone() })
        .with(ingest_document::IngestDocument { knowledge: knowledge.clone() })
        .with(ingest_document::EmbedDocument { knowledge: knowledge.clone() })
        .with(review_due::ReviewDue { dcl: dcl.clone() })
        .with(run_agent::RunAgent { dcl: dcl.clone(), models: models.clone() })
        .with(review_told::ReviewTold { dcl: dcl.clone() })
        .with(prod_mode::ProdMode { dcl: dcl.clone() })
        .with(discover::DiscoverHandler::new(aod.clone(), aos_dcl::agents::shipped()))
        .with(callback::Callback { net: net.clone(), broker: broker.clone() })
        .with(slack::Slack { net: net.clone(), broker: broker.clone() })
}

/// Says what went wrong in the data connection layer, and whether trying again may help.
fn of_dcl(error: aos_dcl::Error) -> TaskError {
    use aos_dcl::Error;
    let message = with_causes(&error);
    match error {
        // What the person has to change first.
        Error::NotFound(_)
        | Error::Paused { .. }
        | Error::SafeMode { .. }
        | Error::Intent(_)
        | Error::UnknownAgent { .. }
        | Error::UnknownEntity { .. }
        | Error::Ontology(_) => TaskError::permanent(message),
        _ => TaskError::retryable(message),
    }
}

/// Puts a delivery off, to the time that its schedule or the endpoint names.
fn deliver_later(context: &TaskContext, after: Option<Duration>, reason: String) -> TaskError {
    let now = context.clock().now();
    match schedule::next_attempt(&context.fence().task.to_string(), context.attempt(), now, after) {
        Some(at) => TaskError::retryable_in(reason, (at - now).to_std().unwrap_or_default()),
        None => TaskError::permanent(reason),
    }
}

/// Shows a person of the tenant what they should look at. That nobody could be shown is no reason to fail: the audit trail has it.
async fn notify(broker: &Broker, context: &TaskContext, notice: serde_json::Value) {
    if let Err(error) = broker.tenant(context.scope()).publish(Topic::Notice, notice).await {
        tracing::warn!(%error, "a notice could not be shown: {error}");
    }
}
