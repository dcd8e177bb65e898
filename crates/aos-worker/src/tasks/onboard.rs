//! `onboard`: takes what is proposed to be connected as far as it goes without a decision. Each step is kept before the next begins, so an
//! attempt that follows goes on where the one before it stopped.

use super::of_dcl;
use crate::context::TaskContext;
use crate::handler::{TaskError, TaskHandler};
use aos_core::kind;
use aos_dcl::Dcl;
use aos_dcl::onboarding::{Looked, Onboarded};

pub(super) struct Onboard {
    pub dcl: Dcl,
}

impl TaskHandler for Onboard {
    const KIND: &'static str = kind::ONBOARD;
    type Payload = kind::Onboard;
    type Output = Onboarded;

    async fn run(&self, context: &TaskContext, payload: Self::Payload) -> Result<Self::Output, TaskError> {
        let tenant = self.dcl.tenant(context.scope());
        let looking = tenant.look_into_intent(payload.intent, context.stopped().clone(), context.is_last_attempt());
        match looking.await.map_err(of_dcl)? {
            Looked::Done(onboarded) => Ok(onboarded),
            Looked::PutOff(why) => Err(TaskError::retryable(why)),
        }
    }
}
