//! Where a field comes from and where it goes, and which source cell gave a value.

use crate::schemas::field_mappings;
use crate::service::TenantDcl;
use crate::{Error, Result};
use aos_core::policy::{Lens, Sensitivity};
use serde::Serialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;
use uuid::Uuid;

/// One hop: a source column feeds a field.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct FieldLineage {
    /// Always `field`.
    pub kind: String,
    pub source: String,
    pub table: String,
    pub column: String,
    pub entity: String,
    pub field: String,
    pub confidence: f64,
    pub mapping_version: u32,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct LineageOf {
    pub entity: String,
    pub field: String,
    /// Source columns that feed the field.
    pub upstream: Vec<FieldLineage>,
    /// Agents that consume it.
    pub downstream: Vec<Consumer>,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Consumer {
    pub agent: String,
    pub name: String,
}

/// One unified record with the origin of each of its cells.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct RecordDetail {
    pub entity: String,
    pub source: String,
    pub record_id: String,
    #[schema(value_type = Object)]
    pub record: serde_json::Value,
    /// By field: what the record shows and where that comes from.
    pub cells: BTreeMap<String, Cell>,
    /// What the source holds beyond the ontology, by table.
    #[schema(value_type = Object)]
    pub extras: BTreeMap<String, serde_json::Value>,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Cell {
    pub value: serde_json::Value,
    /// The class of personal data that is masked here, when whoever asks may not see it: values are `[masked:<class>]` then.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub masked: Option<String>,
    #[serde(flatten)]
    pub origin: CellOrigin,
    /// Other values of the same record that did not win, with where they come from.
    pub losing: Vec<LosingValue>,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct CellOrigin {
    pub stream: String,
    pub source_field: String,
    pub confidence: f64,
    pub mapping_version: u32,
    pub raw: RawPlace,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct RawPlace {
    /// The lake segment that holds the raw record.
    pub segment: Uuid,
    /// The record's position in its stream.
    pub row: u64,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct LosingValue {
    pub value: serde_json::Value,
    pub stream: String,
    pub source_field: String,
}

impl TenantDcl {
    /// Finds columns, fields, tables and sources by a part of their name.
    pub async fn lineage_search(&self, text: &str, limit: usize) -> Result<Vec<FieldLineage>> {
        let wanted = text.trim().to_lowercase();
        let matches = |hop: &FieldLineage| {
            let path = format!("{}.{}.{} {}.{}", hop.source, hop.table, hop.column, hop.entity, hop.field);
            path.to_lowercase().contains(&wanted)
        };
        Ok(self.hops().await?.into_iter().filter(matches).take(limit).collect())
    }

    /// Returns what feeds a field and what consumes it.
    pub async fn lineage_field(&self, entity: &str, field: &str) -> Result<LineageOf> {
        let ontology = self.ontology().await?;
        let definition = ontology.entity(entity).ok_or_else(|| self.unknown_entity(&ontology, entity))?;
        if !definition.fields.contains_key(field) {
            return Err(Error::NotFound("field"));
        }
        let upstream =
            self.hops().await?.into_iter().filter(|hop| hop.entity == entity && hop.field == field).collect();
        let consumes = |agent: &&aos_core::graph::Agent| {
            agent.consumes.iter().any(|consumed| consumed == entity)
                && agent.key_metrics.iter().any(|metric| metric == field)
        };
        let downstream = self
            .inner
            .agents
            .iter()
            .filter(consumes)
            .map(|agent| Consumer { agent: agent.id.clone(), name: agent.name.clone() })
            .collect();
        Ok(LineageOf { entity: entity.to_owned(), field: field.to_owned(), upstream, downstream })
    }

    /// Returns one unified record, cell by cell.
    pub async fn record(&self, entity: &str, source: &str, record_id: &str) -> Result<RecordDetail> {
        let ontology = self.ontology().await?;
        let definition = ontology.entity(entity).ok_or_else(|| self.unknown_entity(&ontology, entity))?;
        let connection = self.store().find_connection(source).await?.ok_or(Error::NotFound("record"))?;
        let (name, origin, id) = (entity.to_owned(), source.to_owned(), record_id.to_owned());
        let found = self
            .with_fresh_engine(move |engine| engine.record(&name, &origin, &id))
            .await?
            .ok_or(Error::NotFound("record"))?;
        let record = serde_json::Value::Object(found);
        let mut fragments = self.store().fragments(entity, connection.id, record_id).await?;
        fragments.retain(|fragment| !fragment.deleted);
        let mut parsed: Vec<_> = fragments.iter().map(|fragment| (fragment, object(&fragment.data))).collect();
        // The same order by which the unified view chooses: newest version, then the fragment that says more, then its name.
        let says =
            |data: &serde_json::Map<String, serde_json::Value>| data.values().filter(|value| !value.is_null()).count();
        parsed.sort_by(|(a, of_a), (b, of_b)| {
            (b.source_version, says(of_b), &a.fragment).cmp(&(a.source_version, says(of_a), &b.fragment))
        });
        let hops = self.hops().await?;
        let place = |fragment: &aos_store::MaterializedRow, field: &str| {
            let stream = fragment.fragment.split('#').next().unwrap_or_default();
            let hop = hops
                .iter()
                .find(|hop| hop.source == source && hop.table == stream && hop.entity == entity && hop.field == field);
            CellOrigin {
                stream: fragment.fragment.clone(),
                source_field: hop.map(|hop| hop.column.clone()).unwrap_or_default(),
                confidence: hop.map_or(0.0, |hop| hop.confidence),
                mapping_version: fragment.mapping_version,
                raw: RawPlace { segment: fragment.segment_id, row: fragment.raw_position },
            }
        };
        let mut cells = BTreeMap::new();
        let lens = Lens::of(&self.scope);
        for (field, of_field) in &definition.fields {
            let of = Sensitivity::of(of_field);
            let mut values = parsed
                .iter()
                .filter_map(|(fragment, data)| Some((*fragment, data.get(field)?)))
                .filter(|(_, value)| !value.is_null());
            let Some((winner, value)) = values.next() else { continue };
            let losing = values
                .filter(|(_, other)| *other != value)
                .map(|(fragment, other)| {
                    let origin = place(fragment, field);
                    LosingValue {
                        value: lens.value(of, other.clone()),
                        stream: origin.stream,
                        source_field: origin.source_field,
                    }
                })
                .collect();
            let shown = record.get(field).cloned().unwrap_or_else(|| lens.value(of, value.clone()));
            let masked = lens.mask(of).map(|_| of.as_str().to_owned());
            cells.insert(field.clone(), Cell { value: shown, masked, origin: place(winner, field), losing });
        }
        let extras = fragments
            .iter()
            .map(|fragment| {
                let extras = object(&fragment.extras).into_iter();
                let seen = extras.map(|(name, value)| (name, lens.value(Sensitivity::Unclassified, value)));
                (fragment.fragment.clone(), serde_json::Value::Object(seen.collect()))
            })
            .collect();
        Ok(RecordDetail {
            entity: entity.to_owned(),
            source: source.to_owned(),
            record_id: record_id.to_owned(),
            record,
            cells,
            extras,
        })
    }

    async fn hops(&self) -> Result<Vec<FieldLineage>> {
        let names = self.connection_names().await?;
        let mut hops = Vec::new();
        for stored in self.store().list_active_mappings().await? {
            let Some(source) = names.get(&stored.connection_id) else { continue };
            for mapping in &stored.mapping.entities {
                hops.extend(field_mappings(mapping).into_iter().map(|field| FieldLineage {
                    kind: "field".to_owned(),
                    source: source.clone(),
                    table: stored.mapping.stream.clone(),
                    column: field.source_field,
                    entity: mapping.entity.clone(),
                    field: field.ontology_field,
                    confidence: field.confidence,
                    mapping_version: stored.mapping.version,
                }));
            }
        }
        Ok(hops)
    }
}

fn object(json: &str) -> serde_json::Map<String, serde_json::Value> {
    match aos_core::Value::parse_json(json).map(|value| value.to_json()) {
        Ok(serde_json::Value::Object(members)) => members,
        _ => serde_json::Map::new(),
    }
}
