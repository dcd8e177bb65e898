//! Golden records: found across connections, explained, ruled by people, undone.

use aos_core::Role;
use aos_testkit::{Client, TestApp};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

const FIRST: [&str; 8] = ["Anna", "Bruno", "Carla", "Dario", "Elena", "Felix", "Greta", "Hugo"];
const LAST: [&str; 9] = ["Berger", "Conti", "Dumas", "Eriksen", "Fischer", "Gruber", "Horvat", "Ivanova", "Kowalski"];

/// Sixty people; each third one is also in the second system, written another way.
fn files() -> (String, String) {
    let mut crm = "contact_id,first_name,last_name,email,phone,updated_at\n".to_owned();
    let mut desk = "contact_id,name,email,phone,updated_at\n".to_owned();
    for at in 0..60 {
        let (first, last) = (FIRST[at % 8], LAST[(at * 5 + at / 8) % 9]);
        let email = format!("{}.{}@firm{at}.example", first.to_lowercase(), last.to_lowercase());
        let phone = format!("+49 89 {}", 5_550_000 + at * 37);
        crm.push_str(&format!("C{at},{first},{last},{email},{phone},2024-01-{:02}T00:00:00Z\n", at % 28 + 1));
        if at % 3 == 0 {
            let name = format!("{} {last}", first.to_uppercase());
            let phone = phone.replace("+49 89 ", "0049-89-");
            desk.push_str(&format!("D{at},{name},{email},{phone},2024-02-{:02}T00:00:00Z\n", at % 28 + 1));
        }
    }
    (crm, desk)
}

async fn two_systems(app: &TestApp) {
    let (crm, desk) = files();
    app.acme.create_connection("crm", &app.files.source("crm", &[("contact.csv", crm.as_bytes())])).await;
    app.acme.create_connection("desk", &app.files.source("desk", &[("contact.csv", desk.as_bytes())])).await;
    app.acme.connect().await;
}

async fn ended(client: &Client, task: &str) -> Value {
    let begun = Instant::now();
    loop {
        let task = client.get(&format!("/api/v1/tasks/{task}")).await.assert_status(200).json();
        if !task["finished_at"].is_null() {
            assert_eq!(task["state"], "success", "{task}");
            return task["result"].clone();
        }
        assert!(begun.elapsed() < Duration::from_secs(120), "it does not end: {task}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

async fn unify(client: &Client) -> Value {
    let body = json!({ "entities": ["contact"] });
    let task = client.post("/api/v1/dcl/unify/run", &body).await.assert_status(202).json();
    ended(client, task["id"].as_str().unwrap()).await
}

async fn golden_of(client: &Client, source: &str, record: &str) -> Value {
    client.get(&format!("/api/v1/dcl/golden/contact/of/{source}/{record}")).await.assert_status(200).json()
}

#[tokio::test]
async fn people_of_two_systems_are_found_and_explained_and_running_again_changes_nothing() {
    let app = TestApp::new().await;
    two_systems(&app).await;
    let report = unify(&app.acme).await;
    assert_eq!(report["entities"]["contact"]["records"], 80, "{report}");
    assert_eq!((&report["unified_contacts"], &report["links"]), (&json!(20), &json!(20)), "{report}");
    let again = unify(&app.acme).await;
    let contact = &again["entities"]["contact"];
    assert_eq!(
        (&contact["changed"], &contact["refitted"], &again["links"]),
        (&json!(0), &json!(false), &json!(20)),
        "{again}"
    );

    let list = app.acme.get("/api/v1/dcl/golden/contact?limit=7").await.assert_status(200).json();
    assert_eq!(list["items"].as_array().unwrap().len(), 7);
    assert!(list["next_cursor"].is_string());
    let golden = golden_of(&app.acme, "crm", "C3").await;
    assert_eq!(golden["members"].as_array().unwrap().len(), 2, "{golden}");
    assert_eq!(golden["id"], golden_of(&app.acme, "desk", "D3").await["id"]);
    let phone = &golden["cells"]["phone"];
    assert_eq!((&phone["rule"], &phone["source"]), (&json!("newest"), &json!("desk")), "{phone}");
    let fields = golden["links"][0]["evidence"]["fields"].as_array().unwrap();
    let email = fields.iter().find(|field| field["field"] == "email").unwrap();
    assert_eq!(email["level"], "equal", "{fields:?}");
    assert!(email["bits"].as_f64().unwrap() > 3.0, "{email}");
    assert_eq!((&golden["history"][0]["what"], &golden["history"][0]["thing"]), (&json!("made"), &json!(null)));
    assert_eq!(golden["rulings"], json!([]));
    let alone = golden_of(&app.acme, "crm", "C1").await;
    assert_eq!(alone["members"].as_array().unwrap().len(), 1);
    assert_eq!(alone["history"], json!([]), "a record that is a thing of its own was never made");
    let path = format!("/api/v1/dcl/golden/contact/{}", golden["id"].as_str().unwrap());
    app.globex.get(&path).await.assert_problem(404, "golden_record_not_found");
}

#[tokio::test]
async fn what_people_rule_holds_and_what_they_take_back_leaves_the_same_ids() {
    let app = TestApp::new().await;
    two_systems(&app).await;
    unify(&app.acme).await;
    let before =
        (golden_of(&app.acme, "crm", "C3").await["id"].clone(), golden_of(&app.acme, "crm", "C1").await["id"].clone());
    let rule = |left: (&str, &str), right: (&str, &str), verdict: &str| {
        json!({
            "entity": "contact", "verdict": verdict, "reason": "they told us",
            "left": { "source": left.0, "record_id": left.1 }, "right": { "source": right.0, "record_id": right.1 },
        })
    };
    let viewer = app.colleague(&app.acme, Role::Viewer).await;
    let apart = rule(("crm", "C3"), ("desk", "D3"), "different");
    viewer.post("/api/v1/dcl/unify/rulings", &apart).await.assert_status(403);
    let ruled = app.acme.post("/api/v1/dcl/unify/rulings", &apart).await.assert_status(201).json();
    ended(&app.acme, ruled["task_id"].as_str().unwrap()).await;
    assert_ne!(golden_of(&app.acme, "crm", "C3").await["id"], golden_of(&app.acme, "desk", "D3").await["id"]);
    let together = rule(("crm", "C1"), ("crm", "C2"), "same");
    let merged = app.acme.post("/api/v1/dcl/unify/rulings", &together).await.assert_status(201).json();
    ended(&app.acme, merged["task_id"].as_str().unwrap()).await;
    let together = golden_of(&app.acme, "crm", "C1").await;
    assert_eq!(together["id"], golden_of(&app.acme, "crm", "C2").await["id"]);
    let told = &together["rulings"][0];
    assert_eq!(
        (&told["verdict"], &told["undone_at"], &told["reason"]),
        (&json!("same"), &json!(null), &json!("they told us"))
    );
    assert_eq!((&told["left"]["source"], &told["right"]["source"]), (&json!("crm"), &json!("crm")));
    for ruling in [&ruled, &merged] {
        let path = format!("/api/v1/dcl/unify/rulings/{}", ruling["ruling"]["id"].as_str().unwrap());
        app.globex.delete(&path).await.assert_problem(404, "ruling_not_found");
        let undone = app.acme.delete(&path).await.assert_status(200).json();
        ended(&app.acme, undone["task_id"].as_str().unwrap()).await;
    }
    let after =
        (golden_of(&app.acme, "crm", "C3").await["id"].clone(), golden_of(&app.acme, "crm", "C1").await["id"].clone());
    assert_eq!(before, after);
    let told = golden_of(&app.acme, "desk", "D3").await["rulings"].clone();
    assert_eq!((told.as_array().unwrap().len(), &told[0]["verdict"]), (1, &json!("different")), "{told}");
    assert!(told[0]["undone_at"].is_string() && told[0]["undone_by"].is_string(), "{told}");
    assert_eq!(golden_of(&app.acme, "desk", "D3").await["id"], before.0);
    assert_ne!(golden_of(&app.acme, "crm", "C2").await["id"], before.1);
    let rulings = app.acme.get("/api/v1/dcl/unify/rulings?entity=contact").await.json();
    assert!(rulings["items"].as_array().unwrap().iter().all(|ruling| ruling["undone_at"].is_string()), "{rulings}");
}

#[tokio::test]
async fn a_viewer_sees_masks_in_golden_records_and_in_why() {
    let app = TestApp::new().await;
    two_systems(&app).await;
    unify(&app.acme).await;
    let viewer = app.colleague(&app.acme, Role::Viewer).await;
    let golden = golden_of(&viewer, "crm", "C3").await.to_string();
    let list = viewer.get("/api/v1/dcl/golden/contact").await.text();
    let pair =
        "/api/v1/dcl/unify/explain?entity=contact&left_source=crm&left_record=C3&right_source=desk&right_record=D3";
    let why = viewer.get(pair).await.assert_status(200).text();
    for shown in [&golden, &list, &why] {
        assert!(shown.contains("[masked:email]") || shown.contains("masked"), "{shown}");
        for secret in ["@firm", "Dario", "DARIO", "5550111"] {
            assert!(!shown.contains(secret), "{secret} in {shown}");
        }
    }
    assert!(app.acme.get(pair).await.text().contains("@firm3.example"));
}

#[tokio::test]
async fn an_entity_that_nothing_tells_apart_is_refused_with_those_that_can_be_resolved() {
    let app = TestApp::new().await;
    let refused = app.acme.post("/api/v1/dcl/unify/run", &json!({ "entities": ["usage"] })).await;
    let problem = refused.assert_problem(404, "unknown_entity");
    assert!(problem.to_string().contains("contact"), "{problem}");
}

#[tokio::test]
async fn a_body_may_be_left_out_also_by_who_says_that_it_is_json() {
    let app = TestApp::builder().no_worker().build().await;
    let send = async |kind: Option<&str>, body: &'static str| {
        let mut request = app.acme.request(axum::http::Method::POST, "/api/v1/dcl/unify/run");
        if let Some(kind) = kind {
            request = request.header("content-type", kind);
        }
        app.acme.send(request.body(body.into()).unwrap()).await
    };
    send(None, "").await.assert_status(202);
    send(Some("application/json"), "").await.assert_status(202);
    send(Some("application/json"), " ").await.assert_problem(400, "invalid_json");
    send(Some("text/plain"), "").await.assert_problem(415, "unsupported_media_type");
    send(None, "{}").await.assert_problem(415, "unsupported_media_type");
}
