//! Loads as sources bring them: sorted and not, larger than one statement, with much that is rejected; and who follows them.

use super::common::{TestStore, delete, event, rejection, source, tally};
use aos_store::{Page, RejectionFilter};

#[tokio::test]
async fn pages_in_any_order_of_keys_find_what_is_held() {
    let test = TestStore::new().await;
    let mut acme = source(&test.store, &test.scope("acme").await, "crm").await;
    let of = |keys: &[&str], data: &str| {
        keys.iter().enumerate().map(|(at, key)| event(key, at as u64, 0, data)).collect::<Vec<_>>()
    };
    acme.commit(of(&["m", "Z", "ä", "~"], "1")).await.unwrap();
    // Before, between and behind the keys that are held, and among them.
    for keys in [&["A", "a"][..], &["n", "o"], &["ö", "€"], &["m1", "Ω"]] {
        assert_eq!(acme.commit(of(keys, "1")).await.unwrap(), tally(2, 2, 0), "{keys:?}");
        assert_eq!(acme.commit(of(keys, "1")).await.unwrap(), tally(2, 0, 2), "{keys:?} again");
    }
    acme.generation = 2;
    assert_eq!(acme.commit(of(&["€", "A", "m", "new", "Z"], "2")).await.unwrap(), tally(5, 5, 0));
    assert_eq!(acme.commit(of(&["€", "A", "ä", "new", "~"], "2")).await.unwrap(), tally(5, 2, 3));
    assert_eq!(acme.rows().await.len(), 13);
    assert_eq!(acme.store.counts().await.unwrap()[0].rows, 13);
}

#[tokio::test]
async fn a_page_larger_than_a_statement_lands_and_is_replaced_whole() {
    let test = TestStore::new().await;
    let mut acme = source(&test.store, &test.scope("acme").await, "crm").await;
    let of = |data: &str| (0..2_345).map(|n| event(&format!("{:04}", n * 11 % 2_345), n, 0, data)).collect::<Vec<_>>();
    let twice = |data: &str| [of("before"), of(data)].concat();
    assert_eq!(acme.commit(twice("1")).await.unwrap().landed, 2_345);
    assert_eq!(acme.commit(twice("1")).await.unwrap(), tally(2_345, 0, 2_345));
    acme.generation = 2;
    assert_eq!(acme.commit(of("2")).await.unwrap(), tally(2_345, 2_345, 0));
    let rows = acme.rows().await;
    assert_eq!(rows.len(), 2_345);
    assert!(rows.iter().all(|row| row.data == "2"));
    assert!(rows.windows(2).all(|two| two[0].position < two[1].position));
}

#[tokio::test]
async fn a_follower_meets_every_row_that_holds_and_none_that_was_replaced() {
    let test = TestStore::new().await;
    let mut acme = source(&test.store, &test.scope("acme").await, "crm").await;
    acme.commit((0..50).map(|n| event(&n.to_string(), n, 0, "first")).collect()).await.unwrap();
    acme.generation = 2;
    acme.commit((0..50).step_by(2).map(|n| event(&n.to_string(), n, 0, "second")).collect()).await.unwrap();
    acme.commit(vec![delete("0", 0, 9), event("1", 1, -5, "older")]).await.unwrap();
    let (mut position, mut met) = (0, Vec::new());
    loop {
        let page = acme.store.changes_since(position, 7).await.unwrap();
        let Some(last) = page.last() else { break };
        position = last.position;
        met.extend(page.into_iter().map(|row| (row.record_id, row.deleted, row.data)));
    }
    assert_eq!(met.len(), 50);
    assert_eq!(met.last().unwrap(), &("0".to_owned(), true, "{}".to_owned()));
    assert_eq!(met.iter().filter(|row| row.2 == "first").count(), 25);
    assert_eq!(met.iter().filter(|row| row.2 == "second").count(), 24);
}

#[tokio::test]
async fn rejections_are_kept_once_however_many_a_page_has() {
    let test = TestStore::new().await;
    let acme = source(&test.store, &test.scope("acme").await, "crm").await;
    let found = |count: u64| {
        let mut rejections: Vec<_> = (0..count).map(|n| rejection(n, &format!("raw {n}"))).collect();
        rejections.push(aos_core::event::Rejection { column: None, ..rejection(3, "no column") });
        rejections.push(rejection(0, "raw 0"));
        rejections
    };
    for _ in 0..2 {
        acme.commit_with(vec![], None, |page| {
            (page.read, page.rejected_records) = (1_300, 1_300);
            page.rejections = found(1_300);
        })
        .await
        .unwrap();
    }
    let page = acme.store.list_rejections(&RejectionFilter::default(), Page::first(1_000)).await.unwrap();
    let rest = Page::after(page.next_cursor.unwrap(), 1_000);
    let rest = acme.store.list_rejections(&RejectionFilter::default(), rest).await.unwrap();
    let all: Vec<_> = page.items.into_iter().chain(rest.items).map(|kept| kept.rejection).collect();
    assert_eq!(all, found(1_300)[..1_301], "in the order they were found");
}

#[tokio::test]
async fn a_character_that_a_database_cannot_keep_stops_no_page() {
    let test = TestStore::new().await;
    let acme = source(&test.store, &test.scope("acme").await, "crm").await;
    let events = || vec![event("a\0b", 1, 0, r#"{"n":"\u0000"}"#), event("c", 2, 0, "{}")];
    let commit = || {
        acme.commit_with(events(), None, |page| {
            (page.read, page.rejected_records) = (3, 1);
            page.rejections = vec![rejection(3, "raw\0text")];
        })
    };
    assert_eq!(commit().await.unwrap().landed, 2);
    assert_eq!(commit().await.unwrap().duplicate, 2);
    assert_eq!(acme.held("a\u{fffd}b").await.as_deref(), Some(r#"{"n":"\u0000"}"#));
    let rejections = acme.store.list_rejections(&RejectionFilter::default(), Page::default()).await.unwrap();
    assert_eq!(rejections.items.len(), 1);
    assert_eq!(rejections.items[0].rejection.raw, "raw\u{fffd}text");
}
