use crate::laws::{Case, as_it_is};
use crate::support::{Connection, Record, account, granted, open};
use aos_connectors::Deletes;
use aos_core::value::Value;
use aos_simulators::{Running, Vendor};
use futures_util::future::BoxFuture;
use serde_json::json;

fn connect(running: &Running) -> BoxFuture<'_, Connection> {
    Box::pin(async move {
        let settings = json!({ "base_url": running.url(), "email": "simulator@example.com" });
        open("zendesk", settings, &[("api_token", "simulator-token")], None)
    })
}

fn connect_by_oauth(running: &Running) -> BoxFuture<'_, Connection> {
    Box::pin(async move {
        let settings =
            json!({ "base_url": running.url(), "auth": "authorization_code", "client_id": "simulator-client" });
        open("zendesk", settings, &[("client_secret", "simulator-secret")], Some(granted("simulator-refresh").await))
    })
}

/// Custom fields by their id, and once.
fn shape(mut record: Record) -> Record {
    record.remove("fields");
    if let Some(Value::List(items)) = record.get("custom_fields") {
        let pair =
            |item: &Value| (item.get("id").unwrap().as_text().unwrap().into(), item.get("value").unwrap().clone());
        let fields = Value::Object(items.iter().map(pair).collect());
        record.insert("custom_fields".into(), fields);
    }
    record
}

const TICKETS: Case = Case {
    vendor: Vendor::Zendesk,
    stream: "tickets",
    simulated: "tickets",
    key: "id",
    connect,
    shape,
    plain: as_it_is,
    settles_ms: 120_000,
};
const USERS: Case = Case { stream: "users", simulated: "users", ..TICKETS };
const ORGANIZATIONS: Case = Case { stream: "organizations", simulated: "organizations", ..TICKETS };
const ASSETS: Case = Case { stream: "custom_objects.asset", simulated: "assets", ..TICKETS };

#[tokio::test(flavor = "multi_thread")]
async fn a_full_read_is_the_truth() {
    // Pages of 1,000.
    TICKETS.a_full_read_is_the_truth(2_500, 3).await;
    USERS.a_full_read_is_the_truth(2_500, 3).await;
    ORGANIZATIONS.a_full_read_is_the_truth(500, 2).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn records_of_custom_objects_are_read_whole() {
    let running = account(Vendor::Zendesk, 300).await;
    let read = connect(&running).await.read_all(ASSETS.stream, "id").await.records.len() as u64;
    assert_eq!(read, running.count("assets", aos_simulators::Which::Living));
    assert!(read > 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_later_read_brings_what_changed() {
    TICKETS.a_later_read_brings_what_changed(1_500).await;
    USERS.a_later_read_brings_what_changed(300).await;
    ORGANIZATIONS.a_later_read_brings_what_changed(300).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_read_goes_on_at_any_checkpoint() {
    TICKETS.a_read_goes_on_at_any_checkpoint(3_500).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_storm_loses_nothing() {
    Case { connect: connect_by_oauth, ..TICKETS }.a_storm_loses_nothing(3_500).await;
    ORGANIZATIONS.a_storm_loses_nothing(1_000).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_samples_broken_bytes_and_long_texts() {
    TICKETS.a_read_of_keys_meets_every_record(300).await;
    TICKETS.a_sample_is_small_and_moves_no_cursor(300).await;
    TICKETS.a_record_with_broken_bytes_costs_itself_only(300, "subject").await;
    TICKETS.a_very_long_text_arrives_whole("description").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn discovery_tells_custom_fields_by_their_title_and_custom_objects() {
    let running = account(Vendor::Zendesk, 10).await;
    let streams = connect(&running).await.discover().await;
    let tickets = streams.iter().find(|stream| stream.name == "tickets").unwrap();
    assert_eq!(tickets.deletes, Deletes::Tombstone);
    let own: Vec<_> = tickets.fields.iter().filter(|field| field.custom).collect();
    assert!(own.iter().all(|field| field.name.starts_with("custom_fields.") && field.label.is_some()));
    assert!(!own.is_empty());
    assert!(streams.iter().any(|stream| stream.name == "custom_objects.asset"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_is_wrong_is_refused_and_not_shown() {
    let running = account(Vendor::Zendesk, 10).await;
    let settings = json!({ "base_url": running.url(), "email": "simulator@example.com" });
    let connection = open("zendesk", settings, &[("api_token", "some-wrong-token")], None);
    let refused = connection.connector.check(&connection.context).await.unwrap_err();
    assert_eq!(refused.code(), "unauthorized");
    assert!(!refused.to_string().contains("some-wrong-token"), "{refused}");
}
