//! Chores: done by one of the workers, whichever.

use super::common::*;
use aos_core::audit::{Signer, verify};
use aos_core::task::{NewTask, Start, TaskState};
use aos_core::vault::Secret;
use aos_core::{Clock, TenantScope};
use aos_store::{NewSchedule, Page, TaskFilter};
use aos_worker::WorkerOptions;
use chrono::{DateTime, TimeDelta};
use serde_json::json;
use std::time::{Duration, Instant};
use tokio_util::sync::CancellationToken;

const DAY_MS: u64 = 24 * 60 * 60 * 1000;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_schedule_that_is_due_enqueues_its_task_once_with_two_workers() {
    const TIMES: u32 = 3;
    let clock = Clock::fixed(DateTime::from_timestamp(1_800_000_000, 0).unwrap());
    let (floor, (registry, seen)) = (Floor::with_clock(clock.clone()).await, scripted());
    let schedule = NewSchedule {
        name: "every minute".into(),
        cron: "* * * * *".into(),
        zone: "UTC".into(),
        task: task(json!({})),
        enabled: true,
    };
    let schedule = floor.tasks().create_schedule(schedule).await.unwrap();
    let options = || WorkerOptions { lease: Duration::from_secs(3600), ..options() };
    let mut working = Vec::new();
    for store in [floor.beside().await, floor.beside().await] {
        let (worker, stop) = (floor.worker_on(store, options(), registry.clone()), CancellationToken::new());
        working.push((stop.clone(), tokio::spawn(worker.run(stop))));
    }
    let begun = Instant::now();
    for time in 1..=TIMES {
        clock.advance(TimeDelta::seconds(60));
        while seen.attempts() < time {
            assert!(begun.elapsed() < Duration::from_secs(60), "nothing is enqueued");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
    // Long enough for a second one to come, if it came.
    tokio::time::sleep(Duration::from_millis(1200)).await;
    for (stop, worker) in working {
        stop.cancel();
        in_time(worker).await.unwrap().unwrap();
    }
    let filter = TaskFilter { schedule: Some(schedule.id), ..TaskFilter::default() };
    let tasks = floor.tasks().list_tasks(&filter, Page::first(100)).await.unwrap().items;
    assert_eq!((tasks.len(), seen.attempts()), (TIMES as usize, TIMES));
}

#[tokio::test]
async fn ended_tasks_are_kept_for_as_long_as_they_are_to_be() {
    let clock = Clock::fixed(DateTime::from_timestamp(1_800_000_000, 0).unwrap());
    let (floor, (registry, _)) = (Floor::with_clock(clock.clone()).await, scripted());
    let id = floor.enqueue(task(json!({ "log": "one line" }))).await;
    in_time(floor.worker(options(), registry.clone()).run_once(Default::default())).await.unwrap();
    assert_eq!(floor.task(id).await.state, TaskState::Success);
    let waiting = floor.enqueue(NewTask { start: Start::AfterMs(30 * DAY_MS), ..task(json!({})) }).await;
    let options = || WorkerOptions { retention: Duration::from_millis(7 * DAY_MS), ..options() };
    clock.advance(TimeDelta::days(6));
    in_time(floor.worker(options(), registry.clone()).run_once(Default::default())).await.unwrap();
    assert_eq!(floor.task(id).await.state, TaskState::Success, "not yet");
    clock.advance(TimeDelta::days(2));
    let _worker = floor.start(options(), registry);
    let begun = Instant::now();
    while floor.tasks().task(id).await.unwrap().is_some() {
        assert!(begun.elapsed() < Duration::from_secs(60), "it is still there");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(floor.task(waiting).await.state, TaskState::Queued, "what has not ended stays");
}

/// Exports a tenant's trail, which signs its head, and says how many signed heads stand in it.
async fn heads(floor: &Floor, tenant: &TenantScope, signer: &Signer) -> u64 {
    let (pieces, mut written) = tokio::sync::mpsc::channel(100);
    floor.store.tenant(tenant).export_audit(signer, pieces).await.unwrap();
    let mut text = String::new();
    while let Some(piece) = written.recv().await {
        text.push_str(&piece);
    }
    verify(text.lines().map(|line| Ok(line.into())), Some(&signer.verifier()), None).unwrap().heads
}

#[tokio::test]
async fn the_heads_of_audit_trails_are_signed_without_anybody_asking() {
    let (floor, (registry, _)) = (Floor::new().await, scripted());
    let seed = [7; 32];
    floor.store.system().ensure_secret("audit", "signing", &Secret::new(seed)).await.unwrap();
    // The first look of a worker may come late on a busy machine; each tenant is given longer than the one before.
    for number in 1..=20 {
        let tenant = floor.other_tenant(&format!("tenant-{number}")).await;
        let worker = floor.start(options(), registry.clone());
        tokio::time::sleep(Duration::from_millis(100) * number).await;
        drop(worker);
        floor.store.tenant(&tenant).put_setting("k", &json!(1)).await.unwrap();
        if heads(&floor, &tenant, &Signer::of_seed(&seed)).await == 2 {
            return;
        }
    }
    panic!("no head was signed but by exports");
}
