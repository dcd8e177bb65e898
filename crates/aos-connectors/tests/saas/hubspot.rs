use crate::laws::{Case, as_it_is};
use crate::support::{Connection, Held, Record, account, granted, open};
use aos_connectors::{Deletes, ReadRequest};
use aos_core::value::Value;
use aos_simulators::{Running, Vendor, Which};
use futures_util::future::BoxFuture;
use serde_json::json;

fn connect(running: &Running) -> BoxFuture<'_, Connection> {
    Box::pin(async move {
        let settings =
            json!({ "base_url": running.url(), "auth": "authorization_code", "client_id": "simulator-client" });
        let grants = granted("simulator-refresh").await;
        open("hubspot", settings, &[("client_secret", "simulator-secret")], Some(grants))
    })
}

/// Associations with the account's own labels and without the vendor's types, and only with what is read together.
fn shape(mut record: Record) -> Record {
    let Some(Value::Object(kinds)) = record.remove("associations") else { return record };
    let kinds = kinds.into_iter().filter(|(kind, _)| kind == "companies" || kind == "contacts");
    let mut kinds: Vec<_> = kinds
        .map(|(kind, shown)| {
            let Some(Value::List(items)) = shown.get("results") else { panic!("associations have results") };
            let mut linked: std::collections::BTreeMap<String, bool> = std::collections::BTreeMap::new();
            for item in items {
                let own = item.get("type").and_then(Value::as_text).is_some_and(|kind| kind == "decision_maker");
                *linked.entry(item.get("id").unwrap().as_text().unwrap().into()).or_default() |= own;
            }
            let ids = linked.into_iter().map(|(id, labelled)| {
                let mut one = vec![("id".into(), Value::text(id))];
                if labelled {
                    one.push(("labels".into(), Value::List(vec![Value::text("Decision maker")])));
                }
                Value::Object(one)
            });
            (kind, Value::Object(vec![("results".into(), Value::List(ids.collect()))]))
        })
        .collect();
    kinds.sort_by(|(left, _), (right, _): &(_, _)| left.cmp(right));
    if !kinds.is_empty() {
        record.insert("associations".into(), Value::Object(kinds));
    }
    record
}

const DEALS: Case = Case {
    vendor: Vendor::Hubspot,
    stream: "deals",
    simulated: "deals",
    key: "id",
    connect,
    shape,
    plain: as_it_is,
    settles_ms: 0,
};
const COMPANIES: Case = Case { stream: "companies", simulated: "companies", ..DEALS };

#[tokio::test(flavor = "multi_thread")]
async fn a_full_read_is_the_truth() {
    // The properties, which labels there are, ten pages of 100, and the labels of the companies and contacts of all of them together.
    DEALS.a_full_read_is_the_truth(1_000, 16).await;
    COMPANIES.a_full_read_is_the_truth(500, 7).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_later_read_brings_what_changed() {
    DEALS.a_later_read_brings_what_changed(500).await;
    COMPANIES.a_later_read_brings_what_changed(500).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_read_goes_on_at_any_checkpoint() {
    DEALS.a_read_goes_on_at_any_checkpoint(2_300).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_storm_loses_nothing() {
    DEALS.a_storm_loses_nothing(400).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_samples_broken_bytes_and_long_texts() {
    DEALS.a_read_of_one_column_brings_it_of_every_record(300, "properties.dealname").await;
    DEALS.a_read_of_keys_meets_every_record(300).await;
    DEALS.a_sample_is_small_and_moves_no_cursor(300).await;
    DEALS.a_record_with_broken_bytes_costs_itself_only(300, "dealname").await;
    DEALS.a_very_long_text_arrives_whole("description").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn discovery_tells_custom_objects_and_properties_and_what_is_not_allowed() {
    let running = account(Vendor::Hubspot, 10).await;
    running.forbid("tickets");
    let streams = connect(&running).await.discover().await;
    let deals = streams.iter().find(|stream| stream.name == "deals").unwrap();
    assert_eq!(deals.deletes, Deletes::Tombstone);
    assert!(deals.fields.iter().any(|field| field.name == "properties.amount" && !field.custom));
    assert!(deals.fields.iter().any(|field| field.custom && field.label.is_some()));
    let tickets = streams.iter().find(|stream| stream.name == "tickets").unwrap();
    assert_eq!(tickets.problem.as_ref().unwrap().code(), "missing_scope");
    assert!(
        streams.iter().any(|stream| stream.name.contains('_') && stream.label.is_some()),
        "custom objects are there"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_is_wrong_is_refused_and_not_shown() {
    let running = account(Vendor::Hubspot, 10).await;
    let connection =
        open("hubspot", json!({ "base_url": running.url() }), &[("access_token", "pat-very-secret")], None);
    let refused = connection.connector.check(&connection.context).await.unwrap_err();
    assert_eq!(refused.code(), "unauthorized");
    assert!(!refused.to_string().contains("pat-very-secret"), "{refused}");
    let refused = connection.read_some(ReadRequest::of("deals"), &mut Held::by("id"), 1).await.unwrap_err();
    assert_eq!(refused.code(), "unauthorized");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_private_app_reads_with_its_token() {
    let running = account(Vendor::Hubspot, 120).await;
    let connection =
        open("hubspot", json!({ "base_url": running.url() }), &[("access_token", "simulator-token")], None);
    assert!(connection.connector.check(&connection.context).await.unwrap().identity.unwrap().starts_with("portal "));
    let read = connection.read_all("deals", "id").await.records.len() as u64;
    assert_eq!(read, running.count("deals", Which::Living));
}
