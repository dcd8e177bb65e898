//! Deleting a tenant, as far as the store goes. A deletion is a row that stays: from its commit on the tenant reads and writes nothing any
//! more, whatever still runs, and whoever finds the row unfinished may go on with it.
//!
//! Which tables there are is asked of the database, so that none is forgotten.

use crate::again::until_clear;
use crate::audit::Draft;
use crate::convert::{micros, time, uncount};
use crate::db::{Tx, query, query_as, query_scalar};
use crate::error::{Error, Result};
use crate::system::SystemStore;
use aos_core::TenantId;
use aos_core::audit::INSTALLATION;
use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::json;
use sqlx::AssertSqlSafe;
use std::time::Duration;
use uuid::Uuid;

/// How long transactions from before a deletion are waited for, and how often they are looked at.
const SETTLED_MAX: Duration = Duration::from_secs(120);
const SETTLED_LOOK: Duration = Duration::from_millis(50);

/// A tenant that is being deleted, or was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TenantDeletion {
    /// Names the deletion to whoever asked for it. It cannot be guessed.
    pub id: Uuid,
    pub tenant: TenantId,
    /// `user:<id>`, or `local` for a command run on this machine.
    pub requested_by: String,
    pub begun_at: DateTime<Utc>,
    pub finished_at: Option<DateTime<Utc>>,
    pub certificate: Option<serde_json::Value>,
}

/// A table that holds rows of tenants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TenantTable {
    pub name: String,
    /// The columns of its primary key, in order.
    pub(crate) keys: Vec<String>,
}

type Row = (Uuid, Uuid, String, i64, Option<i64>, Option<String>);

impl SystemStore<'_> {
    /// Begins to delete a tenant, or returns the deletion that has begun. From then on nobody can sign in to it, and nothing of it is read
    /// or written.
    pub async fn begin_tenant_deletion(&self, tenant: TenantId, requested_by: &str) -> Result<TenantDeletion> {
        let mut tx = self.begin().await?;
        let begun = query(
            "INSERT INTO tenant_deletions (tenant, id, requested_by, begun_at) VALUES ($1, $2, $3, $4)
             ON CONFLICT (tenant) DO NOTHING",
        )
        .bind(tenant.0)
        .bind(Uuid::new_v4())
        .bind(requested_by)
        .bind(micros(self.store.clock.now()))
        .execute(&mut tx)
        .await?;
        if begun > 0 {
            self.write_down(&mut tx, tenant, requested_by, "tenant.delete")?;
        }
        let row = query_as::<Row>(
            "SELECT id, tenant, requested_by, begun_at, finished_at, certificate FROM tenant_deletions WHERE tenant = $1",
        );
        let deletion = deletion(row.bind(tenant.0).fetch_one(&mut tx).await?)?;
        // With one process, which the embedded database is for, the process itself is what keeps the tenant out. This transaction holds the
        // only writer, so no other one is between the two.
        // In a unit of work it waits for the commit of that: what is undone must not leave the tenant locked out.
        let pool = self.store.pool.clone();
        crate::after_commit(async move { pool.shut_out(tenant.0) }).await;
        tx.commit().await?;
        Ok(deletion)
    }

    pub async fn tenant_deletion(&self, id: Uuid) -> Result<Option<TenantDeletion>> {
        let row = query_as::<Row>(
            "SELECT id, tenant, requested_by, begun_at, finished_at, certificate FROM tenant_deletions WHERE id = $1",
        );
        row.bind(id).fetch_optional(self.reader()).await?.map(deletion).transpose()
    }

    /// Writes into the installation's trail what becomes of a tenant, whose own trail goes with it.
    fn write_down(&self, tx: &mut Tx, tenant: TenantId, requested_by: &str, action: &str) -> Result<()> {
        let (at, by) = (micros(self.store.clock.now()), (requested_by.to_owned(), None));
        tx.trail().push(Draft::new(INSTALLATION, at, by, action, &format!("tenant:{tenant}"), json!({}))?);
        Ok(())
    }

    /// Lists the deletions that have begun and not come to their end, oldest first.
    pub async fn unfinished_tenant_deletions(&self) -> Result<Vec<TenantDeletion>> {
        let rows = query_as::<Row>(
            "SELECT id, tenant, requested_by, begun_at, finished_at, certificate
               FROM tenant_deletions
              WHERE finished_at IS NULL
              ORDER BY begun_at",
        );
        rows.fetch_all(self.reader()).await?.into_iter().map(deletion).collect()
    }

    /// Lists the tenants that were deleted or are being deleted, of which no process has to keep anything.
    pub async fn deleted_tenants(&self) -> Result<Vec<TenantId>> {
        let tenants = query_scalar::<Uuid>("SELECT tenant FROM tenant_deletions ORDER BY tenant");
        Ok(tenants.fetch_all(self.reader()).await?.into_iter().map(TenantId).collect())
    }

    /// Takes a deletion for so long, or holds on to it; false when another process has it. By this machine's clock, since two that work on it at
    /// once do no harm.
    pub async fn hold_tenant_deletion(&self, id: Uuid, holder: Uuid, hold_for: Duration) -> Result<bool> {
        let now = micros(self.store.clock.now());
        let until = now.saturating_add(i64::try_from(hold_for.as_micros()).unwrap_or(i64::MAX));
        let mut tx = self.begin().await?;
        let held = query(
            "UPDATE tenant_deletions SET holder = $2, held_until = $3
              WHERE id = $1 AND finished_at IS NULL AND (holder = $2 OR held_until < $4)",
        );
        let held = held.bind(id).bind(holder).bind(until).bind(now).execute(&mut tx).await?;
        tx.commit().await?;
        Ok(held > 0)
    }

    /// Waits until every transaction that was under way at this moment has ended.
    ///
    /// # Errors
    /// [`Error::Contended`] when one of them takes longer than two minutes.
    pub async fn wait_for_transactions(&self) -> Result<()> {
        if self.store.pool.is_this_process_alone() {
            // One writer: whoever gets it has waited for the one before.
            return self.begin().await?.commit().await;
        }
        let number = |sql: &'static str| async move {
            let text = query_scalar::<String>(sql).fetch_one(self.reader()).await?;
            text.parse::<u64>().map_err(|error| Error::Refused(sqlx::Error::Decode(error.into())))
        };
        let begun = number("SELECT pg_snapshot_xmax(pg_current_snapshot())::TEXT").await?;
        let last = tokio::time::Instant::now() + SETTLED_MAX;
        while number("SELECT pg_snapshot_xmin(pg_current_snapshot())::TEXT").await? < begun {
            if tokio::time::Instant::now() > last {
                return Err(Error::Contended(sqlx::Error::PoolTimedOut));
            }
            tokio::time::sleep(SETTLED_LOOK).await;
        }
        Ok(())
    }

    /// Counts a deleted tenant's tasks that some worker still has.
    pub async fn running_tasks_of(&self, tenant: TenantId) -> Result<u64> {
        let running =
            query_scalar::<i64>("SELECT COUNT(*) FROM task_queue WHERE tenant_id = $1 AND worker_id IS NOT NULL");
        Ok(uncount(running.bind(tenant.0).fetch_one(self.reader()).await?))
    }

    /// Asks every worker to stop what it does for this tenant. Returns how many tasks are concerned.
    pub async fn stop_tasks_of(&self, tenant: TenantId) -> Result<u64> {
        let mut tx = self.begin().await?;
        let asked =
            query("UPDATE task_queue SET cancel_requested = TRUE WHERE tenant_id = $1 AND worker_id IS NOT NULL");
        let asked = asked.bind(tenant.0).execute(&mut tx).await?;
        tx.commit().await?;
        Ok(asked)
    }

    /// Asks the database which tables hold rows of tenants. A table that is split up is named by its parts.
    pub async fn tenant_tables(&self) -> Result<Vec<TenantTable>> {
        let found = match self.store.pool.is_this_process_alone() {
            true => query_as::<(String, String)>(
                "SELECT m.name, COALESCE((SELECT group_concat(k.name, ',')
                                            FROM (SELECT name FROM pragma_table_info(m.name) WHERE pk > 0 ORDER BY pk) k), '')
                   FROM sqlite_master m
                  WHERE m.type = 'table' AND EXISTS (SELECT 1 FROM pragma_table_info(m.name) c WHERE c.name = 'tenant_id')
                  ORDER BY m.name",
            ),
            false => query_as::<(String, String)>(
                "SELECT c.oid::REGCLASS::TEXT,
                        COALESCE((SELECT string_agg(k.attname, ',' ORDER BY array_position(i.indkey, k.attnum))
                                    FROM pg_index i
                                    JOIN pg_attribute k ON k.attrelid = c.oid AND k.attnum = ANY (i.indkey)
                                   WHERE i.indrelid = c.oid AND i.indisprimary), '')
                   FROM pg_class c
                   JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'tenant_id' AND NOT a.attisdropped
                  WHERE c.relnamespace = (SELECT relnamespace FROM pg_class WHERE oid = to_regclass('tenants'))
                    AND c.relkind = 'r'
                  ORDER BY 1",
            ),
        };
        let found = found.fetch_all(self.reader()).await?;
        let table = |(name, keys): (String, String)| TenantTable {
            name,
            keys: keys.split(',').filter(|key| !key.is_empty()).map(str::to_owned).collect(),
        };
        Ok(found.into_iter().map(table).collect())
    }

    /// Removes at most so many rows of a tenant that is being deleted. Rows that others refer to stay until those are gone.
    pub async fn erase_rows(&self, tenant: TenantId, table: &TenantTable, most: u32) -> Result<u64> {
        until_clear(|| async {
            let mut tx = self.begin().await?;
            let erased = match erase(&mut tx, tenant, table, most).await {
                Err(Error::Refused(error)) if crate::data_keys::is_still_referenced(&error) => return Ok(0),
                erased => erased?,
            };
            tx.commit().await?;
            Ok(erased)
        })
        .await
    }

    /// Counts the rows that are left of a tenant that is being deleted.
    pub async fn rows_left(&self, tenant: TenantId, table: &TenantTable) -> Result<u64> {
        let counted = if self.store.pool.is_this_process_alone() {
            let sql = format!("SELECT COUNT(*) FROM {} WHERE tenant_id = $1", quoted(&table.name));
            query_scalar::<i64>(AssertSqlSafe(sql)).bind(tenant.0)
        } else {
            query_scalar::<i64>("SELECT autonomos_left($2::TEXT::REGCLASS, $1)").bind(tenant.0).bind(&table.name)
        };
        Ok(uncount(counted.fetch_one(self.reader()).await?))
    }

    /// Removes the tenant itself, once nothing refers to it any more. Returns whether it was still there.
    pub async fn erase_tenant(&self, tenant: TenantId) -> Result<bool> {
        let mut tx = self.begin().await?;
        let erased = query("DELETE FROM tenants WHERE id = $1").bind(tenant.0).execute(&mut tx).await?;
        tx.commit().await?;
        Ok(erased > 0)
    }

    /// Writes down that a tenant is gone, and what certifies it. The first certificate stays.
    pub async fn finish_tenant_deletion(&self, id: Uuid, certificate: &serde_json::Value) -> Result<TenantDeletion> {
        let mut tx = self.begin().await?;
        let finished = query_as::<(Uuid, String)>(
            "UPDATE tenant_deletions SET finished_at = $2, certificate = $3
              WHERE id = $1 AND finished_at IS NULL
             RETURNING tenant, requested_by",
        )
        .bind(id)
        .bind(micros(self.store.clock.now()))
        .bind(certificate.to_string())
        .fetch_optional(&mut tx)
        .await?;
        if let Some((tenant, requested_by)) = finished {
            self.write_down(&mut tx, TenantId(tenant), &requested_by, "tenant.deleted")?;
        }
        tx.commit().await?;
        let kept = self.tenant_deletion(id).await?;
        kept.ok_or(Error::Refused(sqlx::Error::RowNotFound))
    }
}

async fn erase(tx: &mut Tx, tenant: TenantId, table: &TenantTable, most: u32) -> Result<u64> {
    if let Tx::Postgres(..) = tx {
        let erased = query_scalar::<i64>("SELECT autonomos_erase($2::TEXT::REGCLASS, $1, $3)");
        let erased = erased.bind(tenant.0).bind(&table.name).bind(i64::from(most)).fetch_one(tx).await?;
        return Ok(uncount(erased));
    }
    // A table without a key of its own has SQLite's.
    let keys = if table.keys.is_empty() {
        "rowid".to_owned()
    } else {
        table.keys.iter().map(|key| quoted(key)).collect::<Vec<_>>().join(", ")
    };
    let name = quoted(&table.name);
    let sql = format!("DELETE FROM {name} WHERE ({keys}) IN (SELECT {keys} FROM {name} WHERE tenant_id = $1 LIMIT $2)");
    query(AssertSqlSafe(sql)).bind(tenant.0).bind(i64::from(most)).execute(tx).await
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

fn deletion((id, tenant, requested_by, begun_at, finished_at, certificate): Row) -> Result<TenantDeletion> {
    let certificate = certificate.map(|text| crate::convert::from_json(&text, "tenant_deletions", "certificate", id));
    Ok(TenantDeletion {
        id,
        tenant: TenantId(tenant),
        requested_by,
        begun_at: time(begun_at),
        finished_at: finished_at.map(time),
        certificate: certificate.transpose()?,
    })
}
