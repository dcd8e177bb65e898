//! Who gets the next tasks.

use super::super::common::TestStore;
use super::*;
use aos_core::task::Priority;
use aos_store::{ClaimOptions, TaskSettings};
use std::collections::BTreeMap;

fn per_tenant(claims: &[Claim]) -> BTreeMap<TenantId, usize> {
    let mut counts = BTreeMap::new();
    claims.iter().for_each(|claim| *counts.entry(claim.tenant).or_default() += 1);
    counts
}

#[tokio::test]
async fn urgent_tasks_come_first_and_equals_in_their_order() {
    let test = TestStore::new().await;
    let acme = test.scope("acme").await;
    let mut ids = Vec::new();
    for priority in [5, 9, 0, 5] {
        let priority = Priority::try_from(priority).unwrap();
        ids.push(enqueue(&test, &acme, NewTask { priority, ..noop() }).await);
    }
    let claims = Worker::new(&test.store).await.claim(10).await;
    let order: Vec<_> = claims.iter().map(|claim| ids.iter().position(|id| *id == claim.fence.task).unwrap()).collect();
    assert_eq!(order.len(), 4);
    let worker = Worker::new(&test.store).await;
    assert_eq!(worker.claim(1).await, []);
    assert_eq!(order, [2, 0, 3, 1]);
}

#[tokio::test]
async fn tenants_share_what_there_is_evenly_however_much_one_has_queued() {
    let test = TestStore::new().await;
    let noisy = test.scope("noisy").await;
    test.store.tenant(&noisy).enqueue_tasks(noops(1000)).await.unwrap();
    let worker = Worker::new(&test.store).await;
    assert_eq!(worker.claim(20).await.len(), 20, "alone, it gets everything");
    let victims = [test.scope("a").await, test.scope("b").await, test.scope("c").await];
    for victim in &victims {
        test.store.tenant(victim).enqueue_tasks(noops(15)).await.unwrap();
    }
    let next = per_tenant(&worker.claim(12).await);
    assert_eq!(next.get(&noisy.tenant_id()), None, "the others catch up first");
    assert!(victims.iter().all(|victim| next[&victim.tenant_id()] == 4), "{next:?}");
    let rest = per_tenant(&worker.claim(40).await);
    assert!(victims.iter().all(|victim| rest[&victim.tenant_id()] == 11), "{rest:?}");
    assert_eq!(rest[&noisy.tenant_id()], 7, "what nobody else wants is there for whoever does");
}

#[tokio::test]
async fn a_tenant_with_few_tasks_leaves_the_rest_to_others() {
    let test = TestStore::new().await;
    let (many, few) = (test.scope("many").await, test.scope("few").await);
    test.store.tenant(&many).enqueue_tasks(noops(100)).await.unwrap();
    test.store.tenant(&few).enqueue_tasks(noops(2)).await.unwrap();
    let worker = Worker::new(&test.store).await;
    let mut claimed = per_tenant(&worker.claim(32).await);
    for (tenant, count) in per_tenant(&worker.claim(32).await) {
        *claimed.entry(tenant).or_default() += count;
    }
    assert_eq!((claimed[&few.tenant_id()], claimed[&many.tenant_id()]), (2, 62));
}

#[tokio::test]
async fn no_tenant_runs_more_at_a_time_than_it_may() {
    let test = TestStore::new().await;
    let (acme, globex) = (test.scope("acme").await, test.scope("globex").await);
    for scope in [&acme, &globex] {
        test.store.tenant(scope).enqueue_tasks(noops(20)).await.unwrap();
    }
    let own = TaskSettings { max_running: Some(3), slack_on: vec![] };
    test.store.tenant(&globex).put_task_settings(&own).await.unwrap();
    let (one, two) = (Worker::new(&test.store).await, Worker::new(&test.store).await);
    let options = ClaimOptions { max_running: Some(5), fair: true };
    let mut claims = test.store.system().claim_tasks_with(one.id, 6, options).await.unwrap();
    claims.extend(test.store.system().claim_tasks_with(two.id, 100, options).await.unwrap());
    let counts = per_tenant(&claims);
    assert_eq!((counts[&acme.tenant_id()], counts[&globex.tenant_id()]), (5, 3));
    assert_eq!(test.store.system().claim_tasks_with(two.id, 100, options).await.unwrap(), []);
    one.finish(&claims[0], success()).await;
    let freed = test.store.system().claim_tasks_with(two.id, 100, options).await.unwrap();
    assert_eq!(freed.iter().map(|claim| claim.tenant).collect::<Vec<_>>(), [claims[0].tenant]);
    let none = TaskSettings { max_running: Some(0), slack_on: vec![] };
    test.store.tenant(&globex).put_task_settings(&none).await.unwrap();
    assert!(!per_tenant(&two.claim(100).await).contains_key(&globex.tenant_id()), "zero switches a tenant off");
}

#[tokio::test]
async fn without_fairness_the_oldest_tasks_come_first() {
    let test = TestStore::new().await;
    let (noisy, victim) = (test.scope("noisy").await, test.scope("victim").await);
    test.store.tenant(&noisy).enqueue_tasks(noops(50)).await.unwrap();
    test.clock.advance(chrono::Duration::milliseconds(1));
    test.store.tenant(&victim).enqueue_tasks(noops(1)).await.unwrap();
    let worker = Worker::new(&test.store).await;
    let options = ClaimOptions { max_running: None, fair: false };
    let claims = test.store.system().claim_tasks_with(worker.id, 50, options).await.unwrap();
    assert_eq!(per_tenant(&claims), BTreeMap::from([(noisy.tenant_id(), 50)]));
    assert_eq!(worker.claim_one().await.tenant, victim.tenant_id());
}

#[tokio::test]
async fn with_very_many_tenants_nobody_is_forgotten() {
    let test = TestStore::new().await;
    let mut scopes = Vec::new();
    for number in 0..530 {
        let scope = test.scope(&format!("tenant {number}")).await;
        test.store.tenant(&scope).enqueue_task(noop()).await.unwrap();
        scopes.push(scope);
    }
    let worker = Worker::new(&test.store).await;
    let mut claimed = per_tenant(&worker.claim(1000).await);
    assert!(claimed.len() >= 500, "{}", claimed.len());
    claimed.extend(per_tenant(&worker.claim(1000).await));
    assert_eq!(claimed.len(), 530);
}
