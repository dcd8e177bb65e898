//! `unify`: finds the records of a tenant's connections that are one thing.

use super::of_dcl;
use crate::context::TaskContext;
use crate::handler::{TaskError, TaskHandler};
use aos_core::kind;
use aos_dcl::Dcl;
use aos_dcl::golden::UnifyReport;

pub(super) struct Unify {
    pub dcl: Dcl,
}

impl TaskHandler for Unify {
    const KIND: &'static str = kind::UNIFY;
    type Payload = kind::Unify;
    type Output = UnifyReport;

    async fn run(&self, context: &TaskContext, payload: Self::Payload) -> Result<Self::Output, TaskError> {
        // Another resolution that changed the same entity meanwhile makes this one begin again.
        self.dcl.tenant(context.scope()).unify(&payload).await.map_err(of_dcl)
    }
}
