//! PostgreSQL refuses what the code forgets: statements of the program's own roles, written by hand.

use crate::suite::common::{TestStore, delete, event, source};
use crate::suite::keys::GLOBAL;
use aos_core::TenantScope;
use aos_store::Page;

/// What a row must be like to be seen, and to be written.
const RULE: &str = "(tenant_id = ( SELECT autonomos_tenant() AS autonomos_tenant))";

/// Two tenants with a row each in many tables.
async fn two_tenants() -> (TestStore, [TenantScope; 2]) {
    let test = TestStore::new().await;
    let scopes = [test.scope("acme").await, test.scope("globex").await];
    for scope in &scopes {
        let source = source(&test.store, scope, "crm").await;
        source.commit(vec![event("a", 1, 0, r#"{"name":"A"}"#), delete("b", 2, 0)]).await.unwrap();
    }
    (test, scopes)
}

fn tenant_tables(test: &TestStore) -> Vec<String> {
    let tables = test.database().sql(
        "SELECT relname FROM pg_class
          WHERE relnamespace = 'public'::REGNAMESPACE AND relkind IN ('r', 'p') AND NOT relispartition
          ORDER BY 1",
    );
    tables.lines().filter(|table| !GLOBAL.contains(table)).map(str::to_owned).collect()
}

#[tokio::test]
async fn row_security_is_on_and_forced_for_every_table_of_tenants() {
    let test = TestStore::new().await;
    let bare = test.database().sql(
        "SELECT relname FROM pg_class
          WHERE relnamespace = 'public'::REGNAMESPACE AND relkind IN ('r', 'p') AND NOT relispartition
            AND NOT (relrowsecurity AND relforcerowsecurity)
          ORDER BY 1",
    );
    for table in bare.lines() {
        assert!(GLOBAL.contains(&table), "{table} has no row security");
    }
    assert!(tenant_tables(&test).len() > 15);
    for table in tenant_tables(&test) {
        let policy = test.database().sql(&format!(
            "SELECT qual || '/' || with_check FROM pg_policies
              WHERE tablename = '{table}' AND 'autonomos_application_rights' = ANY (roles) AND cmd = 'ALL'"
        ));
        assert_eq!(policy, format!("{RULE}/{RULE}"), "{table}");
    }
    let partitions = test.database().sql(
        "SELECT c.relname FROM pg_class c WHERE c.relispartition AND c.relkind = 'r'
            AND (has_table_privilege('app', c.oid, 'SELECT') OR has_table_privilege('app', c.oid, 'DELETE'))",
    );
    assert_eq!(partitions, "", "a partition is reached through its table only, where row security is");
    let views = "SELECT COUNT(*) FROM pg_class WHERE relnamespace = 'public'::REGNAMESPACE AND relkind = 'v'";
    let invoker = format!("{views} AND 'security_invoker=true' = ANY (reloptions)");
    assert_eq!(test.database().sql(views), test.database().sql(&invoker), "views ask as whoever looks");
}

#[tokio::test]
async fn the_program_counts_the_tables_on_which_row_security_holds() {
    let (test, [acme, _]) = two_tenants().await;
    let store = test.store.tenant(&acme);
    let told = store.row_security().await.unwrap().expect("PostgreSQL has row security");
    assert_eq!((told.forced, told.passed_by), (told.tables, false));
    assert!(told.tables >= tenant_tables(&test).len() as u64, "{told:?}");
    test.database().sql("ALTER TABLE connections NO FORCE ROW LEVEL SECURITY");
    let told = store.row_security().await.unwrap().expect("PostgreSQL has row security");
    assert_eq!(told.forced + 1, told.tables, "what somebody took off is seen at once");
}

#[tokio::test]
async fn a_statement_without_a_tenant_sees_nothing() {
    let (test, _) = two_tenants().await;
    for table in tenant_tables(&test) {
        let readable = test.database().sql(&format!("SELECT has_table_privilege('app', '{table}', 'SELECT')"));
        if readable == "t" {
            let count = format!("SELECT COUNT(*) FROM {table}");
            assert_eq!(test.database().sql_as("app", &count).unwrap(), "0", "{table}");
        }
    }
    assert_eq!(test.database().sql("SELECT COUNT(*) FROM materialized"), "4", "there is something to be seen");
    let view = test.database().sql_as("app", "SELECT COUNT(*) FROM materialized_accounts").unwrap();
    assert_eq!(view, "0", "nor through a view");
}

#[tokio::test]
async fn a_statement_for_one_tenant_sees_and_changes_nothing_of_another() {
    let (test, [acme, globex]) = two_tenants().await;
    let (acme, globex) = (acme.tenant_id(), globex.tenant_id());
    let as_acme = |sql: &str| {
        let sql = format!("BEGIN; SET LOCAL aos.tenant_id = '{acme}'; {sql}; COMMIT");
        test.database().sql_as("app", &sql)
    };
    for table in ["materialized", "canonical_stream", "connections", "runs", "audit", "stream_heads"] {
        let own = as_acme(&format!("SELECT COUNT(*) > 0 FROM {table}")).unwrap();
        assert_eq!(own, "t", "{table}");
        let foreign = as_acme(&format!("SELECT COUNT(*) FROM {table} WHERE tenant_id = '{globex}'")).unwrap();
        assert_eq!(foreign, "0", "{table}");
    }
    as_acme(&format!("UPDATE connections SET name = 'taken' WHERE tenant_id = '{globex}'")).unwrap();
    as_acme(&format!("DELETE FROM connections WHERE tenant_id = '{globex}'")).unwrap();
    let kept = test.database().sql(&format!("SELECT name FROM connections WHERE tenant_id = '{globex}'"));
    assert_eq!(kept, "crm");
    let setting = |tenant| format!("INSERT INTO tenant_settings VALUES ('{tenant}', 'k', '1')");
    let refused = as_acme(&setting(globex)).unwrap_err();
    assert!(refused.contains("row-level security"), "{refused}");
    let moved = as_acme(&format!("UPDATE connections SET tenant_id = '{globex}'")).unwrap_err();
    assert!(moved.contains("row-level security"), "{moved}");
    as_acme(&setting(acme)).unwrap();
}

#[tokio::test]
async fn global_tables_are_closed_to_the_application_and_the_trail_is_never_rewritten() {
    let (test, [acme, _]) = two_tenants().await;
    let as_acme = |sql: &str| {
        let sql = format!("BEGIN; SET LOCAL aos.tenant_id = '{}'; {sql}; COMMIT", acme.tenant_id());
        test.database().sql_as("app", &sql).unwrap_err()
    };
    for statement in [
        "SELECT * FROM tenants",
        "SELECT * FROM sign_in_directory",
        "SELECT * FROM credentials",
        "UPDATE audit SET action = 'nothing'",
        "DELETE FROM audit",
        "TRUNCATE canonical_stream",
        "ALTER TABLE audit DISABLE ROW LEVEL SECURITY",
        "CREATE TABLE mine (id INT)",
        "SET ROLE autonomos_system_rights",
        "SELECT autonomos_protect('audit')",
        "DELETE FROM _sqlx_migrations",
    ] {
        let refused = as_acme(statement);
        assert!(refused.contains("permission denied") || refused.contains("must be owner"), "{statement}: {refused}");
    }
}

#[tokio::test]
async fn the_system_role_sees_only_what_crosses_tenants() {
    let (test, _) = two_tenants().await;
    for table in ["users", "canonical_stream", "materialized", "audit", "runs", "tenant_settings", "rejections"] {
        let seen = test.database().sql_as("app_system", &format!("SELECT COUNT(*) FROM {table}"));
        assert!(matches!(&seen, Err(refused) if refused.contains("permission denied")), "{table}: {seen:?}");
    }
    assert_eq!(test.database().sql_as("app_system", "SELECT COUNT(*) FROM tenants").unwrap(), "2");
    // Of connections only those whose files are watched, and neither their names nor their settings.
    assert_eq!(test.database().sql_as("app_system", "SELECT COUNT(*) FROM connections").unwrap(), "0");
    for column in ["name", "config", "system", "connector"] {
        let seen = test.database().sql_as("app_system", &format!("SELECT {column} FROM connections"));
        assert!(matches!(&seen, Err(refused) if refused.contains("permission denied")), "{column}: {seen:?}");
    }
}

#[tokio::test]
async fn a_connection_that_served_one_tenant_knows_nothing_of_it_for_the_next() {
    let test = TestStore::new().await;
    let mut options = crate::suite::common::options(test.database());
    options.max_connections = 1;
    let store = aos_store::Store::open_postgres(&options, test.clock.clone()).await.unwrap();
    let scopes = [test.scope("acme").await, test.scope("globex").await];
    for scope in &scopes {
        store.tenant(scope).create_connection(crate::suite::common::new_connection("crm")).await.unwrap();
    }
    for turn in 0..50 {
        let scope = &scopes[turn % 2];
        let found = store.tenant(scope).list_connections(Page::default()).await.unwrap();
        assert_eq!(found.items.len(), 1);
        // A transaction that is given up in the middle leaves its connection to the other tenant.
        let tenant = store.tenant(scope);
        let started = tenant.start_run(found.items[0].id, "given up");
        let _ = tokio::time::timeout(std::time::Duration::from_micros(turn as u64 * 40), started).await;
    }
}
