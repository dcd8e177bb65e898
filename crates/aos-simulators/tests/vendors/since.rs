//! Reads of what has changed: each vendor's own way finds every scripted change, and nothing else.

use crate::client::{Client, encoded};
use crate::read::{Records, dynamics, main_stream, pipedrive, salesforce, soql, truth, zendesk_export};
use crate::{NOW_MS, quiet, start};
use aos_simulators::{BROKEN_BYTE, Change, ChangeError, Running, Vendor, Which};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// The name of a text that every record of the main stream has.
fn named(vendor: Vendor) -> &'static str {
    match vendor {
        Vendor::Salesforce => "Name",
        Vendor::Hubspot => "firstname",
        Vendor::Dynamics => "name",
        Vendor::Pipedrive => "title",
        Vendor::Zendesk => "subject",
    }
}

fn living_row(simulator: &Running, stream: &str) -> u64 {
    let set = serde_json::Map::from_iter([]);
    (0..)
        .find(|row| simulator.change(&Change::Edit { stream: stream.to_owned(), row: *row, set: set.clone() }).is_ok())
        .unwrap()
}

/// Reads what has changed since a time, deleted records too where the vendor tells of them.
async fn since(client: &Client<'_>, ms: i64) -> Records {
    let second = ms / 1000;
    let stamp = chrono::DateTime::from_timestamp_millis(ms).unwrap().format("%Y-%m-%dT%H:%M:%SZ");
    match client.simulator.vendor() {
        Vendor::Salesforce => {
            let statement =
                soql(client, "Account", &format!("WHERE SystemModstamp >= {stamp} ORDER BY SystemModstamp")).await;
            salesforce(client, "queryAll", &statement).await
        }
        Vendor::Hubspot => searched(client, ms).await,
        Vendor::Dynamics => {
            let path = format!(
                "/api/data/v9.2/accounts?$filter={}&$orderby=modifiedon",
                encoded(&format!("modifiedon ge {stamp}"))
            );
            dynamics(client, &path, "odata.maxpagesize=50").await.0
        }
        Vendor::Pipedrive => {
            let mut found = Records::new();
            for status in ["all_not_deleted", "deleted"] {
                let path = format!("/api/v2/deals?limit=50&sort_by=update_time&status={status}&updated_since={stamp}");
                found.extend(pipedrive(client, &path).await);
            }
            found
        }
        Vendor::Zendesk => zendesk_export(client, "tickets", &format!("start_time={second}")).await.0,
    }
}

async fn searched(client: &Client<'_>, ms: i64) -> Records {
    let listed = client.get("/crm/v3/properties/contacts").await.json();
    let names: Vec<&Value> = listed["results"].as_array().unwrap().iter().map(|property| &property["name"]).collect();
    let (mut records, mut after) = (Records::new(), json!(0));
    loop {
        let filter = json!({ "propertyName": "lastmodifieddate", "operator": "GTE", "value": ms });
        let body = json!({
            "filterGroups": [{ "filters": [filter] }], "sorts": [{ "propertyName": "lastmodifieddate", "direction": "ASCENDING" }],
            "properties": names, "limit": 60, "after": after,
        });
        let page = client.post("/crm/v3/objects/contacts/search", &body).await.json();
        for record in page["results"].as_array().unwrap() {
            records.insert(record["id"].as_str().unwrap().to_owned(), record.clone());
        }
        match &page["paging"]["next"]["after"] {
            Value::Null => return records,
            next => after = next.clone(),
        }
    }
}

#[tokio::test]
async fn what_has_changed_since_a_time_is_exactly_what_was_changed() {
    for vendor in Vendor::ALL {
        let simulator = start(vendor, &quiet(600)).await;
        let client = Client::of(&simulator);
        let stream = main_stream(vendor).to_owned();
        assert!(since(&client, NOW_MS - 120_000).await.is_empty(), "{vendor:?}");
        simulator.change(&Change::Touch { stream: stream.clone(), count: 130, seed: 7 }).unwrap();
        let added =
            simulator.change(&Change::Add { stream: stream.clone(), count: 15, set: serde_json::Map::new() }).unwrap();
        simulator.change(&Change::Delete { stream: stream.clone(), row: added[3] }).unwrap();
        simulator.change(&Change::Purge { stream: stream.clone(), row: added[4] }).unwrap();
        simulator
            .change(&Change::Edit {
                stream: stream.clone(),
                row: added[5],
                set: json!({ named(vendor): "Edited ✎" }).as_object().unwrap().clone(),
            })
            .unwrap();
        // The export of Zendesk tells nothing of the last minute.
        simulator.advance_ms(61_000);
        let found = since(&client, NOW_MS).await;
        let tells_deleted = matches!(vendor, Vendor::Salesforce | Vendor::Pipedrive | Vendor::Zendesk);
        assert_eq!(found.len(), 130 + 15 - 1 - usize::from(!tells_deleted), "{vendor:?}");
        let (living, deleted) = (truth(&simulator, &stream, Which::Living), truth(&simulator, &stream, Which::Deleted));
        for (id, record) in &found {
            assert_eq!(Some(record), living.get(id).or_else(|| deleted.get(id)), "{vendor:?} {id}");
        }
        assert!(found.values().any(|record| record.to_string().contains("Edited ✎")), "{vendor:?}");
        assert!(since(&client, NOW_MS + 1000).await.is_empty(), "{vendor:?}");
    }
}

#[tokio::test]
async fn a_delta_link_tells_what_was_changed_and_what_is_gone_however_late_it_is_stamped() {
    let simulator = start(Vendor::Dynamics, &quiet(400)).await;
    let client = Client::of(&simulator);
    let path = "/api/data/v9.2/accounts?$select=name,revenue";
    let (first, gone, link) = dynamics(&client, path, "odata.track-changes,odata.maxpagesize=90").await;
    assert_eq!((first.len(), gone.len()), (400, 0));
    let stream = || "accounts".to_owned();
    let touched = simulator.change(&Change::Touch { stream: stream(), count: 20, seed: 1 }).unwrap();
    // Stamped a day before, as an import does: a query by time would not find it.
    let set = json!({ "name": "Late" }).as_object().unwrap().clone();
    let late = (0..).find(|row| !touched.contains(row)).unwrap();
    simulator.change_late(&Change::Edit { stream: stream(), row: late, set }, 86_400_000).unwrap();
    let deleted = (late + 1..).find(|row| !touched.contains(row)).unwrap();
    simulator.change(&Change::Delete { stream: stream(), row: deleted }).unwrap();
    let (changed, gone, link) = dynamics(&client, &link.unwrap(), "odata.maxpagesize=4").await;
    assert_eq!((changed.len(), gone.len()), (21, 1));
    assert!(changed.values().any(|record| record["name"] == "Late"));
    assert!(first.contains_key(&gone[0]) && !changed.contains_key(&gone[0]));
    let (changed, gone, _) = dynamics(&client, &link.unwrap(), "odata.maxpagesize=4").await;
    assert!(changed.is_empty() && gone.is_empty());
}

#[tokio::test]
async fn an_export_goes_on_from_its_cursor_and_waits_for_what_has_not_settled() {
    let simulator = start(Vendor::Zendesk, &quiet(500)).await;
    let client = Client::of(&simulator);
    let (all, cursor) = zendesk_export(&client, "users", "start_time=0").await;
    assert_eq!(all.len(), 500);
    let change = Change::Touch { stream: "users".to_owned(), count: 9, seed: 2 };
    simulator.change(&change).unwrap();
    let from = format!("cursor={}", encoded(&cursor));
    assert!(zendesk_export(&client, "users", &from).await.0.is_empty());
    simulator.advance_ms(60_000);
    let (changed, cursor) = zendesk_export(&client, "users", &from).await;
    assert_eq!(changed.len(), 9);
    assert!(zendesk_export(&client, "users", &format!("cursor={}", encoded(&cursor))).await.0.is_empty());
    let recent = client.get(&format!("/api/v2/incremental/users/cursor.json?start_time={}", NOW_MS / 1000 + 1)).await;
    assert_eq!((recent.status, &recent.json()["error"]), (422, &json!("InvalidValue")));
}

#[tokio::test]
async fn an_export_by_time_gives_every_organization_though_seconds_are_shared() {
    let simulator = start(Vendor::Zendesk, &quiet(4_000)).await;
    let client = Client::of(&simulator);
    let (mut seen, mut path) =
        (BTreeSet::new(), "/api/v2/incremental/organizations.json?start_time=0&per_page=100".to_owned());
    loop {
        let page = client.get(&path).await.json();
        seen.extend(page["organizations"].as_array().unwrap().iter().map(|found| found["id"].as_u64().unwrap()));
        if page["end_of_stream"] == json!(true) {
            break;
        }
        path = page["next_page"].as_str().unwrap().strip_prefix(simulator.url()).unwrap().to_owned();
    }
    assert_eq!(seen.len(), 1_000);
}

#[tokio::test]
async fn a_change_can_wait_for_a_request() {
    let simulator = start(Vendor::Pipedrive, &quiet(300)).await;
    let client = Client::of(&simulator);
    client.refresh().await;
    let before = simulator.requests().values().sum::<u64>();
    simulator
        .change_after(before + 1, Change::Purge { stream: "deals".to_owned(), row: living_row(&simulator, "deals") });
    let count = simulator.count("deals", Which::Living);
    client.get("/api/v2/deals?limit=1").await;
    assert_eq!(simulator.count("deals", Which::Living), count);
    client.get("/api/v2/deals?limit=1").await;
    assert_eq!(simulator.count("deals", Which::Living), count - 1);
}

#[tokio::test]
async fn a_change_that_does_not_fit_is_refused() {
    let simulator = start(Vendor::Salesforce, &quiet(10)).await;
    let edit = |stream: &str, row, set: Value| Change::Edit {
        stream: stream.to_owned(),
        row,
        set: set.as_object().unwrap().clone(),
    };
    assert!(matches!(simulator.change(&edit("Nope", 0, json!({}))), Err(ChangeError::NoStream(_))));
    assert!(matches!(simulator.change(&edit("Account", 99, json!({}))), Err(ChangeError::NoRecord { .. })));
    assert!(matches!(simulator.change(&edit("Account", 0, json!({ "Nope": 1 }))), Err(ChangeError::NoField { .. })));
    assert!(matches!(
        simulator.change(&edit("Account", 0, json!({ "Industry": "Nope" }))),
        Err(ChangeError::NoFit { .. })
    ));
}

#[tokio::test]
async fn a_huge_text_and_bytes_that_are_no_text_come_through_as_they_are() {
    let simulator = start(Vendor::Hubspot, &quiet(20)).await;
    let client = Client::of(&simulator);
    let row = living_row(&simulator, "companies");
    let set = json!({ "description": "x".repeat(10 << 20) }).as_object().unwrap().clone();
    simulator.change(&Change::Edit { stream: "companies".to_owned(), row, set }).unwrap();
    let page = client.get("/crm/v3/objects/companies?limit=100&properties=description").await.json();
    let longest = page["results"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|record| record["properties"]["description"].as_str())
        .map(str::len)
        .max();
    assert_eq!(longest, Some(10 << 20));
    let set = json!({ "description": format!("caf{BROKEN_BYTE}") }).as_object().unwrap().clone();
    simulator.change(&Change::Edit { stream: "companies".to_owned(), row, set }).unwrap();
    client.refresh().await;
    let answer = client
        .with("GET", "/crm/v3/objects/companies?limit=100&properties=description", "Bearer simulator-token")
        .await;
    assert!(answer.body.windows(4).any(|window| window == b"caf\xFF"));
}
