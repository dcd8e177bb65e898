//! Personal data over HTTP: found, taken out, and brought back by those who may.

use aos_core::Role;
use aos_testkit::TestApp;
use serde_json::{Value, json};

const SCAN: &str = "/api/v1/pii/scan";
const REVEAL: &str = "/api/v1/pii/reveal";
const TEXT: &str = "Call Ms. Jane Miller at +44 20 7946 0958.";

#[tokio::test]
async fn a_text_is_scanned_and_no_value_is_repeated() {
    let app = TestApp::new().await;
    let scan = app.acme.post(SCAN, &json!({ "text": TEXT })).await.assert_status(200).json();
    let found: Vec<_> =
        scan["findings"].as_array().unwrap().iter().map(|found| (&found["type"], &found["start"])).collect();
    assert_eq!(found, [(&json!("person_name"), &json!(9)), (&json!("phone"), &json!(24))]);
    assert_eq!((&scan["redacted_text"], &scan["screening"]), (&Value::Null, &json!("clean")));
    assert!(!scan.to_string().contains("Miller"));
    let redacted = app.acme.post(SCAN, &json!({ "text": TEXT, "redact": "labels", "types": ["phone"] })).await.json();
    assert_eq!(redacted["redacted_text"], "Call Ms. Jane Miller at <PHONE>.");
}

#[tokio::test]
async fn a_record_is_scanned_with_what_the_ontology_says_of_its_fields() {
    let app = TestApp::new().await;
    let record = json!({ "first_name": "xq", "title": "xq", "ssn": 536904399 });
    let body = json!({ "record": record, "entity": "contact", "redact": "labels" });
    let scan = app.acme.post(SCAN, &body).await.assert_status(200).json();
    assert_eq!(
        scan["redacted_record"],
        json!({ "first_name": "<PERSON_NAME>", "title": "xq", "ssn": "<NATIONAL_ID>" })
    );
    assert_eq!(scan["findings"][0]["path"], "/first_name");
    app.acme.post(SCAN, &json!({ "record": {}, "entity": "none" })).await.assert_problem(404, "entity_not_found");
}

#[tokio::test]
async fn tokens_are_opened_by_those_who_may_see_personal_data_and_that_is_written_down() {
    let app = TestApp::new().await;
    let body = json!({ "text": TEXT, "redact": "tokens" });
    let token =
        app.acme.post(SCAN, &body).await.assert_status(200).json()["redacted_text"].as_str().unwrap().to_owned();
    let again = app.acme.post(SCAN, &body).await.json();
    assert_eq!(again["redacted_text"], token.as_str(), "the same value is the same token");

    let purpose = "to call back the caller of ticket 17";
    let reply = app.acme.post(REVEAL, &json!({ "text": token, "purpose": purpose })).await.assert_status(200);
    assert_eq!(reply.header("cache-control"), Some("no-store"));
    assert_eq!(reply.json(), json!({ "text": TEXT, "opened": 2, "unopened": 0 }));
    let trail = app.acme.get("/api/v1/audit?action=pii.reveal").await.json();
    assert_eq!(trail["items"][0]["detail"], json!({ "opened": 2, "unopened": 0, "purpose": purpose }));

    let of_globex = app.globex.post(REVEAL, &json!({ "text": token, "purpose": "curious" })).await.json();
    assert_eq!(of_globex, json!({ "text": token, "opened": 0, "unopened": 2 }));
    let viewer = app.colleague(&app.acme, Role::Viewer).await;
    viewer.post(REVEAL, &json!({ "text": token, "purpose": "curious" })).await.assert_problem(403, "forbidden");
    // Who could make tokens of guesses would find out by comparing.
    viewer.post(SCAN, &body).await.assert_problem(403, "forbidden");
    viewer.post(SCAN, &json!({ "text": TEXT, "redact": "labels" })).await.assert_status(200);
}

#[tokio::test]
async fn what_cannot_be_searched_is_refused_and_never_passed_through() {
    let app = TestApp::new().await;
    for body in [json!({}), json!({ "text": "a", "record": {} }), json!({ "text": "a", "score_min": 2 })] {
        app.acme.post(SCAN, &body).await.assert_problem(422, "invalid_scan");
    }
    app.acme.post(SCAN, &json!({ "text": "a", "types": ["shoe_size"] })).await.assert_problem(422, "unknown_pii_type");
    let deep = (0..100).fold(json!("jane@example.org"), |inner, _| json!([inner]));
    let refused = app.acme.post(SCAN, &json!({ "record": deep, "redact": "labels" })).await;
    let problem = refused.assert_problem(400, "body_too_deep");
    assert!(!problem.to_string().contains("jane@example.org"));
    app.acme.post(REVEAL, &json!({ "text": "a", "purpose": " " })).await.assert_problem(422, "invalid_purpose");
}
