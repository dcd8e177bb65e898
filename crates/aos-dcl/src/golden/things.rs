//! Records counted as things: whether golden records are of today, and the engine's views of them brought up to what was resolved.

use super::compared::resolvable;
use super::detail::survivor;
use crate::Result;
use crate::engine::{GoldenMember, VersionedRecord};
use crate::service::TenantDcl;
use aos_core::ontology::Entity;
use aos_resolve::RecordKey;
use aos_store::{ComparedPairs, RecordPlace, Resolution};
use chrono::{DateTime, Utc};
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// Golden records whose records are looked at in one go.
const THINGS_AT_ONCE: usize = 400;

/// How far the records of an entity are known as things.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unification {
    /// Nobody has compared them.
    Never,
    /// Some came, changed or went since they were compared.
    Stale { at: DateTime<Utc> },
    Fresh {
        at: DateTime<Utc>,
        /// What the comparison said of pairs; none where that was not noted.
        pairs: Option<ComparedPairs>,
    },
}

impl TenantDcl {
    /// Says of entities whose records can be things how far they are. The views of those that are known as things can be asked afterwards.
    pub async fn unification(&self, entities: &BTreeSet<String>) -> Result<BTreeMap<String, Unification>> {
        let ontology = self.ontology().await?;
        let resolved = self.store().resolutions().await?;
        let mut known = BTreeMap::new();
        for entity in resolvable(&ontology).into_iter().filter(|entity| entities.contains(entity)) {
            let standing = match resolved.get(&entity) {
                None => Unification::Never,
                Some(resolution) if self.is_of_today(&entity, resolution).await? => {
                    self.bring_golden(&entity, resolution, None).await?;
                    Unification::Fresh { at: resolution.ended_at, pairs: resolution.pairs }
                }
                Some(resolution) => Unification::Stale { at: resolution.ended_at },
            };
            known.insert(entity, standing);
        }
        Ok(known)
    }

    /// Brings the views of things up to what was resolved last, also where records have changed since.
    pub async fn bring_things(&self, entities: &BTreeSet<String>) -> Result<()> {
        let resolved = self.store().resolutions().await?;
        for entity in entities {
            let Some(resolution) = resolved.get(entity) else { continue };
            let changed = !self.is_of_today(entity, resolution).await?;
            let position = if changed { Some(self.store().head().await?.position) } else { None };
            self.bring_golden(entity, resolution, position).await?;
        }
        Ok(())
    }

    /// Returns the latest comparison of an entity's records.
    pub async fn unified(&self, entity: &str) -> Result<Option<Resolution>> {
        Ok(self.store().resolutions().await?.remove(entity))
    }

    /// Returns when an entity's records were compared last.
    pub async fn unified_at(&self, entity: &str) -> Result<Option<DateTime<Utc>>> {
        Ok(self.store().resolutions().await?.get(entity).map(|resolution| resolution.ended_at))
    }

    async fn is_of_today(&self, entity: &str, resolution: &Resolution) -> Result<bool> {
        let head = self.store().head().await?;
        Ok(head.epoch == resolution.head.epoch
            && !self.store().has_changed_since(entity, resolution.head.position).await?)
    }

    /// Hands the engine an entity's golden records, unless it has these already. `changed_at` stands for values that are newer than the resolution.
    async fn bring_golden(&self, entity: &str, resolution: &Resolution, changed_at: Option<i64>) -> Result<()> {
        let revision = self.store().resolution_revision(entity).await?;
        let stamp = format!(
            "{}.{}.{}.{}.{}",
            revision,
            resolution.head.epoch,
            resolution.head.position,
            resolution.ended_at.timestamp_micros(),
            changed_at.unwrap_or_default()
        );
        let name = entity.to_owned();
        let held = self.with_fresh_engine(move |engine| engine.golden_stamp(&name)).await?;
        if held.as_deref() == Some(stamp.as_str()) {
            return Ok(());
        }
        let members = self.surviving(entity).await?;
        let entity = entity.to_owned();
        self.with_fresh_engine(move |engine| engine.load_golden(&entity, &stamp, &members)).await
    }

    /// Says of every record that belongs to a golden record for which fields its value survives.
    async fn surviving(&self, entity: &str) -> Result<Vec<GoldenMember>> {
        let definition = self.golden_entity(entity).await?;
        let mut things: BTreeMap<Uuid, Vec<RecordPlace>> = BTreeMap::new();
        for (place, id) in self.store().golden_members(entity, None).await? {
            things.entry(id).or_default().push(place);
        }
        let cohesions = self.store().cohesions(entity).await?;
        let mut members = Vec::new();
        let things: Vec<(Uuid, Vec<RecordPlace>)> = things.into_iter().collect();
        for some in things.chunks(THINGS_AT_ONCE) {
            let places: Vec<RecordPlace> = some.iter().flat_map(|(_, places)| places).cloned().collect();
            let records = self.records_at(entity, &places).await?;
            for (id, places) in some {
                let own: Vec<&VersionedRecord> = places
                    .iter()
                    .filter_map(|place| records.get(&(place.connection_id.0, place.record_id.clone())))
                    .collect();
                let cohesion = cohesions.get(id).copied().unwrap_or(1.0);
                members.extend(of_thing(&definition, *id, cohesion, &own));
            }
        }
        Ok(members)
    }
}

fn of_thing(entity: &Entity, golden: Uuid, cohesion: f64, records: &[&VersionedRecord]) -> Vec<GoldenMember> {
    let mut survives: BTreeMap<RecordKey, Vec<String>> = BTreeMap::new();
    for (name, field) in &entity.fields {
        if let Some(survivor) = survivor(name, field, records) {
            survives.entry(survivor.winner.record).or_default().push(name.clone());
        }
    }
    let member = |record: &&VersionedRecord| GoldenMember {
        golden,
        cohesion,
        connection: record.connection,
        record_id: record.record_id.clone(),
        survives: survives.remove(&super::compared::key(record.connection, &record.record_id)).unwrap_or_default(),
    };
    records.iter().map(member).collect()
}
