//! One seed from its beginning to its verdict.

use crate::checks;
use crate::fault;
use crate::follower::Follower;
use crate::house::House;
use crate::plan::Plan;
use crate::quiet;
use crate::receiver::Receiver;
use crate::tenants::{TENANTS, Tenant};
use crate::workload::{Book, Customer};
use serde_json::json;
use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;
use std::rc::Rc;
use std::time::{Duration, Instant};

/// Seconds of storm, where nobody says otherwise.
const STORM_S: u64 = 5;

/// Runs a seed. The error says what was wrong, what was done, and where the logs are.
pub fn run(seed: u64) -> Result<(), String> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let folder = tempfile::Builder::new().prefix(&format!("aos-crash-{seed}-")).tempdir().expect("a temporary folder");
    let outcome = tokio::task::LocalSet::new().block_on(&runtime, weather(seed, folder.path()));
    runtime.shutdown_timeout(Duration::from_secs(1));
    outcome.map_err(|report| {
        let kept = folder.keep();
        format!(
            "{report}\n\nlogs, lake and rows are kept in {}; run this seed again with SEED={seed} make crash",
            kept.display()
        )
    })
}

async fn weather(seed: u64, folder: &Path) -> Result<(), String> {
    let storm = Duration::from_secs(crate::setting("STORM_S").unwrap_or(STORM_S));
    let mut plan = Plan::of(seed, storm);
    let Some(house) = House::build(folder, &mut plan).await else {
        eprintln!("SKIPPED: the crash test needs PostgreSQL 15 and Redis 7 or newer on this machine");
        return Ok(());
    };
    let begun = Instant::now();
    house.open();
    let mut tenants = Vec::new();
    for number in 0..TENANTS {
        tenants.push(Tenant::register(&house, number, seed).await);
    }
    let receiver = Receiver::open().await;
    let book = Rc::new(Book::default());
    let followers: Vec<_> = tenants.iter().map(|tenant| Follower::start(&house, tenant.scope.clone())).collect();

    house.journal.note("the storm begins");
    house.set_stormy(true);
    let customers: Vec<_> = tenants
        .iter()
        .map(|tenant| {
            let customer = Customer::new(house.clone(), tenant.clone(), receiver.clone(), book.clone(), seed);
            tokio::task::spawn_local(customer.work())
        })
        .collect();
    fault::storm(house.clone(), plan.faults).await;
    house.journal.note("the storm is over");
    book.stop();
    for customer in customers {
        customer.await.expect("a customer who goes home");
    }
    house.set_stormy(false);
    for process in house.processes.iter().filter(|process| process.is_doomed()) {
        process.kill().await;
    }
    quiet::fall(&house).await;
    for tenant in &tenants {
        quiet::connect(&house, tenant).await;
    }
    quiet::fall(&house).await;
    for follower in &followers {
        while follower.look(&house).await != Some(0) {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        follower.stop();
    }

    checks::tasks::check(&house, &book).await;
    checks::ends::check(&house, &receiver).await;
    checks::ledger::check(&house).await;
    checks::streams::check(&house, &followers).await;
    checks::rows::check(&house, &tenants).await;
    checks::lake::check(&house, &tenants).await;
    let late = house.close().await;
    if !late.is_empty() {
        house.journal.problem(format_args!("told to stop, {} did not end in time", late.join(" and ")));
    }
    house.store.close().await;
    summarise(seed, &house, &book, begun.elapsed());
    verdict(&house, folder, seed).await
}

/// Adds a line to the file that `scripts/crash` reads at the end.
fn summarise(seed: u64, house: &House, book: &Book, took: Duration) {
    let mut fired: BTreeMap<String, u64> = BTreeMap::new();
    for point in house.fired.borrow().iter() {
        *fired.entry(point.clone()).or_default() += 1;
    }
    let pickups: Vec<u128> = house.journal.pickups().iter().map(Duration::as_millis).collect();
    let line = json!({
        "seed": seed, "seconds": took.as_secs_f64(), "problems": house.journal.problems().len(),
        "tasks": book.tasks.borrow().len(), "canceled": book.canceled.borrow().len(), "points": fired,
        "pickups_ms": pickups, "answers": *book.answers.borrow(),
    });
    println!("{line}");
    #[allow(clippy::disallowed_methods)] // Tests are told by the environment what to do.
    let Some(path) = std::env::var_os("CRASH_SUMMARY") else { return };
    let mut file = std::fs::File::options().create(true).append(true).open(path).expect("the summary");
    file.write_all(format!("{line}\n").as_bytes()).expect("the summary");
}

async fn verdict(house: &House, folder: &Path, seed: u64) -> Result<(), String> {
    let problems = house.journal.problems();
    if problems.is_empty() {
        return Ok(());
    }
    for table in [
        "tasks",
        "task_queue",
        "task_rights",
        "unsuccessful_tasks",
        "task_logs",
        "workers",
        "audit",
        "runs",
        "connect_runs",
    ] {
        let rows = house.rows(&format!("SELECT * FROM {table} LIMIT 20000")).await;
        let text: String = rows.iter().map(|row| format!("{row}\n")).collect();
        std::fs::write(folder.join(format!("{table}.ndjson")), text).expect("a file");
    }
    let _ = std::fs::copy(house.postgres.log(), folder.join("postgres.log"));
    let journal = house.journal.lines().join("\n");
    std::fs::write(folder.join("journal.txt"), &journal).expect("a file");
    Err(format!("seed {seed}: {} problems\n- {}\n\nwhat happened:\n{journal}", problems.len(), problems.join("\n- ")))
}
