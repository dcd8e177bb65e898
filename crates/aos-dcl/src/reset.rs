//! The tenant's orchestration settings beside connecting: forgetting what was derived, and production mode.

use crate::Result;
use crate::service::TenantDcl;

impl TenantDcl {
    /// Forgets what was derived from the tenant's sources: mappings, records, cursors, rejections. Connections, the ontology, raw segments, the
    /// ledger and the audit trail stay; the next connect reads every source anew. Returns how many connections there are.
    pub async fn reset(&self) -> Result<usize> {
        let _place = self.take_place()?;
        let connections = self.all_connections().await?.len();
        self.store().forget_derived().await?;
        self.refresh_engine().await?;
        self.touch().await?;
        Ok(connections)
    }

    /// Says whether the tenant runs in production mode, in which no language model is asked: mapping is the matcher's alone. On unless it
    /// was switched off.
    pub async fn production_mode(&self) -> Result<bool> {
        Ok(self.store().production_mode().await?)
    }

    pub async fn set_production_mode(&self, enabled: bool) -> Result<()> {
        Ok(self.store().set_production_mode(enabled).await?)
    }
}
