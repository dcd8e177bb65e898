//! Schedules enqueue their task once per time, whoever looks.

use super::super::common::TestStore;
use super::*;
use aos_core::kind;
use aos_store::{Error, NewConnection, NewSchedule, Page, TaskFilter};
use chrono::DateTime;
use serde_json::json;

fn every_hour(name: &str) -> NewSchedule {
    let task = NewTask::new("hourly", json!({ "n": 1 }));
    NewSchedule { name: name.into(), cron: "0 * * * *".into(), zone: "Europe/Berlin".into(), task, enabled: true }
}

#[tokio::test]
async fn each_time_of_a_schedule_has_one_task_whoever_looks() {
    let test = TestStore::new().await;
    let acme = test.scope("acme").await;
    let beside = test.opened_beside().await;
    let schedule = test.store.tenant(&acme).create_schedule(every_hour("s")).await.unwrap();
    assert_eq!(test.store.system().run_due_schedules().await.unwrap(), 0);
    let due = DateTime::from_timestamp(1_700_002_800, 0).unwrap();
    assert_eq!(schedule.next_at, Some(due));
    assert_eq!(test.store.system().next_due().await.unwrap(), Some(due));
    test.clock.advance(due - test.clock.now());
    let looking = (0..20).map(|number| {
        let store = if number % 2 == 0 { test.store.clone() } else { beside.clone() };
        tokio::spawn(async move { store.system().run_due_schedules().await.unwrap() })
    });
    let mut enqueued = 0;
    for looked in looking.collect::<Vec<_>>() {
        enqueued += looked.await.unwrap();
    }
    assert_eq!(enqueued, 1);
    let found = test.store.tenant(&acme).schedule(schedule.id).await.unwrap().unwrap();
    assert_eq!((found.last_at, found.next_at), (Some(due), Some(due + chrono::Duration::hours(1))));
    let task = read(&test, &acme, found.last_task_id.unwrap()).await;
    assert_eq!((task.kind.as_str(), task.payload, task.schedule_id), ("hourly", json!({ "n": 1 }), Some(schedule.id)));
    let filter = TaskFilter { schedule: Some(schedule.id), ..TaskFilter::default() };
    assert_eq!(test.store.tenant(&acme).list_tasks(&filter, Page::default()).await.unwrap().items.len(), 1);
}

#[tokio::test]
async fn of_missed_times_one_is_made_up_for() {
    let test = TestStore::new().await;
    let acme = test.scope("acme").await;
    let schedule = test.store.tenant(&acme).create_schedule(every_hour("s")).await.unwrap();
    test.clock.advance(chrono::Duration::hours(10));
    assert_eq!(test.store.system().run_due_schedules().await.unwrap(), 1);
    assert_eq!(test.store.system().run_due_schedules().await.unwrap(), 0);
    let next = test.store.tenant(&acme).schedule(schedule.id).await.unwrap().unwrap().next_at.unwrap();
    assert!(next > test.clock.now() && next <= test.clock.now() + chrono::Duration::hours(1));
}

#[tokio::test]
async fn a_time_whose_right_is_taken_is_left_out_and_the_schedule_says_so() {
    let test = TestStore::new().await;
    let acme = test.scope("acme").await;
    let store = test.store.tenant(&acme);
    let mut new = every_hour("s");
    new.task.exclusive = Some("aoa".into());
    let schedule = store.create_schedule(new).await.unwrap();
    let holder = enqueue(&test, &acme, NewTask { exclusive: Some("aoa".into()), ..noop() }).await;
    test.clock.advance(chrono::Duration::hours(1));
    assert_eq!(test.store.system().run_due_schedules().await.unwrap(), 0);
    let error = store.schedule(schedule.id).await.unwrap().unwrap().last_error.unwrap();
    assert!(error.contains(&holder.to_string()), "{error}");
    store.cancel_task(holder).await.unwrap();
    test.clock.advance(chrono::Duration::hours(1));
    assert_eq!(test.store.system().run_due_schedules().await.unwrap(), 1);
    assert_eq!(store.schedule(schedule.id).await.unwrap().unwrap().last_error, None);
}

#[tokio::test]
async fn a_sync_holds_its_connection_whoever_enqueues_it_and_by_whatever_name() {
    let test = TestStore::new().await;
    let acme = test.scope("acme").await;
    let store = test.store.tenant(&acme);
    let new = NewConnection { name: "crm".into(), system: "file".into(), connector: "file".into(), config: json!({}) };
    let crm = store.create_connection(new).await.unwrap().id;
    let sync = |connection: &str| NewTask::new(kind::SYNC, json!({ "connection": connection }));
    let mut new = every_hour("s");
    new.task = sync("crm");
    let schedule = store.create_schedule(new).await.unwrap();
    test.clock.advance(chrono::Duration::hours(1));
    assert_eq!(test.store.system().run_due_schedules().await.unwrap(), 1);
    let first = store.schedule(schedule.id).await.unwrap().unwrap().last_task_id.unwrap();
    assert_eq!(read(&test, &acme, first).await.exclusive, Some(kind::sync_right(crm)));
    // It waits, for whatever reason: the next time of the schedule is left out, and so is anybody else.
    test.clock.advance(chrono::Duration::hours(1));
    assert_eq!(test.store.system().run_due_schedules().await.unwrap(), 0);
    let error = store.schedule(schedule.id).await.unwrap().unwrap().last_error.unwrap();
    assert!(error.contains(&first.to_string()), "{error}");
    for named in ["crm", &crm.to_string()] {
        let refused = store.enqueue_task(sync(named)).await.unwrap_err();
        assert!(matches!(refused, Error::TaskActive { task, .. } if task == first), "{refused}");
    }
    assert!(store.enqueue_tasks(vec![sync("crm")]).await.is_err());
    assert_eq!(store.enqueue_task(sync("nowhere")).await.unwrap().task.exclusive, None);
    // A connection of that name elsewhere is another one.
    let globex = test.scope("globex").await;
    assert_eq!(test.store.tenant(&globex).enqueue_task(sync(&crm.to_string())).await.unwrap().task.exclusive, None);
}

#[tokio::test]
async fn a_schedule_is_changed_switched_off_and_deleted_by_its_tenant_only() {
    let test = TestStore::new().await;
    let (acme, globex) = (test.scope("acme").await, test.scope("globex").await);
    let (store, stranger) = (test.store.tenant(&acme), test.store.tenant(&globex));
    let schedule = store.create_schedule(every_hour("s")).await.unwrap();
    assert!(matches!(store.create_schedule(every_hour("s")).await, Err(Error::Conflict { .. })));
    stranger.create_schedule(every_hour("s")).await.unwrap();
    assert_eq!(stranger.schedule(schedule.id).await.unwrap(), None);
    assert!(matches!(stranger.update_schedule(schedule.id, every_hour("t")).await, Err(Error::NotFound(_))));
    assert!(matches!(stranger.delete_schedule(schedule.id).await, Err(Error::NotFound(_))));

    let off = NewSchedule { enabled: false, cron: "30 2 * * *".into(), ..every_hour("other") };
    let changed = store.update_schedule(schedule.id, off).await.unwrap();
    assert_eq!((changed.name.as_str(), changed.enabled, changed.id), ("other", false, schedule.id));
    store.create_schedule(every_hour("s")).await.unwrap();
    assert!(matches!(store.update_schedule(schedule.id, every_hour("s")).await, Err(Error::Conflict { .. })));
    assert_eq!(store.list_schedules(Page::default()).await.unwrap().items.len(), 2);
    store.delete_schedule(schedule.id).await.unwrap();
    assert_eq!(store.schedule(schedule.id).await.unwrap(), None);
    test.clock.advance(chrono::Duration::days(1));
    assert_eq!(test.store.system().run_due_schedules().await.unwrap(), 2, "one of each tenant");
}

#[tokio::test]
async fn a_schedule_that_could_never_run_is_refused() {
    let test = TestStore::new().await;
    let acme = test.scope("acme").await;
    let store = test.store.tenant(&acme);
    let with = |change: fn(&mut NewSchedule)| {
        let mut new = every_hour("s");
        change(&mut new);
        new
    };
    for new in [
        with(|new| new.cron = "whenever".into()),
        with(|new| new.zone = "Berlin".into()),
        with(|new| new.name = String::new()),
        with(|new| new.task.key = Some("k".into())),
        with(|new| new.task.start = aos_core::task::Start::AfterMs(1)),
    ] {
        assert!(matches!(store.create_schedule(new).await, Err(Error::BadSchedule(_))));
    }
    assert!(matches!(store.create_schedule(with(|new| new.task.kind = "X".into())).await, Err(Error::InvalidTask(_))));
}
