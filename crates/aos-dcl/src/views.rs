//! Asking the unified views: pages of an entity, and read-only SQL over all of them.

use crate::Result;
use crate::engine::{QueryResult, ViewPage, ViewQuery};
use crate::service::TenantDcl;

impl TenantDcl {
    /// Returns a page of an entity's unified records.
    pub async fn view(&self, entity: &str, query: &ViewQuery) -> Result<ViewPage> {
        let ontology = self.ontology().await?;
        if ontology.entity(entity).is_none() {
            return Err(self.unknown_entity(&ontology, entity));
        }
        let (entity, query) = (entity.to_owned(), query.clone());
        self.with_engine(move |engine| engine.view(&entity, &query)).await
    }

    /// Runs one SELECT over the unified views, locked down to this tenant's data.
    pub async fn query(&self, sql: &str, limit: usize) -> Result<QueryResult> {
        let sql = sql.to_owned();
        self.with_engine(move |engine| engine.query(&sql, limit)).await
    }
}
