//! The chaos dial: at full, a client that tries again and keeps records by their id still ends up with the account.

use crate::client::{Client, Request};
use crate::read::{all, bulk, main_stream, soql, truth};
use crate::{NOW_MS, quiet, start};
use aos_simulators::{Change, Chaos, Options, Vendor, Which};
use std::collections::{BTreeMap, BTreeSet};

#[tokio::test]
async fn chaos_at_full_loses_no_record_for_who_tries_again() {
    for vendor in Vendor::ALL {
        let options = Options { chaos: Chaos { clock_skew: 0.0, ..Chaos::full() }, ..quiet(700) };
        let simulator = start(vendor, &options).await;
        let client = Client::of(&simulator);
        let stream = main_stream(vendor);
        assert_eq!(all(&client, stream).await, truth(&simulator, stream, Which::Living), "{vendor:?}");
        assert!(simulator.tokens_granted() > 1, "{vendor:?}");
    }
}

#[tokio::test]
async fn chaos_at_full_loses_no_line_of_a_bulk_job() {
    let simulator = start(Vendor::Salesforce, &Options { chaos: Chaos::full(), ..quiet(900) }).await;
    let client = Client::of(&simulator);
    let statement = soql(&client, "Contact", "").await;
    let found = bulk(&client, "query", &statement).await;
    assert_eq!(
        found.into_keys().collect::<BTreeSet<_>>(),
        truth(&simulator, "Contact", Which::Living).into_keys().collect()
    );
}

#[test]
fn dials_are_turned_by_name_and_a_name_goes_before_all() {
    let dials = |named: &[(&str, f64)]| {
        Chaos::of(&named.iter().map(|(name, share)| ((*name).to_owned(), *share)).collect::<BTreeMap<_, _>>())
    };
    assert_eq!(dials(&[("all", 1.0)]), Ok(Chaos::full()));
    let calm = Chaos { outages: 0.0, retry_after_s: 7, ..Chaos::full() };
    assert_eq!(dials(&[("retry_after_s", 7.0), ("outages", 0.0), ("all", 1.0)]), Ok(calm));
    assert!(dials(&[("outage", 1.0)]).unwrap_err().to_string().contains("outages"));
}

#[tokio::test]
async fn the_same_seed_brings_the_same_trouble() {
    let mut runs = Vec::new();
    for _ in 0..2 {
        let chaos = Chaos { rate_limits: 0.3, outages: 0.3, ..Chaos::default() };
        let simulator = start(Vendor::Hubspot, &Options { chaos, ..quiet(50) }).await;
        let client = Client::of(&simulator);
        let mut statuses = Vec::new();
        for number in 1..60 {
            statuses.push(
                client
                    .with("GET", &format!("/crm/v3/objects/deals?limit={number}"), "Bearer simulator-token")
                    .await
                    .status,
            );
        }
        runs.push(statuses);
    }
    assert_eq!(runs[0], runs[1]);
    let hindered = runs[0].iter().filter(|status| **status != 200).count();
    assert!((18..=42).contains(&hindered), "{hindered}");
}

#[tokio::test]
async fn every_kind_of_trouble_is_seen_by_who_does_not_try_again() {
    let token = "Bearer simulator-token";
    let path = "/crm/v3/objects/contacts?limit=100&properties=email";
    let with = async |chaos: Chaos| start(Vendor::Hubspot, &Options { chaos, ..quiet(300) }).await;

    let limited = with(Chaos { rate_limits: 1.0, ..Chaos::default() }).await;
    let answer = Client::of(&limited).with("GET", path, token).await;
    assert_eq!((answer.status, answer.json()["policyName"].as_str()), (429, Some("TEN_SECONDLY_ROLLING")));

    let down = with(Chaos { outages: 1.0, ..Chaos::default() }).await;
    assert!([500, 502, 503].contains(&Client::of(&down).with("GET", path, token).await.status));

    let cut = with(Chaos { truncated_answers: 1.0, ..Chaos::default() }).await;
    let request =
        || Request { method: "GET", path, headers: vec![("authorization".to_owned(), token.to_owned())], body: "" };
    let mut ways = BTreeSet::new();
    for _ in 0..24 {
        // Every third time it is let through.
        ways.insert(match Client::of(&cut).once(&request()).await {
            None => "broken off",
            Some(answer) if serde_json::from_slice::<serde_json::Value>(&answer.body).is_err() => "cut",
            Some(_) => "whole",
        });
    }
    assert_eq!(ways.into_iter().collect::<Vec<_>>(), ["broken off", "cut", "whole"]);

    let repeated = with(Chaos { repeated_pages: 1.0, ..Chaos::default() }).await;
    let client = Client::of(&repeated);
    let first = client.with("GET", path, token).await.json();
    let after = first["paging"]["next"]["after"].as_str().unwrap();
    let second = client.with("GET", &format!("{path}&after={after}"), token).await.json();
    assert_eq!(first["results"].as_array().unwrap()[50..], second["results"].as_array().unwrap()[..50]);

    let reordered = with(Chaos { reordered_pages: 1.0, ..Chaos::default() }).await;
    let shuffled = Client::of(&reordered).with("GET", path, token).await.json();
    let ids = |page: &serde_json::Value| {
        page["results"].as_array().unwrap().iter().map(|found| found["id"].clone()).collect::<Vec<_>>()
    };
    assert_ne!(ids(&shuffled), ids(&first));
    assert_eq!(
        ids(&shuffled).iter().map(ToString::to_string).collect::<BTreeSet<_>>(),
        ids(&first).iter().map(ToString::to_string).collect()
    );

    let skewed = with(Chaos { clock_skew: 1.0, ..Chaos::default() }).await;
    assert_eq!((skewed.now_ms() - NOW_MS).abs(), 300_000);
    let date = Client::of(&skewed).with("GET", path, token).await.headers["date"].clone();
    let date = httpdate::parse_http_date(&date).unwrap().duration_since(std::time::UNIX_EPOCH).unwrap();
    assert_eq!(date.as_millis() as i64, skewed.now_ms());
}

#[tokio::test]
async fn an_expired_token_is_refused_until_it_is_refreshed() {
    let simulator =
        start(Vendor::Zendesk, &Options { chaos: Chaos { expired_tokens: 1.0, ..Chaos::default() }, ..quiet(10) })
            .await;
    let client = Client::of(&simulator);
    let form = "grant_type=refresh_token&refresh_token=simulator-refresh&client_id=simulator-client&client_secret=simulator-secret";
    let granted = client.post_form("/oauth/tokens", form).await.json();
    let token = format!("Bearer {}", granted["access_token"].as_str().unwrap());
    for _ in 0..4 {
        assert_eq!(client.with("GET", "/api/v2/groups.json", &token).await.status, 401);
    }
}

#[tokio::test]
async fn late_commits_are_stamped_before_they_can_be_seen() {
    let simulator =
        start(Vendor::Salesforce, &Options { chaos: Chaos { late_commits: 1.0, ..Chaos::default() }, ..quiet(300) })
            .await;
    let mut stamps = BTreeSet::new();
    for seed in 0..20 {
        let rows = simulator.change(&Change::Touch { stream: "Account".to_owned(), count: 1, seed }).unwrap();
        assert_eq!(rows.len(), 1);
    }
    let now = chrono::DateTime::from_timestamp_millis(NOW_MS).unwrap();
    for record in simulator.truth("Account", Which::Living) {
        let record: serde_json::Value = serde_json::from_str(&record).unwrap();
        let stamp =
            chrono::DateTime::parse_from_str(record["SystemModstamp"].as_str().unwrap(), "%Y-%m-%dT%H:%M:%S%.f%z")
                .unwrap();
        let late_s = (now - stamp.to_utc()).num_seconds();
        if late_s < 86_400 {
            assert!((0..60).contains(&late_s), "{late_s}");
            stamps.insert(late_s);
        }
    }
    assert!(stamps.len() > 5, "{stamps:?}");
}
