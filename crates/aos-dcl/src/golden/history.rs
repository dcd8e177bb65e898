//! What became of a thing over time: when it was made, merged and parted, and what people ruled about its records.

use super::rulings::RecordName;
use crate::Result;
use crate::service::TenantDcl;
use aos_store::{GoldenRecord, RecordPlace, RulingVerdict};
use chrono::{DateTime, Utc};
use serde::Serialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;
use uuid::Uuid;

/// Rulings that are told of each record, the newest ones.
const RULINGS_TOLD_MAX: u32 = 20;

/// Something that became of a thing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct GoldenEvent {
    pub at: DateTime<Utc>,
    pub what: GoldenChange,
    /// The other thing, where there is one.
    #[schema(required)]
    pub thing: Option<Uuid>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum GoldenChange {
    /// Records were first found to be one thing.
    Made,
    /// It was made of records of another thing.
    PartedFrom,
    /// Another thing became part of it.
    Took,
    /// Records of it became another thing.
    GaveAway,
    /// It became part of another thing.
    MergedInto,
}

/// What someone ruled about a record of a thing.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ThingRuling {
    /// It is taken back with `DELETE /api/v1/dcl/unify/rulings/{id}`.
    pub id: Uuid,
    pub left: RecordName,
    pub right: RecordName,
    /// `same` or `different`.
    #[schema(value_type = String, example = "same")]
    pub verdict: RulingVerdict,
    #[schema(required)]
    pub reason: Option<String>,
    /// `user:<id>`, `key:<id>` or `local`.
    pub ruled_by: String,
    pub ruled_at: DateTime<Utc>,
    /// When it was taken back; null while it holds.
    #[schema(required)]
    pub undone_at: Option<DateTime<Utc>>,
    #[schema(required)]
    pub undone_by: Option<String>,
}

impl TenantDcl {
    /// Tells what became of a stored thing, the latest first.
    pub(super) async fn history(&self, golden: &GoldenRecord) -> Result<Vec<GoldenEvent>> {
        let event = |what, thing, at| GoldenEvent { at, what, thing };
        let beginning = match golden.split_from {
            Some(from) => event(GoldenChange::PartedFrom, Some(from), golden.created_at),
            None => event(GoldenChange::Made, None, golden.created_at),
        };
        let mut events = vec![beginning];
        // A thing that was merged, or has no records any more, has not changed since.
        if let Some(into) = golden.merged_into {
            events.push(event(GoldenChange::MergedInto, Some(into), golden.updated_at));
        }
        // What a thing was made of is no later addition.
        let taken = self.store().merged_into(&golden.entity, golden.id).await?;
        for taken in taken.into_iter().filter(|taken| taken.updated_at > golden.created_at) {
            events.push(event(GoldenChange::Took, Some(taken.id), taken.updated_at));
        }
        for parted in self.store().split_from(&golden.entity, golden.id).await? {
            events.push(event(GoldenChange::GaveAway, Some(parted.id), parted.created_at));
        }
        events.sort_by(|a, b| b.at.cmp(&a.at).then(b.what.cmp(&a.what)));
        Ok(events)
    }

    /// Lists what people ruled about some records, the newest first. A ruling that names a record of a deleted connection is left out.
    pub(super) async fn rulings_of(&self, entity: &str, places: &[RecordPlace]) -> Result<Vec<ThingRuling>> {
        let mut known = BTreeMap::new();
        for place in places {
            for ruling in self.store().rulings_about(entity, place, RULINGS_TOLD_MAX).await? {
                known.insert(ruling.id, ruling);
            }
        }
        let names = self.connection_names().await?;
        let name = |place: RecordPlace| {
            Some(RecordName { source: names.get(&place.connection_id)?.clone(), record_id: place.record_id })
        };
        let rulings = known.into_values().rev().filter_map(|ruling| {
            Some(ThingRuling {
                id: ruling.id,
                left: name(ruling.left)?,
                right: name(ruling.right)?,
                verdict: ruling.verdict,
                reason: ruling.reason,
                ruled_by: ruling.ruled_by,
                ruled_at: ruling.ruled_at,
                undone_at: ruling.undone_at,
                undone_by: ruling.undone_by,
            })
        });
        Ok(rulings.collect())
    }
}
