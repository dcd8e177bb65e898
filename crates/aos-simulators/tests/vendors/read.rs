//! Reads whole streams the way each vendor's documentation says, page by page, and keeps records by their id.

use crate::client::{Client, csv, encoded};
use aos_simulators::{Running, Vendor, Which};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Records by id. Values hold texts only where the vendor does, so equal means equal to the letter.
pub type Records = BTreeMap<String, Value>;

/// Of each vendor, the stream that most tests read.
pub fn main_stream(vendor: Vendor) -> &'static str {
    match vendor {
        Vendor::Salesforce => "Account",
        Vendor::Hubspot => "contacts",
        Vendor::Dynamics => "accounts",
        Vendor::Pipedrive => "deals",
        Vendor::Zendesk => "tickets",
    }
}

/// What the simulator says it holds.
pub fn truth(simulator: &Running, stream: &str, which: Which) -> Records {
    let records = simulator.truth(stream, which).map(|text| serde_json::from_str::<Value>(&text).unwrap());
    records.map(|record| bare(simulator.vendor(), record)).collect()
}

/// A record with its id, without what depends on how it was asked for.
fn bare(vendor: Vendor, mut record: Value) -> (String, Value) {
    let object = record.as_object_mut().unwrap();
    let id = match vendor {
        Vendor::Salesforce => {
            object.shift_remove("attributes");
            object["Id"].as_str().unwrap().to_owned()
        }
        Vendor::Hubspot => {
            object.shift_remove("associations");
            object["id"].as_str().unwrap().to_owned()
        }
        Vendor::Dynamics => {
            let key = object.iter().find(|(name, _)| name.ends_with("id") && !name.starts_with('_')).unwrap().1;
            key.as_str().unwrap().to_owned()
        }
        Vendor::Pipedrive | Vendor::Zendesk => object["id"].to_string(),
    };
    (id, record)
}

fn take(vendor: Vendor, records: &mut Records, page: &Value) {
    records.extend(page.as_array().unwrap().iter().map(|record| bare(vendor, record.clone())));
}

/// Reads all living records of a stream.
pub async fn all(client: &Client<'_>, stream: &str) -> Records {
    match client.simulator.vendor() {
        Vendor::Salesforce => salesforce(client, "query", &soql(client, stream, "").await).await,
        Vendor::Hubspot => hubspot(client, stream, false).await,
        Vendor::Dynamics => dynamics(client, &format!("/api/data/v9.2/{stream}"), "odata.maxpagesize=300").await.0,
        Vendor::Pipedrive => pipedrive(client, &format!("/api/v2/{stream}?limit=200")).await,
        Vendor::Zendesk => zendesk(client, stream, stream).await,
    }
}

pub async fn soql(client: &Client<'_>, object: &str, rest: &str) -> String {
    let described = client.get(&format!("/services/data/v63.0/sobjects/{object}/describe")).await.json();
    let names: Vec<&str> =
        described["fields"].as_array().unwrap().iter().map(|field| field["name"].as_str().unwrap()).collect();
    format!("SELECT {} FROM {object} {rest}", names.join(","))
}

pub async fn salesforce(client: &Client<'_>, operation: &str, soql: &str) -> Records {
    let mut records = Records::new();
    let mut path = format!("/services/data/v63.0/{operation}?q={}", encoded(soql));
    loop {
        let page = client.get_with(&path, &[("sforce-query-options", "batchSize=300")]).await.json();
        take(Vendor::Salesforce, &mut records, &page["records"]);
        match page["nextRecordsUrl"].as_str() {
            Some(next) => path = next.to_owned(),
            None => {
                assert_eq!(page["done"], json!(true));
                assert_eq!(page["totalSize"], json!(records.len()));
                return records;
            }
        }
    }
}

/// Reads by a query job of the Bulk API; values are texts.
pub async fn bulk(client: &Client<'_>, operation: &str, soql: &str) -> BTreeMap<String, Vec<String>> {
    let jobs = "/services/data/v63.0/jobs/query";
    let job = client.post(jobs, &json!({ "operation": operation, "query": soql })).await.json();
    let job = format!("{jobs}/{}", job["id"].as_str().unwrap());
    let mut polls = 0;
    while client.get(&job).await.json()["state"] != "JobComplete" {
        polls += 1;
        assert!(polls < 20);
    }
    let (mut records, mut locator) = (BTreeMap::new(), String::new());
    loop {
        let answer = client.get(&format!("{job}/results?maxRecords=400&locator={locator}")).await;
        let lines = csv(&answer.text());
        assert_eq!(lines[0][0], "Id");
        records.extend(lines[1..].iter().map(|line| (line[0].clone(), line.clone())));
        locator = answer.headers["sforce-locator"].clone();
        if locator == "null" {
            return records;
        }
    }
}

pub async fn hubspot(client: &Client<'_>, kind: &str, archived: bool) -> Records {
    let listed = client.get(&format!("/crm/v3/properties/{kind}")).await.json();
    let names: Vec<&str> =
        listed["results"].as_array().unwrap().iter().map(|property| property["name"].as_str().unwrap()).collect();
    let base = format!("/crm/v3/objects/{kind}?limit=100&archived={archived}&properties={}", encoded(&names.join(",")));
    let (mut records, mut path) = (Records::new(), base.clone());
    loop {
        let page = client.get(&path).await.json();
        take(Vendor::Hubspot, &mut records, &page["results"]);
        match page["paging"]["next"]["after"].as_str() {
            Some(after) => path = format!("{base}&after={}", encoded(after)),
            None => return records,
        }
    }
}

/// Reads until there is no next link; returns the records that are there, the ids that are gone, and the delta link.
pub async fn dynamics(client: &Client<'_>, path: &str, prefer: &str) -> (Records, Vec<String>, Option<String>) {
    let (mut records, mut gone, mut path) = (Records::new(), Vec::new(), path.to_owned());
    loop {
        let page = client.get_with(&path, &[("prefer", prefer)]).await.json();
        for record in page["value"].as_array().unwrap() {
            match record["reason"].as_str() {
                Some("deleted") => gone.push(record["id"].as_str().unwrap().to_owned()),
                _ => take(Vendor::Dynamics, &mut records, &json!([record])),
            }
        }
        let local =
            |link: &Value| link.as_str().map(|link| link.strip_prefix(client.simulator.url()).unwrap().to_owned());
        match local(&page["@odata.nextLink"]) {
            Some(next) => path = next,
            None => return (records, gone, local(&page["@odata.deltaLink"])),
        }
    }
}

pub async fn pipedrive(client: &Client<'_>, base: &str) -> Records {
    let (mut records, mut path) = (Records::new(), base.to_owned());
    loop {
        let page = client.get(&path).await.json();
        assert_eq!(page["success"], json!(true));
        take(Vendor::Pipedrive, &mut records, &page["data"]);
        match page["additional_data"]["next_cursor"].as_str() {
            Some(cursor) => path = format!("{base}&cursor={}", encoded(cursor)),
            None => return records,
        }
    }
}

pub async fn zendesk(client: &Client<'_>, resource: &str, member: &str) -> Records {
    let mut path = format!("/api/v2/{resource}.json?page%5Bsize%5D=100");
    let mut records = Records::new();
    loop {
        let page = client.get(&path).await.json();
        take(Vendor::Zendesk, &mut records, &page[member]);
        if page["meta"]["has_more"] == json!(false) {
            return records;
        }
        path = page["links"]["next"].as_str().unwrap().strip_prefix(client.simulator.url()).unwrap().to_owned();
    }
}

/// Reads the incremental export from a time or a cursor to its end; returns the cursor to go on from.
pub async fn zendesk_export(client: &Client<'_>, resource: &str, from: &str) -> (Records, String) {
    let mut path = format!("/api/v2/incremental/{resource}/cursor.json?{from}&per_page=300");
    let mut records = Records::new();
    loop {
        let page = client.get(&path).await.json();
        take(Vendor::Zendesk, &mut records, &page[resource]);
        let cursor = page["after_cursor"].as_str().unwrap().to_owned();
        if page["end_of_stream"] == json!(true) {
            return (records, cursor);
        }
        path = format!("/api/v2/incremental/{resource}/cursor.json?cursor={}&per_page=300", encoded(&cursor));
    }
}
