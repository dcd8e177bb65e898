//! Measures the statements of the task queue on a private PostgreSQL: `cargo run --release -p aos-store --example task_speed -- [TASKS] [SECONDS]`.
//!
//! Prints a line of JSON per measurement: enqueueing one by one and in bulk, then claiming and finishing no-op tasks in batches, then the
//! same for SECONDS without and with another session that holds an old snapshot. The server does not wait for the disk (fsync is off),
//! so this is the cost of the statements; processor time is the server's sessions' and this program's.

mod bench;

use aos_core::TenantScope;
use aos_core::task::{NewTask, TaskOutcome, WorkerId};
use aos_store::Store;
use bench::{Bench, Result, cpu_of};
use serde_json::json;
use sqlx::Connection;
use std::time::{Duration, Instant};

const LEASE: Duration = Duration::from_secs(3600);

/// What a measurement took.
struct Taken {
    tasks: usize,
    wall: Duration,
    server: Duration,
    client: Duration,
}

#[tokio::main]
async fn main() -> Result<()> {
    let mut args = std::env::args().skip(1);
    let tasks: usize = args.next().map_or(Ok(20_000), |text| text.parse())?;
    let seconds: u64 = args.next().map_or(Ok(20), |text| text.parse())?;
    let bench = Bench::start().await?;
    let scope = bench.scope("bench").await?;
    let worker = bench.store.system().register_worker("bench", 256, LEASE).await?;
    // Opens the sessions, so that their time is seen from the beginning.
    enqueue_one_by_one(&bench.store, &scope, 100).await?;
    run(&bench.store, worker, 64).await?;

    let one_by_one = tasks / 10;
    print(
        "enqueue one by one",
        &measure(&bench, one_by_one, enqueue_one_by_one(&bench.store, &scope, one_by_one)).await?,
    );
    run(&bench.store, worker, 256).await?;
    for batch in [1, 16, 64, 256] {
        let tasks = if batch == 1 { tasks / 10 } else { tasks };
        print(
            &format!("enqueue in bulk ({tasks})"),
            &measure(&bench, tasks, enqueue_bulk(&bench.store, &scope, tasks)).await?,
        );
        print(
            &format!("claim and finish, {batch} at a time"),
            &measure(&bench, tasks, drain(&bench.store, worker, batch)).await?,
        );
    }
    for held in [false, true] {
        hold(&bench, &scope, worker, Duration::from_secs(seconds), held).await?;
    }
    Ok(())
}

/// Keeps tasks coming and going, and prints each second how many went.
async fn hold(bench: &Bench, scope: &TenantScope, worker: WorkerId, time: Duration, held: bool) -> Result<()> {
    let mut session = sqlx::PgConnection::connect(&bench.database.superuser_url()).await?;
    if held {
        let snapshot = "BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT txid_current(); SELECT COUNT(*) FROM tenants";
        sqlx::raw_sql(snapshot).execute(&mut session).await?;
    }
    let begun = Instant::now();
    let mut second = 0;
    while begun.elapsed() < time {
        let (started, server) = (Instant::now(), bench.server_cpu()?);
        let (mut tasks, mut rotations) = (0, 0);
        let mut longest = Duration::ZERO;
        while started.elapsed() < Duration::from_secs(1) {
            enqueue_bulk(&bench.store, scope, 1000).await?;
            for _ in 0..1000_usize.div_ceil(64) {
                let claiming = Instant::now();
                let claims = bench.store.system().claim_tasks(worker, 64).await?;
                longest = longest.max(claiming.elapsed());
                tasks += claims.len();
                finish(&bench.store, claims).await?;
            }
            rotations += u32::from(bench.store.system().rotate_queue().await?.turned);
        }
        let server = bench.server_cpu()?.saturating_sub(server);
        let per_task = server.as_micros() as f64 / tasks.max(1) as f64;
        let wall = started.elapsed().as_secs_f64();
        println!(
            "{}",
            json!({
                "what": "steady", "snapshot_held": held, "second": second, "tasks_per_s": (tasks as f64 / wall) as u64,
                "server_us_per_task": (per_task * 10.0).round() / 10.0, "slowest_claim_ms": longest.as_millis() as u64, "turns": rotations,
            })
        );
        second += 1;
    }
    session.close().await?;
    Ok(())
}

async fn enqueue_one_by_one(store: &Store, scope: &TenantScope, tasks: usize) -> Result<()> {
    for _ in 0..tasks {
        store.tenant(scope).enqueue_task(NewTask::new("noop", json!({}))).await?;
    }
    Ok(())
}

async fn enqueue_bulk(store: &Store, scope: &TenantScope, tasks: usize) -> Result<()> {
    store.tenant(scope).enqueue_tasks(vec![NewTask::new("noop", json!({})); tasks]).await?;
    Ok(())
}

async fn drain(store: &Store, worker: WorkerId, batch: usize) -> Result<()> {
    while run(store, worker, batch).await? > 0 {}
    Ok(())
}

async fn run(store: &Store, worker: WorkerId, batch: usize) -> Result<usize> {
    let claims = store.system().claim_tasks(worker, batch).await?;
    let claimed = claims.len();
    finish(store, claims).await?;
    Ok(claimed)
}

async fn finish(store: &Store, claims: Vec<aos_store::Claim>) -> Result<()> {
    if claims.is_empty() {
        return Ok(());
    }
    let outcomes: Vec<_> =
        claims.into_iter().map(|claim| (claim.tenant, claim.fence, TaskOutcome::Success(json!(null)))).collect();
    store.system().finish_tasks(&outcomes).await?;
    Ok(())
}

async fn measure(bench: &Bench, tasks: usize, work: impl Future<Output = Result<()>>) -> Result<Taken> {
    let (started, server, client) = (Instant::now(), bench.server_cpu()?, cpu_of("self")?);
    work.await?;
    let (wall, server, client) =
        (started.elapsed(), bench.server_cpu()?.saturating_sub(server), cpu_of("self")? - client);
    Ok(Taken { tasks, wall, server, client })
}

fn print(what: &str, taken: &Taken) {
    let per_task = |time: Duration| (time.as_micros() as f64 / taken.tasks as f64 * 10.0).round() / 10.0;
    println!(
        "{}",
        json!({
            "what": what,
            "tasks": taken.tasks,
            "tasks_per_s": (taken.tasks as f64 / taken.wall.as_secs_f64()) as u64,
            "server_us_per_task": per_task(taken.server),
            "client_us_per_task": per_task(taken.client),
        })
    );
}
