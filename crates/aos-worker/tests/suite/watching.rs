//! Files that are watched: read soon after they come or change, and not otherwise.

use super::common::*;
use aos_core::kind;
use aos_core::task::TaskState;
use aos_dcl::connections::ConnectionRequest;
use aos_store::{Alert, AlertKind, Page, Task, TaskFilter};
use aos_worker::WorkerOptions;
use serde_json::{Value, json};
use std::path::Path;
use std::time::{Duration, Instant};

const INTERVAL: Duration = Duration::from_millis(300);
/// So many looks are enough to see that nothing comes of them.
const QUIET: Duration = Duration::from_millis(1_500);

fn looking() -> WorkerOptions {
    WorkerOptions { watch_interval: INTERVAL, ..options() }
}

fn write(folder: &Path, name: &str, rows: &[(&str, &str)]) {
    let rows: String = rows.iter().map(|(id, stage)| format!("{id},New roof,{stage},1200.50\n")).collect();
    std::fs::write(folder.join(name), format!("Opportunity ID,Name,Stage,Amount\n{rows}")).unwrap();
}

async fn syncs(floor: &Floor) -> Vec<Task> {
    let filter = TaskFilter { kinds: vec![kind::SYNC.to_owned()], ..TaskFilter::default() };
    floor.tasks().list_tasks(&filter, Page::first(50)).await.unwrap().items
}

/// Waits until so many syncs have come to their end.
async fn wait_syncs(floor: &Floor, count: usize) -> Vec<Task> {
    let begun = Instant::now();
    loop {
        let tasks = syncs(floor).await;
        if tasks.len() >= count && tasks.iter().all(|task| task.state.has_ended()) {
            return tasks;
        }
        assert!(begun.elapsed() < Duration::from_secs(60), "{} of {count} syncs: {tasks:?}", tasks.len());
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

async fn watched(floor: &Floor, dcl: &aos_dcl::Dcl, folder: &Path) {
    let config = json!({ "path": folder, "watch": true });
    let Value::Object(config) = config else { unreachable!() };
    let request = ConnectionRequest {
        name: "watched".into(),
        connector: "file".into(),
        system: Some("salesforce".into()),
        config,
        stale_after_s: None,
        credential_locator: None,
    };
    dcl.tenant(&floor.scope).add_connection(request).await.unwrap();
}

async fn stages(dcl: &aos_dcl::Dcl, floor: &Floor) -> Value {
    let answer = dcl.tenant(&floor.scope).query("SELECT opportunity_id, stage FROM opportunity ORDER BY 1", 10).await;
    json!(answer.unwrap().rows)
}

#[tokio::test]
async fn a_watched_folder_is_read_when_files_come_or_change_and_left_alone_otherwise() {
    let floor = Floor::new().await;
    let (dcl, place) = floor.dcl().await;
    let folder = place.path().join("exports/watched");
    std::fs::create_dir(&folder).unwrap();
    watched(&floor, &dcl, &folder).await;
    let _worker = floor.start(looking(), floor.orchestrating(&dcl));
    tokio::time::sleep(QUIET).await;
    assert!(syncs(&floor).await.is_empty(), "an empty folder is no reason to read");

    write(&folder, "deals.csv", &[("006X", "Prospecting")]);
    let tasks = wait_syncs(&floor, 1).await;
    assert_eq!(tasks[0].state, TaskState::Success, "{:?}", tasks[0].error);
    assert_eq!(stages(&dcl, &floor).await, json!([["006X", "Prospecting"]]));

    // A second file, moved in with the old time of change that it has elsewhere.
    write(place.path(), "more.csv", &[("006Y", "Closed Won")]);
    std::fs::rename(place.path().join("more.csv"), folder.join("more.csv")).unwrap();
    wait_syncs(&floor, 2).await;
    assert_eq!(stages(&dcl, &floor).await, json!([["006X", "Prospecting"], ["006Y", "Closed Won"]]));

    write(&folder, "deals.csv", &[("006X", "Closed Lost")]);
    let tasks = wait_syncs(&floor, 3).await;
    assert_eq!(stages(&dcl, &floor).await, json!([["006X", "Closed Lost"], ["006Y", "Closed Won"]]));
    assert_eq!(tasks[0].payload["streams"], json!(["deals"]), "the other file is not read again");

    tokio::time::sleep(QUIET).await;
    assert_eq!(syncs(&floor).await.len(), 3, "what did not change is not read");
}

#[tokio::test]
async fn a_file_that_cannot_be_read_is_tried_once_until_it_changes_and_one_being_written_is_awaited() {
    let floor = Floor::new().await;
    let (dcl, place) = floor.dcl().await;
    let folder = place.path().join("exports/watched");
    std::fs::create_dir(&folder).unwrap();
    std::fs::write(folder.join("deals.csv"), b"PK\x03\x04\x00\x00\x00\x00nothing that is a table\x00\x01").unwrap();
    watched(&floor, &dcl, &folder).await;
    let _worker = floor.start(WorkerOptions { watch_interval: INTERVAL, ..options() }, floor.orchestrating(&dcl));
    wait_syncs(&floor, 1).await;
    tokio::time::sleep(QUIET).await;
    assert_eq!(wait_syncs(&floor, 1).await.len(), 1, "it has not changed since it was tried");

    // Written to more often than it is looked at.
    let mut text = "Opportunity ID,Name,Stage,Amount\n".to_owned();
    let begun = Instant::now();
    for row in 0.. {
        text.push_str(&format!("006{row:03},New roof,Prospecting,1.00\n"));
        std::fs::write(folder.join("deals.csv"), &text).unwrap();
        if begun.elapsed() > QUIET {
            break;
        }
        tokio::time::sleep(INTERVAL / 6).await;
    }
    assert_eq!(syncs(&floor).await.len(), 1, "it is not read before it is whole");
    let tasks = wait_syncs(&floor, 2).await;
    assert_eq!(tasks[0].state, TaskState::Success, "{:?}", tasks[0].error);
    let rows = text.lines().count() as u64 - 1;
    let counted = dcl.tenant(&floor.scope).query("SELECT count(*) FROM opportunity", 1).await.unwrap();
    assert_eq!(json!(counted.rows)[0][0], json!(rows));
}

#[tokio::test]
async fn a_watched_file_that_disappears_is_told_and_keeps_what_was_read_of_it() {
    let floor = Floor::new().await;
    let (dcl, place) = floor.dcl().await;
    let folder = place.path().join("exports/watched");
    std::fs::create_dir(&folder).unwrap();
    write(&folder, "deals.csv", &[("006X", "Prospecting")]);
    write(&folder, "more.csv", &[("006Y", "Closed Won")]);
    watched(&floor, &dcl, &folder).await;
    let _worker = floor.start(looking(), floor.orchestrating(&dcl));
    wait_syncs(&floor, 1).await;
    let (both, away) = (json!([["006X", "Prospecting"], ["006Y", "Closed Won"]]), place.path().join("away.csv"));
    assert_eq!(stages(&dcl, &floor).await, both);

    std::fs::rename(folder.join("more.csv"), &away).unwrap();
    let alert = wait_alerts(&floor, 1).await.remove(0);
    assert_eq!((alert.kind, alert.stream.as_str()), (AlertKind::FileGone, "more"));
    assert!(alert.message.contains("stay as they were"), "{}", alert.message);
    assert_eq!(stages(&dcl, &floor).await, both);
    let (count, standing) = (syncs(&floor).await.len(), floor.tasks().list_alerts(None).await.unwrap());
    tokio::time::sleep(QUIET).await;
    assert_eq!(syncs(&floor).await.len(), count, "nothing is read because a file went");
    assert_eq!(floor.tasks().list_alerts(None).await.unwrap(), standing, "it is told once");

    std::fs::rename(&away, folder.join("more.csv")).unwrap();
    wait_alerts(&floor, 0).await;
    // A folder that is away is every file of it.
    std::fs::rename(&folder, place.path().join("exports/elsewhere")).unwrap();
    let alerts = wait_alerts(&floor, 2).await;
    assert!(alerts.iter().all(|alert| alert.kind == AlertKind::FileGone), "{alerts:?}");
}

async fn wait_alerts(floor: &Floor, count: usize) -> Vec<Alert> {
    let begun = Instant::now();
    loop {
        let alerts = floor.tasks().list_alerts(None).await.unwrap();
        if alerts.len() == count {
            return alerts;
        }
        assert!(begun.elapsed() < Duration::from_secs(60), "{alerts:?}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
