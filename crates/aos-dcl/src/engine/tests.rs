//! The engine at its own door: rows in, unified views, pages and guarded SQL out.

mod golden;
mod lockdown;
mod paging;
mod rows;
mod unify;

use super::*;
use aos_core::{Ontology, Role, TenantId, TenantScope, tenant::Principal};
use serde_json::Value;
use std::sync::Arc;
use std::time::Duration;
use uuid::Uuid;

const ONTOLOGY: &str = "
version: 1
entities:
  account:
    key: account_id
    fields:
      account_id: { type: string }
      name: { type: string }
      revenue: { type: decimal }
      employees: { type: integer }
      active: { type: boolean }
      founded: { type: date }
      created_at: { type: datetime }
  resource:
    key: resource_id
    fields:
      resource_id: { type: string }
      region: { type: string }
      cpu: { type: decimal }
      memory: { type: decimal }
";

struct Bench {
    folder: tempfile::TempDir,
    ontology: Arc<Ontology>,
    engine: Engine,
    scope: TenantScope,
}

impl Bench {
    fn new() -> Self {
        Self::with(EngineOptions { memory_limit_mb: 64, threads: 1, ..EngineOptions::default() })
    }

    fn with(options: EngineOptions) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let engine = Engine::new(folder.path(), options);
        Self { folder, ontology: Arc::new(Ontology::parse(ONTOLOGY).unwrap()), engine, scope: someone() }
    }

    fn tenant(&self) -> TenantEngine {
        self.engine.tenant(&self.scope, &self.ontology).unwrap()
    }

    fn database(&self) -> std::path::PathBuf {
        self.folder.path().join(self.scope.tenant_id().to_string()).join("dcl.duckdb")
    }
}

#[allow(clippy::disallowed_methods)] // A test may be anyone.
fn someone() -> TenantScope {
    TenantScope::establish(TenantId::new(), Principal::Local, Role::Owner)
}

fn connection(number: u128) -> Uuid {
    Uuid::from_u128(number)
}

/// A row of connection 1, named "crm", in its main table.
fn row(position: i64, entity: &str, record_id: &str, data: &str) -> FragmentRow {
    FragmentRow {
        position,
        connection: connection(1),
        source: "crm".into(),
        entity: entity.into(),
        record_id: record_id.into(),
        fragment: "main".into(),
        deleted: false,
        data: data.into(),
        source_version: 0,
        mapping_version: 1,
    }
}

fn all(engine: &TenantEngine, entity: &str) -> Vec<Value> {
    let page = engine.view(entity, &ViewQuery { limit: 1000, ..ViewQuery::default() }).unwrap();
    page.items.iter().cloned().map(Value::Object).collect()
}

fn one(engine: &TenantEngine, entity: &str) -> Value {
    let [record] = <[Value; 1]>::try_from(all(engine, entity)).unwrap();
    record
}

fn cell(engine: &TenantEngine, sql: &str) -> Value {
    engine.query(sql, 10, None).unwrap().rows[0][0].clone()
}
