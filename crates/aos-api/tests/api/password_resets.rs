//! Another password for who forgot theirs, by a link that an admin passes on.

use aos_core::Role;
use aos_testkit::{Client, PASSWORD, TestApp};
use chrono::Duration;
use serde_json::{Value, json};

const ME: &str = "/api/v1/auth/me";
const LOOK: &str = "/api/v1/auth/password-resets/look";
const REDEEM: &str = "/api/v1/auth/password-resets/redeem";
const WORDS: &str = "some words nobody would guess";

async fn id(of: &Client) -> String {
    of.get(ME).await.assert_status(200).json()["user"]["id"].as_str().unwrap().to_owned()
}

async fn link(by: &Client, user: &str) -> Value {
    let reply = by.post(&format!("/api/v1/members/{user}/password-reset"), &json!({})).await;
    assert_eq!(reply.header("cache-control"), Some("no-store"));
    reply.assert_status(201).json()
}

#[tokio::test]
async fn who_holds_the_link_chooses_a_password_once_and_every_session_of_before_is_over() {
    let app = TestApp::new().await;
    let member = app.colleague(&app.acme, Role::Member).await;
    let email = member.get(ME).await.json()["user"]["email"].as_str().unwrap().to_owned();
    let made = link(&app.acme, &id(&member).await).await;
    let token = made["token"].as_str().unwrap();
    assert_eq!(made["link"], json!(format!("/reset#{token}")));
    let look = app.anonymous().post(LOOK, &json!({ "token": token })).await.assert_status(200).json();
    assert_eq!(look["email"], json!(email));
    let choose = |password: &str| json!({ "token": token, "password": password, "refresh": "body" });
    app.anonymous().post(REDEEM, &choose(&email)).await.assert_problem(422, "weak_password");
    member.get(ME).await.assert_status(200);
    let session = app.anonymous().post(REDEEM, &choose(WORDS)).await.assert_status(200).json();
    assert!(session["refresh_token"].is_string());
    app.with_token(session["access_token"].as_str().unwrap()).get(ME).await.assert_status(200);
    member.get(ME).await.assert_problem(401, "token_revoked");
    app.anonymous().post(REDEEM, &choose(WORDS)).await.assert_problem(410, "password_reset_gone");
    app.anonymous().post(LOOK, &json!({ "token": token })).await.assert_problem(410, "password_reset_gone");
    let old = json!({ "email": email, "password": PASSWORD });
    app.anonymous().post("/api/v1/auth/login", &old).await.assert_problem(401, "invalid_credentials");
    app.anonymous().signed_in(&email, WORDS).await;
    let trail = app.acme.get("/api/v1/audit?limit=1000").await.json().to_string();
    assert!(trail.contains("password_reset.create") && trail.contains("password.reset"), "{trail}");
    assert!(!trail.contains(token), "a token is in no trail");
}

#[tokio::test]
async fn a_link_is_over_after_a_day_and_when_there_is_a_newer_one() {
    let app = TestApp::new().await;
    let member = app.colleague(&app.acme, Role::Member).await;
    let user = id(&member).await;
    let (old, new) = (link(&app.acme, &user).await, link(&app.acme, &user).await);
    let redeem =
        async |made: &Value| app.anonymous().post(REDEEM, &json!({ "token": made["token"], "password": WORDS })).await;
    redeem(&old).await.assert_problem(410, "password_reset_gone");
    app.clock.advance(Duration::days(1));
    redeem(&new).await.assert_problem(410, "password_reset_gone");
    redeem(&json!({ "token": "aosp_made_up" })).await.assert_problem(410, "password_reset_gone");
}

#[tokio::test]
async fn nobody_makes_a_link_for_who_is_above_them_or_elsewhere() {
    let app = TestApp::new().await;
    let (admin, member) = (app.colleague(&app.acme, Role::Admin).await, app.colleague(&app.acme, Role::Member).await);
    let ask =
        async |by: &Client, user: &str| by.post(&format!("/api/v1/members/{user}/password-reset"), &json!({})).await;
    let (owner, admins) = (id(&app.acme).await, id(&admin).await);
    ask(&admin, &owner).await.assert_problem(403, "forbidden");
    ask(&member, &admins).await.assert_problem(403, "forbidden");
    ask(&app.globex, &admins).await.assert_problem(404, "user_not_found");
    let key = json!({ "name": "k", "role": "admin", "scopes": ["members:manage"] });
    let key = app.acme.post("/api/v1/api-keys", &key).await.assert_status(201).json();
    let key = app.with_token(key["key"].as_str().unwrap());
    ask(&key, &id(&member).await).await.assert_problem(403, "forbidden");
}
