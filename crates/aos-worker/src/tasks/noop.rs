//! `noop`: does nothing, after a while if asked to. For probes of a deployment ("is a task taken, and how soon?") and for benchmarks.

use crate::context::TaskContext;
use crate::handler::{TaskError, TaskHandler};
use aos_core::kind;
use std::time::Duration;

pub(super) struct Noop;

impl TaskHandler for Noop {
    const KIND: &'static str = kind::NOOP;
    type Payload = kind::Noop;
    type Output = serde_json::Value;

    async fn run(&self, _context: &TaskContext, payload: Self::Payload) -> Result<Self::Output, TaskError> {
        if let Some(sleep_ms) = payload.sleep_ms {
            tokio::time::sleep(Duration::from_millis(sleep_ms)).await;
        }
        Ok(serde_json::Value::Null)
    }
}
