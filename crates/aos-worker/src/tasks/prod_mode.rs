//! `prod_mode`: says whether the tenant runs in production mode, in which no language model is asked.

use super::of_dcl;
use crate::context::TaskContext;
use crate::handler::{TaskError, TaskHandler};
use aos_core::kind;
use aos_dcl::Dcl;
use serde::Serialize;

pub(super) struct ProdMode {
    pub dcl: Dcl,
}

#[derive(Serialize)]
pub(super) struct Mode {
    enabled: bool,
}

impl TaskHandler for ProdMode {
    const KIND: &'static str = kind::PROD_MODE;
    type Payload = kind::ProdMode;
    type Output = Mode;

    async fn run(&self, context: &TaskContext, payload: Self::Payload) -> Result<Self::Output, TaskError> {
        let enabled = payload.enabled;
        self.dcl.tenant(context.scope()).set_production_mode(enabled).await.map_err(of_dcl)?;
        Ok(Mode { enabled })
    }
}
