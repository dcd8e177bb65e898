//! Tells live what became of a page and of a run, after it was committed: nothing is told that did not happen. That nobody could be told
//! is no reason to fail what was done.

use aos_broker::{Broker, Topic};
use aos_core::ledger::{Outcome, Tally};
use aos_core::{ConnectionId, RunId, TenantScope};
use serde_json::{Value, json};

/// Whose page or run it is.
pub(crate) struct Stages<'s> {
    pub broker: &'s Broker,
    pub scope: &'s TenantScope,
    pub connection: ConnectionId,
    pub source: &'s str,
    pub run: RunId,
    pub trace_id: &'s str,
}

impl Stages<'_> {
    /// Tells of a page that was committed: its raw records, what was made of them, and the rows that hold.
    pub(crate) async fn page(&self, stream: &str, tally: &Tally) {
        self.tell(Topic::Ingested, stream, json!({ "records": tally.read })).await;
        let made = json!({
            "records": tally.landed + tally.duplicate, "duplicate": tally.duplicate, "filtered": tally.filtered, "rejected": tally.rejected,
        });
        self.tell(Topic::Canonicalized, stream, made).await;
        if tally.landed > 0 {
            self.tell(Topic::Materialized, stream, json!({ "records": tally.landed })).await;
        }
    }

    /// Tells that a run is over and its ledger closed.
    pub(crate) async fn journal(&self, outcome: Outcome, tally: &Tally, error: Option<&str>) {
        let closed = json!({
            "outcome": outcome, "read": tally.read, "landed": tally.landed, "duplicate": tally.duplicate,
            "filtered": tally.filtered, "rejected": tally.rejected, "balanced": tally.balanced(), "error": error,
        });
        self.publish(Topic::Journaled, closed).await;
    }

    async fn tell(&self, topic: Topic, stream: &str, mut data: Value) {
        data["stream"] = json!(stream);
        self.publish(topic, data).await;
    }

    pub(crate) async fn publish(&self, topic: Topic, mut data: Value) {
        data["connection_id"] = json!(self.connection);
        data["source"] = json!(self.source);
        data["run_id"] = json!(self.run);
        data["trace_id"] = json!(self.trace_id);
        if let Err(error) = self.broker.tenant(self.scope).publish(topic, data).await {
            tracing::warn!(tenant.id = %self.scope.tenant_id(), topic = topic.as_str(), %error, "an event could not be published: {error}");
        }
    }
}
