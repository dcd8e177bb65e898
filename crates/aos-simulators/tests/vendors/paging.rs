//! Pages, put together, are the account: every record once, to the letter.

use crate::client::{Client, encoded};
use crate::read::{
    Records, all, bulk, hubspot, main_stream, pipedrive, salesforce, soql, truth, zendesk, zendesk_export,
};
use crate::{quiet, start};
use aos_simulators::{Vendor, Which};
use serde_json::{Value, json};
use std::collections::BTreeSet;

#[tokio::test]
async fn every_stream_of_every_vendor_is_paged_through_completely_and_exactly() {
    for vendor in Vendor::ALL {
        let simulator = start(vendor, &quiet(650)).await;
        let client = Client::of(&simulator);
        for stream in simulator.streams() {
            let expected = truth(&simulator, &stream, Which::Living);
            assert!(!expected.is_empty(), "{vendor:?} {stream}");
            let found = match (vendor, stream.as_str()) {
                (Vendor::Salesforce, "ContentDocumentLink") => links(&client).await,
                (Vendor::Hubspot, "owners") => owners(&client).await,
                (Vendor::Pipedrive, "users") => v1_users(&client).await,
                (Vendor::Zendesk, "assets") => {
                    zendesk(&client, "custom_objects/asset/records", "custom_object_records").await
                }
                _ => all(&client, &stream).await,
            };
            assert_eq!(found.len(), expected.len(), "{vendor:?} {stream}");
            assert_eq!(found, expected, "{vendor:?} {stream}");
        }
    }
}

/// Reads what files are attached to by the files there are, since nothing else is allowed.
async fn links(client: &Client<'_>) -> Records {
    let whole = soql(client, "ContentDocumentLink", "").await;
    let refused = client.get(&format!("/services/data/v63.0/query?q={}", encoded(&whole))).await;
    assert_eq!((refused.status, refused.json()[0]["errorCode"].clone()), (400, json!("MALFORMED_QUERY")));
    let documents = all(client, "ContentDocument").await;
    let ids: Vec<String> = documents.keys().map(|id| format!("'{id}'")).collect();
    let mut found = Records::new();
    for some in ids.chunks(20) {
        let which = format!("WHERE ContentDocumentId IN ({})", some.join(","));
        found.extend(salesforce(client, "query", &soql(client, "ContentDocumentLink", &which).await).await);
    }
    found
}

async fn owners(client: &Client<'_>) -> Records {
    let (mut records, mut after) = (Records::new(), String::new());
    loop {
        let page = client.get(&format!("/crm/v3/owners/?limit=7&after={after}")).await.json();
        for owner in page["results"].as_array().unwrap() {
            records.insert(owner["id"].as_str().unwrap().to_owned(), owner.clone());
        }
        match page["paging"]["next"]["after"].as_str() {
            Some(next) => after = next.to_owned(),
            None => return records,
        }
    }
}

async fn v1_users(client: &Client<'_>) -> Records {
    let page = client.get("/v1/users").await.json();
    page["data"].as_array().unwrap().iter().map(|user| (user["id"].to_string(), user.clone())).collect()
}

#[tokio::test]
async fn an_empty_account_has_pages_too() {
    for vendor in Vendor::ALL {
        let simulator = start(vendor, &quiet(0)).await;
        assert!(all(&Client::of(&simulator), main_stream(vendor)).await.is_empty(), "{vendor:?}");
    }
}

#[tokio::test]
async fn deleted_records_are_shown_where_the_vendor_shows_them_and_nowhere_else() {
    let simulator = start(Vendor::Salesforce, &quiet(650)).await;
    let client = Client::of(&simulator);
    let everything = salesforce(&client, "queryAll", &soql(&client, "Account", "ORDER BY SystemModstamp").await).await;
    let deleted: Records = everything.into_iter().filter(|(_, record)| record["IsDeleted"] == json!(true)).collect();
    assert!(!deleted.is_empty());
    assert_eq!(deleted, truth(&simulator, "Account", Which::Deleted));

    let simulator = start(Vendor::Hubspot, &quiet(650)).await;
    let archived = hubspot(&Client::of(&simulator), "deals", true).await;
    assert!(!archived.is_empty() && archived.values().all(|record| record["archivedAt"].is_string()));
    assert_eq!(archived, truth(&simulator, "deals", Which::Deleted));

    let simulator = start(Vendor::Pipedrive, &quiet(650)).await;
    let deleted = pipedrive(&Client::of(&simulator), "/v2/deals?limit=3&status=deleted").await;
    assert!(!deleted.is_empty() && deleted.values().all(|record| record["is_deleted"] == json!(true)));
    assert_eq!(deleted, truth(&simulator, "deals", Which::Deleted));

    let simulator = start(Vendor::Zendesk, &quiet(650)).await;
    let (everything, _) = zendesk_export(&Client::of(&simulator), "tickets", "start_time=0").await;
    let deleted: Records = everything.into_iter().filter(|(_, record)| record["status"] == "deleted").collect();
    assert!(!deleted.is_empty());
    assert_eq!(deleted, truth(&simulator, "tickets", Which::Deleted));
}

#[tokio::test]
async fn a_bulk_job_gives_the_same_records_as_a_query() {
    let simulator = start(Vendor::Salesforce, &quiet(1_300)).await;
    let client = Client::of(&simulator);
    let statement = soql(&client, "Contact", "").await;
    let (lines, records) = (bulk(&client, "query", &statement).await, salesforce(&client, "query", &statement).await);
    assert_eq!(lines.keys().collect::<Vec<_>>(), records.keys().collect::<Vec<_>>());
    for (id, line) in &lines {
        for (text, (name, value)) in line.iter().zip(records[id].as_object().unwrap()) {
            let expected = match value {
                Value::Null => String::new(),
                Value::String(text) => text.replace("+0000", "Z"),
                other => other.to_string(),
            };
            assert_eq!(*text, expected, "{id} {name}");
        }
    }
}

/// Whether a statement should find a record.
type Fits<'a> = &'a dyn Fn(&Value) -> bool;

#[tokio::test]
async fn soql_filters_orders_and_limits() {
    let simulator = start(Vendor::Salesforce, &quiet(900)).await;
    let client = Client::of(&simulator);
    let records = truth(&simulator, "Opportunity", Which::Living);
    let ask = async |rest: &str| {
        let path = format!("/services/data/v60.0/query?q={}", encoded(&format!("SELECT Id FROM Opportunity {rest}")));
        let page = client.get(&path).await.json();
        page["records"]
            .as_array()
            .unwrap()
            .iter()
            .map(|record| record["Id"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    let of = |fits: &dyn Fn(&Value) -> bool| {
        records.iter().filter(|(_, record)| fits(record)).map(|(id, _)| id.clone()).collect::<BTreeSet<_>>()
    };
    let stamp = |record: &Value| record["SystemModstamp"].as_str().unwrap().to_owned();
    let bound = "2025-01-01T00:00:00.000+0000";
    let cases: [(&str, Fits<'_>); 6] = [
        ("WHERE SystemModstamp >= 2025-01-01T00:00:00Z ORDER BY SystemModstamp, Id", &|record| {
            stamp(record).as_str() >= bound
        }),
        ("WHERE SystemModstamp < 2025-01-01T01:00:00.000+01:00", &|record| stamp(record).as_str() < bound),
        ("WHERE StageName = 'Closed Won' AND Amount > 1000.5", &|record| {
            record["StageName"] == "Closed Won" && record["Amount"].as_f64() > Some(1000.5)
        }),
        ("WHERE StageName IN ('Closed Won', 'Closed Lost') AND NOT (IsPrivate = true)", &|record| {
            record["StageName"].as_str().unwrap().starts_with("Closed") && record["IsPrivate"] == json!(false)
        }),
        ("WHERE Amount = null OR Name LIKE '%gmbh'", &|record| {
            record["Amount"].is_null() || record["Name"].as_str().unwrap().ends_with("GmbH")
        }),
        ("WHERE CloseDate >= 2026-01-01 ORDER BY CloseDate DESC", &|record| {
            record["CloseDate"].as_str() >= Some("2026-01-01")
        }),
    ];
    for (rest, fits) in cases {
        let found = ask(rest).await;
        assert!(!found.is_empty(), "{rest}");
        assert_eq!(found.into_iter().collect::<BTreeSet<_>>(), of(fits), "{rest}");
    }
    let ordered = ask("ORDER BY SystemModstamp ASC LIMIT 200").await;
    assert!(ordered.is_sorted_by_key(|id| stamp(&records[id])), "{ordered:?}");
    assert_eq!(ask("ORDER BY SystemModstamp ASC LIMIT 5 OFFSET 3").await, ordered[3..8]);
}
