//! Measures how long other tenants wait behind one with very many tasks, on the real queue of a private PostgreSQL:
//! `cargo run --release -p aos-store --example task_fairness -- [NOISY_TASKS] [SLOTS]`. `bench/fairness/run` does that and keeps the result.
//!
//! Work is a wait of 25 ms on average. One tenant, or three, have all their tasks queued before anything runs; meanwhile other tenants ask for one
//! task now and then. A wait is counted from the answer to the enqueueing to the start of the work.

mod bench;

use aos_core::TenantId;
use aos_core::TenantScope;
use aos_core::task::{Fence, NewTask, TaskId, TaskOutcome, WorkerId};
use aos_store::{ClaimOptions, Store};
use bench::{Bench, Result};
use rand::Rng;
use serde_json::json;
use std::collections::HashMap;
use std::time::{Duration, Instant};
use tokio::sync::{Notify, mpsc};

const WORK_MS: f64 = 25.0;
const WORK_SPREAD_MS: f64 = 5.0;
const VICTIMS: usize = 20;
/// Mean time between two tasks of all victims together.
const ARRIVAL_MS: f64 = 20.0;
/// How long outcomes are collected before they are kept together.
const TOGETHER: Duration = Duration::from_millis(2);
const LOOK_EVERY: Duration = Duration::from_millis(50);
const LEASE: Duration = Duration::from_secs(3600);

#[derive(Clone, Copy)]
struct Policy {
    name: &'static str,
    options: ClaimOptions,
}

/// Who makes the noise.
#[derive(Clone, Copy)]
struct Noise {
    tenants: usize,
    /// Over how many kinds each spreads its tasks.
    kinds: usize,
}

const NOISES: [Noise; 3] =
    [Noise { tenants: 1, kinds: 1 }, Noise { tenants: 1, kinds: 100 }, Noise { tenants: 3, kinds: 100 }];

#[tokio::main]
async fn main() -> Result<()> {
    let mut args = std::env::args().skip(1);
    let noisy: usize = args.next().map_or(Ok(10_000), |text| text.parse())?;
    let slots: usize = args.next().map_or(Ok(50), |text| text.parse())?;
    let four_fifths = u32::try_from(slots * 4 / 5)?;
    let policies = [
        Policy { name: "first come, first served", options: ClaimOptions { max_running: None, fair: false } },
        Policy { name: "limit per tenant only", options: ClaimOptions { max_running: Some(four_fifths), fair: false } },
        Policy { name: "fair", options: ClaimOptions { max_running: None, fair: true } },
        Policy {
            name: "fair, and limit per tenant",
            options: ClaimOptions { max_running: Some(four_fifths), fair: true },
        },
    ];
    for noise in NOISES {
        for policy in policies {
            println!("{}", simulate(policy, noisy, slots, noise).await?);
        }
    }
    Ok(())
}

type Started = HashMap<TaskId, Instant>;
type Outcomes = Vec<(TenantId, Fence, TaskOutcome)>;

async fn simulate(policy: Policy, noisy: usize, slots: usize, noise: Noise) -> Result<serde_json::Value> {
    let bench = Bench::start().await?;
    let mut noisy_tenants = Vec::new();
    for number in 0..noise.tenants {
        noisy_tenants.push(bench.scope(&format!("noisy {number}")).await?);
    }
    let mut victims = Vec::new();
    for number in 0..VICTIMS {
        victims.push(bench.scope(&format!("victim {number}")).await?);
    }
    let worker = bench.store.system().register_worker("bench", u32::try_from(slots)?, LEASE).await?;
    for tenant in &noisy_tenants {
        let tasks = 0..noisy / noise.tenants;
        let tasks = tasks.map(|number| NewTask::new(format!("noise_{}", number % noise.kinds), json!({})));
        bench.store.tenant(tenant).enqueue_tasks(tasks.collect()).await?;
    }

    let begun = Instant::now();
    let woken = Notify::new();
    let ended = Notify::new();
    let run = run(&bench.store, worker, slots, policy.options, &woken, &ended);
    let arrive = async {
        let asked =
            arrivals(&bench.store, &noisy_tenants, &victims, &woken, || begun.elapsed() > Duration::from_secs(60))
                .await;
        ended.notify_one();
        asked
    };
    let (started, asked) = tokio::join!(run, arrive);
    let (started, asked) = (started?, asked?);
    let mut waits: Vec<_> = asked
        .iter()
        .map(|(task, at)| {
            started.get(task).map_or(f64::NAN, |start| start.saturating_duration_since(*at).as_secs_f64() * 1000.0)
        })
        .collect();
    let unserved = waits.iter().filter(|wait| wait.is_nan()).count();
    waits.retain(|wait| !wait.is_nan());
    waits.sort_by(f64::total_cmp);
    let at = |share: f64| waits.get((waits.len() as f64 * share) as usize).map(|wait| (wait * 10.0).round() / 10.0);
    Ok(json!({
        "policy": policy.name, "noisy_tenants": noise.tenants, "noisy_kinds": noise.kinds, "noisy_tasks": noisy, "slots": slots,
        "victims_tasks": asked.len(), "unserved": unserved,
        "wait_ms": { "p50": at(0.5), "p95": at(0.95), "p99": at(0.99), "worst": waits.last().map(|wait| (wait * 10.0).round() / 10.0) },
        "all_done_s": (begun.elapsed().as_secs_f64() * 100.0).round() / 100.0,
    }))
}

/// Lets victims ask until the noisy tenants' work is nearly done, which takes as long as its tasks need on all slots.
async fn arrivals(
    store: &Store,
    noisy: &[TenantScope],
    victims: &[TenantScope],
    woken: &Notify,
    is_late: impl Fn() -> bool,
) -> Result<Vec<(TaskId, Instant)>> {
    let mut asked = Vec::new();
    while !is_late() {
        tokio::time::sleep(Duration::from_secs_f64(exponential() * ARRIVAL_MS / 1000.0)).await;
        let victim = &victims[rand::rng().random_range(0..victims.len())];
        let task = store.tenant(victim).enqueue_task(NewTask::new("victim", json!({}))).await?.task.id;
        asked.push((task, Instant::now()));
        woken.notify_one();
        if asked.len() % 16 == 0 && is_quiet(store, noisy).await? {
            break;
        }
    }
    Ok(asked)
}

/// Whether little is left of the noisy tenants' tasks.
async fn is_quiet(store: &Store, noisy: &[TenantScope]) -> Result<bool> {
    let mut waiting = 0;
    for tenant in noisy {
        waiting += store.tenant(tenant).queue_stats().await?.waiting;
    }
    Ok(waiting < 100)
}

/// A worker: claims for free slots, waits instead of working, and brings outcomes back together. Ends when nothing is left after `ended`.
async fn run(
    store: &Store,
    worker: WorkerId,
    slots: usize,
    options: ClaimOptions,
    woken: &Notify,
    ended: &Notify,
) -> Result<Started> {
    let (sender, mut done) = mpsc::unbounded_channel();
    let mut started = HashMap::new();
    let (mut free, mut arrivals_over) = (slots, false);
    let mut outcomes: Outcomes = Vec::new();
    loop {
        let claims = if free > 0 { store.system().claim_tasks_with(worker, free, options).await? } else { Vec::new() };
        let idle = claims.is_empty();
        for claim in claims {
            started.insert(claim.fence.task, Instant::now());
            free -= 1;
            let sender = sender.clone();
            tokio::spawn(async move {
                tokio::time::sleep(Duration::from_secs_f64(work_ms() / 1000.0)).await;
                let _ = sender.send((claim.tenant, claim.fence, TaskOutcome::Success(json!(null))));
            });
        }
        if idle && free == slots && arrivals_over {
            return Ok(started);
        }
        tokio::select! {
            Some(outcome) = done.recv() => {
                outcomes.push(outcome);
                tokio::time::sleep(TOGETHER).await;
                while let Ok(outcome) = done.try_recv() {
                    outcomes.push(outcome);
                }
                store.system().finish_tasks(&outcomes).await?;
                free += outcomes.len();
                outcomes.clear();
            }
            () = woken.notified() => {}
            () = ended.notified() => arrivals_over = true,
            () = tokio::time::sleep(LOOK_EVERY) => {}
        }
    }
}

/// A normally distributed length of work, by Box and Muller's transform.
fn work_ms() -> f64 {
    let (one, two): (f64, f64) = (1.0 - rand::random::<f64>(), rand::random());
    let normal = (-2.0 * one.ln()).sqrt() * (std::f64::consts::TAU * two).cos();
    (WORK_MS + WORK_SPREAD_MS * normal).max(1.0)
}

fn exponential() -> f64 {
    -(1.0 - rand::random::<f64>()).ln()
}
