use crate::support::source;
use aos_core::Value;
use aos_testservers::Deployment;
use mongodb::bson::{Binary, Bson, DateTime, Regex, Timestamp, cstr, doc, oid::ObjectId, spec::BinarySubtype};
use serde_json::json;

#[tokio::test]
async fn every_type_comes_without_loss() {
    let Some(source) = source(Deployment::ReplicaSet).await else { return };
    let document = doc! {
        "_id": ObjectId::parse_str("65a1b2c3d4e5f60718293a4b").unwrap(),
        "decimal": Bson::Decimal128("12345678901234567890.12345678901234".parse().unwrap()),
        "whole": Bson::Decimal128("1E+3".parse().unwrap()),
        "none": Bson::Decimal128("NaN".parse().unwrap()),
        "long": i64::MAX, "int": -1, "double": 0.1, "huge": 1e300, "endless": f64::INFINITY, "text": "é😀\n", "empty": "", "null": null, "yes": true,
        "at": DateTime::from_millis(1_767_225_600_123),
        "uuid": Binary { subtype: BinarySubtype::Uuid, bytes: (0..16).collect() },
        "bytes": Binary { subtype: BinarySubtype::Generic, bytes: vec![0xde, 0xad] },
        "nested": { "a": [1, { "b": null }] },
        "re": Regex { pattern: cstr!("^a").into(), options: cstr!("i").into() },
        "ts": Timestamp { time: 5, increment: 7 },
    };
    source.collection("values").insert_one(document).await.unwrap();
    let read = source.read("values", None).await;
    let expected = json!({
        "_id": "65a1b2c3d4e5f60718293a4b", "decimal": "12345678901234567890.12345678901234", "whole": "1E+3", "none": "NaN",
        "long": i64::MAX, "int": -1, "double": 0.1, "huge": "1e300", "endless": "Infinity", "text": "é😀\n", "empty": "", "null": null, "yes": true,
        "at": "2026-01-01T00:00:00.123Z", "uuid": "00010203-0405-0607-0809-0a0b0c0d0e0f",
        "bytes": {"$binary": {"base64": "3q0=", "subType": "00"}}, "nested": {"a": [1, {"b": null}]},
        "re": {"$regularExpression": {"pattern": "^a", "options": "i"}}, "ts": {"$timestamp": {"t": 5, "i": 7}},
    });
    assert_eq!(read.records()[0], expected);
    // A decimal is a number, which JSON here can only show as text.
    let batch = &read.pages[0].batch;
    let column = batch.columns.iter().position(|name| name == "decimal").unwrap();
    assert_eq!(batch.records[0].cell(column), Some(&Value::Number("12345678901234567890.12345678901234".into())));
    assert!(!expected.as_object().unwrap().contains_key("absent"));
}

#[tokio::test]
async fn collections_are_found_with_the_shape_of_a_sample() {
    let Some(source) = source(Deployment::ReplicaSet).await else { return };
    source
        .collection("deals")
        .insert_many((0..50).map(|id| doc! { "_id": id, "amount": 1.5, "owner": { "name": "Ada" } }))
        .await
        .unwrap();
    source.fill("notes", 0..3).await;
    let connector = crate::support::connector(json!({}));
    let report = connector.check(&source.context()).await.unwrap();
    assert_eq!(report.streams, 2);
    assert!(report.identity.unwrap().starts_with("shop (MongoDB"));
    let streams = connector.discover(&source.context()).await.unwrap();
    let deals = &streams[0];
    assert_eq!((deals.name.as_str(), deals.key.as_slice()), ("deals", ["_id".to_owned()].as_slice()));
    assert_eq!(deals.deletes, aos_connectors::Deletes::Tombstone);
    assert_eq!(deals.count.map(|count| count.records()), Some(50));
    let paths: Vec<_> = deals.shape.columns.iter().map(|column| column.path.as_str()).collect();
    assert!(paths.contains(&"owner.name") && paths.contains(&"amount"), "{paths:?}");
}
