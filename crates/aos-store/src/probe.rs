//! A look at row security from inside: what statements of one tenant see of another's rows when they do not say whose they want.

use crate::Store;
use crate::convert::uncount;
use crate::db::{query_as, query_scalar};
use crate::error::Result;
use aos_core::{TenantId, TenantScope};
use sqlx::AssertSqlSafe;

impl Store {
    /// Counts, table by table, the rows of `of` that statements made for `scope` see. None where the database has no row security.
    pub async fn rows_seen_across(&self, scope: &TenantScope, of: TenantId) -> Result<Option<Vec<(String, u64)>>> {
        if self.pool.is_this_process_alone() {
            return Ok(None);
        }
        let reader = self.tenant(scope).reader();
        let tables = query_as::<(String,)>(
            "SELECT c.oid::REGCLASS::TEXT
               FROM pg_class c
               JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'tenant_id' AND NOT a.attisdropped
              WHERE c.relnamespace = (SELECT relnamespace FROM pg_class WHERE oid = to_regclass('tenants'))
                AND c.relkind IN ('r', 'p') AND NOT c.relispartition
                AND has_table_privilege(c.oid, 'SELECT')
              ORDER BY 1",
        );
        let mut seen = Vec::new();
        for (table,) in tables.fetch_all(reader).await? {
            // The name is the database's own, quoted where it must be.
            let count =
                query_scalar::<i64>(AssertSqlSafe(format!("SELECT COUNT(*) FROM {table} WHERE tenant_id = $1")));
            seen.push((table, uncount(count.bind(of.0).fetch_one(reader).await?)));
        }
        Ok(Some(seen))
    }
}
