//! `reset`: forgets what was derived from a tenant's sources. The next connect reads them anew.

use super::of_dcl;
use crate::context::TaskContext;
use crate::handler::{TaskError, TaskHandler};
use aos_core::kind;
use aos_dcl::Dcl;
use serde::Serialize;

pub(super) struct Reset {
    pub dcl: Dcl,
}

#[derive(Serialize)]
pub(super) struct Done {
    /// Connections whose mappings, records and cursors were forgotten; the connections themselves stay.
    connections: usize,
}

impl TaskHandler for Reset {
    const KIND: &'static str = kind::RESET;
    type Payload = kind::Reset;
    type Output = Done;

    async fn run(&self, context: &TaskContext, _payload: Self::Payload) -> Result<Self::Output, TaskError> {
        let connections = self.dcl.tenant(context.scope()).reset().await.map_err(of_dcl)?;
        Ok(Done { connections })
    }
}
