//! The drift dial: each kind, as every vendor shows it in its records and in what it says of its fields.

use crate::client::Client;
use crate::read::{Records, all, main_stream, truth};
use crate::{quiet, start};
use aos_simulators::{Drift, DriftError, Options, Running, Vendor, Which};
use serde_json::{Value, json};

/// A text, a number, a choice with one of its options, and another text of the vendor's main stream.
fn fields(vendor: Vendor) -> (&'static str, &'static str, (&'static str, &'static str), &'static str) {
    match vendor {
        Vendor::Salesforce => ("Name", "AnnualRevenue", ("SLA__c", "Gold"), "BillingCity"),
        Vendor::Hubspot => ("company", "credit_score", ("lifecyclestage", "lead"), "city"),
        Vendor::Dynamics => ("name", "revenue", ("new_tier", "100000000"), "address1_city"),
        Vendor::Pipedrive => ("title", "value", ("status", "won"), "currency"),
        Vendor::Zendesk => ("subject", "", ("priority", "high"), "external_id"),
    }
}

/// The part of a record that holds its fields.
fn values(vendor: Vendor, record: &Value) -> &Value {
    if vendor == Vendor::Hubspot { &record["properties"] } else { record }
}

/// What the vendor says its fields are, as text.
async fn described(client: &Client<'_>) -> String {
    let path = match client.simulator.vendor() {
        Vendor::Salesforce => "/services/data/v63.0/sobjects/Account/describe",
        Vendor::Hubspot => "/crm/v3/properties/contacts",
        Vendor::Dynamics => "/api/data/v9.2/EntityDefinitions(LogicalName='account')/Attributes",
        Vendor::Pipedrive => "/api/v2/dealFields",
        Vendor::Zendesk => "/api/v2/ticket_fields.json",
    };
    client.get(path).await.text()
}

async fn drifted(vendor: Vendor, drift: &[Drift]) -> (Records, Records, Running) {
    let simulator = start(vendor, &quiet(200)).await;
    let before = truth(&simulator, main_stream(vendor), Which::Living);
    drift.iter().for_each(|drift| simulator.drift(drift).unwrap());
    let after = all(&Client::of(&simulator), main_stream(vendor)).await;
    assert_eq!(after, truth(&simulator, main_stream(vendor), Which::Living));
    assert_eq!(before.keys().collect::<Vec<_>>(), after.keys().collect::<Vec<_>>());
    (before, after, simulator)
}

#[tokio::test]
async fn a_renamed_field_keeps_its_values_and_is_described_under_its_new_name() {
    for vendor in Vendor::ALL {
        let (name, ..) = fields(vendor);
        let stream = main_stream(vendor).to_owned();
        let drift = Drift::Rename { stream, field: name.to_owned(), to: "renamed_one".to_owned() };
        let (before, after, simulator) = drifted(vendor, &[drift]).await;
        for (id, record) in &after {
            assert_eq!(values(vendor, record)["renamed_one"], values(vendor, &before[id])[name], "{vendor:?}");
            assert!(values(vendor, record).get(name).is_none(), "{vendor:?}");
        }
        // A built-in ticket field is one by its name.
        if vendor != Vendor::Zendesk {
            assert!(described(&Client::of(&simulator)).await.contains("renamed_one"), "{vendor:?}");
        }
    }
}

#[tokio::test]
async fn a_number_in_another_unit_and_one_written_as_text_keep_their_digits() {
    for vendor in [Vendor::Salesforce, Vendor::Hubspot, Vendor::Dynamics, Vendor::Pipedrive] {
        let (_, number, ..) = fields(vendor);
        let stream = || main_stream(vendor).to_owned();
        let unit = Drift::Unit { stream: stream(), field: number.to_owned(), power: 2 };
        let (before, after, _) = drifted(vendor, &[unit]).await;
        let amount = |record: &Value| match &values(vendor, record)[number] {
            Value::String(text) => text.parse::<f64>().ok(),
            value => value.as_f64(),
        };
        let numbers =
            after.iter().filter_map(|(id, record)| Some((amount(&before[id])?, amount(record)?))).collect::<Vec<_>>();
        assert!(numbers.len() > 50, "{vendor:?}");
        assert!(
            numbers.iter().all(|(before, after)| (before * 100.0 - after).abs() <= after.abs() * 1e-12),
            "{vendor:?} {numbers:?}"
        );

        let retype = Drift::Retype { stream: stream(), field: number.to_owned() };
        let (before, after, _) = drifted(vendor, &[retype]).await;
        for (id, record) in &after {
            let (was, is) = (&values(vendor, &before[id])[number], &values(vendor, record)[number]);
            assert_eq!(was.is_null(), is.is_null(), "{vendor:?}");
            assert!(
                is.is_null() || is.as_str().unwrap().parse::<f64>().unwrap() == amount(&before[id]).unwrap(),
                "{vendor:?} {was} {is}"
            );
        }
    }
}

#[tokio::test]
async fn an_option_that_became_two_is_gone_and_the_others_stay() {
    for vendor in Vendor::ALL {
        let (_, _, (choice, option), _) = fields(vendor);
        let into = vec!["9001".to_owned(), "9002".to_owned()];
        let drift = Drift::SplitOption {
            stream: main_stream(vendor).to_owned(),
            field: choice.to_owned(),
            option: option.to_owned(),
            into,
        };
        let (before, after, _) = drifted(vendor, &[drift]).await;
        let text = |record: &Value| values(vendor, record)[choice].to_string().trim_matches('"').to_owned();
        let mut seen = std::collections::BTreeSet::new();
        for (id, record) in &after {
            let (was, is) = (text(&before[id]), text(record));
            if was == option {
                seen.insert(is);
            } else {
                assert_eq!(was, is, "{vendor:?}");
            }
        }
        assert_eq!(seen.into_iter().collect::<Vec<_>>(), ["9001", "9002"], "{vendor:?}");
    }
}

#[tokio::test]
async fn fields_are_split_merged_nested_cut_removed_and_used_again() {
    for vendor in Vendor::ALL {
        let (name, _, _, other) = fields(vendor);
        let (stream, field) = (|| main_stream(vendor).to_owned(), || name.to_owned());
        let text = |record: &Value, name: &str| values(vendor, record)[name].as_str().unwrap_or_default().to_owned();

        let split = Drift::Split { stream: stream(), field: field(), into: ["head".to_owned(), "tail".to_owned()] };
        let (before, after, _) = drifted(vendor, &[split]).await;
        assert!(
            after.iter().all(|(id, record)| {
                let parts = [text(record, "head"), text(record, "tail")].join(" ");
                parts.trim() == text(&before[id], name).trim()
            }),
            "{vendor:?}"
        );

        let merge = Drift::Merge {
            stream: stream(),
            fields: vec![field(), other.to_owned()],
            into: "both".to_owned(),
            with: " / ".to_owned(),
        };
        let (before, after, _) = drifted(vendor, &[merge]).await;
        assert!(
            after.iter().all(|(id, record)| {
                let parts = [text(&before[id], name), text(&before[id], other)];
                text(record, "both")
                    == parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" / ")
            }),
            "{vendor:?}"
        );

        let nest = Drift::Nest { stream: stream(), fields: vec![field(), other.to_owned()], under: "group".to_owned() };
        let (before, after, _) = drifted(vendor, &[nest]).await;
        for (id, record) in &after {
            // A property of HubSpot is a text, and so an object in it is one too.
            let group = match &values(vendor, record)["group"] {
                Value::String(text) => serde_json::from_str(text).unwrap(),
                group => group.clone(),
            };
            assert_eq!(
                group,
                json!({ name: values(vendor, &before[id])[name], other: values(vendor, &before[id])[other] }),
                "{vendor:?}"
            );
        }

        let cut = Drift::Truncate { stream: stream(), field: field(), chars: 4 };
        let (before, after, _) = drifted(vendor, &[cut]).await;
        assert!(
            after
                .iter()
                .all(|(id, record)| text(record, name) == text(&before[id], name).chars().take(4).collect::<String>())
        );

        let remove = Drift::Remove { stream: stream(), field: field() };
        let reuse = Drift::Rename { stream: stream(), field: other.to_owned(), to: field() };
        let (before, after, _) = drifted(vendor, &[remove, reuse]).await;
        assert!(
            after.iter().all(|(id, record)| values(vendor, record)[name] == values(vendor, &before[id])[other]),
            "{vendor:?}"
        );

        let holds = Drift::Reuse { stream: stream(), field: field(), holds: other.to_owned() };
        let (before, after, _) = drifted(vendor, &[holds]).await;
        assert!(
            after.iter().all(|(id, record)| values(vendor, record)[name] == values(vendor, &before[id])[other]),
            "{vendor:?}"
        );
    }
}

#[tokio::test]
async fn a_removed_stream_is_gone_and_a_drift_that_does_not_fit_changes_nothing() {
    let simulator = start(Vendor::Salesforce, &quiet(20)).await;
    simulator.drift(&Drift::RemoveStream { stream: "Lead".to_owned() }).unwrap();
    assert!(!simulator.streams().contains(&"Lead".to_owned()));
    let before = truth(&simulator, "Account", Which::Living);
    let stream = || "Account".to_owned();
    let merge = Drift::Merge {
        stream: stream(),
        fields: vec!["Phone".to_owned(), "Nope".to_owned()],
        into: "x".to_owned(),
        with: String::new(),
    };
    assert!(matches!(simulator.drift(&merge), Err(DriftError::NoField { .. })));
    let rename = Drift::Rename { stream: stream(), field: "Phone".to_owned(), to: "Name".to_owned() };
    assert!(matches!(simulator.drift(&rename), Err(DriftError::Taken { .. })));
    let unit = Drift::Unit { stream: stream(), field: "Name".to_owned(), power: 2 };
    assert!(matches!(simulator.drift(&unit), Err(DriftError::NoNumber { .. })));
    assert_eq!(truth(&simulator, "Account", Which::Living), before);
}

#[tokio::test]
async fn an_account_can_begin_drifted() {
    let drift = vec![Drift::Remove { stream: "users".to_owned(), field: "email".to_owned() }];
    let simulator = start(Vendor::Zendesk, &Options { drift, ..quiet(20) }).await;
    assert!(truth(&simulator, "users", Which::Living).values().all(|user| user.get("email").is_none()));
}
