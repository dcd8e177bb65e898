//! `callback`: tells the end of a task to its `callback_url`, signed after Standard Webhooks, again and again over three days until it is taken.
//!
//! It is told at least once: the message's id stays the same through all attempts, so that a receiver can tell that it has it already.

use super::{deliver_later, notify};
use crate::context::TaskContext;
use crate::handler::{TaskError, TaskHandler};
use aos_broker::Broker;
use aos_core::kind;
use aos_net::Client;
use aos_net::delivery::{DeadEnd, Outcome};
use aos_net::webhook::{self, PAYLOAD_BYTES_MAX, Secret};
use aos_store::{CallbackEndpoint, CallbackResult, CallbackSecrets, Task};
use bytes::Bytes;
use serde::Serialize;
use serde_json::{Map, Value, json};

pub(super) struct Callback {
    pub net: Client,
    pub broker: Broker,
}

#[derive(Serialize)]
pub(super) struct Delivered {
    endpoint_id: uuid::Uuid,
    message_id: String,
}

impl TaskHandler for Callback {
    const KIND: &'static str = kind::CALLBACK;
    type Payload = kind::Callback;
    type Output = Delivered;

    async fn run(&self, context: &TaskContext, payload: Self::Payload) -> Result<Self::Output, TaskError> {
        let store = context.store();
        let Some(task) = store.task(payload.task_id).await? else {
            return Err(TaskError::permanent("the task that this callback tells about is not kept any more"));
        };
        let Some(url) = task.callback_url.clone() else {
            return Err(TaskError::permanent("the task that this callback tells about has no callback_url"));
        };
        let endpoint = store.ensure_callback_endpoint(&url).await?;
        if let Some(reason) = &endpoint.disabled_reason {
            return Err(TaskError::permanent(format!(
                "the endpoint is switched off: {reason}; enable it again with POST /api/v1/callbacks/{}/enable, then replay the task",
                endpoint.id
            )));
        }
        let secrets = store.ensure_callback_secrets(|| Secret::generate().reveal()).await?;
        let secrets = readable(&secrets, context)?;
        // A task that is replayed ends anew, and its end is a message of its own.
        let message_id = format!("{}_{}", task.id, payload.attempt);
        let net = self.net.tenant(context.scope());
        let outcome = webhook::post(&net, &url, &secrets, &message_id, body(&task)).await;
        aos_core::fault::point("callback.delivered");
        self.conclude(context, &endpoint, outcome).await?;
        aos_core::fault::point("callback.recorded");
        Ok(Delivered { endpoint_id: endpoint.id, message_id })
    }
}

impl Callback {
    async fn conclude(
        &self,
        context: &TaskContext,
        endpoint: &CallbackEndpoint,
        outcome: Outcome,
    ) -> Result<(), TaskError> {
        let (result, failure) = match &outcome {
            // The endpoint was not asked, so this is none of its failures.
            Outcome::Postponed { after, reason } => {
                return Err(deliver_later(context, Some(*after), reason.clone()));
            }
            Outcome::Delivered => (CallbackResult::Delivered, None),
            Outcome::Retry { after, reason } => {
                (CallbackResult::Failed(reason), Some(deliver_later(context, *after, reason.clone())))
            }
            Outcome::Dead { end: DeadEnd::Gone, reason } => {
                (CallbackResult::Gone(reason), Some(TaskError::permanent(reason.clone())))
            }
            Outcome::Dead { reason, .. } => {
                (CallbackResult::Failed(reason), Some(TaskError::permanent(reason.clone())))
            }
        };
        let task = context.fence().task;
        if context.store().record_callback(endpoint.id, task, result).await? {
            let message = format!("callbacks to {} were switched off", origin(&endpoint.url));
            tracing::warn!(endpoint.id = %endpoint.id, "{message}");
            let notice =
                json!({ "code": "callback_endpoint_disabled", "message": message, "endpoint_id": endpoint.id });
            notify(&self.broker, context, notice).await;
        }
        failure.map_or(Ok(()), Err)
    }
}

fn readable(secrets: &CallbackSecrets, context: &TaskContext) -> Result<Vec<Secret>, TaskError> {
    let read = secrets.valid_at(context.clock().now()).into_iter().map(Secret::parse).collect::<Result<_, _>>();
    read.map_err(|error| {
        TaskError::permanent(format!("the signing secret cannot be read: {error}; make a new one with POST /api/v1/callbacks/secret, then replay the task"))
    })
}

/// Writes what is told. What is too long to be sent is left out and said to be, so that the receiver fetches it.
fn body(task: &Task) -> Bytes {
    let mut body = Map::new();
    let mut put = |name: &str, value: Value| drop(body.insert(name.to_owned(), value));
    put("type", json!(format!("task.{}", task.state.as_str())));
    put("timestamp", json!(task.finished_at));
    put("id", json!(task.id));
    put("kind", json!(task.kind));
    put("status", json!(task.state));
    put("payload", task.payload.clone());
    put("result", json!(task.result));
    put("error", json!(task.error));
    put("callback_url", json!(task.callback_url));
    put("created_at", json!(task.created_at));
    put("updated_at", json!(task.finished_at));
    let mut omitted = Vec::new();
    for name in ["payload", "result"] {
        if json!(body).to_string().len() > PAYLOAD_BYTES_MAX {
            body.insert(name.to_owned(), Value::Null);
            omitted.push(name);
            body.insert("omitted".to_owned(), json!(omitted));
        }
    }
    Bytes::from(json!(body).to_string())
}

/// Names an endpoint without what may be secret in its URL.
fn origin(url: &str) -> String {
    aos_net::Url::parse(url).map_or_else(|_| "the endpoint".to_owned(), |url| url.origin().ascii_serialization())
}
