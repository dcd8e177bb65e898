//! Two readers of one account: Airbyte's own runtime with a manifest for the vendor, and our connector. What they read is the same, record by record.
//!
//! The runtime, `source-declarative-manifest`, comes with the connector that `scripts/fetch-connectors` installs.

use crate::support::{connector, context, fetched, pages, records};
use aos_connectors::airbyte::Program;
use aos_connectors::oauth::MemoryGrants;
use aos_connectors::{
    AllowedRoots, Context, Grant, GrantState, GrantStore, Operator, ReadRequest, Secret, Secrets, declaration,
};
use aos_core::Clock;
use aos_simulators::{Change, Options, Running, Simulator, Vendor, Which};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Large enough for several pages of each vendor.
const SIZE: u64 = 2_300;
const SETTLES_MS: i64 = 120_000;

async fn account(vendor: Vendor, stream: &str) -> Running {
    let options = Options { size: SIZE, limit_factor: 1_000, ..Options::default() };
    let running = Simulator::start(vendor, &options).await.unwrap();
    running.change(&Change::Touch { stream: stream.into(), count: 30, seed: 5 }).unwrap();
    running.change(&Change::Delete { stream: stream.into(), row: 4 }).unwrap();
    running.advance_ms(SETTLES_MS);
    running
}

/// Reads a stream with Airbyte's runtime.
async fn theirs(program: &Program, manifest: Value) -> Vec<Value> {
    let config = json!({ "__injected_declarative_manifest": manifest }).to_string();
    let connector = connector(program, json!({ "source": "script", "config": config }));
    let (pages, error) = pages(&*connector, ReadRequest::of("records"), &context()).await;
    assert!(error.is_none(), "{error:?}");
    records(&pages)
}

/// Reads a stream with the connector of that name.
async fn ours(name: &str, settings: Value, stream: &str) -> Vec<Value> {
    let grants = Arc::new(MemoryGrants::default());
    let grant = Grant {
        version: 0,
        state: GrantState::Valid,
        access_token: None,
        refresh_token: Some(Secret::new("simulator-refresh")),
        expires_at: None,
        scopes: Vec::new(),
        api_base: None,
        message: String::new(),
        changed_at: Clock::System.now(),
    };
    assert!(grants.replace(0, &grant).await.unwrap());
    let known =
        [("client_secret", "simulator-secret"), ("access_token", "simulator-token"), ("api_token", "simulator-token")];
    let secrets = Secrets::new(known.map(|(name, text)| (name.to_owned(), Secret::new(text))));
    let context = Context { secrets, grants: Some(grants), ..context() };
    let operator = Operator::new(AllowedRoots::any());
    let connector = (declaration(name).unwrap().open)(name, settings.as_object().unwrap(), &operator).unwrap();
    let (pages, error) = pages(&*connector, ReadRequest::of(stream), &context).await;
    assert!(error.is_none(), "{error:?}");
    records(&pages)
}

/// A manifest of one stream: where it is, who asks, where records stand in an answer, and how the next page is found.
fn manifest(running: &Running, path: &str, parameters: Value, signs: Value, field: &[&str], paginator: Value) -> Value {
    let requester = json!({
        "type": "HttpRequester", "url_base": running.url(), "path": path, "http_method": "GET", "request_parameters": parameters, "authenticator": signs,
    });
    let selector = json!({ "type": "RecordSelector", "extractor": { "type": "DpathExtractor", "field_path": field } });
    let schema = json!({ "type": "object", "additionalProperties": true, "properties": {} });
    json!({
        "version": "6.60.0", "type": "DeclarativeSource",
        "check": { "type": "CheckStream", "stream_names": ["records"] },
        "spec": { "type": "Spec", "connection_specification": { "type": "object", "properties": {} } },
        "streams": [{
            "type": "DeclarativeStream", "name": "records",
            "schema_loader": { "type": "InlineSchemaLoader", "schema": schema },
            "retriever": { "type": "SimpleRetriever", "requester": requester, "record_selector": selector, "paginator": paginator },
        }],
    })
}

/// Pages that name the next one in their answer, to be given back as a parameter.
fn by_cursor(parameter: &str, cursor: &str) -> Value {
    json!({
        "type": "DefaultPaginator",
        "page_token_option": { "type": "RequestOption", "inject_into": "request_parameter", "field_name": parameter },
        "pagination_strategy": { "type": "CursorPagination", "cursor_value": format!("{{{{ {cursor} }}}}"), "stop_condition": format!("{{{{ not {cursor} }}}}") },
    })
}

/// Pages that name the address of the next one.
fn by_address(address: &str) -> Value {
    json!({
        "type": "DefaultPaginator",
        "page_token_option": { "type": "RequestPath" },
        "pagination_strategy": { "type": "CursorPagination", "cursor_value": format!("{{{{ {address} }}}}"), "stop_condition": format!("{{{{ not ({address}) }}}}") },
    })
}

fn bearer(token: &str) -> Value {
    json!({ "type": "BearerAuthenticator", "api_token": token })
}

fn api_key(header: &str) -> Value {
    json!({
        "type": "ApiKeyAuthenticator", "api_token": "simulator-token",
        "inject_into": { "type": "RequestOption", "inject_into": "header", "field_name": header },
    })
}

/// Lets Airbyte's runtime sign in by itself, as an application.
fn client_credentials(running: &Running, path: &str) -> Value {
    json!({
        "type": "OAuthAuthenticator", "token_refresh_endpoint": format!("{}{path}", running.url()), "grant_type": "client_credentials",
        "client_id": "simulator-client", "client_secret": "simulator-secret",
    })
}

/// Compares the two by key. `shape` brings a record as the vendor writes it into the shape in which we read it, `plain` takes out of ours
/// what the vendor's has not.
fn assert_equal(
    theirs: Vec<Value>,
    ours: Vec<Value>,
    key: &str,
    expected: u64,
    shape: fn(&mut Value),
    plain: fn(&mut Value),
) {
    let by_key = |records: Vec<Value>, shape: fn(&mut Value)| -> BTreeMap<String, Value> {
        let count = records.len();
        let shaped = records.into_iter().map(|mut record| {
            shape(&mut record);
            // Airbyte's runtime leaves members out that are null; ours tells null from absent.
            record.as_object_mut().unwrap().retain(|_, value| !value.is_null());
            (record[key].to_string(), record)
        });
        let by_key: BTreeMap<_, _> = shaped.collect();
        assert_eq!(by_key.len(), count, "a record came twice");
        by_key
    };
    let (theirs, ours) = (by_key(theirs, shape), by_key(ours, plain));
    assert_eq!(theirs.len() as u64, expected);
    assert!(theirs.keys().eq(ours.keys()), "{} records and {} records", theirs.len(), ours.len());
    for (id, record) in &theirs {
        assert!(are_equal(&ours[id], record), "{id}\nours   {}\ntheirs {record}", ours[id]);
    }
}

/// Python reads a number as binary, so numbers are compared as that; one that binary cannot hold is shown as text by ours, with all its digits.
fn are_equal(ours: &Value, theirs: &Value) -> bool {
    match (ours, theirs) {
        (Value::Number(left), Value::Number(right)) => left.as_f64() == right.as_f64(),
        (Value::String(left), Value::Number(right)) => left.parse().ok() == right.as_f64(),
        (Value::Array(left), Value::Array(right)) => {
            left.len() == right.len() && left.iter().zip(right).all(|(left, right)| are_equal(left, right))
        }
        (Value::Object(left), Value::Object(right)) => {
            left.len() == right.len()
                && left.iter().all(|(name, left)| right.get(name).is_some_and(|right| are_equal(left, right)))
        }
        _ => ours == theirs,
    }
}

fn as_it_is(_: &mut Value) {}

fn runtime() -> Option<Program> {
    fetched("source-declarative-manifest")
}

#[tokio::test(flavor = "multi_thread")]
async fn airbytes_runtime_and_ours_read_the_same_pipedrive() {
    let Some(program) = runtime() else { return };
    let running = account(Vendor::Pipedrive, "deals").await;
    let paginator = by_cursor("cursor", "response.get('additional_data', {}).get('next_cursor')");
    let manifest =
        manifest(&running, "/api/v2/deals", json!({ "limit": "500" }), api_key("x-api-token"), &["data"], paginator);
    let theirs = theirs(&program, manifest).await;
    let ours = ours("pipedrive", json!({ "base_url": running.url() }), "deals").await;
    assert_equal(theirs, ours, "id", running.count("deals", Which::Living), as_it_is, as_it_is);
}

#[tokio::test(flavor = "multi_thread")]
async fn airbytes_runtime_and_ours_read_the_same_hubspot() {
    let Some(program) = runtime() else { return };
    let running = account(Vendor::Hubspot, "deals").await;
    let first: Value = serde_json::from_str(&running.truth("deals", Which::Living).next().unwrap()).unwrap();
    let properties = first["properties"].as_object().unwrap().keys().cloned().collect::<Vec<_>>().join(",");
    let parameters = json!({ "limit": "100", "properties": properties, "associations": "companies,contacts" });
    let paginator = by_cursor("after", "response.get('paging', {}).get('next', {}).get('after')");
    let manifest =
        manifest(&running, "/crm/v3/objects/deals", parameters, bearer("simulator-token"), &["results"], paginator);
    let theirs = theirs(&program, manifest).await;
    let ours = ours("hubspot", json!({ "base_url": running.url() }), "deals").await;
    // The vendor lists an associated record once for each kind of the association; ours lists it once, with the account's own labels.
    let associated_ids = |record: &mut Value| {
        for (_, list) in record["associations"].as_object_mut().into_iter().flatten() {
            let mut ids: Vec<Value> = Vec::new();
            for item in list["results"].as_array().into_iter().flatten() {
                if !ids.contains(&item["id"]) {
                    ids.push(item["id"].clone());
                }
            }
            *list = ids.into();
        }
    };
    assert!(ours.iter().any(|record| record.to_string().contains("\"labels\"")), "no label is among what ours read");
    assert_equal(theirs, ours, "id", running.count("deals", Which::Living), associated_ids, associated_ids);
}

#[tokio::test(flavor = "multi_thread")]
async fn airbytes_runtime_and_ours_read_the_same_zendesk() {
    let Some(program) = runtime() else { return };
    let running = account(Vendor::Zendesk, "tickets").await;
    let signs = json!({ "type": "BasicHttpAuthenticator", "username": "simulator@example.com/token", "password": "simulator-token" });
    let paginator = by_cursor("cursor", "(response['after_cursor'] if not response['end_of_stream'] else '')");
    let path = "/api/v2/incremental/tickets/cursor.json";
    let manifest = manifest(&running, path, json!({ "start_time": "0" }), signs, &["tickets"], paginator);
    let mut theirs = theirs(&program, manifest).await;
    // The export tells of deleted tickets among the others; ours tells of them apart.
    theirs.retain(|ticket| ticket["status"] != "deleted");
    let ours = ours("zendesk", json!({ "base_url": running.url(), "email": "simulator@example.com" }), "tickets").await;
    let by_id = |record: &mut Value| {
        record.as_object_mut().unwrap().remove("fields");
        let fields = record["custom_fields"].as_array().unwrap().iter();
        let fields: serde_json::Map<_, _> =
            fields.map(|field| (field["id"].to_string(), field["value"].clone())).collect();
        record["custom_fields"] = fields.into();
    };
    assert_equal(theirs, ours, "id", running.count("tickets", Which::Living), by_id, as_it_is);
}

#[tokio::test(flavor = "multi_thread")]
async fn airbytes_runtime_and_ours_read_the_same_salesforce() {
    let Some(program) = runtime() else { return };
    let running = account(Vendor::Salesforce, "Opportunity").await;
    let first: Value = serde_json::from_str(&running.truth("Opportunity", Which::Living).next().unwrap()).unwrap();
    // Fields that are other fields together come as their parts.
    let single = first.as_object().unwrap().iter().filter(|(name, value)| *name != "attributes" && !value.is_object());
    let fields = single.map(|(name, _)| name.as_str()).collect::<Vec<_>>().join(", ");
    let query = json!({ "q": format!("SELECT {fields} FROM Opportunity") });
    let signs = client_credentials(&running, "/services/oauth2/token");
    let address =
        format!("('{}' ~ response['nextRecordsUrl']) if response.get('nextRecordsUrl') else ''", running.url());
    let mut manifest =
        manifest(&running, "/services/data/v63.0/query", query, signs, &["records"], by_address(&address));
    // An address that is followed has no query of its own.
    let requester = &mut manifest["streams"][0]["retriever"]["requester"];
    requester["request_parameters"]["q"] =
        json!(format!("{{{{ '' if next_page_token else 'SELECT {fields} FROM Opportunity' }}}}"));
    let theirs = theirs(&program, manifest).await;
    let ours =
        ours("salesforce", json!({ "login_url": running.url(), "client_id": "simulator-client" }), "Opportunity").await;
    let without_attributes = |record: &mut Value| _ = record.as_object_mut().unwrap().remove("attributes");
    let expected = running.count("Opportunity", Which::Living);
    assert_equal(theirs, ours, "Id", expected, without_attributes, as_it_is);
}

#[tokio::test(flavor = "multi_thread")]
async fn airbytes_runtime_and_ours_read_the_same_dynamics() {
    let Some(program) = runtime() else { return };
    let running = account(Vendor::Dynamics, "accounts").await;
    let signs = client_credentials(&running, "/simulator/oauth2/v2.0/token");
    let mut manifest = manifest(
        &running,
        "/api/data/v9.2/accounts",
        json!({}),
        signs,
        &["value"],
        by_address("response.get('@odata.nextLink', '')"),
    );
    manifest["streams"][0]["retriever"]["requester"]["request_headers"] = json!({ "Prefer": "odata.maxpagesize=500" });
    let theirs = theirs(&program, manifest).await;
    let settings = json!({
        "environment_url": running.url(), "login_url": running.url(), "tenant_id": "simulator", "client_id": "simulator-client",
    });
    let ours = ours("dynamics365", settings, "account").await;
    let plain = |record: &mut Value| record.as_object_mut().unwrap().retain(|name, _| !name.contains('@'));
    assert_equal(theirs, ours, "accountid", running.count("accounts", Which::Living), plain, plain);
}
