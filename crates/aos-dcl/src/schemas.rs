//! The two tables behind the graph: what each entity is mapped from, and what each source holds.

use crate::Result;
use crate::engine::TenantEngine;
use crate::service::TenantDcl;
use aos_core::Ontology;
use aos_core::mapping::{EntityMapping, FieldRule};
use aos_core::ontology::{Entity, Field};
use aos_core::policy::{Lens, Sensitivity};
use aos_match::TableMatch;
use aos_store::StoredMapping;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// What is kept beside a mapping: why it is as it is.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Explained {
    pub ontology_version: u32,
    #[serde(rename = "match")]
    pub matched: TableMatch,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct OntologySchema {
    pub version: u32,
    pub entities: Vec<EntitySchema>,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct EntitySchema {
    pub name: String,
    pub label: String,
    pub description: String,
    pub key: String,
    /// Unified records held now.
    pub records: u64,
    pub fields: Vec<FieldSchema>,
    pub source_mappings: Vec<SourceMapping>,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct FieldSchema {
    pub name: String,
    #[serde(rename = "type")]
    pub kind: String,
    pub required: bool,
    pub unit: Option<String>,
    pub pii: Option<String>,
    pub references: Option<String>,
    pub description: String,
}

/// How one table feeds an entity.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct SourceMapping {
    pub source: String,
    pub table: String,
    /// `main`, or `further` where the table only carries the entity's key.
    pub role: String,
    pub mapping_version: u32,
    pub field_mappings: Vec<FieldMapping>,
    pub unmapped: Vec<Unmapped>,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct FieldMapping {
    pub source_field: String,
    pub ontology_field: String,
    pub confidence: f64,
    pub evidence: Vec<String>,
    /// What is done to the value on its way, in words; none when it is only renamed and cast.
    pub transform: Option<String>,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Unmapped {
    pub source_field: String,
    pub reason: String,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct SourceSchemas {
    pub sources: Vec<SourceSchema>,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct SourceSchema {
    pub connection_id: Uuid,
    pub source: String,
    pub system: String,
    pub tables: Vec<TableSchema>,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct TableSchema {
    pub name: String,
    pub rows: u64,
    /// The main entity, when the table feeds one.
    pub entity: Option<String>,
    pub columns: Vec<ColumnSchema>,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ColumnSchema {
    pub name: String,
    #[serde(rename = "type")]
    pub kind: String,
    pub nullable: bool,
    pub distinct: u64,
    /// Some values; `[masked:<class>]` for those who may not see them.
    pub samples: Vec<String>,
    pub entity: Option<String>,
    pub field: Option<String>,
    pub confidence: Option<f64>,
    pub evidence: Vec<String>,
    /// Why the column stays unmapped.
    pub reason: Option<String>,
    pub candidates: Vec<CandidateInfo>,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct CandidateInfo {
    pub entity: String,
    pub field: String,
    pub confidence: f64,
}

const SAMPLES_SHOWN: usize = 5;
const CANDIDATES_SHOWN: usize = 5;

impl TenantDcl {
    /// Describes the ontology with every mapping onto it.
    pub async fn ontology_schema(&self) -> Result<OntologySchema> {
        let ontology = self.ontology().await?;
        let names = self.connection_names().await?;
        let mappings = self.store().list_active_mappings().await?;
        let counts = self.with_fresh_engine(TenantEngine::counts).await?;
        let entities = ontology.entities.iter().map(|(name, entity)| EntitySchema {
            records: counts.get(name).map_or(0, |counts| counts.records),
            source_mappings: mappings
                .iter()
                .filter_map(|stored| source_mapping(stored, name, names.get(&stored.connection_id)?))
                .collect(),
            ..entity_schema(name, entity)
        });
        Ok(OntologySchema { version: ontology.version, entities: entities.collect() })
    }

    /// Describes every table of every source, column by column.
    pub async fn source_schemas(&self) -> Result<SourceSchemas> {
        let (ontology, lens) = (self.ontology().await?, Lens::of(&self.scope));
        let store = self.store();
        let streams = store.list_all_streams().await?;
        let mappings = store.list_active_mappings().await?;
        let mut connections = self.all_connections().await?;
        connections.sort_by(|a, b| a.name.cmp(&b.name));
        let sources = connections.into_iter().map(|connection| {
            let own = streams.iter().filter(|stream| stream.connection_id == connection.id);
            let tables = own.map(|stream| {
                let stored = mappings
                    .iter()
                    .find(|stored| stored.connection_id == connection.id && stored.mapping.stream == stream.name);
                table_schema(&ontology, lens, stream, stored)
            });
            SourceSchema {
                connection_id: connection.id.0,
                source: connection.name.clone(),
                system: connection.system.clone(),
                tables: tables.collect(),
            }
        });
        Ok(SourceSchemas { sources: sources.collect() })
    }
}

fn entity_schema(name: &str, entity: &Entity) -> EntitySchema {
    EntitySchema {
        name: name.to_owned(),
        label: if entity.label.is_empty() { name.to_owned() } else { entity.label.clone() },
        description: entity.description.clone(),
        key: entity.key.clone(),
        records: 0,
        fields: entity.fields.iter().map(|(name, field)| field_schema(name, field)).collect(),
        source_mappings: Vec::new(),
    }
}

fn field_schema(name: &str, field: &Field) -> FieldSchema {
    let pii = field.pii.and_then(|pii| serde_json::to_value(pii).ok()?.as_str().map(str::to_owned));
    FieldSchema {
        name: name.to_owned(),
        kind: field.kind.to_string(),
        required: field.required,
        unit: field.unit.clone(),
        pii,
        references: field.references.clone(),
        description: field.description.clone(),
    }
}

fn source_mapping(stored: &StoredMapping, entity: &str, source: &str) -> Option<SourceMapping> {
    let (at, mapping) = stored.mapping.entities.iter().enumerate().find(|(_, mapping)| mapping.entity == entity)?;
    let unmapped = match at {
        0 => explained(stored)
            .into_iter()
            .flat_map(|explained| explained.matched.columns)
            .filter(|column| column.decision.is_none())
            .map(|column| Unmapped { source_field: column.column, reason: column.reason.unwrap_or_default() })
            .collect(),
        _ => Vec::new(),
    };
    Some(SourceMapping {
        source: source.to_owned(),
        table: stored.mapping.stream.clone(),
        role: if at == 0 { "main" } else { "further" }.to_owned(),
        mapping_version: stored.mapping.version,
        field_mappings: field_mappings(mapping),
        unmapped,
    })
}

/// Lists a mapping's rules, those of a pivot included.
pub(crate) fn field_mappings(mapping: &EntityMapping) -> Vec<FieldMapping> {
    let rules = mapping.fields.iter().map(|rule| FieldMapping {
        source_field: rule.sources.join(" + "),
        ontology_field: rule.target.clone(),
        confidence: rule.confidence,
        evidence: rule.evidence.clone(),
        transform: transform_in_words(rule),
    });
    let pivoted = mapping.pivot.iter().flat_map(|pivot| {
        pivot.fields.iter().map(|(metric, field)| FieldMapping {
            source_field: format!("{} = {metric}", pivot.name_source),
            ontology_field: field.clone(),
            confidence: pivot.confidence,
            evidence: vec![format!(
                "long format: {} names the metric, {} holds its value",
                pivot.name_source, pivot.value_source
            )],
            transform: Some("pivot".to_owned()),
        })
    });
    rules.chain(pivoted).collect()
}

fn transform_in_words(rule: &FieldRule) -> Option<String> {
    use aos_core::mapping::Transform;
    let words: Vec<String> = rule
        .transforms
        .iter()
        .map(|transform| match transform {
            Transform::Trim => "trim".to_owned(),
            Transform::NullIf { values } => format!("null if {}", values.join(" or ")),
            Transform::ValueTable { table, .. } => format!("{} values translated", table.len()),
            Transform::Constant { value } => format!("always {value}"),
            Transform::Concat { .. } => "joined".to_owned(),
            Transform::Split { separator, index } => format!("part {index} between {separator:?}"),
            Transform::Scale { factor } => format!("× {factor}"),
            Transform::DateFormat { format } => format!("date as {format}"),
            Transform::Expression { expression } => expression.clone(),
        })
        .collect();
    (!words.is_empty()).then(|| words.join(", "))
}

pub(crate) fn explained(stored: &StoredMapping) -> Option<Explained> {
    serde_json::from_value(stored.matched.clone()).ok()
}

fn table_schema(
    ontology: &Ontology,
    lens: Lens,
    stream: &aos_store::StreamState,
    stored: Option<&StoredMapping>,
) -> TableSchema {
    let matched = stored.and_then(explained).map(|explained| explained.matched);
    let column = |shape: &aos_core::shape::ColumnShape| {
        let found =
            matched.as_ref().and_then(|matched| matched.columns.iter().find(|column| column.column == shape.path));
        let decision = found.and_then(|column| column.decision.as_ref());
        let of = Sensitivity::of_column(ontology, stored.map(|stored| &stored.mapping), &shape.path);
        ColumnSchema {
            name: shape.path.clone(),
            kind: shape.kind.to_string(),
            nullable: shape.nulls + shape.absent > 0,
            distinct: shape.distinct,
            samples: shape.samples.iter().take(SAMPLES_SHOWN).map(|sample| lens.text(of, sample.clone())).collect(),
            entity: decision.map(|decision| decision.entity.clone()),
            field: decision.map(|decision| decision.field.clone()),
            confidence: decision.map(|decision| decision.confidence),
            evidence: decision.map(|decision| decision.evidence.clone()).unwrap_or_default(),
            reason: found.and_then(|column| column.reason.clone()),
            candidates: found.map(candidates).unwrap_or_default(),
        }
    };
    TableSchema {
        name: stream.name.clone(),
        rows: stream.records_read,
        entity: stored.and_then(|stored| Some(stored.mapping.main()?.entity.clone())),
        columns: stream.shape.iter().flat_map(|shape| &shape.columns).map(column).collect(),
    }
}

fn candidates(column: &aos_match::ColumnMatch) -> Vec<CandidateInfo> {
    let candidates = column.candidates.iter().take(CANDIDATES_SHOWN);
    candidates
        .map(|candidate| CandidateInfo {
            entity: candidate.entity.clone(),
            field: candidate.field.clone(),
            confidence: candidate.confidence,
        })
        .collect()
}
