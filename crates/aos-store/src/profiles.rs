//! What was accepted of each stream's shape, and what was seen since: seeing never changes what was accepted.

use crate::convert::{from_json, time, to_json};
use crate::db::{Tx, query, query_as};
use crate::error::Result;
use crate::tenant::TenantStore;
use aos_core::ConnectionId;
use aos_core::shape::StreamShape;
use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::{Value, json};
use uuid::Uuid;

/// Stands beside what differs once records of the new shape are committed in the stream's epoch, also where it is not read on any more.
pub(crate) const BEGUN: &str = "begun";

/// What is accepted of a stream, and what differs from it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct StreamProfile {
    /// Counts the changes of its shape.
    pub epoch: i64,
    pub accepted_id: Option<Uuid>,
    /// The shape, with sketches of its values, that the mapping is for.
    pub accepted: Option<StreamShape>,
    pub observed_id: Option<Uuid>,
    /// How what is seen differs from what was accepted; none while it does not.
    pub drift: Option<Value>,
    /// Raw records of the shape that was seen, as the lake names them.
    pub sample: Option<Value>,
    pub contract: Option<Value>,
}

/// A stream that is not as it was accepted.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DriftingStream {
    pub connection_id: ConnectionId,
    pub stream: String,
    pub epoch: i64,
    pub drift: Value,
    pub updated_at: DateTime<Utc>,
}

/// What is different, and what of it is kept.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SeenDrift<'d> {
    pub observed: &'d StreamShape,
    pub drift: &'d Value,
    /// The raw records that show it, where they are not among those that were committed.
    pub sample: Option<&'d Value>,
    /// Whether records of the new shape are committed from here on.
    pub goes_on: bool,
}

type ProfileRow = (i64, Option<Uuid>, Option<Uuid>, Option<String>, Option<String>, Option<String>, Option<String>);

impl TenantStore<'_> {
    /// Returns what is accepted of a stream; the default where nothing was read of it yet.
    pub async fn stream_profile(&self, connection: ConnectionId, stream: &str) -> Result<StreamProfile> {
        let found = query_as::<ProfileRow>(
            "SELECT p.epoch, p.accepted_id, p.observed_id, p.drift, p.sample, p.contract, s.body
               FROM stream_profiles p
               LEFT JOIN stream_shapes s ON s.tenant_id = p.tenant_id AND s.id = p.accepted_id
              WHERE p.tenant_id = $1 AND p.connection_id = $2 AND p.stream = $3",
        );
        let found = found.bind(self.id()).bind(connection.0).bind(stream).fetch_optional(self.reader()).await?;
        let Some((epoch, accepted_id, observed_id, drift, sample, contract, body)) = found else {
            return Ok(StreamProfile::default());
        };
        let json = |text: Option<String>, column| -> Result<Option<Value>> {
            text.map(|text| from_json(&text, "stream_profiles", column, stream)).transpose()
        };
        Ok(StreamProfile {
            epoch,
            accepted_id,
            accepted: body.map(|text| from_json(&text, "stream_shapes", "body", stream)).transpose()?,
            observed_id,
            drift: json(drift, "drift")?,
            sample: json(sample, "sample")?,
            contract: json(contract, "contract")?,
        })
    }

    pub async fn stream_shape(&self, id: Uuid) -> Result<Option<StreamShape>> {
        let found = query_as::<(String,)>("SELECT body FROM stream_shapes WHERE tenant_id = $1 AND id = $2");
        let found = found.bind(self.id()).bind(id).fetch_optional(self.reader()).await?;
        found.map(|(text,)| from_json(&text, "stream_shapes", "body", id)).transpose()
    }

    /// Accepts a shape: what was seen so far is as it should be. The epoch stays, since no mapping changes.
    pub async fn accept_shape(&self, connection: ConnectionId, shape: &StreamShape) -> Result<Uuid> {
        let mut tx = self.begin().await?;
        let id = self.insert_shape(&mut tx, connection, shape).await?;
        self.accept_in(&mut tx, connection, &shape.stream, id, 0).await?;
        let resource = format!("{connection}/{}", shape.stream);
        self.audit(&mut tx, "shape.accept", &resource, json!({ "shape": id })).await?;
        tx.commit().await?;
        Ok(id)
    }

    /// Keeps how a stream differs from what was accepted, which stays. A new epoch begins with the first record of another shape that is
    /// committed.
    pub async fn note_drift(&self, connection: ConnectionId, seen: SeenDrift<'_>) -> Result<i64> {
        let mut tx = self.begin().await?;
        let stream = &seen.observed.stream;
        let before = self.profile_in(&mut tx, connection, stream).await?;
        let id = self.insert_shape(&mut tx, connection, seen.observed).await?;
        let (epoch, begun) = before.unwrap_or_default();
        let epoch = epoch + i64::from(seen.goes_on && !begun);
        let mut drift = seen.drift.clone();
        drift["goes_on"] = seen.goes_on.into();
        drift[BEGUN] = (seen.goes_on || begun).into();
        query(
            "UPDATE stream_profiles
                SET epoch = $4, observed_id = $5, drift = $6, sample = COALESCE($7, sample), updated_at = $8
              WHERE tenant_id = $1 AND connection_id = $2 AND stream = $3",
        )
        .bind(self.id())
        .bind(connection.0)
        .bind(stream)
        .bind(epoch)
        .bind(id)
        .bind(to_json(&drift))
        .bind(seen.sample.map(to_json))
        .bind(self.now())
        .execute(&mut tx)
        .await?;
        self.prune_shapes(&mut tx, connection, stream).await?;
        tx.commit().await?;
        Ok(epoch)
    }

    /// Says that a stream is again as it was accepted. Says whether it was not before.
    pub async fn clear_drift(&self, connection: ConnectionId, stream: &str) -> Result<bool> {
        let mut tx = self.begin().await?;
        let Some((epoch, begun)) = self.profile_in(&mut tx, connection, stream).await? else { return Ok(false) };
        let cleared = query(
            "UPDATE stream_profiles SET drift = NULL, observed_id = NULL, sample = NULL, epoch = $4, updated_at = $5
              WHERE tenant_id = $1 AND connection_id = $2 AND stream = $3 AND drift IS NOT NULL",
        )
        .bind(self.id())
        .bind(connection.0)
        .bind(stream)
        .bind(epoch + i64::from(begun))
        .bind(self.now())
        .execute(&mut tx)
        .await?;
        tx.commit().await?;
        Ok(cleared > 0)
    }

    /// Sets what a contract says of a stream, or with `None` forgets it.
    pub async fn put_contract(&self, connection: ConnectionId, stream: &str, contract: Option<&Value>) -> Result<()> {
        let mut tx = self.begin().await?;
        self.profile_in(&mut tx, connection, stream).await?;
        query(
            "UPDATE stream_profiles SET contract = $4, updated_at = $5
              WHERE tenant_id = $1 AND connection_id = $2 AND stream = $3",
        )
        .bind(self.id())
        .bind(connection.0)
        .bind(stream)
        .bind(contract.map(to_json))
        .bind(self.now())
        .execute(&mut tx)
        .await?;
        let resource = format!("{connection}/{stream}");
        self.audit(&mut tx, "contract.put", &resource, json!({ "contract": contract })).await?;
        tx.commit().await
    }

    /// Lists the streams that are not as they were accepted.
    pub async fn list_drifting(&self) -> Result<Vec<DriftingStream>> {
        let rows = query_as::<(Uuid, String, i64, String, i64)>(
            "SELECT connection_id, stream, epoch, drift, updated_at
               FROM stream_profiles
              WHERE tenant_id = $1 AND drift IS NOT NULL
              ORDER BY connection_id, stream",
        );
        let rows = rows.bind(self.id()).fetch_all(self.reader()).await?;
        let drifting = |(connection, stream, epoch, drift, updated_at): (Uuid, String, i64, String, i64)| {
            Ok(DriftingStream {
                connection_id: ConnectionId(connection),
                epoch,
                drift: from_json(&drift, "stream_profiles", "drift", &stream)?,
                stream,
                updated_at: time(updated_at),
            })
        };
        rows.into_iter().map(drifting).collect()
    }

    /// Makes a shape the accepted one, so that nothing differs any more. What was seen stays known until the stream is read again.
    pub(crate) async fn accept_in(
        &self,
        tx: &mut Tx,
        connection: ConnectionId,
        stream: &str,
        shape: Uuid,
        epochs: i64,
    ) -> Result<i64> {
        let epoch = self.profile_in(tx, connection, stream).await?.map_or(0, |(epoch, _)| epoch) + epochs;
        query(
            "UPDATE stream_profiles
                SET accepted_id = $4, drift = NULL, epoch = $5, updated_at = $6
              WHERE tenant_id = $1 AND connection_id = $2 AND stream = $3",
        )
        .bind(self.id())
        .bind(connection.0)
        .bind(stream)
        .bind(shape)
        .bind(epoch)
        .bind(self.now())
        .execute(&mut *tx)
        .await?;
        self.prune_shapes(tx, connection, stream).await?;
        Ok(epoch)
    }

    pub(crate) async fn insert_shape(
        &self,
        tx: &mut Tx,
        connection: ConnectionId,
        shape: &StreamShape,
    ) -> Result<Uuid> {
        let id = Uuid::now_v7();
        query(
            "INSERT INTO stream_shapes (tenant_id, id, connection_id, stream, fingerprint, body, created_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7)",
        )
        .bind(self.id())
        .bind(id)
        .bind(connection.0)
        .bind(&shape.stream)
        .bind(shape.fingerprint())
        .bind(without_nul(to_json(shape)))
        .bind(self.now())
        .execute(&mut *tx)
        .await?;
        Ok(id)
    }

    /// Returns a stream's epoch, and whether records that differ are committed in it; the profile is made when there is none, and held until the
    /// end of the transaction.
    pub(crate) async fn profile_in(
        &self,
        tx: &mut Tx,
        connection: ConnectionId,
        stream: &str,
    ) -> Result<Option<(i64, bool)>> {
        let row = query_as::<(i64, Option<String>)>(
            "INSERT INTO stream_profiles (tenant_id, connection_id, stream, updated_at) VALUES ($1, $2, $3, $4)
             ON CONFLICT (tenant_id, connection_id, stream) DO UPDATE SET updated_at = excluded.updated_at
             RETURNING epoch, drift",
        );
        let row = row.bind(self.id()).bind(connection.0).bind(stream).bind(self.now()).fetch_optional(tx).await?;
        let Some((epoch, drift)) = row else { return Ok(None) };
        let drift: Option<Value> =
            drift.map(|text| from_json(&text, "stream_profiles", "drift", stream)).transpose()?;
        Ok(Some((epoch, drift.as_ref().is_some_and(has_begun))))
    }

    /// Forgets the shapes that nothing refers to any more.
    async fn prune_shapes(&self, tx: &mut Tx, connection: ConnectionId, stream: &str) -> Result<()> {
        query(
            "DELETE FROM stream_shapes
              WHERE tenant_id = $1 AND connection_id = $2 AND stream = $3
                AND NOT EXISTS (SELECT 1 FROM stream_profiles p
                                 WHERE p.tenant_id = $1 AND p.connection_id = $2 AND p.stream = $3
                                   AND (p.accepted_id = stream_shapes.id OR p.observed_id = stream_shapes.id))
                AND NOT EXISTS (SELECT 1 FROM mappings m
                                 WHERE m.tenant_id = $1 AND m.connection_id = $2 AND m.stream = $3
                                   AND m.shape_id = stream_shapes.id)",
        )
        .bind(self.id())
        .bind(connection.0)
        .bind(stream)
        .execute(tx)
        .await?;
        Ok(())
    }
}

impl StreamProfile {
    /// Whether records that differ from what was accepted are committed in the stream's epoch.
    pub fn has_begun(&self) -> bool {
        self.drift.as_ref().is_some_and(has_begun)
    }
}

/// What differs and is kept all the same has begun, too: that is all that was once written down.
fn has_begun(drift: &Value) -> bool {
    drift[BEGUN] == true || drift["goes_on"] == true
}

/// Samples may hold what PostgreSQL keeps in no text; in JSON it is written as an escape.
fn without_nul(json: String) -> String {
    if json.contains("\\u0000") { json.replace("\\u0000", "\\ufffd") } else { json }
}
