//! Who belongs to a tenant: inviting, joining, roles, leaving; and the keys of agents.

use aos_core::Role;
use aos_testkit::{Client, TestApp};
use chrono::Duration;
use serde_json::{Value, json};

const ME: &str = "/api/v1/auth/me";
const MEMBERS: &str = "/api/v1/members";
const INVITATIONS: &str = "/api/v1/invitations";
const ACCEPT: &str = "/api/v1/auth/invitations/accept";
const KEYS: &str = "/api/v1/api-keys";
const WORDS: &str = "some words nobody would guess";

async fn invited(by: &Client, email: &str, role: &str) -> Value {
    by.post(INVITATIONS, &json!({ "email": email, "role": role })).await.assert_status(201).json()
}

async fn id(of: &Client) -> String {
    of.get(ME).await.assert_status(200).json()["user"]["id"].as_str().expect("an id").to_owned()
}

#[tokio::test]
async fn whoever_is_invited_joins_once_with_the_role_they_were_invited_to() {
    let app = TestApp::new().await;
    let made = invited(&app.acme, "bob@test.invalid", "viewer").await;
    let token = made["token"].as_str().unwrap();
    assert_eq!(made["link"], json!(format!("/join#{token}")));
    let listed = app.acme.get(INVITATIONS).await.assert_status(200).json();
    assert_eq!(listed["items"][0]["email"], "bob@test.invalid");
    assert!(!listed.to_string().contains(token), "a token is shown once");
    let look = app.anonymous().post("/api/v1/auth/invitations/look", &json!({ "token": token })).await;
    let look = look.assert_status(200).json();
    assert_eq!(
        (&look["tenant"], &look["email"], &look["role"]),
        (&json!("acme"), &json!("bob@test.invalid"), &json!("viewer"))
    );
    let join = |password: &str| json!({ "token": token, "name": "Bob", "password": password, "refresh": "body" });
    app.anonymous().post(ACCEPT, &join("bob@test.invalid")).await.assert_problem(422, "weak_password");
    let session = app.anonymous().post(ACCEPT, &join(WORDS)).await.assert_status(201).json();
    assert!(session["refresh_token"].is_string());
    let bob = app.with_token(session["access_token"].as_str().unwrap());
    let me = bob.get(ME).await.assert_status(200).json();
    assert_eq!((&me["tenant"]["name"], &me["user"]["role"]), (&json!("acme"), &json!("viewer")));
    app.anonymous().post(ACCEPT, &join(WORDS)).await.assert_problem(410, "invitation_gone");
    app.anonymous().signed_in("bob@test.invalid", WORDS).await;
}

#[tokio::test]
async fn an_invitation_is_over_when_it_is_taken_back_or_its_week_has_passed() {
    let app = TestApp::new().await;
    let (back, late) =
        (invited(&app.acme, "a@test.invalid", "member").await, invited(&app.acme, "b@test.invalid", "member").await);
    app.acme.delete(&format!("{INVITATIONS}/{}", back["id"].as_str().unwrap())).await.assert_status(204);
    let accept = |made: &Value| {
        let body = json!({ "token": made["token"], "name": "X", "password": WORDS });
        let client = app.anonymous();
        async move { client.post(ACCEPT, &body).await }
    };
    accept(&back).await.assert_problem(410, "invitation_gone");
    app.clock.advance(Duration::days(7));
    accept(&late).await.assert_problem(410, "invitation_gone");
    accept(&json!({ "token": "aosi_made_up" })).await.assert_problem(410, "invitation_gone");
}

#[tokio::test]
async fn nobody_invites_above_themselves_and_who_is_here_is_not_invited_again() {
    let app = TestApp::new().await;
    let admin = app.colleague(&app.acme, Role::Admin).await;
    let member = app.colleague(&app.acme, Role::Member).await;
    let ask = |role: &str| json!({ "email": "new@test.invalid", "role": role });
    member.post(INVITATIONS, &ask("viewer")).await.assert_problem(403, "forbidden");
    admin.post(INVITATIONS, &ask("owner")).await.assert_problem(403, "forbidden");
    admin.post(INVITATIONS, &ask("admin")).await.assert_status(201);
    let again = json!({ "email": "Acme@test.invalid", "role": "viewer" });
    admin.post(INVITATIONS, &again).await.assert_problem(409, "member_exists");
    // Whether another tenant has someone is not told to who invites, only to who joins.
    let elsewhere = invited(&admin, "globex@test.invalid", "viewer").await;
    let join = json!({ "token": elsewhere["token"], "name": "G", "password": WORDS });
    app.anonymous().post(ACCEPT, &join).await.assert_problem(409, "email_taken");
}

#[tokio::test]
async fn a_changed_role_holds_at_once_in_every_process() {
    let app = TestApp::new().await;
    let beside = app.second_process().await;
    let member = app.colleague(&app.acme, Role::Member).await;
    let there = beside.client(&member);
    let reset = "/api/v1/aoa/prod-mode";
    let change = json!({ "enabled": true });
    there.get(ME).await.assert_status(200);
    let path = format!("{MEMBERS}/{}", id(&member).await);
    app.acme.put(&path, &json!({ "role": "viewer" })).await.assert_status(200);
    member.post(reset, &change).await.assert_problem(403, "forbidden");
    crate::waiting::eventually("the other process has heard", async || {
        there.get(ME).await.json()["user"]["role"] == "viewer" && there.post(reset, &change).await.status == 403
    })
    .await;
}

#[tokio::test]
async fn who_is_taken_out_is_out_at_once_and_the_last_owner_stays() {
    let app = TestApp::new().await;
    let member = app.colleague(&app.acme, Role::Member).await;
    let path = format!("{MEMBERS}/{}", id(&member).await);
    let own = format!("{MEMBERS}/{}", id(&app.acme).await);
    assert_eq!(member.get(MEMBERS).await.assert_status(200).json()["items"].as_array().unwrap().len(), 2);
    member.delete(&own).await.assert_problem(403, "forbidden");
    app.acme.delete(&own).await.assert_problem(409, "last_owner");
    app.acme.put(&own, &json!({ "role": "admin" })).await.assert_problem(409, "last_owner");
    app.acme.delete(&path).await.assert_status(204);
    member.get(ME).await.assert_problem(401, "session_ended");
    app.acme.delete(&path).await.assert_problem(404, "user_not_found");
    app.globex.delete(&own).await.assert_problem(404, "user_not_found");
}

#[tokio::test]
async fn an_api_key_does_what_it_was_made_for_and_nothing_else() {
    let app = TestApp::new().await;
    let ask = json!({ "name": "export", "role": "member", "scopes": ["records:read", "connections:read"] });
    let made = app.acme.post(KEYS, &ask).await;
    assert_eq!(made.header("cache-control"), Some("no-store"));
    let made = made.assert_status(201).json();
    let text = made["key"].as_str().unwrap();
    assert!(text.starts_with("aos_") && text.ends_with(made["ending"].as_str().unwrap()));
    let key = app.with_token(text);
    key.get("/api/v1/connections").await.assert_status(200);
    let create = json!({ "name": "x", "config": { "path": "/" } });
    key.post("/api/v1/connections", &create).await.assert_problem(403, "forbidden");
    key.get("/api/v1/tasks").await.assert_problem(403, "forbidden");
    key.get(KEYS).await.assert_problem(403, "forbidden");
    let me = key.get(ME).await.assert_status(200).json();
    assert_eq!(
        (&me["user"], &me["api_key"]["name"], &me["tenant"]["name"]),
        (&json!(null), &json!("export"), &json!("acme"))
    );
    key.post("/api/v1/auth/logout", &json!({})).await.assert_problem(403, "forbidden");
    let listed = app.acme.get(KEYS).await.assert_status(200).json();
    assert!(listed["items"][0]["last_used_at"].is_string());
    assert!(!listed.to_string().contains(text), "a key is shown once");
    app.globex
        .delete(&format!("{KEYS}/{}", made["id"].as_str().unwrap()))
        .await
        .assert_problem(404, "api_key_not_found");
}

#[tokio::test]
async fn a_key_that_is_revoked_or_too_old_lets_nobody_in() {
    let app = TestApp::new().await;
    let beside = app.second_process().await;
    let make = async |days: u32| {
        let ask = json!({ "name": "k", "role": "viewer", "expires_in_days": days });
        app.acme.post(KEYS, &ask).await.assert_status(201).json()
    };
    let (short, long) = (make(1).await, make(30).await);
    let (short, client) = (short["key"].as_str().unwrap().to_owned(), app.with_token(long["key"].as_str().unwrap()));
    let there = beside.client(&client);
    client.get("/api/v1/connections").await.assert_status(200);
    there.get("/api/v1/connections").await.assert_status(200);
    app.with_token(&short).get("/api/v1/connections").await.assert_status(200);
    app.clock.advance(Duration::days(1));
    app.with_token(&short).get("/api/v1/connections").await.assert_problem(401, "key_expired");
    let path = format!("{KEYS}/{}", long["id"].as_str().unwrap());
    // The owner's own token has expired meanwhile.
    let owner = app.anonymous().signed_in("acme@test.invalid", aos_testkit::PASSWORD).await;
    owner.delete(&path).await.assert_status(204);
    client.get("/api/v1/connections").await.assert_problem(401, "key_revoked");
    crate::waiting::eventually("the other process has heard", async || {
        there.get("/api/v1/connections").await.status == 401
    })
    .await;
    let mut wrong = short.clone();
    wrong.replace_range(50..51, if &short[50..51] == "0" { "1" } else { "0" });
    app.with_token(&wrong).get("/api/v1/connections").await.assert_problem(401, "invalid_token");
}

#[tokio::test]
async fn keys_that_cannot_be_are_refused_with_the_reason() {
    let app = TestApp::new().await;
    let admin = app.colleague(&app.acme, Role::Admin).await;
    let refused = async |by: &Client, ask: Value, status, code| {
        by.post(KEYS, &ask).await.assert_problem(status, code);
    };
    refused(&app.acme, json!({ "name": "k", "role": "owner" }), 422, "invalid_role").await;
    refused(&app.acme, json!({ "name": "", "role": "viewer" }), 422, "invalid_name").await;
    refused(&app.acme, json!({ "name": "k", "scopes": ["everything"] }), 422, "invalid_body").await;
    refused(&app.acme, json!({ "name": "k", "expires_in_days": 0 }), 422, "invalid_expiry").await;
    refused(&app.acme, json!({ "name": "k", "expires_in_days": 400 }), 422, "invalid_expiry").await;
    let member = app.colleague(&app.acme, Role::Member).await;
    refused(&member, json!({ "name": "k", "role": "viewer" }), 403, "forbidden").await;
    admin.post(KEYS, &json!({ "name": "k", "role": "admin" })).await.assert_status(201);
}

#[tokio::test]
async fn an_agent_listens_with_its_key_until_the_key_is_revoked() {
    let app = TestApp::new().await;
    let ask = json!({ "name": "listener", "role": "agent", "scopes": ["events:read"] });
    let made = app.acme.post(KEYS, &ask).await.assert_status(201).json();
    let key = app.with_token(made["key"].as_str().unwrap());
    let ticket = key.post("/api/v1/auth/ws-ticket", &json!({})).await.assert_status(200).json();
    app.acme.delete(&format!("{KEYS}/{}", made["id"].as_str().unwrap())).await.assert_status(204);
    let path = format!("/api/v1/dcl/ws?ticket={}", ticket["ticket"].as_str().unwrap());
    app.anonymous().get(&path).await.assert_problem(401, "key_revoked");
}

#[tokio::test]
async fn a_closed_installation_takes_only_who_is_invited() {
    let app = TestApp::new().await;
    let closed = app.forgetful_process(|settings| settings.registration = false).await;
    for (process, registration) in [(app.anonymous(), true), (closed.anonymous(), false)] {
        assert_eq!(process.get("/api/v1/auth/providers").await.json()["registration"], json!(registration));
    }
    let register = json!({ "name": "x", "email": "x@test.invalid", "password": WORDS });
    closed.anonymous().post("/api/v1/auth/register", &register).await.assert_problem(403, "registration_closed");
    let made = invited(&closed.client(&app.acme), "bob@test.invalid", "member").await;
    let join = json!({ "token": made["token"], "name": "Bob", "password": WORDS });
    closed.anonymous().post(ACCEPT, &join).await.assert_status(201);
}
