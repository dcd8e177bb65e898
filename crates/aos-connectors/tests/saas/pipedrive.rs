use crate::laws::{Case, as_it_is};
use crate::support::{Connection, account, granted, open};
use aos_connectors::Deletes;
use aos_simulators::{Running, Vendor, Which};
use futures_util::future::BoxFuture;
use serde_json::json;

fn connect(running: &Running) -> BoxFuture<'_, Connection> {
    Box::pin(async move {
        open("pipedrive", json!({ "base_url": running.url() }), &[("api_token", "simulator-token")], None)
    })
}

fn connect_by_oauth(running: &Running) -> BoxFuture<'_, Connection> {
    Box::pin(async move {
        let settings =
            json!({ "oauth_url": running.url(), "auth": "authorization_code", "client_id": "simulator-client" });
        open("pipedrive", settings, &[("client_secret", "simulator-secret")], Some(granted("simulator-refresh").await))
    })
}

const DEALS: Case = Case {
    vendor: Vendor::Pipedrive,
    stream: "deals",
    simulated: "deals",
    key: "id",
    connect,
    shape: as_it_is,
    plain: as_it_is,
    settles_ms: 0,
};
const PERSONS: Case = Case { stream: "persons", simulated: "persons", ..DEALS };

#[tokio::test(flavor = "multi_thread")]
async fn a_full_read_is_the_truth() {
    // Pages of 500; archived deals are a list of their own.
    DEALS.a_full_read_is_the_truth(1_700, 5).await;
    PERSONS.a_full_read_is_the_truth(1_700, 4).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_of_the_first_version_are_read_whole() {
    let running = account(Vendor::Pipedrive, 300).await;
    let read = connect(&running).await.read_all("users", "id").await.records.len() as u64;
    assert_eq!(read, running.count("users", Which::Living));
    assert!(read > 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_later_read_brings_what_changed() {
    DEALS.a_later_read_brings_what_changed(700).await;
    PERSONS.a_later_read_brings_what_changed(700).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_read_goes_on_at_any_checkpoint() {
    DEALS.a_read_goes_on_at_any_checkpoint(1_700).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_storm_loses_nothing() {
    Case { connect: connect_by_oauth, ..DEALS }.a_storm_loses_nothing(1_700).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_samples_broken_bytes_and_long_texts() {
    DEALS.a_read_of_keys_meets_every_record(300).await;
    DEALS.a_sample_is_small_and_moves_no_cursor(300).await;
    DEALS.a_record_with_broken_bytes_costs_itself_only(300, "title").await;
    DEALS.a_very_long_text_arrives_whole("title").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn discovery_tells_the_names_of_hashed_fields() {
    let running = account(Vendor::Pipedrive, 10).await;
    let streams = connect(&running).await.discover().await;
    let deals = streams.iter().find(|stream| stream.name == "deals").unwrap();
    assert_eq!(deals.deletes, Deletes::Tombstone);
    let own: Vec<_> = deals.fields.iter().filter(|field| field.custom).collect();
    assert!(!own.is_empty());
    for field in own {
        assert_eq!(field.name.strip_prefix("custom_fields.").unwrap().len(), 40);
        assert!(field.label.as_ref().is_some_and(|label| !label.is_empty()));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_is_wrong_is_refused_and_not_shown() {
    let running = account(Vendor::Pipedrive, 10).await;
    let connection =
        open("pipedrive", json!({ "base_url": running.url() }), &[("api_token", "some-wrong-token")], None);
    let refused = connection.connector.check(&connection.context).await.unwrap_err();
    assert_eq!(refused.code(), "unauthorized");
    assert!(!refused.to_string().contains("some-wrong-token"), "{refused}");
}
