//! Mappings as files: exported for people to look at and correct, imported as what a person decided.

use crate::service::TenantDcl;
use crate::{Error, Result};
use aos_core::ConnectionId;
use aos_core::drift::read_mappings;
use aos_core::mapping::{EntityMapping, FieldRule, Origin, StreamMapping, Transform};
use aos_mesh::plan::is_in_lake;
use aos_mesh::sync::PENDING;
use aos_store::{ChangedMapping, MappingCause, MappingChange, StoredMapping};
use compact_str::CompactString;
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;
use uuid::Uuid;

/// The columns of a mapping as CSV, one line per field.
const COLUMNS: [&str; 7] = ["stream", "entity", "field", "sources", "transforms", "confidence", "origin"];
/// Between the sources of one field.
const SOURCES_SEPARATOR: &str = " | ";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MappingFormat {
    Csv,
    Yaml,
}

/// What an import changed.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ImportedMapping {
    pub stream: String,
    /// The version that is active now.
    pub version: u32,
    pub fields: usize,
    /// Whether it differs from the mapping before.
    pub changed: bool,
    /// The task that maps what is held anew from the lake; null where nothing has changed, or where the mapping reads what was never read
    /// before: then the next sync reads the stream whole.
    pub task_id: Option<Uuid>,
}

impl TenantDcl {
    /// Writes the active mappings of a connection as a file.
    pub async fn export_mappings(&self, id: ConnectionId, format: MappingFormat) -> Result<String> {
        let mappings: Vec<StreamMapping> =
            self.mappings_of(id).await?.into_iter().map(|stored| stored.mapping).collect();
        match format {
            MappingFormat::Yaml => serde_saphyr::to_string(&json!({ "streams": mappings }))
                .map_err(|error| Error::MappingFile(error.to_string())),
            MappingFormat::Csv => to_csv(&mappings).map_err(|error| Error::MappingFile(error.to_string())),
        }
    }

    /// Takes mappings from a file, all or none of them. Every rule counts as decided by a person, and is kept when the source changes. What is
    /// held is mapped anew from the lake where that has every column; else the next sync reads the stream whole.
    pub async fn import_mappings(
        &self,
        id: ConnectionId,
        format: MappingFormat,
        text: &str,
    ) -> Result<Vec<ImportedMapping>> {
        let known = self.mappings_of(id).await?;
        let ontology = self.ontology().await?;
        let mut mappings = match format {
            MappingFormat::Yaml => read_mappings(text).map_err(|error| Error::MappingFile(error.to_string()))?,
            MappingFormat::Csv => of_csv(text)?,
        };
        for mapping in &mut mappings {
            let state = self.store().stream(id, &mapping.stream).await?;
            let shape = state.and_then(|state| state.shape).ok_or_else(|| {
                let streams: Vec<&str> = known.iter().map(|stored| stored.mapping.stream.as_str()).collect();
                let (stream, streams) = (&mapping.stream, streams.join(", "));
                Error::MappingFile(format!(
                    "the connection has no stream `{stream}` that was looked at; it has {streams}"
                ))
            })?;
            let columns: Vec<CompactString> = shape.columns.iter().map(|column| column.path.as_str().into()).collect();
            mapping.validate(&ontology, &columns).map_err(|error| Error::MappingFile(error.to_string()))?;
            for rule in mapping.entities.iter_mut().flat_map(|entity| &mut entity.fields) {
                rule.origin = Origin::Reviewed;
            }
        }
        let mut imported = Vec::with_capacity(mappings.len());
        for mapping in mappings {
            let before = known.iter().find(|stored| stored.mapping.stream == mapping.stream);
            imported.push(self.take(id, mapping, before, ontology.version).await?);
        }
        self.touch().await?;
        Ok(imported)
    }

    async fn take(
        &self,
        id: ConnectionId,
        mapping: StreamMapping,
        before: Option<&StoredMapping>,
        ontology_version: u32,
    ) -> Result<ImportedMapping> {
        let version_before = before.map(|stored| stored.mapping.version);
        let same = before.is_some_and(|stored| {
            (StreamMapping { version: stored.mapping.version, ..mapping.clone() }) == stored.mapping
        });
        let mut matched = before.map_or_else(|| json!({}), |stored| stored.matched.clone());
        matched["ontology_version"] = ontology_version.into();
        let fields = mapping.entities.iter().map(|entity| entity.fields.len()).sum();
        if let Some(before) = before.filter(|before| !same && before.matched[PENDING] != true) {
            let accepted = self.store().stream_profile(id, &mapping.stream).await?.accepted;
            if is_in_lake(&mapping, &before.mapping, accepted.as_ref()) {
                let changed = self.change_by_hand(id, &mapping, before.mapping.version, matched).await?;
                let (version, task_id) = (changed.version, Some(changed.task.id.0));
                return Ok(ImportedMapping { stream: mapping.stream, version, fields, changed: true, task_id });
            }
        }
        if !same {
            matched[PENDING] = true.into();
        }
        let version = self.store().save_mapping(id, &mapping, &matched).await?;
        let changed = version_before != Some(version);
        Ok(ImportedMapping { stream: mapping.stream, version, fields, changed, task_id: None })
    }

    /// Puts a mapping in the place of the one that was looked at, with the task that maps what is held anew.
    async fn change_by_hand(
        &self,
        id: ConnectionId,
        mapping: &StreamMapping,
        expected_version: u32,
        matched: serde_json::Value,
    ) -> Result<ChangedMapping> {
        let change = MappingChange {
            connection: id,
            mapping,
            expected_version,
            accept: None,
            drift_left: None,
            decisions: Vec::new(),
            reopened: Vec::new(),
            why: MappingCause::Repair,
        };
        let changed = self.store().change_mapping(&change).await?;
        self.store().explain_mapping(id, &mapping.stream, changed.version, &matched).await?;
        self.wake_workers().await;
        Ok(changed)
    }

    async fn mappings_of(&self, id: ConnectionId) -> Result<Vec<StoredMapping>> {
        self.store().connection(id).await?.ok_or(Error::NotFound("connection"))?;
        let mut all = self.store().list_active_mappings().await?;
        all.retain(|stored| stored.connection_id == id);
        Ok(all)
    }
}

fn to_csv(mappings: &[StreamMapping]) -> std::result::Result<String, csv::Error> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(COLUMNS)?;
    for mapping in mappings {
        for entity in &mapping.entities {
            for rule in &entity.fields {
                let transforms = match rule.transforms.is_empty() {
                    true => String::new(),
                    false => json!(rule.transforms).to_string(),
                };
                let origin = if rule.origin == Origin::Reviewed { "reviewed" } else { "matched" };
                writer.write_record([
                    &mapping.stream,
                    &entity.entity,
                    &rule.target,
                    &rule.sources.join(SOURCES_SEPARATOR),
                    &transforms,
                    &format!("{:.4}", rule.confidence),
                    origin,
                ])?;
            }
        }
    }
    let bytes = writer.into_inner().map_err(|error| error.into_error())?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// Reads mappings from CSV. The order of the lines is the order of streams and entities; columns may stand in any order.
fn of_csv(text: &str) -> Result<Vec<StreamMapping>> {
    let fail = |line: u64, why: String| Error::MappingFile(format!("line {line}: {why}"));
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(text.as_bytes());
    let header = reader.headers().map_err(|error| fail(1, error.to_string()))?.clone();
    let column = |name: &str| header.iter().position(|known| known.eq_ignore_ascii_case(name));
    for needed in &COLUMNS[..4] {
        if column(needed).is_none() {
            return Err(fail(1, format!("the column `{needed}` is missing; there are to be {}", COLUMNS.join(", "))));
        }
    }
    let mut mappings: Vec<StreamMapping> = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|error| Error::MappingFile(error.to_string()))?;
        let line = record.position().map_or(0, csv::Position::line);
        let cell = |name: &str| column(name).and_then(|at| record.get(at)).unwrap_or_default();
        let transforms: Vec<Transform> = match cell("transforms") {
            "" => Vec::new(),
            text => serde_json::from_str(text).map_err(|error| fail(line, format!("transforms: {error}")))?,
        };
        let confidence = match cell("confidence") {
            "" => 1.0,
            text => text.parse().map_err(|_| fail(line, format!("`{text}` is no confidence; write 0 to 1")))?,
        };
        let sources = cell("sources").split('|').map(str::trim).filter(|source| !source.is_empty());
        let rule = FieldRule {
            target: cell("field").to_owned(),
            sources: sources.map(str::to_owned).collect(),
            transforms,
            confidence,
            evidence: Vec::new(),
            origin: Origin::Reviewed,
        };
        let (stream, entity) = (cell("stream"), cell("entity"));
        let mapping = match mappings.iter().position(|known| known.stream == stream) {
            Some(at) => &mut mappings[at],
            None => {
                mappings.push(StreamMapping { version: 0, stream: stream.to_owned(), entities: Vec::new() });
                mappings.last_mut().expect("just pushed")
            }
        };
        match mapping.entities.iter_mut().find(|known| known.entity == entity) {
            Some(known) => known.fields.push(rule),
            None => mapping.entities.push(EntityMapping { entity: entity.to_owned(), fields: vec![rule], pivot: None }),
        }
    }
    if mappings.is_empty() {
        return Err(Error::MappingFile("there is no line below the header; write one per field".to_owned()));
    }
    Ok(mappings)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mapping_written_as_csv_reads_back_as_it_was() {
        let rule = |target: &str, sources: &[&str], transforms| FieldRule {
            target: target.into(),
            sources: sources.iter().map(|source| (*source).to_owned()).collect(),
            transforms,
            confidence: 0.75,
            evidence: vec![],
            origin: Origin::Reviewed,
        };
        let fields = vec![
            rule("account_id", &["Id"], vec![]),
            rule("name", &["First, Name", "Last"], vec![Transform::Concat { separator: " ".into() }]),
        ];
        let entities = vec![EntityMapping { entity: "account".into(), fields, pivot: None }];
        let mappings = vec![StreamMapping { version: 0, stream: "Account".into(), entities }];
        assert_eq!(of_csv(&to_csv(&mappings).unwrap()).unwrap(), mappings);
    }

    #[test]
    fn csv_that_cannot_be_a_mapping_is_refused_at_its_line() {
        let why = |text: &str| of_csv(text).unwrap_err().to_string();
        assert!(why("stream,entity,field\n").contains("`sources` is missing"));
        assert!(why("stream,entity,field,sources\n").contains("no line"));
        let header = "stream,entity,field,sources,transforms,confidence\n";
        assert!(why(&format!("{header}a,account,name,N,{{,1\n")).contains("line 2: transforms"));
        assert!(why(&format!("{header}a,account,name,N,,high\n")).contains("no confidence"));
    }
}
