//! `remap`: maps raw records of a stream anew after its mapping was changed. An attempt that is cut off leaves whole segments, and the next
//! one goes on there.

use super::of_dcl;
use crate::context::TaskContext;
use crate::handler::{TaskError, TaskHandler};
use aos_core::kind;
use aos_dcl::Dcl;
use aos_dcl::drift::RemapInfo;

pub(super) struct Remap {
    pub dcl: Dcl,
}

impl TaskHandler for Remap {
    const KIND: &'static str = kind::REMAP;
    type Payload = kind::Remap;
    type Output = RemapInfo;

    async fn run(&self, context: &TaskContext, payload: Self::Payload) -> Result<Self::Output, TaskError> {
        let told = context.clone();
        let on_step = move |step: aos_mesh::drift::RemapStep| {
            let share = step.segments_done as f64 / step.segments.max(1) as f64;
            let said = format!("{} of {} segments, {} records", step.segments_done, step.segments, step.records);
            told.progress(share, said);
        };
        self.dcl.tenant(context.scope()).remap(payload.remap, on_step).await.map_err(of_dcl)
    }
}
