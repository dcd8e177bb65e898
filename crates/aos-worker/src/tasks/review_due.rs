//! `review_due`: looks at an item of the review queue that nobody has decided. It expires, or is escalated; either way others are told: live,
//! by Slack where the tenant has it, and by a signed callback where the tenant has named who is called.

use super::of_dcl;
use crate::context::TaskContext;
use crate::handler::{TaskError, TaskHandler};
use aos_core::kind;
use aos_core::task::NewTask;
use aos_dcl::Dcl;
use serde::Serialize;
use serde_json::json;

/// Slack may be away for a while.
const SLACK_ATTEMPTS: u32 = 10;

pub(super) struct ReviewDue {
    pub dcl: Dcl,
}

#[derive(Serialize)]
pub(super) struct Looked {
    told: bool,
}

impl TaskHandler for ReviewDue {
    const KIND: &'static str = kind::REVIEW_DUE;
    type Payload = kind::ReviewDue;
    type Output = Looked;

    async fn run(&self, context: &TaskContext, payload: Self::Payload) -> Result<Self::Output, TaskError> {
        let Some(overdue) = self.dcl.tenant(context.scope()).review_due(payload.review).await.map_err(of_dcl)? else {
            return Ok(Looked { told: false });
        };
        let (review, fence) = (payload.review, context.fence().task);
        if let Some(url) = overdue.callback_url {
            let task = NewTask {
                callback_url: Some(url),
                key: Some(format!("review_told:{review}:{fence}")),
                ..NewTask::new(kind::REVIEW_TOLD, json!(kind::ReviewTold { review }))
            };
            context.store().enqueue_task(task).await?;
        }
        let webhook = context.store().slack_webhook().await?;
        if webhook.is_some_and(|webhook| webhook.disabled_reason.is_none()) {
            let task = NewTask {
                max_attempts: SLACK_ATTEMPTS,
                key: Some(format!("review:{review}:{fence}")),
                ..NewTask::new(kind::SLACK, json!(kind::Slack { text: overdue.message, channel: None }))
            };
            context.store().enqueue_task(task).await?;
        }
        Ok(Looked { told: true })
    }
}
