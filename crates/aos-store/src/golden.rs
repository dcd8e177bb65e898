//! Golden records: which records are one thing, under ids that stay, and the model they were compared by. Who decides that is elsewhere.

use crate::convert::{count, time, uncount};
use crate::db::{Tx, query, query_as, query_scalar};
use crate::error::{Error, Result};
use crate::page::{Page, PageOf};
use crate::tenant::TenantStore;
use aos_core::ConnectionId;
use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::json;
use std::collections::BTreeMap;
use uuid::Uuid;

/// The model that an entity's records are compared by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResolutionModel {
    pub body: String,
    /// How many records it was fitted on.
    pub fitted_on: u64,
    pub fitted_at: DateTime<Utc>,
    /// Grows with every resolution that changed something.
    pub revision: i64,
}

/// A thing with several records, or one that had several.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct GoldenRecord {
    pub id: Uuid,
    pub entity: String,
    /// The probability of the weakest pair that holds it together.
    pub cohesion: f64,
    /// 0 when it is no more.
    pub members: u64,
    pub merged_into: Option<Uuid>,
    pub split_from: Option<Uuid>,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

/// A record as it is named within an entity.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
pub struct RecordPlace {
    pub connection_id: ConnectionId,
    pub record_id: String,
}

/// A thing as it is from now on.
#[derive(Debug, Clone, PartialEq)]
pub struct NewGolden {
    pub id: Uuid,
    pub cohesion: f64,
    pub members: Vec<RecordPlace>,
    /// Things that are this one now.
    pub merged: Vec<Uuid>,
    pub split_from: Option<Uuid>,
}

/// What a resolution changes of an entity.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ResolutionChange {
    /// The revision that the resolution began with; 0 before the first one, which brings a model.
    pub revision: i64,
    /// The model's body and how many records it was fitted on, when it is a new one.
    pub model: Option<(String, u64)>,
    pub golden: Vec<NewGolden>,
    /// Records that belong to no golden record any more, and things that are gone.
    pub loose: Vec<RecordPlace>,
    pub gone: Vec<Uuid>,
}

type Row = (Uuid, String, f64, i64, Option<Uuid>, Option<Uuid>, i64, i64);

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT id, entity, cohesion, members, merged_into, split_from, created_at, updated_at
               FROM golden_records
              WHERE tenant_id = $1 AND entity = $2 AND ",
            $rest
        )
    };
}

impl TenantStore<'_> {
    pub async fn resolution_model(&self, entity: &str) -> Result<Option<ResolutionModel>> {
        let found = query_as::<(String, i64, i64, i64)>(
            "SELECT body, fitted_on, fitted_at, revision FROM resolution_models WHERE tenant_id = $1 AND entity = $2",
        )
        .bind(self.id())
        .bind(entity)
        .fetch_optional(self.reader())
        .await?;
        let model = |(body, fitted_on, fitted_at, revision)| ResolutionModel {
            body,
            fitted_on: uncount(fitted_on),
            fitted_at: time(fitted_at),
            revision,
        };
        Ok(found.map(model))
    }

    /// Returns the revision of an entity's latest resolution that changed something; 0 before the first one.
    pub async fn resolution_revision(&self, entity: &str) -> Result<i64> {
        let found = query_scalar::<i64>("SELECT revision FROM resolution_models WHERE tenant_id = $1 AND entity = $2");
        Ok(found.bind(self.id()).bind(entity).fetch_optional(self.reader()).await?.unwrap_or_default())
    }

    /// Lists the golden records of an entity that have records, by their ids.
    pub async fn list_golden(&self, entity: &str, page: Page) -> Result<PageOf<GoldenRecord>> {
        let rows = query_as::<Row>(select!("members > 0 AND ($3 IS NULL OR id > $3) ORDER BY id LIMIT $4"))
            .bind(self.id())
            .bind(entity)
            .bind(page.after_id()?)
            .bind(page.fetch())
            .fetch_all(self.reader())
            .await?;
        Ok(page.of(rows.into_iter().map(golden).collect(), |golden: &GoldenRecord| golden.id))
    }

    /// Returns a golden record, also one that is no more.
    pub async fn golden(&self, entity: &str, id: Uuid) -> Result<Option<GoldenRecord>> {
        let found = query_as::<Row>(select!("id = $3"))
            .bind(self.id())
            .bind(entity)
            .bind(id)
            .fetch_optional(self.reader())
            .await?;
        Ok(found.map(golden))
    }

    /// Lists the things that are this one now; each was merged when it was last changed.
    pub async fn merged_into(&self, entity: &str, id: Uuid) -> Result<Vec<GoldenRecord>> {
        self.related(select!("merged_into = $3 ORDER BY id"), entity, id).await
    }

    /// Lists the things that were made of records of this one, those that are no more included.
    pub async fn split_from(&self, entity: &str, id: Uuid) -> Result<Vec<GoldenRecord>> {
        self.related(select!("split_from = $3 ORDER BY id"), entity, id).await
    }

    async fn related(&self, select: &'static str, entity: &str, id: Uuid) -> Result<Vec<GoldenRecord>> {
        let rows = query_as::<Row>(select).bind(self.id()).bind(entity).bind(id).fetch_all(self.reader()).await?;
        Ok(rows.into_iter().map(golden).collect())
    }

    /// Lists the records of one golden record, or of all of an entity's, in order.
    pub async fn golden_members(&self, entity: &str, id: Option<Uuid>) -> Result<Vec<(RecordPlace, Uuid)>> {
        let rows = query_as::<(Uuid, String, Uuid)>(
            "SELECT connection_id, record_id, golden_id
               FROM golden_members
              WHERE tenant_id = $1 AND entity = $2 AND ($3 IS NULL OR golden_id = $3)
              ORDER BY connection_id, record_id",
        )
        .bind(self.id())
        .bind(entity)
        .bind(id)
        .fetch_all(self.reader())
        .await?;
        let member = |(connection, record_id, golden): (Uuid, String, Uuid)| {
            (RecordPlace { connection_id: ConnectionId(connection), record_id }, golden)
        };
        Ok(rows.into_iter().map(member).collect())
    }

    /// Returns of an entity's golden records the probability of the weakest pair that holds each together.
    pub async fn cohesions(&self, entity: &str) -> Result<BTreeMap<Uuid, f64>> {
        let rows = query_as::<(Uuid, f64)>(
            "SELECT id, cohesion FROM golden_records WHERE tenant_id = $1 AND entity = $2 AND members > 0",
        )
        .bind(self.id())
        .bind(entity)
        .fetch_all(self.reader())
        .await?;
        Ok(rows.into_iter().collect())
    }

    /// Returns the golden record that a record belongs to, if it is one of several or has kept an id.
    pub async fn golden_of(&self, entity: &str, place: &RecordPlace) -> Result<Option<Uuid>> {
        query_scalar::<Uuid>(
            "SELECT golden_id FROM golden_members
              WHERE tenant_id = $1 AND entity = $2 AND connection_id = $3 AND record_id = $4",
        )
        .bind(self.id())
        .bind(entity)
        .bind(place.connection_id.0)
        .bind(&place.record_id)
        .fetch_optional(self.reader())
        .await
    }

    /// Keeps what a resolution found, all of it or nothing.
    ///
    /// # Errors
    /// [`Error::Stale`] when another resolution changed something since this one began.
    pub async fn save_resolution(&self, entity: &str, change: &ResolutionChange) -> Result<()> {
        let mut tx = self.begin().await?;
        self.take_turn(&mut tx, entity, change).await?;
        for place in &change.loose {
            query(
                "DELETE FROM golden_members
                  WHERE tenant_id = $1 AND entity = $2 AND connection_id = $3 AND record_id = $4",
            )
            .bind(self.id())
            .bind(entity)
            .bind(place.connection_id.0)
            .bind(&place.record_id)
            .execute(&mut tx)
            .await?;
        }
        for golden in &change.golden {
            self.save_golden(&mut tx, entity, golden).await?;
        }
        for gone in &change.gone {
            self.end_golden(&mut tx, entity, *gone, None).await?;
        }
        let detail = json!({
            "golden": change.golden.len(), "gone": change.gone.len(), "refitted": change.model.is_some(),
        });
        self.audit(&mut tx, "golden.resolve", entity, detail).await?;
        tx.commit().await
    }

    async fn take_turn(&self, tx: &mut Tx, entity: &str, change: &ResolutionChange) -> Result<()> {
        let (body, fitted_on) = change.model.as_ref().map_or((None, None), |(body, of)| (Some(body), Some(count(*of))));
        let taken = if change.revision == 0 {
            query(
                "INSERT INTO resolution_models (tenant_id, entity, body, fitted_on, fitted_at, revision)
                 VALUES ($1, $2, $3, $4, $5, 1)
                 ON CONFLICT (tenant_id, entity) DO NOTHING",
            )
            .bind(self.id())
            .bind(entity)
            .bind(body.map_or("{}", String::as_str))
            .bind(fitted_on.unwrap_or_default())
            .bind(self.now())
            .execute(&mut *tx)
            .await?
        } else {
            query(
                "UPDATE resolution_models
                    SET body = COALESCE($3, body), fitted_on = COALESCE($4, fitted_on), revision = revision + 1,
                        fitted_at = CASE WHEN $3 IS NULL THEN fitted_at ELSE $5 END
                  WHERE tenant_id = $1 AND entity = $2 AND revision = $6",
            )
            .bind(self.id())
            .bind(entity)
            .bind(body)
            .bind(fitted_on)
            .bind(self.now())
            .bind(change.revision)
            .execute(&mut *tx)
            .await?
        };
        if taken == 0 {
            return Err(Error::Stale { what: format!("the resolution of {entity}") });
        }
        Ok(())
    }

    async fn save_golden(&self, tx: &mut Tx, entity: &str, golden: &NewGolden) -> Result<()> {
        query(
            "INSERT INTO golden_records (tenant_id, entity, id, cohesion, members, split_from, created_at, updated_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $7)
             ON CONFLICT (tenant_id, entity, id)
             DO UPDATE SET cohesion = excluded.cohesion, members = excluded.members, merged_into = NULL,
                           updated_at = excluded.updated_at",
        )
        .bind(self.id())
        .bind(entity)
        .bind(golden.id)
        .bind(golden.cohesion)
        .bind(count(golden.members.len() as u64))
        .bind(golden.split_from)
        .bind(self.now())
        .execute(&mut *tx)
        .await?;
        for place in &golden.members {
            query(
                "INSERT INTO golden_members (tenant_id, entity, connection_id, record_id, golden_id) VALUES ($1, $2, $3, $4, $5)
                 ON CONFLICT (tenant_id, entity, connection_id, record_id) DO UPDATE SET golden_id = excluded.golden_id",
            )
            .bind(self.id())
            .bind(entity)
            .bind(place.connection_id.0)
            .bind(&place.record_id)
            .bind(golden.id)
            .execute(&mut *tx)
            .await?;
        }
        for merged in &golden.merged {
            self.end_golden(tx, entity, *merged, Some(golden.id)).await?;
        }
        Ok(())
    }

    async fn end_golden(&self, tx: &mut Tx, entity: &str, id: Uuid, into: Option<Uuid>) -> Result<()> {
        query(
            "INSERT INTO golden_records (tenant_id, entity, id, cohesion, members, merged_into, created_at, updated_at)
             VALUES ($1, $2, $3, 1, 0, $4, $5, $5)
             ON CONFLICT (tenant_id, entity, id)
             DO UPDATE SET members = 0, merged_into = excluded.merged_into, updated_at = excluded.updated_at",
        )
        .bind(self.id())
        .bind(entity)
        .bind(id)
        .bind(into)
        .bind(self.now())
        .execute(tx)
        .await?;
        Ok(())
    }
}

fn golden(row: Row) -> GoldenRecord {
    let (id, entity, cohesion, members, merged_into, split_from, created_at, updated_at) = row;
    GoldenRecord {
        id,
        entity,
        cohesion,
        members: uncount(members),
        merged_into,
        split_from,
        created_at: time(created_at),
        updated_at: time(updated_at),
    }
}
