use crate::laws::{Case, as_it_is};
use crate::support::{Connection, Held, Record, account, granted, open, storm};
use aos_connectors::oauth::MemoryGrants;
use aos_connectors::{Answer, Deletes, Error, Grant, GrantState, GrantStore, ReadRequest};
use aos_core::shape::ValueKind;
use aos_core::value::Value;
use aos_simulators::{Credentials, Options, Running, Simulator, Vendor};
use futures_util::future::BoxFuture;
use serde_json::json;
use std::sync::{Arc, Mutex};

fn connect(running: &Running) -> BoxFuture<'_, Connection> {
    with(running, json!({}))
}

fn connect_in_bulk(running: &Running) -> BoxFuture<'_, Connection> {
    with(running, json!({ "bulk": "always" }))
}

fn with(running: &Running, more: serde_json::Value) -> BoxFuture<'_, Connection> {
    Box::pin(async move {
        let mut settings = json!({ "login_url": running.url(), "client_id": "simulator-client" });
        settings.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let grants = granted("simulator-refresh").await;
        open("salesforce", settings, &[("client_secret", "simulator-secret")], Some(grants))
    })
}

/// Without what is no field: `attributes`, and fields that are other fields together.
fn shape(mut record: Record) -> Record {
    record.retain(|name, value| name != "attributes" && !matches!(value, Value::Object(_)));
    record
}

const ACCOUNTS: Case = Case {
    vendor: Vendor::Salesforce,
    stream: "Account",
    simulated: "Account",
    key: "Id",
    connect,
    shape,
    plain: as_it_is,
    settles_ms: 0,
};
const OPPORTUNITIES: Case = Case { stream: "Opportunity", simulated: "Opportunity", ..ACCOUNTS };
const ACCOUNTS_IN_BULK: Case = Case { connect: connect_in_bulk, ..ACCOUNTS };
const LINKS: Case = Case { stream: "ContentDocumentLink", simulated: "ContentDocumentLink", ..ACCOUNTS };

#[tokio::test(flavor = "multi_thread")]
async fn a_full_read_is_the_truth() {
    // The token, the description, and pages of 2,000.
    ACCOUNTS.a_full_read_is_the_truth(5_000, 4).await;
    OPPORTUNITIES.a_full_read_is_the_truth(3_000, 4).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bulk_read_brings_the_same_records() {
    ACCOUNTS_IN_BULK.a_full_read_is_the_truth(5_000, 10).await;
    ACCOUNTS_IN_BULK.a_later_read_brings_what_changed(300).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_later_read_brings_what_changed() {
    ACCOUNTS.a_later_read_brings_what_changed(3_000).await;
    OPPORTUNITIES.a_later_read_brings_what_changed(500).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_read_goes_on_at_any_checkpoint() {
    ACCOUNTS.a_read_goes_on_at_any_checkpoint(5_000).await;
    ACCOUNTS_IN_BULK.a_read_goes_on_at_any_checkpoint(12_000).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_storm_loses_nothing() {
    ACCOUNTS.a_storm_loses_nothing(4_500).await;
    ACCOUNTS_IN_BULK.a_storm_loses_nothing(2_000).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_samples_broken_bytes_and_long_texts() {
    ACCOUNTS.a_read_of_one_column_brings_it_of_every_record(300, "Industry").await;
    ACCOUNTS.a_read_of_keys_meets_every_record(2_500).await;
    ACCOUNTS.a_sample_is_small_and_moves_no_cursor(300).await;
    ACCOUNTS.a_record_with_broken_bytes_costs_itself_only(300, "Name").await;
    ACCOUNTS_IN_BULK.a_record_with_broken_bytes_costs_itself_only(300, "Name").await;
    ACCOUNTS.a_very_long_text_arrives_whole("Description").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_files_are_attached_to_is_read_by_the_files_there_are() {
    // The description, 800 files, and three times the links of 300 of them.
    LINKS.a_full_read_is_the_truth(8_000, 5).await;
    LINKS.a_read_goes_on_at_any_checkpoint(8_000).await;
    LINKS.a_read_of_keys_meets_every_record(5_000).await;
    LINKS.a_sample_is_small_and_moves_no_cursor(5_000).await;
    LINKS.a_storm_loses_nothing(5_000).await;
    let running = account(Vendor::Salesforce, 100).await;
    let streams = connect(&running).await.discover().await;
    let links = streams.iter().find(|stream| stream.name == "ContentDocumentLink").unwrap();
    assert_eq!((links.deletes, links.cursor_field.as_deref()), (Deletes::Sweep, None));
    assert!(links.assumed.iter().any(|said| said.contains("Query All Files")), "{:?}", links.assumed);
}

#[tokio::test(flavor = "multi_thread")]
async fn discovery_tells_standard_and_custom_fields_with_their_types() {
    let running = account(Vendor::Salesforce, 10).await;
    let streams = connect(&running).await.discover().await;
    assert!(streams.iter().any(|stream| stream.name.ends_with("__c")), "custom objects are there");
    let accounts = streams.iter().find(|stream| stream.name == "Account").unwrap();
    assert_eq!(accounts.key, ["Id"]);
    assert_eq!(accounts.cursor_field.as_deref(), Some("SystemModstamp"));
    assert_eq!(accounts.deletes, Deletes::Tombstone);
    let revenue = accounts.fields.iter().find(|field| field.name == "AnnualRevenue").unwrap();
    assert_eq!((revenue.kind, revenue.declared.as_str()), (ValueKind::Decimal, "currency(18,0)"));
    assert!(accounts.fields.iter().any(|field| field.custom));
    assert!(!accounts.fields.iter().any(|field| field.declared == "address"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_signs_for_the_account() {
    let options = Options {
        size: 100,
        credentials: Credentials {
            assertion_key: Some(include_str!("keys/public.pem").to_owned()),
            ..Credentials::default()
        },
        ..Options::default()
    };
    let running = Simulator::start(Vendor::Salesforce, &options).await.unwrap();
    let settings = json!({
        "auth": "jwt_bearer",
        "login_url": running.url(),
        "client_id": "simulator-client",
        "username": "simulator@example.com",
    });
    let connection = open("salesforce", settings, &[("private_key", include_str!("keys/private.pem"))], None);
    let report = connection.connector.check(&connection.context).await.unwrap();
    assert!(report.streams > 2);
    assert_eq!(report.allowance.unwrap().requests_max, 15_000);
    assert!(!connection.read_all("Account", "Id").await.records.is_empty());
    assert_eq!(running.tokens_granted(), 1, "the token is kept from call to call");
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_credentials_and_missing_rights_are_told_apart() {
    let running = account(Vendor::Salesforce, 10).await;
    let wrong = granted("some-other-refresh-token").await;
    let settings = json!({ "login_url": running.url(), "client_id": "simulator-client" });
    let connection =
        open("salesforce", settings.clone(), &[("client_secret", "simulator-secret")], Some(wrong.clone()));
    let refused = connection.connector.check(&connection.context).await.unwrap_err();
    assert_eq!(refused.code(), "unauthorized");
    assert!(!refused.to_string().contains("some-other-refresh-token"), "{refused}");
    let kept = wrong.load().await.unwrap().unwrap();
    assert_eq!(kept.state, GrantState::Revoked);
    assert!(kept.refresh_token.is_some(), "a failure removes nothing");

    let unknown = open("salesforce", settings, &[("client_secret", "wrong")], Some(granted("simulator-refresh").await));
    assert_eq!(unknown.connector.check(&unknown.context).await.unwrap_err().code(), "unauthorized");

    let connection = connect(&running).await;
    running.forbid("Contact");
    let request = ReadRequest::of("Contact");
    let refused = connection.read_some(request, &mut Held::by("Id"), 1).await.unwrap_err();
    assert!(matches!(refused, Error::Gone { .. } | Error::MissingScope { .. }), "{refused}");
}

#[tokio::test(flavor = "multi_thread")]
async fn fifty_readers_renew_a_token_once() {
    let running = account(Vendor::Salesforce, 100).await;
    let grants = granted("simulator-refresh").await;
    let settings = json!({ "login_url": running.url(), "client_id": "simulator-client", "objects": ["Account"] });
    let connection =
        || open("salesforce", settings.clone(), &[("client_secret", "simulator-secret")], Some(grants.clone()));
    let readers = (0..50).map(|_| {
        let connection = connection();
        async move { connection.read_all("Account", "Id").await.records.len() }
    });
    let read = futures_util::future::join_all(readers).await;
    assert!(read.iter().all(|records| *records == read[0]));
    assert_eq!(running.tokens_granted(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_overtaken_by_another_renewal_uses_that_one_and_holds_no_right() {
    let running = account(Vendor::Salesforce, 10).await;
    let grants = granted("simulator-refresh").await;
    let settings = json!({ "login_url": running.url(), "client_id": "simulator-client", "objects": ["Account"] });
    let opened = |grants: Arc<dyn GrantStore>| {
        open("salesforce", settings.clone(), &[("client_secret", "simulator-secret")], Some(grants))
    };
    let other = opened(grants.clone());
    other.connector.check(&other.context).await.unwrap();
    running.expire_tokens();
    // Whoever looks now finds a token that is refused; before its turn to renew comes, the other one has renewed it.
    let late = opened(Arc::new(Overtaken { grants: grants.clone(), by: Mutex::new(Some(other)) }));
    let before = running.tokens_granted();
    late.connector.check(&late.context).await.unwrap();
    assert_eq!(running.tokens_granted(), before + 1, "the vendor is asked once");
    let renewed = grants.load().await.unwrap().unwrap();
    assert!(grants.may_renew(renewed.version).await.unwrap(), "whoever needs the next token need not wait");
}

/// A grant that somebody else renews just before this process would.
struct Overtaken {
    grants: Arc<MemoryGrants>,
    by: Mutex<Option<Connection>>,
}

impl GrantStore for Overtaken {
    fn load(&self) -> Answer<'_, Option<Grant>> {
        self.grants.load()
    }

    fn replace<'a>(&'a self, version: i64, grant: &'a Grant) -> Answer<'a, bool> {
        self.grants.replace(version, grant)
    }

    fn may_renew(&self, version: i64) -> Answer<'_, bool> {
        Box::pin(async move {
            let by = self.by.lock().unwrap().take();
            if let Some(by) = by {
                by.connector.check(&by.context).await.unwrap();
            }
            self.grants.may_renew(version).await
        })
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_outage_of_the_login_server_leaves_the_grant_and_passes() {
    let running = account(Vendor::Salesforce, 10).await;
    let grants = granted("simulator-refresh").await;
    let settings = json!({ "login_url": running.url(), "client_id": "simulator-client", "objects": ["Account"] });
    let connection = open("salesforce", settings, &[("client_secret", "simulator-secret")], Some(grants.clone()));
    running.set_chaos(aos_simulators::Chaos { outages: 1.0, ..storm() });
    let held = connection.read_all("Account", "Id").await;
    assert!(!held.records.is_empty());
    assert_eq!(grants.load().await.unwrap().unwrap().state, GrantState::Valid);
}
