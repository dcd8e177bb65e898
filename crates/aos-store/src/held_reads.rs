//! Reads that wait because they would spend more of a source account's requests than may be spent unasked. Whoever confirms one lets that
//! read go on to its end, and no other.

use crate::convert::{count, from_json, time, to_json, uncount};
use crate::db::{Tx, query, query_as};
use crate::error::{Error, Resource, Result};
use crate::tenant::TenantStore;
use aos_core::kind::sync_right;
use aos_core::{ConnectionId, RunId};
use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::{Value, json};
use uuid::Uuid;

/// A read that waits, or that goes on because somebody said so.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct HeldRead {
    pub connection_id: ConnectionId,
    /// The run that stopped.
    pub run_id: RunId,
    pub held_at: DateTime<Utc>,
    /// Requests that the run had spent.
    pub spent: u64,
    /// Requests that the whole read is thought to take; none where that cannot be told.
    pub requests: Option<u64>,
    /// Requests that may be spent unasked.
    pub requests_max: u64,
    pub message: String,
    /// What was to be read, as the task that reads it takes it.
    pub request: Value,
    /// Who said that it may go on, and when.
    pub confirmed: Option<(String, DateTime<Utc>)>,
}

/// What a read that is to wait says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewHeldRead {
    pub run: RunId,
    pub spent: u64,
    pub requests: Option<u64>,
    pub requests_max: u64,
    pub message: String,
    pub request: Value,
}

type Row = (Uuid, Uuid, i64, i64, Option<i64>, i64, String, String, Option<i64>, Option<String>);

impl TenantStore<'_> {
    /// Writes down that a connection's read waits until somebody confirms it, in place of what was written down of it before.
    pub async fn hold_read(&self, connection: ConnectionId, held: &NewHeldRead) -> Result<()> {
        let mut tx = self.begin().await?;
        query(
            "INSERT INTO held_reads
                (tenant_id, connection_id, run_id, held_at, spent, requests, requests_max, message, request)
             SELECT tenant_id, id, $3, $4, $5, $6, $7, $8, $9 FROM connections
              WHERE tenant_id = $1 AND id = $2 AND deleted_at IS NULL
             ON CONFLICT (tenant_id, connection_id) DO UPDATE
                SET run_id = excluded.run_id, held_at = excluded.held_at, spent = excluded.spent,
                    requests = excluded.requests, requests_max = excluded.requests_max, message = excluded.message,
                    request = excluded.request,
                    confirmed_at = NULL, confirmed_by = NULL",
        )
        .bind(self.id())
        .bind(connection.0)
        .bind(held.run.0)
        .bind(self.now())
        .bind(count(held.spent))
        .bind(held.requests.map(count))
        .bind(count(held.requests_max))
        .bind(&held.message)
        .bind(to_json(&held.request))
        .execute(&mut tx)
        .await?;
        tx.commit().await
    }

    pub async fn held_read(&self, connection: ConnectionId) -> Result<Option<HeldRead>> {
        Ok(self.held(Some(connection)).await?.into_iter().next())
    }

    pub async fn list_held_reads(&self) -> Result<Vec<HeldRead>> {
        self.held(None).await
    }

    /// Says that the read of a connection that waits may go on, and makes its task due now where it has one.
    ///
    /// # Errors
    /// [`Error::NotFound`] when none waits.
    pub async fn confirm_held_read(&self, connection: ConnectionId) -> Result<()> {
        let mut tx = self.begin().await?;
        let by = self.scope().principal().to_string();
        let confirmed = query(
            "UPDATE held_reads SET confirmed_at = $3, confirmed_by = $4
              WHERE tenant_id = $1 AND connection_id = $2 AND confirmed_at IS NULL",
        );
        let confirmed = confirmed.bind(self.id()).bind(connection.0).bind(self.now()).bind(&by);
        if confirmed.execute(&mut tx).await? == 0 {
            return Err(Error::NotFound(Resource::HeldRead(connection.to_string())));
        }
        self.hasten_sync(&mut tx, connection).await?;
        self.audit(&mut tx, "connection.confirm", &connection.to_string(), json!({})).await?;
        self.insert_event(
            &mut tx,
            connection,
            "",
            "confirmed",
            &format!("{by} said that the read may go on"),
            &json!({}),
        )
        .await?;
        tx.commit().await
    }

    /// Forgets that a read waited: it has come to its end.
    pub async fn release_read(&self, connection: ConnectionId) -> Result<()> {
        let mut tx = self.begin().await?;
        let released = query("DELETE FROM held_reads WHERE tenant_id = $1 AND connection_id = $2");
        released.bind(self.id()).bind(connection.0).execute(&mut tx).await?;
        tx.commit().await
    }

    /// Makes a connection's sync due now that waits for its time.
    pub(crate) async fn hasten_sync(&self, tx: &mut Tx, connection: ConnectionId) -> Result<()> {
        let hastened = query(
            "UPDATE task_queue SET run_at = $3
              WHERE tenant_id = $1 AND exclusive = $2 AND run_at > $3 AND NOT ready AND worker_id IS NULL",
        );
        hastened.bind(self.id()).bind(sync_right(connection)).bind(self.now()).execute(tx).await?;
        Ok(())
    }

    async fn held(&self, connection: Option<ConnectionId>) -> Result<Vec<HeldRead>> {
        let rows = query_as::<Row>(
            "SELECT connection_id, run_id, held_at, spent, requests, requests_max, message, request, confirmed_at,
                    confirmed_by
               FROM held_reads
              WHERE tenant_id = $1 AND ($2 IS NULL OR connection_id = $2)
              ORDER BY connection_id",
        );
        let rows = rows.bind(self.id()).bind(connection.map(|id| id.0)).fetch_all(self.reader()).await?;
        rows.into_iter().map(held_read).collect()
    }
}

fn held_read(row: Row) -> Result<HeldRead> {
    let (connection, run, held_at, spent, requests, requests_max, message, request, confirmed_at, confirmed_by) = row;
    Ok(HeldRead {
        connection_id: ConnectionId(connection),
        run_id: RunId(run),
        held_at: time(held_at),
        spent: uncount(spent),
        requests: requests.map(uncount),
        requests_max: uncount(requests_max),
        message,
        request: from_json(&request, "held_reads", "request", connection)?,
        confirmed: confirmed_at.map(|at| (confirmed_by.unwrap_or_default(), time(at))),
    })
}
