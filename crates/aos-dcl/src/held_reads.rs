//! Reads that wait because of what they cost, as people see them, and the word that lets one go on.

use crate::connections::ConnectionDetail;
use crate::service::TenantDcl;
use crate::{Error, Result};
use aos_core::ConnectionId;
use aos_core::kind::{SYNC, SYNC_ATTEMPTS, WAKE, sync_right};
use aos_core::task::NewTask;
use aos_store::{AlertKind, HeldRead};
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

/// A read that takes more requests than may be spent unasked.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct HeldReadInfo {
    pub run_id: uuid::Uuid,
    pub held_at: DateTime<Utc>,
    /// Requests that the run had spent when it stopped.
    pub spent: u64,
    /// Requests that the whole read is thought to take; none where that cannot be told.
    pub requests: Option<u64>,
    /// Requests that it may spend unasked.
    pub requests_max: u64,
    pub message: String,
    /// Who said that it may go on, and when.
    pub confirmed_by: Option<String>,
    pub confirmed_at: Option<DateTime<Utc>>,
}

impl TenantDcl {
    /// Lets the read of a connection go on that waits because of what it costs, to its end.
    pub async fn confirm_read(&self, id: ConnectionId) -> Result<ConnectionDetail> {
        self.store().connection(id).await?.ok_or(Error::NotFound("connection"))?;
        self.store().confirm_held_read(id).await?;
        if let Some(held) = self.store().held_read(id).await? {
            let exclusive = Some(sync_right(id));
            let task = NewTask { exclusive, max_attempts: SYNC_ATTEMPTS, ..NewTask::new(SYNC, held.request) };
            match self.store().enqueue_task(task).await {
                // The one that waited is due now.
                Ok(_) | Err(aos_store::Error::TaskActive { .. }) => {}
                Err(error) => return Err(error.into()),
            }
        }
        self.store().clear_alert(id, "", AlertKind::AwaitsConfirmation).await?;
        let broker = self.inner.broker.clone();
        aos_store::after_commit(async move { broker.system().wake(WAKE) }).await;
        self.connection(id).await
    }
}

impl From<HeldRead> for HeldReadInfo {
    fn from(held: HeldRead) -> Self {
        let (confirmed_by, confirmed_at) = held.confirmed.unzip();
        Self {
            run_id: held.run_id.0,
            held_at: held.held_at,
            spent: held.spent,
            requests: held.requests,
            requests_max: held.requests_max,
            message: held.message,
            confirmed_by,
            confirmed_at,
        }
    }
}
