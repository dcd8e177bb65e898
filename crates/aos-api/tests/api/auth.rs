//! Who is let in, and who is not.

use aos_api::JwtKeys;
use aos_core::Role;
use aos_testkit::{PASSWORD, SECRET, TestApp};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};

const ME: &str = "/api/v1/auth/me";
const LOGIN: &str = "/api/v1/auth/login";
const REGISTER: &str = "/api/v1/auth/register";

#[tokio::test]
async fn whoever_registers_owns_a_tenant_and_can_sign_in_again() {
    let app = TestApp::new().await;
    let me = app.acme.get(ME).await.assert_status(200).json();
    assert_eq!((&me["tenant"]["name"], &me["user"]["role"]), (&json!("acme"), &json!("owner")));
    let login = json!({ "email": "ACME@test.invalid", "password": PASSWORD });
    let session = app.anonymous().post(LOGIN, &login).await.assert_status(200).json();
    assert_eq!(session["token_type"], "bearer");
    assert_eq!(session["user"], me["user"]);
    assert!(!me.to_string().contains("argon2"));
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_address_are_answered_alike() {
    let app = TestApp::new().await;
    let mut answers = Vec::new();
    for email in ["acme@test.invalid", "nobody@test.invalid"] {
        let login = json!({ "email": email, "password": "not the right words" });
        let mut problem = app.anonymous().post(LOGIN, &login).await.assert_problem(401, "invalid_credentials");
        problem["trace_id"] = Value::Null;
        answers.push(problem);
    }
    assert_eq!(answers[0], answers[1]);
}

#[tokio::test]
async fn registrations_that_cannot_be_are_refused_with_the_reason() {
    let app = TestApp::new().await;
    let register = |name: &str, email: &str, password: &str| {
        let (client, body) = (app.anonymous(), json!({ "name": name, "email": email, "password": password }));
        async move { client.post(REGISTER, &body).await }
    };
    register("x", "Acme@Test.invalid ", PASSWORD).await.assert_problem(409, "email_taken");
    register("x", "new@test.invalid", "short").await.assert_problem(422, "weak_password");
    register("x", "new@test.invalid", "NEW@test.invalid").await.assert_problem(422, "weak_password");
    register("x", "new@test.invalid", &"long".repeat(33)).await.assert_problem(422, "weak_password");
    register(" ", "new@test.invalid", PASSWORD).await.assert_problem(422, "invalid_name");
    register("x", "not an address", PASSWORD).await.assert_problem(422, "invalid_email");
}

#[tokio::test]
async fn no_token_or_a_strange_one_lets_nobody_in() {
    let app = TestApp::new().await;
    app.anonymous().get(ME).await.assert_problem(401, "unauthenticated");
    for token in ["", "x", "a.b.c", &"x".repeat(5000)] {
        app.with_token(token).get(ME).await.assert_problem(401, "invalid_token");
    }
    assert_eq!(app.anonymous().get(ME).await.header("www-authenticate"), Some("Bearer"));
}

#[tokio::test]
async fn a_forged_token_lets_nobody_in() {
    let app = TestApp::new().await;
    let token = app.acme.token().to_owned();
    let (signed, signature) = token.rsplit_once('.').unwrap();
    let (header, claims) = signed.split_once('.').unwrap();
    // {"alg":"none"}, with and without our signature.
    for forged in [format!("eyJhbGciOiJub25lIn0.{claims}."), format!("eyJhbGciOiJub25lIn0.{claims}.{signature}")] {
        app.with_token(&forged).get(ME).await.assert_problem(401, "invalid_token");
    }
    let other = app.globex.token().split('.').nth(1).unwrap().to_owned();
    app.with_token(&format!("{header}.{other}.{signature}")).get(ME).await.assert_problem(401, "invalid_token");
    app.with_token(&format!("{signed}.{}", signature.to_lowercase()))
        .get(ME)
        .await
        .assert_problem(401, "invalid_token");
    assert!(JwtKeys::new(&SECRET[..31]).is_err());
}

/// Takes acme's token apart, changes it, and signs it again with the server's own secret.
fn resigned(token: &str, algorithm: Algorithm, change: impl FnOnce(&mut Header, &mut Value)) -> String {
    let header = jsonwebtoken::decode_header(token).unwrap();
    let mut claims = jsonwebtoken::dangerous::insecure_decode::<Value>(token).unwrap().claims;
    let mut header = Header { alg: algorithm, ..header };
    change(&mut header, &mut claims);
    jsonwebtoken::encode(&header, &claims, &EncodingKey::from_secret(&SECRET)).unwrap()
}

#[tokio::test]
async fn a_token_that_differs_in_one_thing_lets_nobody_in() {
    let app = TestApp::new().await;
    let token = app.acme.token();
    let same = resigned(token, Algorithm::HS256, |_, _| {});
    app.with_token(&same).get(ME).await.assert_status(200);
    let refused = [
        resigned(token, Algorithm::HS512, |_, _| {}),
        resigned(token, Algorithm::HS256, |header, _| header.kid = Some("another".to_owned())),
        resigned(token, Algorithm::HS256, |header, _| header.kid = None),
        resigned(token, Algorithm::HS256, |_, claims| claims["iss"] = json!("someone")),
        resigned(token, Algorithm::HS256, |_, claims| claims["aud"] = json!("autonomos-ws")),
        resigned(token, Algorithm::HS256, |_, claims| claims["exp"] = json!("never")),
        resigned(token, Algorithm::HS256, |_, claims| drop(claims.as_object_mut().unwrap().remove("exp"))),
    ];
    for token in refused {
        app.with_token(&token).get(ME).await.assert_problem(401, "invalid_token");
    }
}

#[tokio::test]
async fn a_user_who_is_not_in_the_tenant_of_the_token_has_no_session() {
    let app = TestApp::new().await;
    let globex = app.globex.get(ME).await.json();
    let token = resigned(app.acme.token(), Algorithm::HS256, |_, claims| {
        claims["tenant"] = globex["tenant"]["id"].clone();
        claims["jti"] = json!("00000000-0000-4000-8000-000000000001");
    });
    app.with_token(&token).get(ME).await.assert_problem(401, "session_ended");
}

#[tokio::test]
async fn the_role_is_the_users_and_not_the_tokens() {
    let app = TestApp::new().await;
    let viewer = app.colleague(&app.acme, Role::Viewer).await;
    let token = resigned(viewer.token(), Algorithm::HS256, |_, claims| {
        claims["role"] = json!("owner");
        claims["jti"] = json!("00000000-0000-4000-8000-000000000002");
    });
    app.with_token(&token).post("/dcl/connect", &json!({})).await.assert_problem(403, "forbidden");
}

#[tokio::test]
async fn a_ticket_is_no_access_token() {
    let app = TestApp::new().await;
    let ticket = app.acme.post("/api/v1/auth/ws-ticket", &json!({})).await.assert_status(200).json();
    app.with_token(ticket["ticket"].as_str().unwrap()).get(ME).await.assert_problem(401, "invalid_token");
    let with_token = format!("/api/v1/dcl/ws?ticket={}", app.acme.token());
    app.anonymous().get(&with_token).await.assert_problem(401, "invalid_ticket");
    app.acme.get("/api/v1/dcl/ws").await.assert_problem(401, "invalid_ticket");
}

#[tokio::test]
async fn a_token_expires() {
    let app = TestApp::new().await;
    app.clock.advance(chrono::Duration::minutes(14));
    app.acme.get(ME).await.assert_status(200);
    app.clock.advance(chrono::Duration::minutes(1));
    app.acme.get(ME).await.assert_problem(401, "token_expired");
}

#[tokio::test]
async fn a_session_that_was_signed_out_is_over_and_others_go_on() {
    let app = TestApp::new().await;
    let other = app.anonymous().signed_in("acme@test.invalid", PASSWORD).await;
    app.acme.post("/api/v1/auth/logout", &json!({})).await.assert_status(204);
    app.acme.get(ME).await.assert_problem(401, "token_revoked");
    app.acme.post("/api/v1/auth/logout", &json!({})).await.assert_problem(401, "token_revoked");
    other.get(ME).await.assert_status(200);
}

#[tokio::test]
async fn guessing_a_password_is_slowed_down_and_then_forgiven() {
    let app = TestApp::builder().counts_by_the_clock();
    let app = app.settings(|settings| settings.throttle.attempts_per_account_max = 3).build().await;
    let wrong = json!({ "email": "acme@test.invalid", "password": "not the right words" });
    let right = json!({ "email": "acme@test.invalid", "password": PASSWORD });
    for _ in 0..3 {
        app.anonymous().post(LOGIN, &wrong).await.assert_problem(401, "invalid_credentials");
    }
    let refused = app.anonymous().post(LOGIN, &right).await;
    assert_eq!(refused.header("retry-after"), Some("900"));
    refused.assert_problem(429, "too_many_attempts");
    app.anonymous().signed_in("globex@test.invalid", PASSWORD).await;
    app.clock.advance(chrono::Duration::minutes(15));
    app.anonymous().signed_in("acme@test.invalid", PASSWORD).await;
    // A right password forgets the failures before it.
    for _ in 0..3 {
        app.anonymous().post(LOGIN, &right).await.assert_status(200);
    }
}

#[tokio::test]
async fn guessing_many_accounts_from_one_address_is_slowed_down() {
    let app = TestApp::builder().settings(|settings| settings.throttle.attempts_per_address_max = 5).build().await;
    for guess in 0..5 {
        let login = json!({ "email": format!("someone-{guess}@test.invalid"), "password": "not the right words" });
        app.anonymous().post(LOGIN, &login).await.assert_problem(401, "invalid_credentials");
    }
    let login = json!({ "email": "another@test.invalid", "password": "not the right words" });
    app.anonymous().post(LOGIN, &login).await.assert_problem(429, "too_many_attempts");
}

#[tokio::test]
async fn a_viewer_may_look_and_not_change() {
    let app = TestApp::new().await;
    let id = app.acme.create_connection("crm", &app.files.crm("crm", "Acme")).await;
    let viewer = app.colleague(&app.acme, Role::Viewer).await;
    viewer.get(&format!("/api/v1/connections/{id}")).await.assert_status(200);
    viewer.get("/api/v1/dcl/state").await.assert_status(200);
    viewer.delete(&format!("/api/v1/connections/{id}")).await.assert_problem(403, "forbidden");
    viewer.post(&format!("/api/v1/connections/{id}/check"), &json!({})).await.assert_problem(403, "forbidden");
    viewer.post("/api/v1/dcl/connect", &json!({})).await.assert_problem(403, "forbidden");
    let new = json!({ "name": "other", "config": { "path": app.files.root() } });
    viewer.post("/api/v1/connections", &new).await.assert_problem(403, "forbidden");
    let member = app.colleague(&app.acme, Role::Member).await;
    member.delete(&format!("/api/v1/connections/{id}")).await.assert_status(204);
}
