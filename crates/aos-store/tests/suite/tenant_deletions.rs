//! A tenant that is deleted leaves nothing in the store but the row that says so, and nobody else notices.

use super::common::{Backend, TestStore, event, rejection, source};
use aos_core::TenantScope;
use aos_core::vault::Secret;
use aos_store::{Error, Exported, Page, TenantTable};
use serde_json::json;
use std::time::Duration;
use uuid::Uuid;

/// Fills many tables of a tenant.
async fn fill(test: &TestStore, scope: &TenantScope) {
    let acme = source(&test.store, scope, "crm").await;
    acme.commit_with((0..50).map(|n| event(&format!("r{n}"), n, 0, r#"{"name":"A"}"#)).collect(), None, |page| {
        page.read = 51;
        page.rejected_records = 1;
        page.rejections = vec![rejection(60, "x")];
    })
    .await
    .unwrap();
    acme.store.put_setting("k", &json!(1)).await.unwrap();
    acme.store.put_secret("test", "token", &Secret::new("hush")).await.unwrap();
    acme.store.save_ontology_extension(&json!({})).await.unwrap();
    acme.store.ensure_callback_endpoint("https://example.com/hook").await.unwrap();
}

async fn left(test: &TestStore, scope: &TenantScope, tables: &[TenantTable]) -> u64 {
    let mut left = 0;
    for table in tables {
        left += test.store.system().rows_left(scope.tenant_id(), table).await.unwrap();
    }
    left
}

/// Removes everything, in steps so small that every table takes several.
async fn erase(test: &TestStore, scope: &TenantScope, tables: &[TenantTable]) {
    for _ in 0..10 {
        let mut erased = 0;
        for table in tables {
            loop {
                let rows = test.store.system().erase_rows(scope.tenant_id(), table, 7).await.unwrap();
                assert!(rows <= 7);
                erased += rows;
                if rows == 0 {
                    break;
                }
            }
        }
        if erased == 0 {
            return;
        }
    }
    panic!("it does not come to an end");
}

#[tokio::test]
async fn every_row_goes_and_no_other_tenant_loses_one() {
    let test = TestStore::new().await;
    let system = test.store.system();
    let (acme, _) = system.register("acme", "Ann", "ann@acme.example", "hash").await.unwrap();
    let (acme, globex) = (super::common::establish(acme.id), test.scope("globex").await);
    fill(&test, &acme).await;
    fill(&test, &globex).await;
    let tables = system.tenant_tables().await.unwrap();
    assert!(tables.len() > 25, "{tables:?}");
    for name in ["audit", "credentials", "sign_in_directory", "secrets", "tenant_keys", "canonical_stream"] {
        assert!(tables.iter().any(|table| table.name == name), "{name}");
    }
    let deletion = system.begin_tenant_deletion(acme.tenant_id(), "local").await.unwrap();
    assert_eq!(system.begin_tenant_deletion(acme.tenant_id(), "local").await.unwrap(), deletion, "it begins once");
    system.wait_for_transactions().await.unwrap();
    assert!(left(&test, &acme, &tables).await > 100);
    let theirs = test.query("SELECT COUNT(*) || '' FROM canonical_stream").await;
    assert_eq!(theirs, ["100"]);
    erase(&test, &acme, &tables).await;
    assert!(system.erase_tenant(acme.tenant_id()).await.unwrap());
    assert_eq!(left(&test, &acme, &tables).await, 0);
    assert!(system.find_sign_in("ann@acme.example").await.unwrap().is_none(), "nobody signs in any more");
    // Its own trail went with it; that it was deleted, and by whom, stays in the installation's.
    system.finish_tenant_deletion(deletion.id, &json!({})).await.unwrap();
    system.finish_tenant_deletion(deletion.id, &json!({})).await.unwrap();
    let told = "SELECT action || ' ' || principal FROM audit WHERE action LIKE 'tenant.delete%' ORDER BY seq";
    assert_eq!(test.query(told).await, ["tenant.delete local", "tenant.deleted local"]);
    // The other one has everything, and its secret opens.
    assert_eq!(test.query("SELECT COUNT(*) || '' FROM canonical_stream").await, ["50"]);
    assert!(test.store.tenant(&globex).reveal("test", "token").await.unwrap().is_some());
    assert!(!test.query("SELECT action FROM audit").await.is_empty(), "nor is the trail of others touched");
    let done = system.finish_tenant_deletion(deletion.id, &json!({ "sound": true })).await.unwrap();
    assert!(done.finished_at.is_some());
    assert_eq!(system.unfinished_tenant_deletions().await.unwrap(), []);
    assert_eq!(system.deleted_tenants().await.unwrap(), [acme.tenant_id()]);
}

#[tokio::test]
async fn from_the_beginning_of_its_deletion_a_tenant_writes_nothing_and_stays_out_after_a_restart() {
    let test = TestStore::new().await;
    let (acme, globex) = (test.scope("acme").await, test.scope("globex").await);
    fill(&test, &acme).await;
    let beside = test.opened_beside().await;
    test.store.system().begin_tenant_deletion(acme.tenant_id(), "local").await.unwrap();
    for store in [&test.store, &beside] {
        assert!(store.tenant(&acme).put_setting("late", &json!(1)).await.is_err());
        store.tenant(&globex).put_setting("fine", &json!(1)).await.unwrap();
    }
    let test = test.reopened().await;
    assert!(test.store.tenant(&acme).put_setting("late", &json!(1)).await.is_err());
    assert_eq!(test.query("SELECT key FROM tenant_settings WHERE key = 'late'").await, Vec::<String>::new());
    if crate::BACKEND == Backend::Postgres {
        let seen = test.store.tenant(&acme).list_connections(Page::default()).await.unwrap();
        assert_eq!(seen.items, [], "nor does it read anything");
    }
}

#[tokio::test]
async fn what_is_not_being_deleted_cannot_be_erased() {
    let test = TestStore::new().await;
    let acme = test.scope("acme").await;
    fill(&test, &acme).await;
    if crate::BACKEND == Backend::Sqlite {
        return; // The embedded database is the program's own; only PostgreSQL has roles that could do it.
    }
    let tables = test.store.system().tenant_tables().await.unwrap();
    for table in &tables {
        assert!(test.store.system().erase_rows(acme.tenant_id(), table, 10).await.is_err(), "{}", table.name);
    }
    let tenant = acme.tenant_id();
    let refused =
        test.database().sql_as("app", &format!("SELECT autonomos_erase('audit', '{tenant}', 10)")).unwrap_err();
    assert!(refused.contains("permission denied"), "{refused}");
}

#[tokio::test]
async fn two_processes_do_not_work_on_one_deletion_at_once() {
    let test = TestStore::new().await;
    let acme = test.scope("acme").await;
    let system = test.store.system();
    let id = system.begin_tenant_deletion(acme.tenant_id(), "local").await.unwrap().id;
    let (one, two) = (Uuid::from_u128(1), Uuid::from_u128(2));
    let minute = Duration::from_secs(60);
    assert!(system.hold_tenant_deletion(id, one, minute).await.unwrap());
    assert!(!system.hold_tenant_deletion(id, two, minute).await.unwrap());
    assert!(system.hold_tenant_deletion(id, one, minute).await.unwrap());
    test.clock.advance(chrono::Duration::seconds(61));
    assert!(system.hold_tenant_deletion(id, two, minute).await.unwrap(), "the first one is taken for dead");
}

#[tokio::test]
async fn an_export_has_every_row_of_its_tenant_and_no_secret() {
    let test = TestStore::new().await;
    let (acme, _) = test.store.system().register("acme", "Ann", "ann@acme.example", "hash-of-ann").await.unwrap();
    let (acme, globex) = (super::common::establish(acme.id), test.scope("globex").await);
    fill(&test, &acme).await;
    fill(&test, &globex).await;
    let (mut tables, mut rows, mut events) = (Vec::new(), Vec::new(), 0);
    let mut visit = |piece: Exported<'_>| {
        match piece {
            Exported::Table(table) => tables.push(table.to_owned()),
            Exported::Row(row) => {
                events += u64::from(tables.last().is_some_and(|table| table == "canonical_stream"));
                rows.push(row.to_owned());
            }
        }
        Ok(())
    };
    let left_out = test.store.tenant(&acme).export(&mut visit).await.unwrap();
    assert_eq!(events, 50);
    for table in ["audit", "connections", "materialized", "rejections", "users", "tenant_settings"] {
        assert!(tables.iter().any(|found| found == table), "{table} of {tables:?}");
    }
    for row in &rows {
        let row: serde_json::Value = serde_json::from_str(row).unwrap();
        assert_eq!(row["tenant_id"], json!(acme.tenant_id().to_string()), "{row}");
        assert!(!row.to_string().contains("hash-of-ann"), "{row}");
    }
    assert!(!tables.iter().any(|table| table == "secrets" || table == "tenant_keys" || table == "credentials"));
    assert!(left_out.iter().any(|left| left.what == "secrets"), "and it says so: {left_out:?}");
}

#[tokio::test]
async fn an_export_that_cannot_be_written_says_so() {
    let test = TestStore::new().await;
    let acme = test.scope("acme").await;
    fill(&test, &acme).await;
    let mut visit = |_: Exported<'_>| Err(std::io::Error::other("full"));
    assert!(matches!(test.store.tenant(&acme).export(&mut visit).await, Err(Error::Export(_))));
}
