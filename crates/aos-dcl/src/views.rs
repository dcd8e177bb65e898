//! Asking the unified views: pages of an entity, and read-only SQL over all of them.

use crate::Result;
use crate::engine::{QueryColumn, ViewPage, ViewQuery};
use crate::service::TenantDcl;
use serde::Serialize;
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

impl TenantDcl {
    /// Returns a page of an entity's unified records.
    pub async fn view(&self, entity: &str, query: &ViewQuery) -> Result<Arc<ViewPage>> {
        let ontology = self.ontology().await?;
        if ontology.entity(entity).is_none() {
            return Err(self.unknown_entity(&ontology, entity));
        }
        let (entity, query) = (entity.to_owned(), query.clone());
        self.with_fresh_engine(move |engine| engine.view(&entity, &query)).await
    }

    /// Runs one SELECT over the unified views, locked down to this tenant's data.
    pub async fn query(&self, sql: &str, limit: usize) -> Result<QueryAnswer> {
        let sql = sql.to_owned();
        let result = self.with_fresh_engine(move |engine| engine.query(&sql, limit, None)).await?;
        let elapsed_ms = u64::try_from(result.elapsed.as_millis()).unwrap_or(u64::MAX);
        Ok(QueryAnswer { columns: result.columns, rows: result.rows, truncated: result.truncated, elapsed_ms })
    }
}
