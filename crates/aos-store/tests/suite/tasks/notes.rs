//! What running tasks tell about themselves.

use super::super::common::TestStore;
use super::*;
use aos_core::task::{LogLevel, LogLine};
use aos_store::{Page, Progress};

#[tokio::test]
async fn progress_is_replaced_and_log_lines_are_added() {
    let test = TestStore::new().await;
    let acme = test.scope("acme").await;
    let worker = Worker::new(&test.store).await;
    let store = test.store.tenant(&acme);
    let id = enqueue(&test, &acme, noop()).await;
    let claim = worker.claim_one().await;
    for (fraction, message) in [(0.1, "reading"), (7.0, "writ\0ing")] {
        store.set_task_progress(claim.fence, fraction, message).await.unwrap();
    }
    let progress = read(&test, &acme, id).await.progress;
    assert_eq!(progress, Some(Progress { fraction: 1.0, message: "writ\u{fffd}ing".into() }));
    let line = |message: &str| LogLine { at: test.clock.now(), level: LogLevel::Info, message: message.into() };
    store.append_task_logs(claim.fence, &[line("one"), line("two")]).await.unwrap();
    store.append_task_logs(claim.fence, &[line(&"ü".repeat(3000))]).await.unwrap();
    let first = store.task_logs(id, Page::first(2)).await.unwrap();
    assert_eq!(
        first.items.iter().map(|line| (line.seq, line.message.as_str())).collect::<Vec<_>>(),
        [(1, "one"), (2, "two")]
    );
    let rest = store.task_logs(id, Page::after(first.next_cursor.unwrap(), 10)).await.unwrap();
    assert!(rest.items.len() == 1 && rest.items[0].message.len() <= 4096 && rest.items[0].message.ends_with('…'));
}

#[tokio::test]
async fn a_log_that_is_full_says_so_in_its_last_line() {
    let test = TestStore::new().await;
    let acme = test.scope("acme").await;
    let worker = Worker::new(&test.store).await;
    let store = test.store.tenant(&acme);
    let id = enqueue(&test, &acme, noop()).await;
    let claim = worker.claim_one().await;
    let line = LogLine { at: test.clock.now(), level: LogLevel::Info, message: "again".into() };
    store.append_task_logs(claim.fence, &vec![line; 1005]).await.unwrap();
    let last = store.task_logs(id, Page::first(1000)).await.unwrap().items;
    assert_eq!((last.len(), last[998].message.as_str()), (1000, "again"));
    assert!(last[999].message.contains("full"));
}
