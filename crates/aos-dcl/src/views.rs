//! Asking the unified views: pages of an entity, and read-only SQL over all of them.

use crate::engine::{QueryColumn, ViewPage, ViewQuery};
use crate::service::TenantDcl;
use crate::{Error, Result};
use aos_core::policy::{Lens, Sensitivity};
use aos_store::{EarlierRecord, Page};
use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::{Map, Value, json};
use std::sync::Arc;
use utoipa::ToSchema;

/// The answer to a caller's SQL.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct QueryAnswer {
    pub columns: Vec<QueryColumn>,
    pub rows: Vec<Vec<serde_json::Value>>,
    /// There are more rows than these.
    pub truncated: bool,
    pub elapsed_ms: u64,
}

/// Unified records as they were at a moment.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct EarlierPage {
    pub entity: String,
    pub as_of: DateTime<Utc>,
    /// `_source`, `_record_id`, `_mapping_versions` by table, and the entity's fields.
    #[schema(value_type = Vec<BTreeMap<String, Value>>)]
    pub items: Vec<Map<String, Value>>,
    /// Pass as `cursor` for the next page; null on the last. A page may be shorter than asked for.
    #[schema(required)]
    pub next_cursor: Option<String>,
}

impl TenantDcl {
    /// Returns a page of an entity's records as they were at a moment: with the mappings and the data of that time.
    pub async fn view_as_of(
        &self,
        entity: &str,
        source: Option<&str>,
        at: DateTime<Utc>,
        page: Page,
    ) -> Result<EarlierPage> {
        let ontology = self.ontology().await?;
        let definition = ontology.entity(entity).ok_or_else(|| self.unknown_entity(&ontology, entity))?;
        let connection = match source {
            Some(name) => Some(self.store().find_connection(name).await?.ok_or(Error::NotFound("connection"))?.id),
            None => None,
        };
        let names = self.connection_names().await?;
        let found = self.store().records_as_of(entity, connection, at, page).await?;
        let lens = Lens::of(&self.scope);
        let mut items = Vec::with_capacity(found.items.len());
        for record in found.items {
            let Some(source) = names.get(&record.connection_id) else { continue };
            let versions: Map<String, Value> =
                record.fragments.iter().map(|one| (one.fragment.clone(), one.mapping_version.into())).collect();
            let mut row = Map::from_iter([
                ("_source".to_owned(), json!(source)),
                ("_record_id".to_owned(), json!(record.record_id)),
                ("_mapping_versions".to_owned(), Value::Object(versions)),
            ]);
            let cells = unified(record);
            for (field, of_field) in &definition.fields {
                if let Some(value) = cells.get(field) {
                    row.insert(field.clone(), lens.value(Sensitivity::of(of_field), value.clone()));
                }
            }
            let key = definition.fields.get(&definition.key).map_or(Sensitivity::Unclassified, Sensitivity::of);
            row["_record_id"] = lens.value(key, row["_record_id"].take());
            items.push(row);
        }
        Ok(EarlierPage { entity: entity.to_owned(), as_of: at, items, next_cursor: found.next_cursor })
    }

    /// Returns a page of an entity's unified records.
    pub async fn view(&self, entity: &str, query: &ViewQuery) -> Result<Arc<ViewPage>> {
        let present = self.present().await?;
        if present.ontology.entity(entity).is_none() {
            return Err(self.unknown_entity(&present.ontology, entity));
        }
        let (entity, query) = (entity.to_owned(), query.clone());
        self.with_engine_at(&present, move |engine| engine.view(&entity, &query)).await
    }

    /// Runs one SELECT over the unified views, locked down to this tenant's data.
    pub async fn query(&self, sql: &str, limit: usize) -> Result<QueryAnswer> {
        let sql = sql.to_owned();
        let result = self.with_fresh_engine(move |engine| engine.query(&sql, limit, None)).await?;
        let elapsed_ms = u64::try_from(result.elapsed.as_millis()).unwrap_or(u64::MAX);
        Ok(QueryAnswer { columns: result.columns, rows: result.rows, truncated: result.truncated, elapsed_ms })
    }

    /// Checks and plans one SELECT over the unified views, without running it.
    pub async fn dry_run(&self, sql: &str) -> Result<()> {
        let sql = sql.to_owned();
        self.with_fresh_engine(move |engine| engine.dry_run(&sql)).await
    }
}

/// Brings what several tables said of a record together, as the engine does: newest version, then the table that says more, then its name.
fn unified(record: EarlierRecord) -> Map<String, Value> {
    let mut said: Vec<(i64, usize, String, Map<String, Value>)> = record
        .fragments
        .into_iter()
        .map(|one| {
            let data = match aos_core::Value::parse_json(&one.data).map(|value| value.to_json()) {
                Ok(Value::Object(data)) => data,
                _ => Map::new(),
            };
            let says = data.values().filter(|value| !value.is_null()).count();
            (one.source_version, says, one.fragment, data)
        })
        .collect();
    said.sort_by(|a, b| (b.0, b.1, &a.2).cmp(&(a.0, a.1, &b.2)));
    let mut cells = Map::new();
    for (_, _, _, data) in said {
        for (field, value) in data {
            if !value.is_null() && cells.get(&field).is_none_or(Value::is_null) {
                cells.insert(field, value);
            }
        }
    }
    cells
}
