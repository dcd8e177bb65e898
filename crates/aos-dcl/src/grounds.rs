//! What an answer rests on: which tables of which connections feed the fields it uses, under which mappings, how sure those are, and when the
//! tables were last read.

use crate::Result;
use crate::service::TenantDcl;
use aos_core::ledger::Outcome;
use aos_core::policy::Lens;
use aos_core::{Ontology, TenantScope};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use utoipa::ToSchema;

/// Where a tenant's data and words stand, as one value to compare.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Moment {
    /// How many changes have been kept.
    pub position: i64,
    /// Grows when rows vanish without a trace, as with a connection that is deleted.
    pub epoch: i64,
    pub ontology_version: u32,
}

/// One table that feeds what was asked for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Ground {
    pub source: String,
    pub table: String,
    pub entity: String,
    pub mapping_version: u32,
    /// The confidence of the weakest rule that feeds a field which was used, from 0 to 1.
    pub confidence: f64,
    /// When the connection was last read to its end.
    #[schema(required)]
    pub read_at: Option<DateTime<Utc>>,
}

impl TenantDcl {
    /// Returns as whom the tenant is looked at.
    pub fn scope(&self) -> &TenantScope {
        &self.scope
    }

    /// Returns through which lens values are seen.
    pub fn lens(&self) -> Lens {
        Lens::of(&self.scope)
    }

    /// Returns where the tenant stands, and its ontology.
    pub async fn moment(&self) -> Result<(Moment, Arc<Ontology>)> {
        let standing = self.store().standing().await?;
        let ontology = self.vocabulary_of(standing.extension).await?.ontology.clone();
        let (position, epoch) = (standing.head.position, standing.head.epoch);
        Ok((Moment { position, epoch, ontology_version: ontology.version }, ontology))
    }

    /// Returns the tables that feed any of these fields, by entity. Keys alone, by which every table says whose record it is, are no ground of
    /// their own where other fields are used as well.
    pub async fn grounds(&self, used: &BTreeMap<String, BTreeSet<String>>) -> Result<Vec<Ground>> {
        let names = self.connection_names().await?;
        let runs = self.store().last_runs().await?;
        let mut grounds = Vec::new();
        for stored in self.store().list_active_mappings().await? {
            let Some(source) = names.get(&stored.connection_id) else { continue };
            let run = runs.iter().find(|run| run.connection_id == stored.connection_id);
            let whole = |outcome| matches!(outcome, Outcome::Success | Outcome::Partial | Outcome::NoChange);
            let read_at = run.filter(|run| run.outcome.is_some_and(whole)).and_then(|run| run.finished_at);
            for mapping in &stored.mapping.entities {
                let Some(fields) = used.get(&mapping.entity) else { continue };
                let rules =
                    mapping.fields.iter().filter(|rule| fields.contains(&rule.target)).map(|rule| rule.confidence);
                let pivot =
                    mapping.pivot.iter().filter(|pivot| pivot.fields.values().any(|field| fields.contains(field)));
                let weakest =
                    rules.chain(pivot.map(|pivot| pivot.confidence)).fold(None, |least: Option<f64>, confidence| {
                        Some(least.map_or(confidence, |least| least.min(confidence)))
                    });
                let Some(confidence) = weakest else { continue };
                grounds.push(Ground {
                    source: source.clone(),
                    table: stored.mapping.stream.clone(),
                    entity: mapping.entity.clone(),
                    mapping_version: stored.mapping.version,
                    confidence,
                    read_at,
                });
            }
        }
        grounds.sort_by(|a, b| (&a.source, &a.table, &a.entity).cmp(&(&b.source, &b.table, &b.entity)));
        Ok(grounds)
    }
}
