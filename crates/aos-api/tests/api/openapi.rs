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
            let documented =
                operation["responses"].get("default").is_some() || operation["responses"].get("503").is_some();
            assert!(documented, "{method} {path} does not say what its errors look like");
            assert!(operation["summary"].is_string(), "{method} {path} has no summary");
            assert!(operation["security"].is_array(), "{method} {path} does not say who may call it");
            for (status, response) in operation["responses"].as_object().unwrap() {
                let said = response["description"].as_str().is_some_and(|said| !said.is_empty());
                assert!(said || response["$ref"].is_string(), "{method} {path} does not say what {status} means");
            }
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

#[test]
fn every_body_that_is_sent_has_an_example() {
    let api = serde_json::to_value(aos_api::openapi()).unwrap();
    for (path, item) in api["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let Some(content) = operation["requestBody"]["content"].as_object() else { continue };
            for body in content.values() {
                // A body that may be left out is one of two.
                let reference = body["schema"]["$ref"].as_str().or(body["schema"]["oneOf"][0]["$ref"].as_str());
                let schema = reference.map_or(&body["schema"], |reference| {
                    &api["components"]["schemas"][reference.rsplit('/').next().unwrap()]
                });
                let whole = !schema["example"].is_null() || !body["example"].is_null();
                let members = schema["properties"].as_object().into_iter().flatten();
                let in_parts = schema["properties"].is_object()
                    && members
                        .into_iter()
                        .all(|(_, member)| !member["example"].is_null() || !member["default"].is_null());
                assert!(whole || in_parts, "{method} {path} shows no example of its body: {schema}");
            }
        }
    }
}

#[test]
fn every_operation_behind_the_door_says_which_permission_it_needs() {
    let api = serde_json::to_value(aos_api::openapi()).unwrap();
    let mut guarded = 0;
    for item in api["paths"].as_object().unwrap().values() {
        for operation in item.as_object().unwrap().values() {
            let Some(scopes) = operation["security"][0]["bearer"].as_array() else { continue };
            let Some(permission) = scopes.first().and_then(|scope| scope.as_str()) else { continue };
            assert!(permission.parse::<aos_core::policy::Permission>().is_ok(), "{operation}");
            assert!(operation["description"].as_str().unwrap().contains(permission), "{operation}");
            guarded += 1;
        }
    }
    assert!(guarded > 50, "{guarded}");
}

/// Where a type is declared that claims a name among the components.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Claim {
    name: String,
    place: String,
}

/// Reads from a source file which types derive a schema, and the names that they claim: their own, or the one that `as = …` gives.
fn claims(source: &str, place: &str) -> Vec<Claim> {
    let mut found = Vec::new();
    let mut attributes = String::new();
    for line in source.lines().map(str::trim) {
        let words: Vec<&str> = line.split(|letter: char| !letter.is_alphanumeric() && letter != '_').collect();
        let declared = words.iter().position(|word| matches!(*word, "struct" | "enum"));
        match declared {
            Some(at) if !line.starts_with("//") && !line.starts_with('#') => {
                if attributes.contains("ToSchema") {
                    let renamed = attributes.split("schema(as = ").nth(1);
                    let renamed = renamed.and_then(|rest| rest.split([',', ')']).next());
                    let name = renamed.unwrap_or(words[at + 1]).trim().to_owned();
                    found.push(Claim { name, place: format!("{place}: {}", words[at + 1]) });
                }
                attributes.clear();
            }
            _ if line.starts_with('#') || !attributes.is_empty() => attributes.push_str(line),
            _ => {}
        }
        if line.is_empty() {
            attributes.clear();
        }
    }
    found
}

fn sources(folder: &std::path::Path, found: &mut Vec<std::path::PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

#[test]
fn no_two_types_claim_one_name_among_the_schemas() {
    // Of two types of one name, the description silently keeps the one that comes last.
    let twice =
        "#[derive(Debug, ToSchema)]\npub struct Row {}\n\n#[derive(ToSchema)]\n#[schema(as = Row)]\nenum Other {}";
    assert_eq!(claims(twice, "a").iter().map(|claim| claim.name.as_str()).collect::<Vec<_>>(), ["Row", "Row"]);
    let api = serde_json::to_value(aos_api::openapi()).unwrap();
    let crates = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
    let mut all = Vec::new();
    for folder in std::fs::read_dir(crates).unwrap() {
        let folder = folder.unwrap().path().join("src");
        let mut files = Vec::new();
        if folder.is_dir() {
            sources(&folder, &mut files);
        }
        for file in files {
            all.extend(claims(&std::fs::read_to_string(&file).unwrap(), &file.display().to_string()));
        }
    }
    all.retain(|claim| api["components"]["schemas"].get(&claim.name).is_some());
    assert!(all.len() > 200, "only {} types were found to have a schema; the search is broken", all.len());
    all.sort();
    let clashes: Vec<_> = all.windows(2).filter(|pair| pair[0].name == pair[1].name).collect();
    assert!(clashes.is_empty(), "give one of each pair another name with #[schema(as = …)]: {clashes:#?}");
}
