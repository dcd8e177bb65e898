//! A real PgBouncer that pools transactions: every transaction may run on another session of the server, after another tenant.

use crate::suite::common::{TestStore, event, options, source};
use aos_store::{Page, Pooler, PostgresOptions, Store};
use aos_testservers::PgBouncer;
use std::collections::HashSet;

/// Opens the store by way of a pooler, or says that this machine has none.
async fn through_pooler(test: &TestStore) -> Option<(PgBouncer, Store)> {
    let Some(bouncer) = PgBouncer::start(test.database(), &["app", "app_system"]) else {
        eprintln!("SKIPPED: there is no PgBouncer on this machine (apt-get install pgbouncer)");
        return None;
    };
    let wanted = PostgresOptions { url: bouncer.url("app"), pooler: Pooler::Transaction, ..options(test.database()) };
    let store = Store::open_postgres(&wanted, test.clock.clone()).await.unwrap();
    Some((bouncer, store))
}

#[tokio::test]
async fn behind_a_transaction_pooler_pages_land_and_replays_change_nothing() {
    let test = TestStore::new().await;
    let Some((_bouncer, store)) = through_pooler(&test).await else { return };
    let mut acme = source(&store, &test.scope("acme").await, "crm").await;
    let events = || (0..2_000).map(|n| event(&format!("{n}"), n, 0, "A")).collect::<Vec<_>>();
    assert_eq!(acme.commit(events()).await.unwrap().landed, 2_000);
    assert_eq!(acme.commit(events()).await.unwrap().duplicate, 2_000);
    acme.generation = 2;
    let changed = (0..2_000).map(|n| event(&format!("{n}"), n, 0, if n % 2 == 0 { "A" } else { "B" }));
    assert_eq!(acme.commit(changed.collect()).await.unwrap().landed, 1_000);
    assert_eq!(acme.rows().await.len(), 2_000);
}

#[tokio::test]
async fn tenants_that_take_turns_on_one_pooled_session_never_see_each_other() {
    let test = TestStore::new().await;
    let Some((_bouncer, store)) = through_pooler(&test).await else { return };
    let mut running = Vec::new();
    for tenant in 0..6 {
        let (store, scope) = (store.clone(), test.scope(&format!("tenant {tenant}")).await);
        running.push(tokio::spawn(async move {
            let own = store.tenant(&scope);
            let mine: HashSet<String> = (0..4).map(|n| format!("{tenant}-{n}")).collect();
            for name in &mine {
                own.create_connection(crate::suite::common::new_connection(name)).await.unwrap();
            }
            for turn in 0..40_u64 {
                let seen = own.list_connections(Page::default()).await.unwrap().items;
                assert_eq!(seen.into_iter().map(|connection| connection.name).collect::<HashSet<_>>(), mine);
                // Some give up in the middle, and leave whatever they had begun to the next.
                let given_up = own.record_audit("turn", "pooler", serde_json::json!({}));
                let _ =
                    tokio::time::timeout(std::time::Duration::from_micros((turn * 97 + tenant * 13) % 3_000), given_up)
                        .await;
                assert!(own.list_audit(Page::first(100)).await.unwrap().items.len() <= 5 + turn as usize + 1);
            }
        }));
    }
    for tenant in running {
        tenant.await.unwrap();
    }
}
