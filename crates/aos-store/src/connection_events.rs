//! What happened to connections, and what stands: events are added and never changed, an alert is raised once and cleared when what it
//! says is true no more.

use crate::convert::{from_json, from_word, time, to_json};
use crate::db::{Tx, query, query_as};
use crate::error::Result;
use crate::page::{Page, PageOf};
use crate::tenant::TenantStore;
use aos_core::ConnectionId;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ConnectionEvent {
    pub id: Uuid,
    pub connection_id: ConnectionId,
    /// The stream it is about; empty when it is about the connection.
    pub stream: String,
    pub at: DateTime<Utc>,
    /// A word, e.g. `paused` or `alert_raised`.
    pub kind: String,
    pub message: String,
    pub detail: Value,
}

/// What an alert is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AlertKind {
    /// Nothing was read to its end for longer than it should be.
    Stale,
    /// A read brought nothing where there was something before.
    SuspiciousEmpty,
    /// The source's own count is another than ours.
    CountMismatch,
    /// A read met so few of the records that there were that nothing was deleted.
    SweepHeldBack,
    /// Somebody has to change something before it can be read: credentials, rights, settings.
    NeedsAttention,
    /// The source could not be reached several times in a row and is left alone for a while.
    CircuitOpen,
    /// Its shape or meaning has changed, and someone has to decide.
    Drift,
    /// A read would spend more requests than it may unasked, and waits for somebody to say that it may.
    AwaitsConfirmation,
    /// A watched file that was read before is not there any more.
    FileGone,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Alert {
    pub connection_id: ConnectionId,
    /// The stream it is about; empty when it is about the connection.
    pub stream: String,
    pub kind: AlertKind,
    pub raised_at: DateTime<Utc>,
    pub message: String,
}

type EventRow = (Uuid, Uuid, String, i64, String, String, String);
type AlertRow = (Uuid, String, String, i64, String);

impl AlertKind {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Stale => "stale",
            Self::SuspiciousEmpty => "suspicious_empty",
            Self::CountMismatch => "count_mismatch",
            Self::SweepHeldBack => "sweep_held_back",
            Self::NeedsAttention => "needs_attention",
            Self::CircuitOpen => "circuit_open",
            Self::Drift => "drift",
            Self::AwaitsConfirmation => "awaits_confirmation",
            Self::FileGone => "file_gone",
        }
    }
}

impl TenantStore<'_> {
    /// Writes down what happened to a connection.
    pub async fn add_connection_event(
        &self,
        connection: ConnectionId,
        stream: &str,
        kind: &str,
        message: &str,
        detail: &Value,
    ) -> Result<()> {
        let mut tx = self.begin().await?;
        self.insert_event(&mut tx, connection, stream, kind, message, detail).await?;
        tx.commit().await
    }

    /// Raises an alert, or changes what a standing one says. Says whether it is new.
    pub async fn raise_alert(
        &self,
        connection: ConnectionId,
        stream: &str,
        kind: AlertKind,
        message: &str,
    ) -> Result<bool> {
        let mut tx = self.begin().await?;
        let known = query(
            "UPDATE connection_alerts SET message = $5
              WHERE tenant_id = $1 AND connection_id = $2 AND stream = $3 AND kind = $4",
        )
        .bind(self.id())
        .bind(connection.0)
        .bind(stream)
        .bind(kind.as_str())
        .bind(message)
        .execute(&mut tx)
        .await?;
        if known > 0 {
            tx.commit().await?;
            return Ok(false);
        }
        let raised = query(
            "INSERT INTO connection_alerts (tenant_id, connection_id, stream, kind, raised_at, message)
             SELECT tenant_id, id, $3, $4, $6, $5 FROM connections
              WHERE tenant_id = $1 AND id = $2 AND deleted_at IS NULL
             ON CONFLICT (tenant_id, connection_id, stream, kind) DO NOTHING",
        )
        .bind(self.id())
        .bind(connection.0)
        .bind(stream)
        .bind(kind.as_str())
        .bind(message)
        .bind(self.now())
        .execute(&mut tx)
        .await?;
        if raised > 0 {
            let detail = json!({ "alert": kind });
            self.insert_event(&mut tx, connection, stream, "alert_raised", message, &detail).await?;
        }
        tx.commit().await?;
        Ok(raised > 0)
    }

    /// Clears an alert that stands no more, and says whether there was one.
    pub async fn clear_alert(&self, connection: ConnectionId, stream: &str, kind: AlertKind) -> Result<bool> {
        let mut tx = self.begin().await?;
        let cleared = query(
            "DELETE FROM connection_alerts
              WHERE tenant_id = $1 AND connection_id = $2 AND stream = $3 AND kind = $4",
        )
        .bind(self.id())
        .bind(connection.0)
        .bind(stream)
        .bind(kind.as_str())
        .execute(&mut tx)
        .await?;
        if cleared > 0 {
            let message = format!("{} no more", kind.as_str().replace('_', " "));
            let detail = json!({ "alert": kind });
            self.insert_event(&mut tx, connection, stream, "alert_cleared", &message, &detail).await?;
        }
        tx.commit().await?;
        Ok(cleared > 0)
    }

    /// Lists the alerts that stand, of one connection or of all.
    pub async fn list_alerts(&self, connection: Option<ConnectionId>) -> Result<Vec<Alert>> {
        let rows = query_as::<AlertRow>(
            "SELECT connection_id, stream, kind, raised_at, message
               FROM connection_alerts
              WHERE tenant_id = $1 AND ($2 IS NULL OR connection_id = $2)
              ORDER BY raised_at DESC, connection_id, stream, kind",
        )
        .bind(self.id())
        .bind(connection.map(|id| id.0))
        .fetch_all(self.reader())
        .await?;
        let alert = |(connection, stream, kind, raised_at, message): AlertRow| {
            Ok(Alert {
                connection_id: ConnectionId(connection),
                kind: from_word(kind, "connection_alerts", "kind", connection)?,
                stream,
                raised_at: time(raised_at),
                message,
            })
        };
        rows.into_iter().map(alert).collect()
    }

    /// Lists what happened to one connection, or to all, newest first.
    pub async fn list_connection_events(
        &self,
        connection: Option<ConnectionId>,
        page: Page,
    ) -> Result<PageOf<ConnectionEvent>> {
        let rows = query_as::<EventRow>(
            "SELECT id, connection_id, stream, at, kind, message, detail
               FROM connection_events
              WHERE tenant_id = $1 AND ($2 IS NULL OR connection_id = $2) AND ($3 IS NULL OR id < $3)
              ORDER BY id DESC LIMIT $4",
        )
        .bind(self.id())
        .bind(connection.map(|id| id.0))
        .bind(page.after_id()?)
        .bind(page.fetch())
        .fetch_all(self.reader())
        .await?;
        let event = |(id, connection, stream, at, kind, message, detail): EventRow| {
            Ok(ConnectionEvent {
                id,
                connection_id: ConnectionId(connection),
                stream,
                at: time(at),
                kind,
                message,
                detail: from_json(&detail, "connection_events", "detail", id)?,
            })
        };
        let items = rows.into_iter().map(event).collect::<Result<_>>()?;
        Ok(page.of(items, |event: &ConnectionEvent| event.id))
    }

    pub(crate) async fn insert_event(
        &self,
        tx: &mut Tx,
        connection: ConnectionId,
        stream: &str,
        kind: &str,
        message: &str,
        detail: &Value,
    ) -> Result<()> {
        query(
            "INSERT INTO connection_events (tenant_id, id, connection_id, stream, at, kind, message, detail)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        )
        .bind(self.id())
        .bind(Uuid::now_v7())
        .bind(connection.0)
        .bind(stream)
        .bind(self.now())
        .bind(kind)
        .bind(message)
        .bind(to_json(detail))
        .execute(&mut *tx)
        .await?;
        Ok(())
    }
}
