//! Handlers: one per kind of task, looked up by the kind's name.

use crate::context::TaskContext;
use aos_dcl::Dcl;
use futures_util::future::{BoxFuture, FutureExt};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::collections::BTreeMap;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

/// Does the work of one kind of task.
///
/// An attempt may be cut off at any point and begun again, here or in another process, so a handler does nothing that must not be
/// done twice without [`TaskContext::store`], which refuses what a lost attempt writes. The future is dropped when the task is canceled or
/// its time is up; work on other threads looks at [`TaskContext::is_stopped`].
pub trait TaskHandler: Send + Sync + 'static {
    /// The kind's name, as tasks carry it.
    const KIND: &'static str;
    type Payload: DeserializeOwned + Send;
    type Output: Serialize;

    fn run(
        &self,
        context: &TaskContext,
        payload: Self::Payload,
    ) -> impl Future<Output = Result<Self::Output, TaskError>> + Send;
}

/// Why an attempt failed, in words for the person whose task it is, and whether another one may help.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaskError {
    pub(crate) message: String,
    pub(crate) retryable: bool,
    pub(crate) retry_in: Option<Duration>,
}

impl TaskError {
    /// Another attempt may succeed: it follows after the task's own backoff, as long as the task has attempts left.
    pub fn retryable(message: impl Into<String>) -> Self {
        Self { message: message.into(), retryable: true, retry_in: None }
    }

    /// Another attempt may succeed, but not before this time has passed.
    pub fn retryable_in(message: impl Into<String>, retry_in: Duration) -> Self {
        Self { message: message.into(), retryable: true, retry_in: Some(retry_in) }
    }

    /// No attempt will succeed until somebody has changed something.
    pub fn permanent(message: impl Into<String>) -> Self {
        Self { message: message.into(), retryable: false, retry_in: None }
    }
}

impl From<aos_store::Error> for TaskError {
    fn from(error: aos_store::Error) -> Self {
        Self::retryable(with_causes(&error))
    }
}

/// The handlers a worker knows.
#[derive(Clone, Default)]
pub struct Registry {
    handlers: BTreeMap<&'static str, Arc<dyn Handler>>,
    watching: Option<Dcl>,
}

impl Registry {
    /// Adds a handler; of two for one kind the later one counts.
    pub fn with<H: TaskHandler>(mut self, handler: H) -> Self {
        self.handlers.insert(H::KIND, Arc::new(handler));
        self
    }

    /// Lets workers look at the files of watched connections.
    pub(crate) fn watching(self, dcl: Dcl) -> Self {
        Self { watching: Some(dcl), ..self }
    }

    pub(crate) fn watched(&self) -> Option<&Dcl> {
        self.watching.as_ref()
    }

    pub fn kinds(&self) -> impl Iterator<Item = &'static str> + '_ {
        self.handlers.keys().copied()
    }

    /// Runs the handler of a kind.
    pub(crate) async fn run(&self, kind: &str, context: &TaskContext, payload: Value) -> Result<Value, TaskError> {
        let Some(handler) = self.handlers.get(kind) else {
            let known = self.kinds().collect::<Vec<_>>().join(", ");
            return Err(TaskError::permanent(format!(
                "this worker does not know tasks of kind `{kind}`; it knows {known}. Start a worker of the version that enqueued it, then replay the task"
            )));
        };
        handler.run(context, payload).await
    }
}

/// A handler whose types are hidden behind JSON.
trait Handler: Send + Sync {
    fn run<'a>(&'a self, context: &'a TaskContext, payload: Value) -> BoxFuture<'a, Result<Value, TaskError>>;
}

impl<H: TaskHandler> Handler for H {
    fn run<'a>(&'a self, context: &'a TaskContext, payload: Value) -> BoxFuture<'a, Result<Value, TaskError>> {
        async move {
            let payload = serde_json::from_value::<H::Payload>(payload).map_err(|error| {
                TaskError::permanent(format!(
                    "the payload is not one of kind `{}`: {error}; correct it and enqueue it again",
                    H::KIND
                ))
            })?;
            let output = TaskHandler::run(self, context, payload).await?;
            serde_json::to_value(output)
                .map_err(|error| TaskError::permanent(format!("the result cannot be written as JSON: {error}")))
        }
        .boxed()
    }
}

/// Writes an error with what caused it, in one line.
pub(crate) fn with_causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let said = error.to_string();
        if !text.contains(&said) {
            text.push_str(": ");
            text.push_str(&said);
        }
        cause = error.source();
    }
    text
}
