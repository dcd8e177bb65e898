//! The picture as people and programs see it: the graph with its version, who feeds what, and the ledger's sum.

use crate::engine::TenantEngine;
use crate::ledger::LedgerTotals;
use crate::service::{TenantDcl, lock};
use crate::{Error, Result};
use aos_broker::Topic;
use aos_core::flag::Flag;
use aos_core::graph::{Edge, Graph, GraphSource, GraphTable, Grouping, LAYERS, Node};
use aos_core::{RunId, TenantId};
use bytes::Bytes;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use utoipa::ToSchema;

/// Changes whenever the picture does; kept in the store, so that all processes agree on it.
const PICTURE: &str = "picture_version";
const PICTURES_CACHED_MAX: usize = 256;

#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct State {
    /// Changes whenever anything here does; the ETag.
    pub version: String,
    pub nodes: Vec<Node>,
    pub edges: Vec<Edge>,
    /// Mean confidence of all field mappings.
    pub confidence: Option<f64>,
    /// Names of the connected sources.
    pub sources_added: Vec<String>,
    /// Which sources feed each entity.
    pub entity_sources: BTreeMap<String, BTreeSet<String>>,
    pub selected_agents: Vec<String>,
    #[schema(value_type = String)]
    pub tenant_id: TenantId,
    pub metadata: Metadata,
    pub ledger: LedgerTotals,
}

/// The picture with its JSON, which is written once per version however often it is asked for.
#[derive(Debug)]
pub struct Picture {
    pub state: State,
    pub json: Bytes,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Metadata {
    pub generated_at: chrono::DateTime<chrono::Utc>,
    pub layers: Vec<Layer>,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Layer {
    pub index: u8,
    pub name: String,
}

impl TenantDcl {
    /// Returns the version of the picture: one small read.
    pub async fn state_version(&self) -> Result<String> {
        let stored = self.store().setting(PICTURE).await?;
        Ok(stored.and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_else(|| "0".to_owned()))
    }

    /// Returns the picture without joins between tables, which a layered drawing cannot hold. Cached by version.
    pub async fn state(&self) -> Result<Arc<Picture>> {
        let version = self.state_version().await?;
        let tenant = self.scope.tenant_id();
        let cached = lock(&self.inner.pictures).get(&tenant).cloned();
        if let Some(picture) = cached.filter(|picture| picture.state.version == version) {
            return Ok(picture);
        }
        let state = self.picture(version, false).await?;
        let json = serde_json::to_vec(&state).expect("the picture is always JSON").into();
        let picture = Arc::new(Picture { state, json });
        let mut pictures = lock(&self.inner.pictures);
        if pictures.len() >= PICTURES_CACHED_MAX {
            pictures.clear();
        }
        pictures.insert(tenant, picture.clone());
        Ok(picture)
    }

    /// Returns the picture with the joins between tables of a source.
    pub async fn state_with_joins(&self) -> Result<State> {
        self.picture(self.state_version().await?, true).await
    }

    /// Says that the picture has changed, and shows it to whoever watches.
    pub(crate) async fn touch(&self) -> Result<()> {
        self.renew_picture().await?;
        let tenant = self.clone();
        aos_store::after_commit(async move { tenant.show_picture().await }).await;
        Ok(())
    }

    /// Shows the picture to whoever watches; that it could not be shown is no reason to fail what was done.
    pub(crate) async fn show_picture(&self) {
        if let Err(error) = self.tell_picture().await {
            tracing::warn!(tenant.id = %self.scope.tenant_id(), %error, "the picture could not be shown: {error}");
        }
    }

    pub(crate) async fn renew_picture(&self) -> Result<()> {
        Ok(self.store().put_setting(PICTURE, &serde_json::json!(RunId::new().to_string())).await?)
    }

    pub(crate) async fn tell_picture(&self) -> Result<()> {
        let picture = self.state().await?;
        self.tell(Topic::StateUpdate, serde_json::to_value(&picture.state).expect("the picture is always JSON")).await;
        Ok(())
    }

    async fn picture(&self, version: String, joins: bool) -> Result<State> {
        let ontology = self.ontology().await?;
        let sources: Vec<GraphSource> = self.graph_sources().await?;
        let selected = self.selected_agents().await?;
        let agents: Vec<_> = self.inner.agents.iter().filter(|agent| selected.contains(&agent.id)).cloned().collect();
        let records = self.with_fresh_engine(TenantEngine::counts).await?;
        let records = records.into_iter().map(|(entity, counts)| (entity, counts.records)).collect();
        let (sources, grouping) = match self.flag(Flag::UseAamAsSource).await? {
            true => (sources.into_iter().filter(|source| source.live).collect(), Grouping::FromAam),
            false => (sources, Grouping::BySource),
        };
        let graph = Graph::build_grouped(&ontology, &sources, &agents, &records, grouping);
        let graph = if joins { graph } else { graph.without_joins() };
        let layers = (0u8..).zip(LAYERS).map(|(index, name)| Layer { index, name: name.to_owned() }).collect();
        Ok(State {
            version,
            nodes: graph.nodes,
            edges: graph.edges,
            confidence: graph.confidence,
            sources_added: sources
                .iter()
                .filter(|source| !source.tables.is_empty())
                .map(|source| source.name.clone())
                .collect(),
            entity_sources: Graph::entity_sources(&sources),
            selected_agents: selected,
            tenant_id: self.scope.tenant_id(),
            metadata: Metadata { generated_at: self.inner.clock.now(), layers },
            ledger: self.ledger_totals().await?,
        })
    }

    /// Returns every connection as the graph sees it, in order of name.
    pub(crate) async fn graph_sources(&self) -> Result<Vec<GraphSource>> {
        let store = self.store();
        let connections = self.all_connections().await?;
        let streams = store.list_all_streams().await?;
        let mappings = store.list_active_mappings().await?;
        let tables_of = |connection| {
            let own = streams.iter().filter(move |stream| stream.connection_id == connection);
            own.map(|stream| GraphTable {
                name: stream.name.clone(),
                columns: stream
                    .shape
                    .iter()
                    .flat_map(|shape| &shape.columns)
                    .map(|column| column.path.clone())
                    .collect(),
                records: stream.records_read,
                read_at: stream.completed_at,
                mapping: mappings
                    .iter()
                    .find(|stored| stored.connection_id == connection && stored.mapping.stream == stream.name)
                    .map(|stored| stored.mapping.clone()),
            })
            .collect()
        };
        let mut sources: Vec<GraphSource> = connections
            .into_iter()
            .map(|connection| GraphSource {
                tables: tables_of(connection.id),
                live: connection.connector != aos_connectors::file::NAME,
                stale_after_s: self.stale_after_s(&connection),
                name: connection.name,
                system: connection.system,
            })
            .collect();
        sources.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(sources)
    }

    pub(crate) fn unknown_entity(&self, ontology: &aos_core::Ontology, entity: &str) -> Error {
        Error::UnknownEntity {
            entity: entity.to_owned(),
            known: ontology.entities.keys().cloned().collect::<Vec<_>>().join(", "),
        }
    }
}
