//! Every key of a tenant's table starts with the tenant, so that one tenant's rows can never be in the way of another's, and so
//! that the tables can be spread over several servers by tenant.

use super::common::{Backend, TestStore};

/// Tables that belong to no tenant. Whoever adds one decides that every process may see it whole.
pub const GLOBAL: [&str; 9] = [
    "_sqlx_migrations",
    "credentials",
    "identities",
    "oidc_attempts",
    "sign_in_attempts",
    "sign_in_directory",
    "tenant_deletions",
    "tenants",
    "workers",
];

/// Lists `table|key|first column` of every unique key, primary keys among them. The index of words is FTS5's own, and no text of a tenant is in it:
/// what is found there is read from `knowledge_chunks`, by tenant.
const SQLITE_KEYS: &str = r#"
    SELECT m.name || '|' || k.name || '|' || c.name
      FROM sqlite_master m, pragma_index_list(m.name) k, pragma_index_info(k.name) c
     WHERE m.type = 'table' AND k."unique" AND c.seqno = 0 AND m.name NOT LIKE 'knowledge_text%'
     UNION ALL
    SELECT m.name || '|primary key|' || c.name
      FROM sqlite_master m, pragma_table_info(m.name) c
     WHERE m.type = 'table' AND c.pk = 1 AND m.name NOT LIKE 'knowledge_text%'"#;
const POSTGRES_KEYS: &str = "
    SELECT t.relname || '|' || k.relname || '|' || a.attname
      FROM pg_index x
      JOIN pg_class t ON t.oid = x.indrelid
      JOIN pg_class k ON k.oid = x.indexrelid
      JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = x.indkey[0]
     WHERE x.indisunique AND t.relnamespace = 'public'::REGNAMESPACE AND NOT t.relispartition";

#[tokio::test]
async fn every_unique_key_of_a_tenants_table_starts_with_the_tenant() {
    let test = TestStore::new().await;
    let (keys, tables) = match crate::BACKEND {
        Backend::Sqlite => (
            SQLITE_KEYS,
            "SELECT name FROM sqlite_master
              WHERE type = 'table' AND name NOT LIKE 'sqlite%' AND name NOT LIKE 'knowledge_text%'",
        ),
        Backend::Postgres => (
            POSTGRES_KEYS,
            "SELECT relname FROM pg_class
              WHERE relnamespace = 'public'::REGNAMESPACE AND relkind IN ('r', 'p') AND NOT relispartition",
        ),
    };
    let keys = test.query(keys).await;
    let mut keyed: Vec<&str> = Vec::new();
    for key in &keys {
        let parts: Vec<_> = key.split('|').collect();
        let [table, name, first] = parts[..] else { panic!("{key}") };
        assert!(first == "tenant_id" || GLOBAL.contains(&table), "{table}.{name} starts with {first}");
        keyed.push(table);
    }
    let tables = test.query(tables).await;
    assert!(tables.len() > 15);
    for table in tables {
        assert!(keyed.contains(&table.as_str()), "{table} has no key");
    }
}
