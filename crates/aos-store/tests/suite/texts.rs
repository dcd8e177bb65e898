//! Texts are the same on every database: in which order they come, and which of them are none.

use super::common::{TestStore, event, new_connection, rejection, source};
use aos_store::{Error, RejectionFilter};
use serde_json::json;

#[tokio::test]
async fn texts_are_ordered_byte_by_byte() {
    let test = TestStore::new().await;
    let scope = test.scope("acme").await;
    let acme = source(&test.store, &scope, "crm").await;
    let names = ["a b", "B", "_", "é", "ab", "a", "A", "z", "10", "9", "日本"];
    for name in names {
        acme.store.set_stream_status(acme.connection.id, name, "new").await.unwrap();
    }
    let listed: Vec<_> = acme.store.list_all_streams().await.unwrap().into_iter().map(|stream| stream.name).collect();
    let mut sorted = names;
    sorted.sort_unstable();
    assert_eq!(listed, sorted);
    assert_eq!(acme.store.stream(acme.connection.id, "b").await.unwrap(), None, "and told apart by case");
}

#[tokio::test]
async fn a_text_with_the_character_u_0000_is_refused_with_the_reason() {
    let test = TestStore::new().await;
    let scope = test.scope("acme").await;
    let store = test.store.tenant(&scope);
    assert!(matches!(store.put_setting("a\0b", &json!(1)).await, Err(Error::NoText)));
    assert!(matches!(store.setting("a\0b").await, Err(Error::NoText)));
    assert!(matches!(store.create_connection(new_connection("a\0b")).await, Err(Error::NoText)));
    let registered = test.store.system().register("Ac\0me", "Ann", "ann@acme.example", "hash").await;
    assert!(matches!(registered, Err(Error::NoText)));
    assert_eq!(test.store.system().list_tenants().await.unwrap().len(), 1, "nothing of it was kept");
}

#[tokio::test]
async fn what_a_source_wrote_with_u_0000_is_kept_as_evidence() {
    let test = TestStore::new().await;
    let acme = source(&test.store, &test.scope("acme").await, "crm").await;
    let page = acme.commit_with(vec![event("a", 1, 0, r#"{"name":"a\u0000b"}"#)], None, |page| {
        page.read = 2;
        page.rejected_records = 1;
        page.rejections = vec![rejection(2, "x\0y")];
    });
    page.await.unwrap();
    let kept = acme.store.list_rejections(&RejectionFilter::default(), Default::default()).await.unwrap();
    assert_eq!(kept.items[0].rejection.raw, "x\u{fffd}y");
    assert_eq!(acme.held("a").await.as_deref(), Some(r#"{"name":"a\u0000b"}"#), "JSON has a way to write it");
}
