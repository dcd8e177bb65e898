//! Answers have the members that the vendors' documentation names, of the types it names (`shapes.json`, written by hand).

use crate::client::Client;
use crate::{quiet, start};
use aos_simulators::{Running, Vendor};
use serde_json::{Value, json};

/// Holds a value against a shape: every member named is there, and where one of a list misses a member, none has it.
fn hold(value: &Value, shape: &Value, place: &str) {
    match shape {
        Value::Object(members) => {
            let object = value.as_object().unwrap_or_else(|| panic!("{place} is no object: {value}"));
            for (name, shape) in members {
                let value = object.get(name).unwrap_or_else(|| panic!("{place} has no {name}: {value}"));
                hold(value, shape, &format!("{place}.{name}"));
            }
        }
        Value::Array(items) => {
            let values = value.as_array().unwrap_or_else(|| panic!("{place} is no list: {value}"));
            if let Some(shape) = items.first() {
                values.iter().for_each(|value| hold(value, shape, &format!("{place}[]")));
            }
        }
        Value::String(kinds) => {
            let kind = match value {
                Value::Null => "null",
                Value::Bool(_) => "boolean",
                Value::Number(_) => "number",
                Value::String(_) => "string",
                Value::Array(_) => "list",
                Value::Object(_) => "object",
            };
            assert!(
                kinds == "any" || kinds.split('|').any(|allowed| allowed == kind),
                "{place} is {kind}, not {kinds}"
            );
        }
        other => panic!("{place} has no shape: {other}"),
    }
}

/// The name of a shape, and the path and headers whose answer has it.
type Asked<'a> = (&'a str, &'a str, &'a [(&'a str, &'a str)]);

async fn holds(simulator: &Running, shapes: &[Asked<'_>]) {
    let known: Value = serde_json::from_str(include_str!("shapes.json")).unwrap();
    let client = Client::of(simulator);
    for (name, path, headers) in shapes {
        let answer = client.get_with(path, headers).await;
        assert_eq!(answer.status, 200, "{name}: {}", answer.text());
        let answer = answer.json();
        let lists: Vec<&Value> = answer
            .as_object()
            .into_iter()
            .flat_map(|object| object.values())
            .filter(|value| value.is_array())
            .collect();
        assert!(lists.is_empty() || lists.iter().any(|list| *list != &json!([])), "{name} is empty");
        hold(&answer, known.get(*name).unwrap_or_else(|| panic!("no shape {name}")), name);
    }
}

#[tokio::test]
async fn salesforce_answers_as_documented() {
    let simulator = start(Vendor::Salesforce, &quiet(2_500)).await;
    holds(
        &simulator,
        &[
            (
                "salesforce page",
                "/services/data/v63.0/query?q=SELECT%20Id,Name,AnnualRevenue,SystemModstamp%20FROM%20Account",
                &[],
            ),
            ("salesforce describe", "/services/data/v63.0/sobjects/Account/describe", &[]),
            ("salesforce objects", "/services/data/v63.0/sobjects", &[]),
            ("salesforce limits", "/services/data/v63.0/limits", &[]),
            ("salesforce versions", "/services/data", &[]),
        ],
    )
    .await;
}

#[tokio::test]
async fn hubspot_answers_as_documented() {
    let simulator = start(Vendor::Hubspot, &quiet(300)).await;
    holds(
        &simulator,
        &[
            ("hubspot page", "/crm/v3/objects/contacts?limit=100", &[]),
            ("hubspot page", "/crm/v3/objects/0-1?limit=100", &[]),
            ("hubspot properties", "/crm/v3/properties/contacts", &[]),
            ("hubspot properties", "/crm/v3/properties/p147893286_machine", &[]),
            ("hubspot schemas", "/crm/v3/schemas", &[]),
            ("hubspot owners", "/crm/v3/owners/", &[]),
            ("hubspot pipelines", "/crm/v3/pipelines/deals", &[]),
        ],
    )
    .await;
}

#[tokio::test]
async fn hubspot_associations_lead_both_ways() {
    let simulator = start(Vendor::Hubspot, &quiet(200)).await;
    let client = Client::of(&simulator);
    let page = client.get("/crm/v3/objects/contacts?limit=100&associations=companies").await.json();
    let associated: Vec<(String, String)> = page["results"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|contact| {
            Some((
                contact["id"].as_str()?.to_owned(),
                contact["associations"]["companies"]["results"][0]["id"].as_str()?.to_owned(),
            ))
        })
        .collect();
    assert!((50..100).contains(&associated.len()), "{}", associated.len());
    let (contact, company) = &associated[0];
    let forth = client
        .post(
            "/crm/v4/associations/contacts/companies/batch/read",
            &json!({ "inputs": [{ "id": contact }, { "id": "1" }] }),
        )
        .await;
    assert_eq!(forth.status, 207);
    let forth = forth.json();
    assert_eq!(
        (&forth["numErrors"], &forth["errors"][0]["subCategory"]),
        (&json!(1), &json!("crm.associations.NO_ASSOCIATIONS_FOUND"))
    );
    assert_eq!(forth["results"][0]["to"][0]["toObjectId"].to_string(), *company);
    let back = client
        .post("/crm/v4/associations/companies/contacts/batch/read", &json!({ "inputs": [{ "id": company }] }))
        .await
        .json();
    let back: Vec<String> =
        back["results"][0]["to"].as_array().unwrap().iter().map(|to| to["toObjectId"].to_string()).collect();
    assert!(back.contains(contact), "{back:?}");
}

#[tokio::test]
async fn dynamics_answers_as_documented() {
    let simulator = start(Vendor::Dynamics, &quiet(300)).await;
    let prefer = [("prefer", "odata.maxpagesize=50,odata.include-annotations=\"*\"")];
    holds(&simulator, &[
        ("dynamics page", "/api/data/v9.2/accounts?$count=true", &prefer),
        ("dynamics definitions", "/api/data/v9.2/EntityDefinitions", &[]),
        ("dynamics attributes", "/api/data/v9.2/EntityDefinitions(LogicalName='account')/Attributes", &[]),
        ("dynamics options", "/api/data/v9.2/EntityDefinitions(LogicalName='account')/Attributes/Microsoft.Dynamics.CRM.PicklistAttributeMetadata?$select=LogicalName&$expand=OptionSet", &[]),
        ("dynamics options", "/api/data/v9.2/EntityDefinitions(LogicalName='account')/Attributes/Microsoft.Dynamics.CRM.StateAttributeMetadata?$select=LogicalName&$expand=OptionSet", &[]),
    ]).await;
    let document = Client::of(&simulator).get_raw("/api/data/v9.2/$metadata").await.text();
    assert!(document.contains("<EntitySet Name=\"new_projects\" EntityType=\"Microsoft.Dynamics.CRM.new_project\"/>"));
    assert!(document.contains("<Property Name=\"_ownerid_value\" Type=\"Edm.Guid\"/>"));
}

#[tokio::test]
async fn pipedrive_answers_as_documented() {
    let simulator = start(Vendor::Pipedrive, &quiet(600)).await;
    holds(
        &simulator,
        &[
            ("pipedrive v1 page", "/v1/deals?limit=100", &[]),
            ("pipedrive v2 page", "/api/v2/deals?limit=100", &[]),
            ("pipedrive v1 fields", "/v1/dealFields", &[]),
            ("pipedrive v2 fields", "/api/v2/dealFields", &[]),
        ],
    )
    .await;
    let fields = Client::of(&simulator).get("/v1/dealFields").await.json();
    let own = fields["data"].as_array().unwrap().iter().find(|field| field["name"] == "Contract type").unwrap().clone();
    let key = own["key"].as_str().unwrap();
    assert!(key.len() == 40 && key.bytes().all(|digit| digit.is_ascii_hexdigit()));
    assert_eq!(own["options"][0], json!({ "id": 27, "label": "New" }));
    let deals = Client::of(&simulator).get("/v1/deals?limit=20").await.json();
    let chosen: Vec<&Value> = deals["data"].as_array().unwrap().iter().map(|deal| &deal[key]).collect();
    assert!(chosen.iter().any(|value| ["27", "28", "29"].contains(&value.as_str().unwrap_or_default())), "{chosen:?}");
}

#[tokio::test]
async fn zendesk_answers_as_documented() {
    let simulator = start(Vendor::Zendesk, &quiet(300)).await;
    holds(
        &simulator,
        &[
            ("zendesk page", "/api/v2/tickets.json?page%5Bsize%5D=50", &[]),
            ("zendesk offset page", "/api/v2/organizations.json", &[]),
            ("zendesk export", "/api/v2/incremental/users/cursor?start_time=1000", &[]),
            ("zendesk export by time", "/api/v2/incremental/organizations?start_time=1000", &[]),
            ("zendesk fields", "/api/v2/ticket_fields.json", &[]),
        ],
    )
    .await;
    let count = Client::of(&simulator).get("/api/v2/users/count.json").await.json();
    assert_eq!(count["count"]["value"], json!(simulator.count("users", aos_simulators::Which::Living)));
}
