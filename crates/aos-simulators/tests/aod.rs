//! The simulated AOD at its door, held to the contract of `docs/guides/aod.md`.

use aos_simulators::{Chaos, aod};
use axum::Router;
use axum::body::Body;
use axum::http::Request;
use serde_json::{Value, json};
use tower::ServiceExt;

async fn ask(service: &Router, body: &Value, token: Option<&str>) -> (u16, Value) {
    let request = Request::post("/api/discover").header("content-type", "application/json");
    let request = match token {
        Some(token) => request.header("authorization", format!("Bearer {token}")),
        None => request,
    };
    let response = service.clone().oneshot(request.body(Body::from(body.to_string())).unwrap()).await.unwrap();
    let status = response.status().as_u16();
    let body = axum::body::to_bytes(response.into_body(), 1 << 20).await.unwrap();
    (status, serde_json::from_slice(&body).unwrap())
}

fn question(tenant: &str, query: &str) -> Value {
    json!({ "request_id": "r1", "tenant_id": tenant, "nlp_query": query, "min_confidence": 0.0, "max_results": 100 })
}

#[tokio::test]
async fn the_same_question_has_the_same_answer_and_another_tenant_another_one() {
    let service = aod::router(aod::Options::default());
    let (status, first) = ask(&service, &question("one", "cloud cost"), None).await;
    assert_eq!((status, &first["success"], &first["request_id"]), (200, &json!(true), &json!("r1")));
    assert!(!first["discovery"]["entities"].as_array().unwrap().is_empty());
    assert_eq!(ask(&service, &question("one", "cloud cost"), None).await.1, first);
    let (_, other) = ask(&service, &question("two", "cloud cost"), None).await;
    assert_ne!(other["discovery"], first["discovery"]);
}

#[tokio::test]
async fn what_is_found_shares_a_word_with_the_question_and_is_as_sure_as_asked_for() {
    let service = aod::router(aod::Options::default());
    let (_, nothing) = ask(&service, &question("one", "zebrafish"), None).await;
    assert_eq!(nothing["discovery"]["entities"], json!([]));
    let mut sure = question("one", "where are the salesforce pipeline tables");
    sure["min_confidence"] = json!(0.7);
    sure["max_results"] = json!(3);
    sure["discovery_types"] = json!(["data_source_discovery", "schema_analysis"]);
    let (_, found) = ask(&service, &sure, None).await;
    let entities = found["discovery"]["entities"].as_array().unwrap();
    assert!((1..=3).contains(&entities.len()), "{found}");
    for entity in entities {
        assert!(entity["confidence"].as_f64().unwrap() >= 0.7, "{entity}");
        assert!(["data_source", "table"].contains(&entity["entity_type"].as_str().unwrap()), "{entity}");
        assert!(entity["evidence"].as_array().unwrap().len() >= 2, "{entity}");
    }
}

#[tokio::test]
async fn relationships_are_keys_that_one_table_holds_of_another() {
    let service = aod::router(aod::Options::default());
    let mut asked = question("one", "crm sales pipeline");
    asked["discovery_types"] = json!(["relationship_discovery"]);
    let (_, found) = ask(&service, &asked, None).await;
    let entities = found["discovery"]["entities"].as_array().unwrap();
    assert!(!entities.is_empty());
    for entity in entities {
        assert_ne!(entity["attributes"]["from"], entity["attributes"]["to"], "{entity}");
        assert!(entity["attributes"]["key"].as_str().unwrap().ends_with("_id"), "{entity}");
    }
}

#[tokio::test]
async fn a_wrong_request_or_token_is_refused() {
    let service = aod::router(aod::Options { token: Some("key".to_owned()), ..aod::Options::default() });
    assert_eq!(ask(&service, &question("one", "cost"), None).await.0, 401);
    assert_eq!(ask(&service, &question("one", "cost"), Some("other")).await.0, 401);
    assert_eq!(ask(&service, &question("one", "cost"), Some("key")).await.0, 200);
    for wrong in [
        json!({ "max_results": 101 }),
        json!({ "nlp_query": "" }),
        json!({ "min_confidence": 2 }),
        json!({ "discovery_types": ["all"] }),
    ] {
        let mut body = question("one", "cost");
        body.as_object_mut().unwrap().extend(wrong.as_object().unwrap().clone());
        let (status, answer) = ask(&service, &body, Some("key")).await;
        assert_eq!((status, &answer["success"]), (422, &json!(false)), "{wrong}");
    }
}

#[tokio::test]
async fn the_dial_makes_it_fail_as_often_as_asked_in_the_order_of_the_seed() {
    let chaos = Chaos { failure_share: 0.5, ..Chaos::default() };
    let mut runs = Vec::new();
    for _ in 0..2 {
        let service = aod::router(aod::Options { chaos, ..aod::Options::default() });
        let mut statuses = Vec::new();
        for _ in 0..200 {
            statuses.push(ask(&service, &question("one", "cost"), None).await.0);
        }
        runs.push(statuses);
    }
    assert_eq!(runs[0], runs[1]);
    let failed = runs[0].iter().filter(|status| [429, 500, 503].contains(*status)).count();
    assert!((60..=140).contains(&failed), "{failed}");
}
