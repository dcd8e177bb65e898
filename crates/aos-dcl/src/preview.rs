//! A look at what stands behind a node of the graph: raw rows of a table, unified rows of an entity, what an agent consumes.

use crate::engine::{TenantEngine, ViewQuery};
use crate::service::{TenantDcl, blocking};
use crate::{Error, Result};
use aos_core::ConnectionId;
use aos_core::graph::{GraphTable, agent_id, entity_id, source_id, table_id};
use aos_core::policy::{Lens, Sensitivity};
use aos_lake::{Segment, SegmentId};
use aos_store::StoredSegment;
use serde::Serialize;
use utoipa::ToSchema;

#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Preview {
    pub node: String,
    pub columns: Vec<String>,
    pub rows: Vec<Vec<serde_json::Value>>,
    /// How many rows there are in all.
    pub total: u64,
}

impl TenantDcl {
    /// Returns some rows behind a node. Nodes are looked up among those that exist; nothing of the text reaches a query.
    pub async fn preview(&self, node: &str, limit: usize) -> Result<Preview> {
        let sources = self.graph_sources().await?;
        for source in &sources {
            if source_id(&source.name) == node {
                let rows = source.tables.iter().map(|table| {
                    let entity =
                        table.mapping.as_ref().and_then(|mapping| mapping.main()).map(|main| main.entity.clone());
                    vec![table.name.clone().into(), table.records.into(), entity.into()]
                });
                return Ok(preview(node, ["table", "rows", "entity"], rows.collect(), source.tables.len() as u64));
            }
            if let Some(table) = source.tables.iter().find(|table| table_id(&source.name, &table.name) == node) {
                let connection = self.store().find_connection(&source.name).await?.ok_or(Error::NotFound("node"))?;
                return self.preview_table(node, connection.id, table, limit).await;
            }
        }
        let ontology = self.ontology().await?;
        if let Some(entity) = ontology.entities.keys().find(|entity| entity_id(entity) == node) {
            return self.preview_entity(node, entity, limit).await;
        }
        if let Some(agent) = self.inner.agents.iter().find(|agent| agent_id(&agent.id) == node) {
            let counts = self.with_fresh_engine(TenantEngine::counts).await?;
            let rows = agent.consumes.iter().map(|entity| {
                let fields = agent
                    .key_metrics
                    .iter()
                    .filter(|metric| ontology.field(entity, metric).is_some())
                    .cloned()
                    .collect::<Vec<_>>()
                    .join(", ");
                vec![entity.clone().into(), counts.get(entity).map_or(0, |counts| counts.records).into(), fields.into()]
            });
            return Ok(preview(node, ["entity", "records", "fields"], rows.collect(), agent.consumes.len() as u64));
        }
        Err(Error::NotFound("node"))
    }

    async fn preview_entity(&self, node: &str, entity: &str, limit: usize) -> Result<Preview> {
        let (name, query) =
            (entity.to_owned(), ViewQuery { limit: u32::try_from(limit).unwrap_or(u32::MAX), ..ViewQuery::default() });
        let page = self.with_fresh_engine(move |engine| engine.view(&name, &query)).await?;
        let columns: Vec<String> = page.columns.iter().map(|column| column.name.clone()).collect();
        let rows = page
            .items
            .iter()
            .map(|row| columns.iter().map(|column| row.get(column).cloned().unwrap_or_default()).collect())
            .collect();
        Ok(Preview { node: node.to_owned(), columns, rows, total: page.total })
    }

    /// Reads the first raw records of a table's latest read from the lake. What is in a column is known from what it is mapped to.
    async fn preview_table(
        &self,
        node: &str,
        connection: ConnectionId,
        table: &GraphTable,
        limit: usize,
    ) -> Result<Preview> {
        let segments = self.store().list_segments(connection).await?;
        let own = segments.into_iter().filter(|segment| segment.stream == table.name);
        // The first segment of the latest read.
        let segment = own.fold(None, |first: Option<StoredSegment>, segment| match first {
            Some(first) if first.generation >= segment.generation => Some(first),
            _ => Some(segment),
        });
        let (lake, scope, ontology) = (self.inner.lake.clone(), self.scope.clone(), self.ontology().await?);
        let (lens, mapping) = (Lens::of(&scope), table.mapping.clone());
        let (columns, rows) = blocking(move || {
            let Some(segment) = segment else { return Ok((Vec::new(), Vec::new())) };
            let mut columns: Vec<String> = Vec::new();
            let mut held: Vec<Sensitivity> = Vec::new();
            let mut rows = Vec::new();
            for batch in lake.tenant(&scope).read(&manifest(segment))? {
                let batch = batch?.batch;
                if columns.is_empty() {
                    columns = batch.columns.iter().map(ToString::to_string).collect();
                    let of = |column: &String| Sensitivity::of_column(&ontology, mapping.as_ref(), column);
                    held = columns.iter().map(of).collect();
                }
                for record in batch.records.iter().take(limit - rows.len()) {
                    rows.push(
                        held.iter()
                            .enumerate()
                            .map(|(index, of)| {
                                lens.value(*of, record.cell(index).map(aos_core::Value::to_json).unwrap_or_default())
                            })
                            .collect(),
                    );
                }
                if rows.len() >= limit {
                    break;
                }
            }
            Ok((columns, rows))
        })
        .await?;
        Ok(Preview { node: node.to_owned(), columns, rows, total: table.records })
    }
}

/// What the lake needs to find and check a segment again.
fn manifest(stored: StoredSegment) -> Segment {
    Segment {
        id: SegmentId(stored.id),
        connection: stored.connection_id,
        stream: stored.stream,
        path: stored.path,
        records: stored.records,
        malformed: stored.malformed,
        first_position: None,
        last_position: None,
        bytes: stored.bytes,
        raw_bytes: stored.raw_bytes,
        checksum: stored.checksum,
    }
}

fn preview<const N: usize>(node: &str, columns: [&str; N], rows: Vec<Vec<serde_json::Value>>, total: u64) -> Preview {
    Preview { node: node.to_owned(), columns: columns.map(str::to_owned).to_vec(), rows, total }
}
