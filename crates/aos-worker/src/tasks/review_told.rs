//! `review_told`: says what has become of an item of the review queue that nobody decided. Its end goes out as a signed callback, like that
//! of any task, so it is delivered again and again until it is taken.

use super::of_dcl;
use crate::context::TaskContext;
use crate::handler::{TaskError, TaskHandler};
use aos_core::kind;
use aos_dcl::Dcl;
use aos_dcl::overdue::ToldReview;

pub(super) struct ReviewTold {
    pub dcl: Dcl,
}

impl TaskHandler for ReviewTold {
    const KIND: &'static str = kind::REVIEW_TOLD;
    type Payload = kind::ReviewTold;
    type Output = ToldReview;

    async fn run(&self, context: &TaskContext, payload: Self::Payload) -> Result<Self::Output, TaskError> {
        self.dcl.tenant(context.scope()).told_review(payload.review).await.map_err(of_dcl)
    }
}
