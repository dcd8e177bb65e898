//! What only PostgreSQL's queue has: partitions that take turns, the server's clock, and roles.

#[path = "suite/common.rs"]
mod common;

const BACKEND: common::Backend = common::Backend::Postgres;

use aos_core::task::{NewTask, Start, TaskOutcome, TaskState};
use aos_core::{Clock, TenantScope};
use aos_store::{Page, Store, TaskFilter};
use chrono::DateTime;
use common::{TestStore, options};
use serde_json::json;
use std::time::Duration;

const LEASE: Duration = Duration::from_secs(3600);

fn noop() -> NewTask {
    NewTask::new("noop", json!({}))
}

/// Enqueues tasks and runs them, at most so many.
async fn pass(store: &Store, scope: &TenantScope, tasks: usize) -> usize {
    store.tenant(scope).enqueue_tasks(vec![noop(); tasks]).await.unwrap();
    run(store, tasks).await
}

async fn run(store: &Store, tasks: usize) -> usize {
    let worker = store.system().register_worker("test", 8, LEASE).await.unwrap();
    let mut run = 0;
    while run < tasks {
        let claims = store.system().claim_tasks(worker, (tasks - run).min(256)).await.unwrap();
        if claims.is_empty() {
            break;
        }
        run += claims.len();
        let outcomes: Vec<_> =
            claims.into_iter().map(|claim| (claim.tenant, claim.fence, TaskOutcome::Success(json!(null)))).collect();
        store.system().finish_tasks(&outcomes).await.unwrap();
    }
    run
}

fn queue_bytes(test: &TestStore) -> u64 {
    let sql = "SELECT SUM(pg_total_relation_size(oid::regclass)) FROM pg_class WHERE relname ~ '^task_queue_[0-9]$'";
    test.database().sql(sql).trim().parse().unwrap()
}

#[tokio::test]
async fn the_queue_stays_small_while_a_session_holds_an_old_snapshot() {
    use sqlx::Connection;
    const ROUND: usize = 2000;
    const ROUNDS: usize = 8;
    let test = TestStore::new().await;
    let acme = test.scope("acme").await;
    let mut session = sqlx::PgConnection::connect(&test.database().superuser_url()).await.unwrap();
    let hold = "BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT txid_current(); SELECT COUNT(*) FROM tenants";
    sqlx::raw_sql(hold).execute(&mut session).await.unwrap();
    let (mut turns, mut truncated, mut largest) = (0, 0, 0);
    for _ in 0..ROUNDS {
        assert_eq!(pass(&test.store, &acme, ROUND).await, ROUND);
        let rotation = test.store.system().rotate_queue().await.unwrap();
        turns += u32::from(rotation.turned);
        truncated += rotation.truncated;
        largest = largest.max(queue_bytes(&test));
    }
    assert!(turns >= 2 && truncated >= 2, "{turns} turns, {truncated} truncated");
    // A row and its successor with their entries in the indexes take more than 300 bytes.
    let all = (ROUND * ROUNDS * 300) as u64;
    assert!(largest < all, "{largest} bytes at most, where {all} and more would lie without turns");
    sqlx::raw_sql("COMMIT").execute(&mut session).await.unwrap();
}

#[tokio::test]
async fn no_task_is_lost_when_partitions_take_turns() {
    let test = TestStore::new().await;
    let acme = test.scope("acme").await;
    let store = test.store.tenant(&acme);
    let worker = test.store.system().register_worker("test", 8, LEASE).await.unwrap();
    // One that runs long, one that waits long, and some that nobody claims for their tenant's limit.
    let running = store.enqueue_task(noop()).await.unwrap().task.id;
    let claim = test.store.system().claim_tasks(worker, 1).await.unwrap().remove(0);
    let delayed = store.enqueue_task(NewTask { start: Start::AfterMs(60_000), ..noop() }).await.unwrap().task.id;
    let held_back = test.scope("held back").await;
    let none = aos_store::TaskSettings { max_running: Some(0), slack_on: vec![] };
    test.store.tenant(&held_back).put_task_settings(&none).await.unwrap();
    let (mut waiting, mut turns, mut moved) = (Vec::new(), 0, 0);
    for _ in 0..10 {
        waiting.push(test.store.tenant(&held_back).enqueue_task(noop()).await.unwrap().task.id);
        assert_eq!(pass(&test.store, &acme, 2000).await, 2000);
        // What stands in the way is moved first, then the turn can be taken.
        for _ in 0..3 {
            let rotation = test.store.system().rotate_queue().await.unwrap();
            turns += u32::from(rotation.turned);
            moved += rotation.moved;
        }
    }
    assert!(turns >= 3 && moved >= 1, "{turns} turns, {moved} moved");
    assert_eq!(store.task(running).await.unwrap().unwrap().state, TaskState::InProgress);
    let fenced = acme.clone().with_fence(claim.fence);
    test.store.tenant(&fenced).put_setting("k", &json!(1)).await.unwrap();
    test.store.system().finish_tasks(&[(claim.tenant, claim.fence, TaskOutcome::Success(json!(1)))]).await.unwrap();
    assert_eq!(store.task(running).await.unwrap().unwrap().state, TaskState::Success);
    assert_eq!(store.task(delayed).await.unwrap().unwrap().state, TaskState::Queued);
    let any = aos_store::TaskSettings { max_running: None, slack_on: vec![] };
    test.store.tenant(&held_back).put_task_settings(&any).await.unwrap();
    let claims = test.store.system().claim_tasks(worker, 100).await.unwrap();
    assert_eq!(claims.iter().map(|claim| claim.fence.task).collect::<Vec<_>>(), waiting);
}

#[tokio::test]
async fn leases_and_due_times_follow_the_servers_clock() {
    let test = TestStore::new().await;
    let acme = test.scope("acme").await;
    // The fixed clock of the tests counts; a process with the system's clock takes the server's, whatever its own says.
    let real = Store::open_postgres(&options(test.database()), Clock::System).await.unwrap();
    let worker = real.system().register_worker("test", 8, Duration::from_secs(60)).await.unwrap();
    let lease = real.system().list_workers().await.unwrap()[0].lease_until;
    let server: i64 = test.database().sql("SELECT autonomos_now()").trim().parse().unwrap();
    let ahead = lease - DateTime::from_timestamp_micros(server).unwrap();
    assert!((50..=60).contains(&ahead.num_seconds()), "{ahead}");
    let started = real.tenant(&acme).enqueue_task(NewTask { start: Start::AfterMs(150), ..noop() }).await.unwrap();
    assert_eq!(real.system().claim_tasks(worker, 1).await.unwrap(), []);
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert_eq!(real.system().claim_tasks(worker, 1).await.unwrap()[0].fence.task, started.task.id);
}

#[tokio::test]
async fn the_application_role_sees_one_tenants_tasks_and_no_partition() {
    let test = TestStore::new().await;
    let (acme, globex) = (test.scope("acme").await, test.scope("globex").await);
    for scope in [&acme, &globex] {
        test.store.tenant(scope).enqueue_task(noop()).await.unwrap();
    }
    let as_acme =
        |sql: &str| test.database().sql_as("app", &format!("SET aos.tenant_id = '{}'; {sql}", acme.tenant_id()));
    for table in ["tasks", "task_queue"] {
        let count = as_acme(&format!("SELECT COUNT(*) FROM {table}")).unwrap();
        assert!(count.trim().ends_with('1'), "{count}");
        let nothing = test.database().sql_as("app", &format!("SELECT COUNT(*) FROM {table}")).unwrap();
        assert!(nothing.trim().ends_with('0'), "{nothing}");
    }
    for sql in ["SELECT 1 FROM task_queue_0", "SELECT 1 FROM workers", "TRUNCATE task_queue_0"] {
        let error = as_acme(sql).unwrap_err();
        assert!(error.contains("permission denied"), "{sql}: {error}");
    }
    let theirs = test.store.tenant(&globex).list_tasks(&TaskFilter::default(), Page::default()).await.unwrap();
    assert_eq!(theirs.items.len(), 1);
}

#[tokio::test]
async fn a_claimer_that_falls_silent_stops_nobody_for_long() {
    use sqlx::Connection;
    let test = TestStore::new().await;
    let acme = test.scope("acme").await;
    test.store.tenant(&acme).enqueue_task(noop()).await.unwrap();
    let mut silent = sqlx::PgConnection::connect(&test.database().superuser_url()).await.unwrap();
    let take = "BEGIN; SET LOCAL idle_in_transaction_session_timeout = '2s'; SELECT pg_advisory_xact_lock(7310, 1)";
    sqlx::raw_sql(take).execute(&mut silent).await.unwrap();
    let begun = std::time::Instant::now();
    assert_eq!(run(&test.store, 1).await, 1);
    assert!(begun.elapsed() > Duration::from_secs(1), "it waited for the lock");
}
