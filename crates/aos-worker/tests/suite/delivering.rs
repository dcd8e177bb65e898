//! Callbacks and Slack messages: what is sent, when it is tried again, and when it is given up.

use super::common::*;
use super::receiver::Receiver;
use aos_broker::{Message, Topic};
use aos_core::task::{NewTask, TaskId, TaskState};
use aos_core::{Clock, kind};
use aos_net::webhook::{self, Secret};
use aos_store::{Page, Task, TaskFilter};
use chrono::TimeDelta;
use serde_json::{Value, json};

fn told(url: &str, payload: Value) -> NewTask {
    NewTask { callback_url: Some(url.to_owned()), ..task(payload) }
}

/// Waits until the callback of a task is as wanted.
async fn callback(floor: &Floor, of: TaskId, wanted: impl Fn(&Task) -> bool) -> Task {
    floor.wait_end(of).await;
    let filter = TaskFilter { kinds: vec![kind::CALLBACK.to_owned()], ..TaskFilter::default() };
    let found = floor.tasks().list_tasks(&filter, Page::first(100)).await.unwrap().items;
    let id = found.iter().find(|task| task.parent_id == Some(of)).expect("the callback is enqueued with the end").id;
    floor.wait(id, wanted).await
}

#[tokio::test]
async fn the_end_of_a_task_is_told_to_its_callback_url_signed() {
    let (floor, receiver) = (Floor::new().await, Receiver::start().await);
    let _worker = floor.start(options(), floor.delivering());
    let id = floor.enqueue(told(&receiver.url, json!({ "a": 1 }))).await;
    let delivery = callback(&floor, id, |task| task.state.has_ended()).await;
    assert_eq!(delivery.state, TaskState::Success, "{:?}", delivery.error);
    let received = receiver.received();
    let [message] = received.as_slice() else { panic!("told once: {received:?}") };
    let body: Value = serde_json::from_slice(&message.body).unwrap();
    assert_eq!((&body["id"], &body["status"], &body["type"]), (&json!(id), &json!("success"), &json!("task.success")));
    assert_eq!((&body["payload"], &body["result"]), (&json!({ "a": 1 }), &json!({ "attempt": 1 })));
    let secrets =
        floor.tasks().ensure_callback_secrets(|| panic!("it was made with the first delivery")).await.unwrap();
    let header = |name: &str| message.headers[name].as_str();
    let verified = |secret: &str| {
        let secrets = [Secret::parse(secret).unwrap()];
        let (id, at, signature) = (header("webhook-id"), header("webhook-timestamp"), header("webhook-signature"));
        webhook::verify(&secrets, id, at, signature, &message.body, Clock::default().now())
    };
    assert_eq!(verified(&secrets.current), Ok(()));
    assert!(verified(&Secret::generate().reveal()).is_err());
}

#[tokio::test]
async fn a_receiver_that_has_only_the_older_secret_can_still_verify_for_a_day() {
    let (floor, receiver) = (Floor::new().await, Receiver::start().await);
    let _worker = floor.start(options(), floor.delivering());
    let older = floor.tasks().rotate_callback_secret(Secret::generate().reveal()).await.unwrap().current;
    floor.tasks().rotate_callback_secret(Secret::generate().reveal()).await.unwrap();
    let id = floor.enqueue(told(&receiver.url, json!({}))).await;
    callback(&floor, id, |task| task.state == TaskState::Success).await;
    let message = receiver.received().remove(0);
    let secrets = [Secret::parse(&older).unwrap()];
    let header = |name: &str| message.headers[name].as_str();
    let verified = webhook::verify(
        &secrets,
        header("webhook-id"),
        header("webhook-timestamp"),
        header("webhook-signature"),
        &message.body,
        Clock::default().now(),
    );
    assert_eq!(verified, Ok(()));
}

#[tokio::test]
async fn a_callback_that_is_not_taken_is_tried_again_after_the_schedule() {
    let (floor, receiver) = (Floor::new().await, Receiver::start().await);
    receiver.answer(500, "not now");
    let _worker = floor.start(options(), floor.delivering());
    let id = floor.enqueue(told(&receiver.url, json!({}))).await;
    let waiting = callback(&floor, id, |task| task.state == TaskState::Queued && task.attempts == 1).await;
    let pause = waiting.run_at.unwrap() - Clock::default().now();
    assert!(pause > TimeDelta::seconds(2) && pause < TimeDelta::seconds(7), "five seconds and a little: {pause}");
    receiver.answer(200, "");
    let delivered = callback(&floor, id, |task| task.state.has_ended()).await;
    assert_eq!((delivered.state, delivered.attempts), (TaskState::Success, 2));
    let ids: Vec<_> = receiver.received().iter().map(|message| message.headers["webhook-id"].clone()).collect();
    assert_eq!(ids.len(), 2);
    assert_eq!(ids[0], ids[1], "the receiver can tell that it is the same message");
    let endpoints = floor.tasks().list_callback_endpoints(Page::first(10)).await.unwrap().items;
    assert_eq!((endpoints[0].failures, endpoints[0].failing_since), (0, None));
}

#[tokio::test]
async fn an_endpoint_that_is_gone_is_switched_off_with_a_notice_until_it_is_enabled_again() {
    let (floor, receiver) = (Floor::new().await, Receiver::start().await);
    let mut heard = floor.broker.tenant(&floor.scope).subscribe(None).await;
    receiver.answer(410, "gone");
    let _worker = floor.start(options(), floor.delivering());
    let first = floor.enqueue(told(&receiver.url, json!({}))).await;
    callback(&floor, first, |task| task.state == TaskState::Failed).await;
    let second = floor.enqueue(told(&receiver.url, json!({}))).await;
    let refused = callback(&floor, second, |task| task.state == TaskState::Failed).await;
    assert!(refused.error.unwrap().contains("enable"), "the next step is said");
    assert_eq!(receiver.received().len(), 1, "nothing more is sent");
    let mut notices = 0;
    while let Some(Message::Event(event)) = heard.try_next() {
        notices += usize::from(event.topic == Topic::Notice);
    }
    assert_eq!(notices, 1);
    let audit = floor.tasks().list_audit(Page::first(100)).await.unwrap().items;
    assert_eq!(audit.iter().filter(|entry| entry.action == "callback_endpoint.disable").count(), 1);
    let endpoint = floor.tasks().list_callback_endpoints(Page::first(10)).await.unwrap().items.remove(0);
    floor.tasks().enable_callback_endpoint(endpoint.id).await.unwrap();
    receiver.answer(200, "");
    floor.tasks().replay_task(refused.id).await.unwrap();
    floor.wait(refused.id, |task| task.state == TaskState::Success).await;
}

#[tokio::test]
async fn a_callback_to_a_private_address_is_not_sent() {
    let (floor, receiver) = (Floor::new().await, Receiver::start().await);
    let _worker = floor.start(options(), floor.guarded());
    let id = floor.enqueue(told(&receiver.url, json!({}))).await;
    let refused = callback(&floor, id, |task| task.state.has_ended()).await;
    assert_eq!((refused.state, refused.attempts), (TaskState::Failed, 1));
    assert!(receiver.received().is_empty());
}

#[tokio::test]
async fn a_message_is_posted_to_the_tenants_slack_webhook() {
    let (floor, receiver) = (Floor::new().await, Receiver::start().await);
    let _worker = floor.start(options(), floor.delivering());
    let hello = || NewTask::new(kind::SLACK, json!({ "text": "hello" }));
    let unset = floor.enqueue(hello()).await;
    assert!(floor.wait_end(unset).await.error.unwrap().contains("/notifications/slack"));
    floor.tasks().put_slack_webhook(&receiver.url).await.unwrap();
    let posted = floor.enqueue(hello()).await;
    assert_eq!(floor.wait_end(posted).await.state, TaskState::Success);
    let body: Value = serde_json::from_slice(&receiver.received()[0].body).unwrap();
    assert_eq!(body, json!({ "text": "hello" }));
    receiver.answer(404, "no_service");
    let refused = floor.enqueue(hello()).await;
    assert_eq!(floor.wait_end(refused).await.state, TaskState::Failed);
    let webhook = floor.tasks().slack_webhook().await.unwrap().unwrap();
    assert!(webhook.disabled_reason.unwrap().contains("no_service"));
}
