//! `effect`: leaves one row behind, in the middle of some work. The crash test counts the rows; it is compiled in together with the fault
//! points only.

use crate::context::TaskContext;
use crate::handler::{TaskError, TaskHandler};
use aos_core::kind;
use std::time::Duration;

pub(super) struct Effect;

impl TaskHandler for Effect {
    const KIND: &'static str = kind::EFFECT;
    type Payload = kind::Effect;
    type Output = bool;

    async fn run(&self, context: &TaskContext, payload: Self::Payload) -> Result<Self::Output, TaskError> {
        let half = Duration::from_millis(payload.work_ms / 2);
        tokio::time::sleep(half).await;
        let written = context.store().leave_effect(context.fence()).await?;
        aos_core::fault::point("effect.after");
        tokio::time::sleep(half).await;
        if context.attempt() <= payload.failures {
            return Err(TaskError::retryable("it was asked to fail"));
        }
        Ok(written)
    }
}
