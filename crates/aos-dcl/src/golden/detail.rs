//! Golden records as they are shown: for each field the value that survives and the ones that do not, the records behind it, and why they
//! belong together.

use super::compared::{fields, is_of_contacts, key, key_of, place, record};
use super::history::{GoldenChange, GoldenEvent, ThingRuling};
use crate::engine::VersionedRecord;
use crate::service::TenantDcl;
use crate::{Error, Result};
use aos_core::ontology::{Entity, Field, Pii};
use aos_core::policy::{Lens, Sensitivity};
use aos_resolve::{Candidate, Class, PairEvidence, RecordKey, Resolver, Rule, Survivor, singleton_id, survive};
use aos_store::{GoldenRecord, Page, PageOf, RecordPlace};
use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use utoipa::ToSchema;
use uuid::Uuid;

/// Records of one thing that are looked at when it is explained; more would be no explanation.
const EXPLAINED_MAX: usize = 30;

/// A thing with the values that survive.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct GoldenSummary {
    pub id: Uuid,
    /// How many records it has.
    pub records: u64,
    /// The probability of the weakest pair that holds it together.
    pub cohesion: f64,
    #[schema(value_type = Object)]
    pub record: Map<String, Value>,
    pub updated_at: DateTime<Utc>,
}

/// A thing, explained.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct GoldenDetail {
    pub id: Uuid,
    pub entity: String,
    pub cohesion: f64,
    /// The thing that this one is now, when it was merged; it has no records then.
    pub merged_into: Option<Uuid>,
    /// The thing that its records were parted from, if they were.
    pub split_from: Option<Uuid>,
    /// Things that are this one now.
    pub merged: Vec<Uuid>,
    /// By field: what survives, why, and what does not.
    pub cells: BTreeMap<String, GoldenCell>,
    pub members: Vec<GoldenMember>,
    /// What binds each record to the one that it is most like, the weakest first.
    pub links: Vec<GoldenLink>,
    /// What became of it, the latest first. A record that is a thing of its own has no history.
    pub history: Vec<GoldenEvent>,
    /// What people ruled about its records, the newest first; what was taken back is among it.
    pub rulings: Vec<ThingRuling>,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct GoldenCell {
    pub value: Value,
    /// `most_sources`, `newest` or `longest`.
    pub rule: String,
    pub source: String,
    pub record_id: String,
    /// The class of personal data that is masked here, when whoever asks may not see it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub masked: Option<String>,
    /// Values that did not survive.
    pub losing: Vec<LosingCell>,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct LosingCell {
    pub value: Value,
    pub source: String,
    pub record_id: String,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct GoldenMember {
    pub connection_id: Uuid,
    pub source: String,
    pub record_id: String,
    #[schema(value_type = Object)]
    pub record: Map<String, Value>,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct GoldenLink {
    pub left: String,
    pub right: String,
    /// Level and bits of each field, under the model of the latest resolution and without the rivals that other records are.
    #[schema(value_type = Object)]
    pub evidence: PairEvidence,
}

impl TenantDcl {
    /// Lists things that have several records, or an id of their own.
    pub async fn golden_records(&self, entity: &str, page: Page) -> Result<PageOf<GoldenSummary>> {
        let definition = self.golden_entity(entity).await?;
        let found = self.store().list_golden(entity, page).await?;
        let mut items = Vec::with_capacity(found.items.len());
        let mut members: Vec<Vec<RecordPlace>> = Vec::new();
        for golden in &found.items {
            let places = self.store().golden_members(entity, Some(golden.id)).await?;
            members.push(places.into_iter().map(|(place, _)| place).collect());
        }
        let all: Vec<RecordPlace> =
            members.iter().flat_map(|places| places.iter().take(EXPLAINED_MAX)).cloned().collect();
        let records = self.records_at(entity, &all).await?;
        for (golden, places) in found.items.into_iter().zip(members) {
            let own: Vec<&VersionedRecord> = places
                .iter()
                .filter_map(|place| records.get(&(place.connection_id.0, place.record_id.clone())))
                .collect();
            let cells = self.cells(&definition, &own);
            items.push(GoldenSummary {
                id: golden.id,
                records: golden.members,
                cohesion: golden.cohesion,
                record: cells.into_iter().map(|(field, cell)| (field, cell.value)).collect(),
                updated_at: golden.updated_at,
            });
        }
        Ok(PageOf { items, next_cursor: found.next_cursor })
    }

    /// Explains a thing.
    pub async fn golden_record(&self, entity: &str, id: Uuid) -> Result<GoldenDetail> {
        self.golden_entity(entity).await?;
        let golden = self.store().golden(entity, id).await?.ok_or(Error::NotFound("golden_record"))?;
        let places = self.store().golden_members(entity, Some(id)).await?;
        let history = self.history(&golden).await?;
        self.explained(golden, places.into_iter().map(|(place, _)| place).collect(), history).await
    }

    /// Explains the thing that a record is.
    pub async fn golden_of_record(&self, entity: &str, source: &str, record_id: &str) -> Result<GoldenDetail> {
        self.golden_entity(entity).await?;
        let connection = self.store().find_connection(source).await?.ok_or(Error::NotFound("record"))?;
        let own = RecordPlace { connection_id: connection.id, record_id: record_id.to_owned() };
        if let Some(id) = self.store().golden_of(entity, &own).await? {
            return self.golden_record(entity, id).await;
        }
        if self.records_at(entity, std::slice::from_ref(&own)).await?.is_empty() {
            return Err(Error::NotFound("record"));
        }
        let now = self.inner.clock.now();
        let alone = GoldenRecord {
            id: singleton_id(&key_of(&own)),
            entity: entity.to_owned(),
            cohesion: 1.0,
            members: 1,
            merged_into: None,
            split_from: None,
            created_at: now,
            updated_at: now,
        };
        self.explained(alone, vec![own], Vec::new()).await
    }

    pub(super) async fn golden_entity(&self, entity: &str) -> Result<Entity> {
        let ontology = self.ontology().await?;
        ontology.entity(entity).cloned().ok_or_else(|| self.unknown_entity(&ontology, entity))
    }

    async fn explained(
        &self,
        golden: GoldenRecord,
        places: Vec<RecordPlace>,
        history: Vec<GoldenEvent>,
    ) -> Result<GoldenDetail> {
        let definition = self.golden_entity(&golden.entity).await?;
        let places = &places[..places.len().min(EXPLAINED_MAX)];
        let records = self.records_at(&golden.entity, places).await?;
        let own: Vec<&VersionedRecord> = records.values().collect();
        let lens = Lens::of(&self.scope);
        let members = own.iter().map(|record| GoldenMember {
            connection_id: record.connection,
            source: record.source.clone(),
            record_id: record.record_id.clone(),
            record: shown(&lens, &definition, &record.values),
        });
        Ok(GoldenDetail {
            id: golden.id,
            cohesion: golden.cohesion,
            merged_into: golden.merged_into,
            split_from: golden.split_from,
            merged: taken(&history),
            cells: self.cells(&definition, &own),
            members: members.collect(),
            links: self.links(&golden.entity, &definition, &own).await?,
            history,
            rulings: self.rulings_of(&golden.entity, places).await?,
            entity: golden.entity,
        })
    }

    pub(super) async fn records_at(
        &self,
        entity: &str,
        places: &[RecordPlace],
    ) -> Result<BTreeMap<(Uuid, String), VersionedRecord>> {
        let names: Vec<(Uuid, String)> =
            places.iter().map(|place| (place.connection_id.0, place.record_id.clone())).collect();
        let mut records = BTreeMap::new();
        for names in names.chunks(1_000).map(<[_]>::to_vec) {
            let entity = entity.to_owned();
            let found = self.with_fresh_engine(move |engine| engine.named_records(&entity, &names)).await?;
            records.extend(found.into_iter().map(|record| ((record.connection, record.record_id.clone()), record)));
        }
        Ok(records)
    }

    fn cells(&self, entity: &Entity, records: &[&VersionedRecord]) -> BTreeMap<String, GoldenCell> {
        let lens = Lens::of(&self.scope);
        let mut cells = BTreeMap::new();
        let sources: BTreeMap<RecordKey, &str> =
            records.iter().map(|record| (key(record.connection, &record.record_id), record.source.as_str())).collect();
        for (name, field) in &entity.fields {
            let Some(survivor) = survivor(name, field, records) else { continue };
            let of = Sensitivity::of(field);
            let source = |key: &RecordKey| sources.get(key).map(|source| (*source).to_owned()).unwrap_or_default();
            let losing = survivor.losing.iter().map(|losing| LosingCell {
                value: lens.value(of, losing.value.clone()),
                source: source(&losing.record),
                record_id: losing.record.id.clone(),
            });
            cells.insert(
                name.clone(),
                GoldenCell {
                    value: lens.value(of, survivor.winner.value.clone()),
                    rule: survivor.rule.as_str().to_owned(),
                    source: source(&survivor.winner.record),
                    record_id: survivor.winner.record.id.clone(),
                    masked: lens.mask(of).map(|_| of.as_str().to_owned()),
                    losing: losing.collect(),
                },
            );
        }
        cells
    }

    async fn links(&self, name: &str, entity: &Entity, records: &[&VersionedRecord]) -> Result<Vec<GoldenLink>> {
        let Some(model) = self.stored_model(name).await?.filter(|_| records.len() > 1) else { return Ok(Vec::new()) };
        let (fields, beside) = (fields(entity), self.beside(name).await?);
        let compared: Vec<_> = records.iter().map(|from| record(entity, &fields, &beside, from)).collect();
        let keys: Vec<RecordKey> = compared.iter().map(|record| record.key.clone()).collect();
        let resolver = Resolver::new(model, compared);
        let names = self.connection_names().await?;
        let shown = |key: &RecordKey| {
            let place = place(key);
            format!("{}/{}", names.get(&place.connection_id).map_or("", String::as_str), place.record_id)
        };
        let mut links = Vec::new();
        for (at, left) in keys.iter().enumerate() {
            let others = keys.iter().enumerate().filter(|(other, _)| *other != at);
            let best = others
                .filter_map(|(other, right)| Some((other, right, resolver.explain(left, right)?)))
                .max_by(|a, b| a.2.probability.total_cmp(&b.2.probability).then(b.0.cmp(&a.0)));
            let Some((_, right, mut evidence)) = best else { continue };
            let pair = (shown(left), shown(right));
            if links.iter().any(|link: &GoldenLink| link.left == pair.1 && link.right == pair.0) {
                continue;
            }
            self.mask_evidence(entity, &mut evidence);
            links.push(GoldenLink { left: pair.0, right: pair.1, evidence });
        }
        links.sort_by(|a, b| a.evidence.probability.total_cmp(&b.evidence.probability));
        Ok(links)
    }

    pub(super) fn mask_evidence(&self, entity: &Entity, evidence: &mut PairEvidence) {
        let lens = Lens::of(&self.scope);
        for field in &mut evidence.fields {
            let own = entity.fields.get(&field.field).map_or(Sensitivity::Unclassified, Sensitivity::of);
            for side in [&mut field.left, &mut field.right] {
                *side = side.take().map(|value| {
                    let of = if is_of_contacts(&value) { Sensitivity::Personal(Pii::Email) } else { own };
                    lens.text(of, value)
                });
            }
        }
    }
}

fn taken(history: &[GoldenEvent]) -> Vec<Uuid> {
    let mut taken: Vec<Uuid> =
        history.iter().filter(|event| event.what == GoldenChange::Took).filter_map(|event| event.thing).collect();
    taken.sort_unstable();
    taken
}

/// Chooses the value of a field that is taken for true of the thing whose records these are.
pub(super) fn survivor<'r>(name: &str, field: &Field, records: &[&'r VersionedRecord]) -> Option<Survivor<&'r Value>> {
    let candidates: Vec<Candidate<&Value>> = records
        .iter()
        .filter_map(|record| {
            let value = record.values.get(name).filter(|value| !value.is_null())?;
            let record_key = key(record.connection, &record.record_id);
            Some(Candidate { record: record_key, version: record.version, value })
        })
        .collect();
    let class = Class::of_field(name, field);
    let text = |value: &&Value| match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    survive(class, Rule::of(class), &[], &candidates, text)
}

fn shown(lens: &Lens, entity: &Entity, values: &Map<String, Value>) -> Map<String, Value> {
    let of = |name: &str| entity.fields.get(name).map_or(Sensitivity::Unclassified, Sensitivity::of);
    values.iter().map(|(name, value)| (name.clone(), lens.value(of(name), value.clone()))).collect()
}
