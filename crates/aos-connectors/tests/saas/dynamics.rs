use crate::laws::{Case, as_it_is};
use crate::support::{Connection, Held, Record, account, open};
use aos_connectors::{Deletes, ReadRequest};
use aos_simulators::{Running, Vendor};
use futures_util::future::BoxFuture;
use serde_json::json;

const LABEL: &str = "@OData.Community.Display.V1.FormattedValue";

fn connect(running: &Running) -> BoxFuture<'_, Connection> {
    Box::pin(async move { with_secret(running, "simulator-secret") })
}

fn with_secret(running: &Running, secret: &str) -> Connection {
    let settings = json!({
        "environment_url": running.url(),
        "login_url": running.url(),
        "tenant_id": "simulator",
        "client_id": "simulator-client",
    });
    open("dynamics365", settings, &[("client_secret", secret)], None)
}

/// Without annotations.
fn plain(mut record: Record) -> Record {
    record.retain(|name, _| !name.contains('@'));
    record
}

const ACCOUNTS: Case = Case {
    vendor: Vendor::Dynamics,
    stream: "account",
    simulated: "accounts",
    key: "accountid",
    connect,
    shape: plain,
    plain,
    settles_ms: 0,
};
const OPPORTUNITIES: Case =
    Case { stream: "opportunity", simulated: "opportunities", key: "opportunityid", shape: as_it_is, ..ACCOUNTS };

#[tokio::test(flavor = "multi_thread")]
async fn a_full_read_is_the_truth() {
    // The token, the table, its columns, and pages of 5,000.
    ACCOUNTS.a_full_read_is_the_truth(6_000, 4).await;
    Case { shape: plain, ..OPPORTUNITIES }.a_full_read_is_the_truth(2_000, 3).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_later_read_brings_what_changed() {
    ACCOUNTS.a_later_read_brings_what_changed(700).await;
    Case { shape: plain, ..OPPORTUNITIES }.a_later_read_brings_what_changed(700).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_read_goes_on_at_any_checkpoint() {
    ACCOUNTS.a_read_goes_on_at_any_checkpoint(11_000).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_storm_loses_nothing() {
    ACCOUNTS.a_storm_loses_nothing(5_500).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_samples_broken_bytes_and_long_texts() {
    ACCOUNTS.a_read_of_one_column_brings_it_of_every_record(300, "industrycode").await;
    Case { shape: plain, ..OPPORTUNITIES }.a_read_of_one_column_brings_it_of_every_record(300, "estimatedvalue").await;
    ACCOUNTS.a_read_of_keys_meets_every_record(300).await;
    ACCOUNTS.a_sample_is_small_and_moves_no_cursor(300).await;
    ACCOUNTS.a_record_with_broken_bytes_costs_itself_only(300, "name").await;
    ACCOUNTS.a_very_long_text_arrives_whole("description").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn options_come_with_their_labels_and_custom_columns_with_their_names() {
    let running = account(Vendor::Dynamics, 100).await;
    let connection = connect(&running).await;
    let streams = connection.discover().await;
    let accounts = streams.iter().find(|stream| stream.name == "account").unwrap();
    assert_eq!(accounts.deletes, Deletes::Tombstone);
    assert!(accounts.fields.iter().any(|field| field.custom && field.label.is_some()));
    let labels: Vec<_> = accounts.fields.iter().filter(|field| field.name.ends_with(LABEL)).collect();
    assert!(!labels.is_empty());
    let held = connection.read_all("account", "accountid").await;
    let labelled = held.records.values().filter(|record| labels.iter().any(|label| record.contains_key(&label.name)));
    assert_eq!(labelled.count(), held.records.len());
    let declared = |name: &String| accounts.fields.iter().any(|field| field.name == *name);
    let unknown: Vec<_> =
        held.records.values().flat_map(|record| record.keys()).filter(|name| !declared(name)).collect();
    assert!(unknown.is_empty(), "{:?}", unknown.first());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_delta_link_that_is_not_known_any_more_is_gone_and_not_the_whole_table() {
    let running = account(Vendor::Dynamics, 50).await;
    let connection = connect(&running).await;
    let link = format!("{}/api/data/v9.2/accounts?$deltatoken=1!old", running.url());
    let request = ReadRequest { cursor: Some(json!({ "at": "delta", "link": link })), ..ReadRequest::of("account") };
    let refused = connection.read_some(request, &mut Held::by("accountid"), 1).await.unwrap_err();
    assert_eq!(refused.code(), "gone");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_that_is_wrong_is_refused_and_not_shown() {
    let running = account(Vendor::Dynamics, 10).await;
    let connection = with_secret(&running, "some-wrong-secret");
    let refused = connection.connector.check(&connection.context).await.unwrap_err();
    assert_eq!(refused.code(), "unauthorized");
    assert!(!refused.to_string().contains("some-wrong-secret"), "{refused}");
}
