//! Workers, their leases, and what becomes of the tasks of those that are gone.

use super::super::common::TestStore;
use super::*;
use aos_store::{Error, Page};

#[tokio::test]
async fn tasks_of_a_lost_worker_go_to_others_and_the_lost_attempt_counts() {
    let test = TestStore::new().await;
    let acme = test.scope("acme").await;
    let system = test.store.system();
    let ids = test.store.tenant(&acme).enqueue_tasks(vec![tried(2), tried(1)]).await.unwrap();
    let gone = Worker::new(&test.store).await;
    assert_eq!(gone.claim(10).await.len(), 2);
    assert_eq!(system.recover_orphans(10).await.unwrap(), 0, "its lease holds");
    test.clock.advance(chrono::Duration::seconds(30));
    assert_eq!(system.recover_orphans(1).await.unwrap(), 1);
    assert_eq!(system.recover_orphans(10).await.unwrap(), 1);
    assert_eq!(system.recover_orphans(10).await.unwrap(), 0);

    let heir = Worker::new(&test.store).await;
    let claims = heir.claim(10).await;
    assert_eq!(claims.iter().map(|claim| claim.fence).collect::<Vec<_>>(), [Fence { task: ids[0], attempt: 2 }]);
    let dead = read(&test, &acme, ids[1]).await;
    assert_eq!((dead.state, dead.attempts), (TaskState::Failed, 1));
    assert!(dead.error.unwrap().contains("worker stopped answering"));
    let log = test.store.tenant(&acme).task_logs(ids[0], Page::default()).await.unwrap().items;
    assert!(log[0].message.contains("lost with its worker"));
}

#[tokio::test]
async fn a_task_that_was_canceled_ends_when_its_worker_is_lost() {
    let test = TestStore::new().await;
    let acme = test.scope("acme").await;
    let worker = Worker::new(&test.store).await;
    let id = enqueue(&test, &acme, tried(3)).await;
    worker.claim_one().await;
    test.store.tenant(&acme).cancel_task(id).await.unwrap();
    test.clock.advance(chrono::Duration::seconds(31));
    assert_eq!(test.store.system().recover_orphans(10).await.unwrap(), 1);
    assert_eq!(state(&test, &acme, id).await, TaskState::Canceled);
}

#[tokio::test]
async fn a_renewed_lease_holds_and_one_that_ran_out_costs_its_tasks() {
    let test = TestStore::new().await;
    let acme = test.scope("acme").await;
    let system = test.store.system();
    let worker = Worker::new(&test.store).await;
    let id = enqueue(&test, &acme, tried(5)).await;
    let claim = worker.claim_one().await;
    for _ in 0..5 {
        test.clock.advance(chrono::Duration::seconds(20));
        assert!(!system.renew_worker(worker.id, LEASE).await.unwrap().lost);
        assert_eq!(system.recover_orphans(10).await.unwrap(), 0);
    }
    test.clock.advance(chrono::Duration::seconds(30));
    enqueue(&test, &acme, noop()).await;
    assert_eq!(worker.claim(1).await, [], "nobody is given work without a lease");
    assert!(system.renew_worker(worker.id, LEASE).await.unwrap().lost, "also when nobody has noticed yet");
    assert_eq!(worker.finish(&claim, success()).await, Finish::Stale);
    assert_eq!(state(&test, &acme, id).await, TaskState::Queued);
    assert_eq!(worker.claim(10).await.len(), 2, "from then on it works again");
}

#[tokio::test]
async fn what_is_released_does_not_count_as_an_attempt() {
    let test = TestStore::new().await;
    let acme = test.scope("acme").await;
    let worker = Worker::new(&test.store).await;
    let id = enqueue(&test, &acme, noop()).await;
    for _ in 0..3 {
        let claim = worker.claim_one().await;
        assert_eq!(test.store.system().release_tasks(&[(claim.tenant, claim.fence)]).await.unwrap(), 1);
        assert_eq!(worker.finish(&claim, success()).await, Finish::Stale, "whoever gave it back has it no longer");
    }
    assert_eq!((state(&test, &acme, id).await, read(&test, &acme, id).await.attempts), (TaskState::Queued, 0));
    let claim = worker.claim_one().await;
    assert_eq!(claim.fence.attempt, claim.max_attempts, "the one attempt it has is still its last");
    test.store.tenant(&acme).cancel_task(id).await.unwrap();
    assert_eq!(test.store.system().release_tasks(&[(claim.tenant, claim.fence)]).await.unwrap(), 1);
    assert_eq!(state(&test, &acme, id).await, TaskState::Canceled, "and what was canceled does not come back");
}

#[tokio::test]
async fn workers_are_listed_until_they_retire_or_are_long_gone() {
    let test = TestStore::new().await;
    let acme = test.scope("acme").await;
    let system = test.store.system();
    let (one, two) = (Worker::new(&test.store).await, Worker::new(&test.store).await);
    enqueue(&test, &acme, tried(2)).await;
    one.claim_one().await;
    let listed = system.list_workers().await.unwrap();
    assert_eq!(
        listed.iter().map(|worker| (worker.id, worker.running, worker.lost)).collect::<Vec<_>>(),
        [(one.id, 1, false), (two.id, 0, false)]
    );
    assert_eq!((listed[0].hostname.as_str(), listed[0].slots), ("test", 8));
    system.retire_worker(one.id).await.unwrap();
    assert!(matches!(system.renew_worker(one.id, LEASE).await, Err(Error::UnknownWorker(id)) if id == one.id));
    assert_eq!(two.claim_one().await.fence.attempt, 2, "what it left behind goes to others");
    test.clock.advance(chrono::Duration::seconds(31));
    system.recover_orphans(10).await.unwrap();
    assert!(system.list_workers().await.unwrap()[0].lost);
    test.clock.advance(chrono::Duration::hours(2));
    system.recover_orphans(10).await.unwrap();
    assert_eq!(system.list_workers().await.unwrap(), []);
}
