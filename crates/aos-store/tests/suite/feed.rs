//! The change feed: a reader of "position > n" meets every event once, in order, while others write.

use super::common::{TestStore, event, source};
use aos_store::Store;
use proptest::prelude::*;
use std::collections::BTreeSet;
use std::sync::LazyLock;
use tokio::runtime::Runtime;

/// Threads of their own for the writers and the reader, and one store for all cases.
static SHARED: LazyLock<(Runtime, TestStore)> = LazyLock::new(|| {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(3).enable_all().build().unwrap();
    let test = runtime.block_on(TestStore::new());
    (runtime, test)
});

/// What one writer does: sizes of its pages, and after which it gives a page up half way.
type Pages = Vec<(u64, bool)>;

async fn write(store: Store, scope: aos_core::TenantScope, name: &'static str, pages: Pages) {
    let source = source(&store, &scope, name).await;
    for (number, (size, gives_up)) in pages.into_iter().enumerate() {
        // Both writers speak of the same records of their own connections, in opposite orders: the worst for locks.
        let mut ids: Vec<u64> = (0..size).collect();
        if name == "backwards" {
            ids.reverse();
        }
        let page = |turn: usize| {
            let said = format!("\"{turn}\"");
            ids.iter().map(|id| event(&id.to_string(), *id, turn as i64, &said)).collect::<Vec<_>>()
        };
        if gives_up {
            let commit = source.commit(page(1_000 + number));
            let limit = std::time::Duration::from_micros(size * 37);
            if let Ok(done) = tokio::time::timeout(limit, commit).await {
                done.unwrap();
            }
        }
        source.commit(page(number)).await.unwrap();
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]

    #[test]
    fn a_reader_skips_nothing_that_commits_late(
        forwards in prop::collection::vec((1u64..60, any::<bool>()), 1..12),
        backwards in prop::collection::vec((1u64..60, any::<bool>()), 1..12),
        limit in 1u32..50,
    ) {
        let (runtime, test) = &*SHARED;
        runtime.block_on(async {
            let scope = test.scope(&uuid::Uuid::new_v4().to_string()).await;
            let one = tokio::spawn(write(test.store.clone(), scope.clone(), "forwards", forwards));
            let two = tokio::spawn(write(test.store.clone(), scope.clone(), "backwards", backwards));
            let reader = test.store.tenant(&scope);
            let (mut position, mut seen) = (0, BTreeSet::new());
            loop {
                let over = one.is_finished() && two.is_finished();
                let events = reader.list_events(position, limit, None).await.unwrap();
                for event in &events {
                    prop_assert!(event.position > position, "in order");
                    position = event.position;
                    prop_assert!(seen.insert(position), "once");
                }
                if over && events.is_empty() {
                    break;
                }
            }
            one.await.unwrap();
            two.await.unwrap();
            let mut all = BTreeSet::new();
            let mut after = 0;
            loop {
                let events = reader.list_events(after, 10_000, None).await.unwrap();
                let Some(last) = events.last() else { break };
                after = last.position;
                all.extend(events.iter().map(|event| event.position));
            }
            prop_assert_eq!(&seen, &all, "what the reader met is all there is");
            prop_assert_eq!(reader.max_position().await.unwrap(), all.last().copied().unwrap_or_default());
            Ok(())
        })?;
    }
}
