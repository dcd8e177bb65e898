//! Each vendor's limits, told in its headers and held against who does not mind them.

use crate::client::{Answer, Client};
use crate::{NOW_MS, start};
use aos_simulators::{Options, Vendor};
use serde_json::json;

/// What a vendor allows, and a call that it counts.
fn limit(vendor: Vendor) -> (u64, i64, &'static str) {
    match vendor {
        Vendor::Salesforce => (15_000, 86_400_000, "/services/data/v63.0/limits"),
        Vendor::Hubspot => (110, 10_000, "/crm/v3/objects/deals?limit=1"),
        Vendor::Dynamics => (6_000, 300_000, "/api/data/v9.2/WhoAmI"),
        Vendor::Pipedrive => (40, 2_000, "/v1/users/me"),
        Vendor::Zendesk => (10, 60_000, "/api/v2/incremental/users/cursor.json?start_time=0&per_page=1"),
    }
}

fn is_refused(vendor: Vendor, answer: &Answer) -> bool {
    match vendor {
        Vendor::Salesforce => answer.status == 403 && answer.json()[0]["errorCode"] == "REQUEST_LIMIT_EXCEEDED",
        Vendor::Hubspot => answer.status == 429 && answer.json()["errorType"] == "RATE_LIMIT",
        Vendor::Dynamics => answer.status == 429 && answer.json()["error"]["code"] == "0x80072322",
        Vendor::Pipedrive => answer.status == 429 && answer.json()["success"] == json!(false),
        Vendor::Zendesk => answer.status == 429 && answer.text().starts_with("Number of allowed API requests"),
    }
}

#[tokio::test]
async fn a_limit_is_held_to_the_call_and_opens_again_when_its_time_is_over() {
    for vendor in [Vendor::Hubspot, Vendor::Pipedrive, Vendor::Zendesk] {
        let simulator = start(vendor, &Options { size: 20, now_ms: Some(NOW_MS), ..Options::default() }).await;
        let client = Client::of(&simulator);
        let (units, window_ms, path) = limit(vendor);
        let bearer = token(&client).await;
        for number in 0..units {
            assert_eq!(client.with("GET", path, &bearer).await.status, 200, "{vendor:?} {number}");
        }
        let refused = client.with("GET", path, &bearer).await;
        assert!(is_refused(vendor, &refused), "{vendor:?} {} {}", refused.status, refused.text());
        simulator.advance_ms(window_ms - 1);
        assert!(is_refused(vendor, &client.with("GET", path, &bearer).await), "{vendor:?}");
        simulator.advance_ms(1);
        assert_eq!(client.with("GET", path, &bearer).await.status, 200, "{vendor:?}");
    }
}

async fn token(client: &Client<'_>) -> String {
    let form = "grant_type=refresh_token&refresh_token=simulator-refresh&client_id=simulator-client&client_secret=simulator-secret";
    let granted = client.post_form(crate::client::token_path(client.simulator.vendor()), form).await.json();
    format!("Bearer {}", granted["access_token"].as_str().unwrap())
}

#[tokio::test]
async fn an_allowance_that_is_used_up_is_refused_in_the_vendors_words() {
    for vendor in Vendor::ALL {
        let simulator = start(vendor, &Options { size: 20, now_ms: Some(NOW_MS), ..Options::default() }).await;
        let client = Client::of(&simulator);
        let (_, _, path) = limit(vendor);
        let bearer = token(&client).await;
        assert_eq!(client.with("GET", path, &bearer).await.status, 200);
        simulator.exhaust_limits();
        let refused = client.with("GET", path, &bearer).await;
        assert!(is_refused(vendor, &refused), "{vendor:?} {} {}", refused.status, refused.text());
        let says_when = refused.headers.contains_key("retry-after");
        assert_eq!(says_when, matches!(vendor, Vendor::Dynamics | Vendor::Pipedrive | Vendor::Zendesk), "{vendor:?}");
    }
}

#[tokio::test]
async fn headers_tell_what_is_left() {
    for (vendor, header, first, second) in [
        (Vendor::Salesforce, "sforce-limit-info", "api-usage=1/15000", "api-usage=2/15000"),
        (Vendor::Hubspot, "x-hubspot-ratelimit-remaining", "109", "108"),
        (Vendor::Dynamics, "x-ms-ratelimit-burst-remaining-xrm-requests", "5999", "5998"),
        // A list costs twenty tokens in v1.
        (Vendor::Pipedrive, "x-daily-ratelimit-token-remaining", "149980", "149960"),
        (Vendor::Zendesk, "ratelimit-remaining", "399", "398"),
    ] {
        let simulator = start(vendor, &Options { size: 20, now_ms: Some(NOW_MS), ..Options::default() }).await;
        let client = Client::of(&simulator);
        let bearer = token(&client).await;
        let (_, _, path) = limit(vendor);
        assert_eq!(client.with("GET", path, &bearer).await.headers[header], first, "{vendor:?}");
        assert_eq!(client.with("GET", path, &bearer).await.headers[header], second, "{vendor:?}");
    }
}

#[tokio::test]
async fn search_has_a_limit_of_its_own_and_ends_at_ten_thousand() {
    let simulator = start(Vendor::Hubspot, &Options { size: 12_000, now_ms: Some(NOW_MS), ..Options::default() }).await;
    let client = Client::of(&simulator);
    let headers = || {
        vec![
            ("authorization".to_owned(), "Bearer simulator-token".to_owned()),
            ("content-type".to_owned(), "application/json".to_owned()),
        ]
    };
    let ask = async |after: u32| {
        let body = json!({ "limit": 200, "after": after.to_string(), "properties": ["email"] }).to_string();
        client
            .once(&crate::client::Request {
                method: "POST",
                path: "/crm/v3/objects/contacts/search",
                headers: headers(),
                body: &body,
            })
            .await
            .unwrap()
    };
    let first = ask(0).await;
    assert!(first.json()["total"].as_u64() > Some(10_000), "{}", first.text());
    assert_eq!(ask(9_800).await.json()["results"].as_array().unwrap().len(), 200);
    let refused = ask(9_801).await;
    assert_eq!((refused.status, refused.json()["category"].as_str()), (400, Some("VALIDATION_ERROR")));
    ask(0).await;
    ask(0).await;
    let limited = ask(0).await;
    assert_eq!((limited.status, limited.json()["policyName"].as_str()), (429, Some("SECONDLY")));
}

#[tokio::test]
async fn requests_are_counted_by_endpoint() {
    let simulator = start(Vendor::Pipedrive, &crate::quiet(1_000)).await;
    let client = Client::of(&simulator);
    client.refresh().await;
    simulator.forget_requests();
    let records = crate::read::pipedrive(&client, "/api/v2/deals?limit=500").await;
    let pages = records.len().div_ceil(500) as u64;
    assert_eq!(simulator.requests().into_iter().collect::<Vec<_>>(), [("GET /api/v2/deals".to_owned(), pages)]);
}
