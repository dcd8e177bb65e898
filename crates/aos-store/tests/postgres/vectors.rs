//! pgvector, where the server has it: taken into use when the tables are made or later, and as exact as without it.

use crate::suite::common::{TestStore, establish, migrate_options, options, server, source};
use crate::suite::memory::{random_vectors, recall, with_vectors};
use aos_core::Clock;
use aos_store::{Store, migrate};
use uuid::Uuid;

fn has_pgvector() -> bool {
    let found = server().sql("postgres", "SELECT COUNT(*) FROM pg_available_extensions WHERE name = 'vector'");
    if found.trim() != "1" {
        eprintln!("SKIPPED: this PostgreSQL has no pgvector");
    }
    found.trim() == "1"
}

#[tokio::test]
async fn pgvector_finds_what_the_program_finds_and_may_come_later() {
    if !has_pgvector() {
        return;
    }
    let test = TestStore::new().await;
    let (acme, globex) = (test.scope("acme").await, test.scope("globex").await);
    let (crm, other) = (source(&test.store, &acme, "crm").await, source(&test.store, &globex, "crm").await);
    let (vectors, asked) = (random_vectors(400, 64, 3), random_vectors(25, 64, 4));
    let ids = with_vectors(&crm.store, crm.connection.id, "print", &vectors).await;
    with_vectors(&other.store, other.connection.id, "print", &asked).await;
    let by_program = crm.store.nearest_memories("print", &asked, 10).await.unwrap();

    // The owner of the tables may not create extensions; somebody else did.
    test.database().sql("CREATE EXTENSION vector");
    assert_eq!(test.database().sql_as("owner", "SELECT autonomos_use_pgvector()").unwrap().trim(), "t");
    let by_database = crm.store.nearest_memories("print", &asked, 10).await.unwrap();
    let held: Vec<(Uuid, &Vec<f32>)> = ids.iter().copied().zip(&vectors).collect();
    assert_eq!(recall(&held, &asked, &by_database, 10), 1.0, "what was kept before is compared too");
    assert!(by_database.iter().flatten().all(|near| ids.contains(&near.id)), "nothing of another tenant");
    for (one, other) in by_program.iter().flatten().zip(by_database.iter().flatten()) {
        assert!((one.cosine - other.cosine).abs() < 1e-5, "{one:?} {other:?}");
    }
    let more = random_vectors(1, 64, 5);
    let first = crm.store.memories(1).await.unwrap()[0].id;
    crm.store.put_memory_vectors("print", &[(first, more[0].clone())]).await.unwrap();
    assert_eq!(
        crm.store.nearest_memories("print", &more, 1).await.unwrap()[0][0].id,
        first,
        "what comes later as well"
    );
}

#[tokio::test]
async fn a_database_that_has_pgvector_uses_it_from_the_first_migration_on() {
    if !has_pgvector() {
        return;
    }
    let database = server().empty_database();
    database.sql("CREATE EXTENSION vector");
    migrate(&migrate_options(&database)).await.unwrap();
    let found = database.sql("SELECT to_regproc('autonomos_nearest_memories') IS NOT NULL");
    assert_eq!(found.trim(), "t");
    let store = Store::open_postgres(&options(&database), Clock::System).await.unwrap();
    let tenant = store.system().ensure_tenant("acme").await.unwrap();
    let crm = source(&store, &establish(tenant.id), "crm").await;
    let vectors = random_vectors(30, 8, 6);
    let ids = with_vectors(&crm.store, crm.connection.id, "print", &vectors).await;
    let found = crm.store.nearest_memories("print", &vectors, 1).await.unwrap();
    assert!(found.iter().zip(&ids).all(|(near, id)| near[0].id == *id));
}
