//! What gets into the queue, and how often.

use super::super::common::TestStore;
use super::*;
use aos_core::task::{InvalidTask, Priority, Start};
use aos_store::{Error, Page, TaskFilter};
use serde_json::json;

#[tokio::test]
async fn a_task_reads_back_as_it_was_enqueued() {
    let test = TestStore::new().await;
    let acme = test.scope("acme").await;
    let store = test.store.tenant(&acme);
    let asked = NewTask {
        payload: json!({ "b": 1, "a": ["ü", null] }),
        priority: Priority::MOST_URGENT,
        max_attempts: 3,
        timeout_ms: Some(1500),
        exclusive: Some("aoa".into()),
        callback_url: Some("https://example.com/hook".into()),
        trace_id: Some("trace".into()),
        on_success_next_task: Some(Box::new(noop())),
        ..noop()
    };
    let enqueued = store.enqueue_task(asked).await.unwrap();
    assert!(!enqueued.known);
    assert_eq!(store.task(enqueued.task.id).await.unwrap(), Some(enqueued.task.clone()));
    assert_eq!((enqueued.task.state, enqueued.task.attempts, enqueued.task.max_attempts), (TaskState::Queued, 0, 3));
    assert_eq!(enqueued.task.created_by, "local");
    let claim = Worker::new(&test.store).await.claim_one().await;
    assert_eq!((claim.tenant, claim.kind.as_str(), claim.trace_id.as_str()), (acme.tenant_id(), "noop", "trace"));
    assert_eq!(
        (claim.payload, claim.timeout),
        (json!({ "b": 1, "a": ["ü", null] }), Some(Duration::from_millis(1500)))
    );
    assert_eq!((claim.principal, claim.role), (acme.principal(), acme.role()));
    assert_eq!(state(&test, &acme, enqueued.task.id).await, TaskState::InProgress);
}

#[tokio::test]
async fn the_same_key_gives_the_same_task_for_a_day() {
    let test = TestStore::new().await;
    let (acme, globex) = (test.scope("acme").await, test.scope("globex").await);
    let keyed =
        || NewTask { key: Some("k".into()), trace_id: Some(format!("{:?}", std::time::Instant::now())), ..noop() };
    let first = enqueue(&test, &acme, keyed()).await;
    let again = test.store.tenant(&acme).enqueue_task(keyed()).await.unwrap();
    assert_eq!((again.task.id, again.known), (first, true));
    let other = NewTask { payload: json!({ "x": 1 }), ..keyed() };
    assert!(matches!(test.store.tenant(&acme).enqueue_task(other.clone()).await, Err(Error::KeyReused { .. })));
    assert_ne!(enqueue(&test, &globex, other.clone()).await, first, "another tenant's key is another key");

    Worker::new(&test.store).await.run_all().await;
    assert_eq!(enqueue(&test, &acme, keyed()).await, first, "also after its end");
    test.clock.advance(chrono::Duration::hours(24));
    assert_ne!(enqueue(&test, &acme, other).await, first);
}

#[tokio::test]
async fn an_exclusive_right_is_held_until_the_end() {
    let test = TestStore::new().await;
    let (acme, globex) = (test.scope("acme").await, test.scope("globex").await);
    let exclusive = || NewTask { exclusive: Some("aoa".into()), ..noop() };
    let store = test.store.tenant(&acme);
    let first = enqueue(&test, &acme, exclusive()).await;
    let refused = store.enqueue_task(exclusive()).await;
    assert!(matches!(refused, Err(Error::TaskActive { ref name, task }) if name == "aoa" && task == first));
    enqueue(&test, &globex, exclusive()).await;
    enqueue(&test, &acme, NewTask { exclusive: Some("other".into()), ..noop() }).await;

    let worker = Worker::new(&test.store).await;
    let claims = worker.claim(10).await;
    assert!(store.enqueue_task(exclusive()).await.is_err(), "it is held while the task runs");
    for claim in &claims {
        worker.finish(claim, success()).await;
    }
    let second = enqueue(&test, &acme, exclusive()).await;
    store.cancel_task(second).await.unwrap();
    enqueue(&test, &acme, exclusive()).await;
}

#[tokio::test]
async fn of_fifty_that_want_one_right_at_once_one_gets_it() {
    let test = TestStore::new().await;
    let acme = test.scope("acme").await;
    let beside = test.opened_beside().await;
    let wanting = (0..50).map(|number| {
        let (store, acme) = (if number % 2 == 0 { test.store.clone() } else { beside.clone() }, acme.clone());
        tokio::spawn(async move {
            store.tenant(&acme).enqueue_task(NewTask { exclusive: Some("aoa".into()), ..noop() }).await
        })
    });
    let mut got = Vec::new();
    let mut holders = Vec::new();
    for asked in wanting.collect::<Vec<_>>() {
        match asked.await.unwrap() {
            Ok(enqueued) => got.push(enqueued.task.id),
            Err(Error::TaskActive { task, .. }) => holders.push(task),
            Err(error) => panic!("{error:?}"),
        }
    }
    assert_eq!((got.len(), holders.len()), (1, 49));
    assert!(holders.iter().all(|holder| *holder == got[0]), "all are told who has it");
}

#[tokio::test]
async fn of_fifty_that_ask_with_one_key_at_once_all_get_one_task() {
    let test = TestStore::new().await;
    let acme = test.scope("acme").await;
    let asking = (0..50).map(|_| {
        let (store, acme) = (test.store.clone(), acme.clone());
        tokio::spawn(async move { store.tenant(&acme).enqueue_task(NewTask { key: Some("k".into()), ..noop() }).await })
    });
    let mut ids = Vec::new();
    for asked in asking.collect::<Vec<_>>() {
        ids.push(asked.await.unwrap().unwrap().task.id);
    }
    ids.dedup();
    assert_eq!(ids.len(), 1);
    assert_eq!(
        test.store.tenant(&acme).list_tasks(&TaskFilter::default(), Page::default()).await.unwrap().items.len(),
        1
    );
}

#[tokio::test]
async fn a_delayed_task_waits_for_its_time() {
    let test = TestStore::new().await;
    let acme = test.scope("acme").await;
    let worker = Worker::new(&test.store).await;
    let later = enqueue(&test, &acme, NewTask { start: Start::AfterMs(5_000), ..noop() }).await;
    let at = test.clock.now() + chrono::Duration::seconds(8);
    let at_a_time = enqueue(&test, &acme, NewTask { start: Start::At(at), ..noop() }).await;
    assert_eq!(worker.claim(10).await, []);
    let due = test.store.system().next_due().await.unwrap();
    assert_eq!(due, Some(test.clock.now() + chrono::Duration::seconds(5)));
    assert_eq!(test.store.tenant(&acme).queue_stats().await.unwrap().delayed, 2);
    test.clock.advance(chrono::Duration::seconds(5));
    assert_eq!(worker.claim(10).await.iter().map(|claim| claim.fence.task).collect::<Vec<_>>(), [later]);
    test.clock.advance(chrono::Duration::seconds(3));
    assert_eq!(worker.claim_one().await.fence.task, at_a_time);
    assert_eq!(test.store.system().next_due().await.unwrap(), None);
}

#[tokio::test]
async fn many_tasks_are_enqueued_together_or_not_at_all() {
    let test = TestStore::new().await;
    let acme = test.scope("acme").await;
    let store = test.store.tenant(&acme);
    let ids = store.enqueue_tasks(noops(2500)).await.unwrap();
    assert_eq!(ids.len(), 2500);
    assert_eq!(store.queue_stats().await.unwrap().waiting, 2500);
    let worker = Worker::new(&test.store).await;
    let claimed: Vec<_> = worker.claim(3).await.iter().map(|claim| claim.fence.task).collect();
    assert_eq!(claimed, ids[..3], "in the order in which they were given");

    let exclusive = || NewTask { exclusive: Some("one".into()), ..noop() };
    assert!(matches!(store.enqueue_tasks(vec![noop(), exclusive(), exclusive()]).await, Err(Error::TaskActive { .. })));
    assert_eq!(store.queue_stats().await.unwrap().waiting, 2497);
    store.enqueue_tasks(vec![exclusive()]).await.unwrap();
}

#[tokio::test]
async fn what_cannot_be_kept_is_refused_and_leaves_nothing() {
    let test = TestStore::new().await;
    let acme = test.scope("acme").await;
    let store = test.store.tenant(&acme);
    let large = || json!("x".repeat(256 * 1024));
    let chained = NewTask { on_success_next_task: Some(Box::new(NewTask::new("noop", large()))), ..noop() };
    for task in [NewTask::new("noop", large()), chained] {
        assert!(matches!(store.enqueue_task(task).await, Err(Error::TooLarge { .. })));
    }
    let badly = store.enqueue_task(NewTask::new("No Kind", json!({}))).await;
    assert!(matches!(badly, Err(Error::InvalidTask(InvalidTask::Kind(_)))));
    assert_eq!(store.list_tasks(&TaskFilter::default(), Page::default()).await.unwrap().items, []);
}

#[tokio::test]
async fn tasks_are_listed_newest_first_and_by_what_is_asked_for() {
    let test = TestStore::new().await;
    let (acme, globex) = (test.scope("acme").await, test.scope("globex").await);
    let store = test.store.tenant(&acme);
    let mut ids = Vec::new();
    for kind in ["fine", "broken", "canceled", "running"] {
        ids.push(
            enqueue(&test, &acme, NewTask { exclusive: Some(kind.into()), ..NewTask::new(kind, json!({})) }).await,
        );
        test.clock.advance(chrono::Duration::minutes(1));
    }
    store.cancel_task(ids[2]).await.unwrap();
    let worker = Worker::new(&test.store).await;
    let claims = worker.claim(3).await;
    worker.finish(&claims[0], success()).await;
    worker.finish(&claims[1], hopeless()).await;
    ids.push(enqueue(&test, &acme, noop()).await);
    enqueue(&test, &globex, noop()).await;

    let listed = async |filter: TaskFilter| {
        let page = store.list_tasks(&filter, Page::default()).await.unwrap();
        page.items.iter().map(|task| ids.iter().position(|id| *id == task.id).unwrap()).collect::<Vec<_>>()
    };
    let states = |states: &[TaskState]| TaskFilter { states: states.to_vec(), ..TaskFilter::default() };
    assert_eq!(listed(TaskFilter::default()).await, [4, 3, 2, 1, 0]);
    assert_eq!(listed(states(&[TaskState::Success])).await, [0]);
    assert_eq!(listed(states(&[TaskState::Failed])).await, [1]);
    assert_eq!(listed(states(&[TaskState::Canceled, TaskState::Failed])).await, [2, 1]);
    assert_eq!(listed(states(&[TaskState::Queued, TaskState::InProgress])).await, [4, 3]);
    assert_eq!(listed(TaskFilter { kinds: vec!["fine".into(), "noop".into()], ..states(&[]) }).await, [4, 0]);
    assert_eq!(listed(TaskFilter { exclusive: Some("broken".into()), ..states(&[]) }).await, [1]);
    let since = Some(test.clock.now() - chrono::Duration::minutes(2));
    assert_eq!(listed(TaskFilter { since, ..states(&[]) }).await, [4, 3, 2]);
    let nothing = TaskFilter { kinds: vec!["fine".into()], ..states(&[TaskState::Failed]) };
    assert_eq!(listed(nothing).await, [0; 0]);

    let first = store.list_tasks(&TaskFilter::default(), Page::first(2)).await.unwrap();
    let second = store.list_tasks(&TaskFilter::default(), Page::after(first.next_cursor.unwrap(), 10)).await.unwrap();
    assert_eq!(second.items.iter().map(|task| task.id).collect::<Vec<_>>(), [ids[2], ids[1], ids[0]]);
    assert_eq!(second.next_cursor, None);
    let stats = store.queue_stats().await.unwrap();
    assert_eq!((stats.waiting, stats.running, stats.failed, stats.canceled), (1, 1, 1, 1));
}
