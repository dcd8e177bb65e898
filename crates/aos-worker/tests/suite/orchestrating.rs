//! The orchestration of a tenant: connect, reset, production mode.

use super::common::*;
use aos_core::kind;
use aos_core::task::{NewTask, TaskState};
use serde_json::json;

fn aoa(kind: &str, payload: serde_json::Value) -> NewTask {
    NewTask { exclusive: kind::exclusive(kind).map(str::to_owned), max_attempts: 3, ..NewTask::new(kind, payload) }
}

#[tokio::test]
async fn a_connect_reads_the_sources_and_a_reset_forgets_them_until_the_next_connect() {
    let floor = Floor::new().await;
    let (dcl, folder) = floor.dcl().await;
    let _worker = floor.start(options(), floor.orchestrating(&dcl));
    let id = floor.enqueue(aoa(kind::CONNECT, json!({}))).await;
    let connected = floor.wait_end(id).await;
    assert_eq!(connected.state, TaskState::Success, "{:?}", connected.error);
    let result = connected.result.unwrap();
    assert_eq!(result["records"]["opportunity"], json!(2));
    assert_eq!(result["ledger"]["balanced"], json!(true));
    let tenant = dcl.tenant(&floor.scope);
    let run = tenant.connect_run(aos_core::RunId(id.0)).await.unwrap().expect("the run has the task's name");
    assert_eq!(serde_json::to_value(run.status).unwrap(), json!("finished"));
    assert_eq!(tenant.state().await.unwrap().state.sources_added, ["crm"]);

    let reset = floor.enqueue(aoa(kind::RESET, json!({}))).await;
    assert_eq!(floor.wait_end(reset).await.result, Some(json!({ "connections": 1 })));
    let state = tenant.state().await.unwrap();
    assert!(state.state.sources_added.is_empty() && state.state.confidence.is_none());
    let rows = tenant.query("SELECT count(*) AS n FROM opportunity", 10).await.unwrap();
    assert_eq!(json!(rows.rows)[0][0], json!(0));

    let again = floor.enqueue(aoa(kind::CONNECT, json!({}))).await;
    let again = floor.wait_end(again).await.result.unwrap();
    assert_eq!(again["records"]["opportunity"], json!(2), "the sources are read anew");
    drop(folder);
}

#[tokio::test]
async fn a_connect_of_a_source_that_is_not_there_fails_once_and_says_so() {
    let floor = Floor::new().await;
    let (dcl, _folder) = floor.dcl().await;
    let _worker = floor.start(options(), floor.orchestrating(&dcl));
    let id = floor.enqueue(aoa(kind::CONNECT, json!({ "sources": ["erp"] }))).await;
    let ended = floor.wait_end(id).await;
    assert_eq!((ended.state, ended.attempts), (TaskState::Failed, 1));
    assert!(ended.error.unwrap().contains("not found"));
}

#[tokio::test]
async fn a_connect_that_lost_its_worker_is_made_again_and_changes_nothing_twice() {
    let floor = Floor::new().await;
    let (dcl, _folder) = floor.dcl().await;
    let id = floor.enqueue(aoa(kind::CONNECT, json!({}))).await;
    floor.claim_and_vanish(std::time::Duration::from_secs(2)).await;
    let _worker = floor.start(short_lease(), floor.orchestrating(&dcl));
    let ended = floor.wait_end(id).await;
    assert_eq!(ended.state, TaskState::Success, "{:?}", ended.error);
    // A busy machine may let a lease so short run out once more.
    assert!(ended.attempts >= 2, "{}", ended.attempts);
    assert_eq!(ended.result.unwrap()["records"]["opportunity"], json!(2));
}

#[tokio::test]
async fn production_mode_is_on_until_it_is_switched_off() {
    let floor = Floor::new().await;
    let (dcl, _folder) = floor.dcl().await;
    let _worker = floor.start(options(), floor.orchestrating(&dcl));
    let tenant = dcl.tenant(&floor.scope);
    assert!(tenant.production_mode().await.unwrap());
    let id = floor.enqueue(aoa(kind::PROD_MODE, json!({ "enabled": false }))).await;
    assert_eq!(floor.wait_end(id).await.result, Some(json!({ "enabled": false })));
    assert!(!tenant.production_mode().await.unwrap());
}
