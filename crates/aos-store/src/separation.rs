//! How far the database itself keeps tenants apart, as its own catalog says it at this moment.

use crate::convert::uncount;
use crate::db::{Pool, query_as};
use crate::error::Result;
use crate::tenant::TenantStore;
use serde::Serialize;

/// Row security of a PostgreSQL database.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RowSecurity {
    /// Tables that hold rows of tenants.
    pub tables: u64,
    /// Those of them on which row security is on, and forced, so that it holds for their owner as well.
    pub forced: u64,
    /// Whether the role that this was asked by, or one that it may become, passes row security by.
    pub passed_by: bool,
}

impl TenantStore<'_> {
    /// Says how far row security holds; none where the database is a file, which has no such thing.
    pub async fn row_security(&self) -> Result<Option<RowSecurity>> {
        let reader = self.reader();
        if matches!(reader.pool, Pool::Sqlite(_)) {
            return Ok(None);
        }
        let (tables, forced, passed_by) = query_as::<(i64, i64, bool)>(
            "SELECT COUNT(*), COUNT(*) FILTER (WHERE c.relrowsecurity AND c.relforcerowsecurity),
                    (SELECT COALESCE(bool_or(r.rolsuper OR r.rolbypassrls), FALSE)
                       FROM pg_roles r
                      WHERE pg_has_role(current_user, r.oid, 'MEMBER'))
               FROM pg_class c
               JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'tenant_id' AND NOT a.attisdropped
              WHERE c.relnamespace = (SELECT relnamespace FROM pg_class WHERE oid = to_regclass('tenants'))
                AND c.relkind IN ('r', 'p') AND NOT c.relispartition",
        )
        .fetch_one(reader)
        .await?;
        Ok(Some(RowSecurity { tables: uncount(tables), forced: uncount(forced), passed_by }))
    }
}
