use crate::support::source;
use aos_connectors::{ReadOptions, ReadRequest, ReadWhat};
use aos_testservers::Deployment;
use mongodb::bson::{Bson, DateTime, doc, oid::ObjectId};
use serde_json::json;
use std::time::Duration;

fn pages_of(records: usize) -> ReadOptions {
    ReadOptions { page_records: records, ..ReadOptions::default() }
}

#[tokio::test]
async fn changes_and_deletes_come_with_the_next_read_and_nothing_else() {
    let Some(source) = source(Deployment::ReplicaSet).await else { return };
    source.fill("t", 0..100).await;
    let first = source.read("t", None).await;
    assert_eq!(first.ids(), (0..100).collect::<Vec<_>>());
    let nothing = source.read("t", Some(first.end())).await;
    assert_eq!((nothing.records().len(), nothing.deleted().len()), (0, 0));
    let collection = source.collection("t");
    collection.update_one(doc! { "_id": 7 }, doc! { "$set": { "x": "new" } }).await.unwrap();
    collection.insert_one(doc! { "_id": 100 }).await.unwrap();
    collection.delete_one(doc! { "_id": 50 }).await.unwrap();
    let changed = source.read("t", Some(nothing.end())).await;
    assert_eq!(changed.records(), [json!({"_id": 7, "x": "new"}), json!({"_id": 100})]);
    assert_eq!(changed.deleted(), [json!({"_id": 50})]);
    let again = source.read("t", Some(changed.end())).await;
    assert_eq!((again.records().len(), again.deleted().len()), (0, 0));
}

#[tokio::test]
async fn a_column_that_is_asked_for_alone_comes_with_every_document_and_without_the_others() {
    let Some(source) = source(Deployment::ReplicaSet).await else { return };
    let document = |id: i32| doc! { "_id": id, "x": id, "y": "much", "address": { "city": "Oslo", "street": "long" } };
    source.collection("t").insert_many((0..50).map(document)).await.unwrap();
    let read = async |columns: &[&str]| {
        let columns = columns.iter().map(|name| (*name).to_owned()).collect();
        source.try_read(json!({}), ReadRequest { columns, ..ReadRequest::of("t") }).await.unwrap().records()
    };
    assert_eq!(read(&["x"]).await, (0..50).map(|id| json!({ "_id": id, "x": id })).collect::<Vec<_>>());
    let cities = read(&["address.city", "address"]).await;
    assert_eq!((cities.len(), &cities[0]["address"]["city"], cities[0].get("y")), (50, &json!("Oslo"), None));
}

#[tokio::test]
async fn a_read_goes_on_after_every_page_over_ids_of_all_types() {
    let Some(source) = source(Deployment::ReplicaSet).await else { return };
    let mut ids: Vec<Bson> = (0..20).map(Bson::Int32).collect();
    ids.extend((0..20).map(|n| Bson::String(format!("s{n}"))));
    ids.extend((0..20).map(|n| Bson::ObjectId(ObjectId::from_bytes([n; 12]))));
    ids.extend((0..5).map(|n| Bson::DateTime(DateTime::from_millis(n))));
    ids.extend([Bson::Double(0.5), Bson::Document(doc! { "a": 1 }), Bson::Boolean(true)]);
    let total = ids.len();
    source.collection("t").insert_many(ids.into_iter().map(|id| doc! { "_id": id })).await.unwrap();
    let request = || ReadRequest { options: pages_of(7), ..ReadRequest::of("t") };
    let whole = source.try_read(json!({}), request()).await.unwrap();
    let all = whole.records();
    assert_eq!(all.len(), total);
    let mut before = 0;
    for page in &whole.pages {
        before += page.batch.records.len();
        let checkpoint = page.checkpoint.clone().unwrap();
        if !checkpoint.complete {
            let request = ReadRequest { cursor: Some(checkpoint.cursor), ..request() };
            assert_eq!(source.try_read(json!({}), request).await.unwrap().records(), all[before..], "after {before}");
        }
    }
}

#[tokio::test]
async fn what_is_written_during_a_read_is_in_the_next() {
    let Some(source) = source(Deployment::ReplicaSet).await else { return };
    source.fill("t", 0..100).await;
    let first =
        source.try_read(json!({}), ReadRequest { options: pages_of(10), ..ReadRequest::of("t") }).await.unwrap();
    let middle = first.pages[4].checkpoint.clone().unwrap().cursor;
    let collection = source.collection("t");
    collection.insert_one(doc! { "_id": -1 }).await.unwrap();
    collection.delete_one(doc! { "_id": 3 }).await.unwrap();
    let rest = source.read("t", Some(middle)).await;
    assert_eq!(rest.ids(), (50..100).collect::<Vec<_>>());
    let next = source.read("t", Some(rest.end())).await;
    assert_eq!((next.ids(), next.deleted()), (vec![-1], vec![json!({"_id": 3})]));
}

#[tokio::test]
async fn a_single_server_is_followed_by_a_field_or_read_whole() {
    let Some(source) = source(Deployment::SingleServer).await else { return };
    let at = |minutes: i64| DateTime::from_millis(DateTime::now().timestamp_millis() - minutes * 60_000);
    let documents = [
        doc! { "_id": 1, "at": at(1000) },
        doc! { "_id": 2, "at": at(5) },
        doc! { "_id": 3 },
        doc! { "_id": 4, "at": "yesterday" },
    ];
    source.collection("t").insert_many(documents).await.unwrap();
    let whole = source.read("t", None).await;
    assert_eq!(whole.ids(), [1, 2, 3, 4]);
    assert_eq!(source.read("t", Some(whole.end())).await.ids(), [1, 2, 3, 4]);

    let settings = json!({"cursors": ["t=at"]});
    let first = source.try_read(settings.clone(), ReadRequest::of("t")).await.unwrap();
    source.collection("t").insert_one(doc! { "_id": 5, "at": at(0) }).await.unwrap();
    // One without the field could have changed at any time.
    let request = ReadRequest { cursor: Some(first.end()), overlap: Duration::from_secs(60), ..ReadRequest::of("t") };
    assert_eq!(source.try_read(settings, request).await.unwrap().ids(), [2, 3, 4, 5]);
}

#[tokio::test]
async fn a_sweep_reads_keys_alone_and_a_sample_stops_early() {
    let Some(source) = source(Deployment::ReplicaSet).await else { return };
    source.fill("t", 0..300).await;
    let end = source.read("t", None).await.end();
    let request = ReadRequest { what: ReadWhat::Keys, cursor: Some(end.clone()), ..ReadRequest::of("t") };
    let keys = source.try_read(json!({}), request).await.unwrap();
    assert_eq!((keys.records().len(), &keys.records()[0]), (300, &json!({"_id": 0})));
    assert_eq!(keys.end(), end);
    let some = source.try_read(json!({}), ReadRequest { records_max: Some(20), ..ReadRequest::of("t") }).await.unwrap();
    assert_eq!(some.records().len(), 20);
    assert!(!some.pages.last().unwrap().checkpoint.as_ref().unwrap().complete);
}

#[tokio::test]
async fn twenty_thousand_documents_come_all_and_once() {
    let Some(source) = source(Deployment::ReplicaSet).await else { return };
    source.fill("t", 0..20_000).await;
    assert_eq!(source.read("t", None).await.ids(), (0..20_000).collect::<Vec<_>>());
}
