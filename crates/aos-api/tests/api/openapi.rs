//! The committed description is the generated one.

use std::collections::HashSet;

#[test]
fn the_committed_openapi_json_is_fresh() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../openapi.json");
    let committed = std::fs::read_to_string(path).expect("openapi.json at the root of the repository");
    let fresh = committed.trim_end() == aos_api::openapi_json().trim_end();
    assert!(fresh, "openapi.json is stale; write it anew: cargo run -p aos-api --example openapi > openapi.json");
}

#[test]
fn every_operation_has_a_name_of_its_own_and_says_what_errors_look_like() {
    let api = serde_json::to_value(aos_api::openapi()).unwrap();
    let mut names = HashSet::new();
    for (path, item) in api["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let name = operation["operationId"].as_str().unwrap();
            assert!(names.insert(name.to_owned()), "{name} names two operations");
            assert!(path.starts_with("/api/v1/"), "{path}");
            let documented = operation["responses"].get("default").is_some() || name == "get_health";
            assert!(documented, "{method} {path} does not say what its errors look like");
            assert!(operation["summary"].is_string(), "{method} {path} has no summary");
        }
    }
}

#[test]
fn every_reference_leads_to_a_schema() {
    let api = serde_json::to_value(aos_api::openapi()).unwrap();
    let text = api.to_string();
    for reference in text.split("\"$ref\":\"#/components/schemas/").skip(1) {
        let name = reference.split('"').next().unwrap();
        assert!(api["components"]["schemas"].get(name).is_some(), "{name} is not described");
    }
}
