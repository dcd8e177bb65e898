//! What every question has to know first: how far the tenant's rows have come, and in which words they are told.

use crate::db::{AtOnce, query_as};
use crate::error::Result;
use crate::materialized::Head;
use crate::tenant::TenantStore;

/// Where a tenant stands now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    pub head: Head,
    /// The version of what the tenant adds to the ontology; 0 while it adds nothing.
    pub extension: u64,
}

impl TenantStore<'_> {
    /// Returns where the tenant stands, as one look at the store.
    pub async fn standing(&self) -> Result<Standing> {
        let (position, epoch, extension) = query_as::<(i64, i64, i64)>(
            "SELECT COALESCE((SELECT position FROM stream_heads WHERE tenant_id = $1), 0),
                    COALESCE((SELECT epoch FROM stream_heads WHERE tenant_id = $1), 0),
                    COALESCE((SELECT MAX(version) FROM ontology_extensions WHERE tenant_id = $1), 0)",
        )
        .bind(self.id())
        .fetch_one(AtOnce {
            reader: self.reader(),
            on_postgres: "SELECT at_position, at_epoch, at_extension FROM autonomos_standing($1)",
        })
        .await?;
        Ok(Standing { head: Head { position, epoch }, extension: extension.unsigned_abs() })
    }
}
