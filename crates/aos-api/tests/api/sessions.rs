//! Sessions: renewed by refresh tokens, ended by signing out, by a new password, and by a stolen token.

use aos_testkit::{Client, PASSWORD, Reply, TestApp};
use axum::body::Body;
use axum::http::{Method, header};
use chrono::Duration;
use serde_json::{Value, json};

const ME: &str = "/api/v1/auth/me";
const LOGIN: &str = "/api/v1/auth/login";
const REFRESH: &str = "/api/v1/auth/refresh";

async fn login(app: &TestApp, by: &str) -> Reply {
    let body = json!({ "email": "acme@test.invalid", "password": PASSWORD, "refresh": by });
    app.anonymous().post(LOGIN, &body).await.assert_status(200)
}

async fn refresh(app: &TestApp, token: &Value) -> Reply {
    app.anonymous().post(REFRESH, &json!({ "refresh_token": token })).await
}

fn access(app: &TestApp, session: &Value) -> Client {
    app.with_token(session["access_token"].as_str().expect("an access token"))
}

/// Sends the cookie as a browser does whose page has this origin.
async fn refresh_by_cookie(app: &TestApp, cookie: &str, origin: Option<&str>, site: Option<&str>) -> Reply {
    let request = app.anonymous().request(Method::POST, REFRESH).header(header::CONTENT_TYPE, "application/json");
    let mut request = request.header(header::COOKIE, cookie).header(header::HOST, "aos.test");
    for (name, value) in [("origin", origin), ("sec-fetch-site", site)] {
        if let Some(value) = value {
            request = request.header(name, value);
        }
    }
    app.anonymous().send(request.body(Body::from("{}")).unwrap()).await
}

fn cookie(reply: &Reply) -> String {
    reply.header("set-cookie").expect("a cookie").split(';').next().unwrap().to_owned()
}

#[tokio::test]
async fn whoever_does_not_ask_for_a_refresh_token_gets_none() {
    let app = TestApp::new().await;
    let plain = app.anonymous().post(LOGIN, &json!({ "email": "acme@test.invalid", "password": PASSWORD })).await;
    assert_eq!((plain.header("set-cookie"), plain.header("cache-control")), (None, Some("no-store")));
    let session = plain.assert_status(200).json();
    assert!(session.get("refresh_token").is_none() && session.get("session_expires_in").is_none(), "{session}");
    app.clock.advance(Duration::minutes(15));
    access(&app, &session).get(ME).await.assert_problem(401, "token_expired");
}

#[tokio::test]
async fn a_session_is_renewed_without_a_password_until_its_week_is_over() {
    let app = TestApp::new().await;
    let mut session = login(&app, "body").await.json();
    assert_eq!((&session["expires_in"], &session["session_expires_in"]), (&json!(900), &json!(604_800)));
    for _ in 0..6 {
        app.clock.advance(Duration::days(1));
        access(&app, &session).get(ME).await.assert_problem(401, "token_expired");
        session = refresh(&app, &session["refresh_token"]).await.assert_status(200).json();
        access(&app, &session).get(ME).await.assert_status(200);
    }
    app.clock.advance(Duration::hours(24) - Duration::minutes(5));
    session = refresh(&app, &session["refresh_token"]).await.assert_status(200).json();
    assert_eq!(session["expires_in"], json!(300), "no access token outlives its session");
    app.clock.advance(Duration::minutes(5));
    refresh(&app, &session["refresh_token"]).await.assert_problem(401, "invalid_refresh_token");
}

#[tokio::test]
async fn renewals_are_left_out_of_the_audit_trail_until_somebody_asks_for_them() {
    let app = TestApp::new().await;
    let session = login(&app, "body").await.json();
    refresh(&app, &session["refresh_token"]).await.assert_status(200);
    let renewed = async |query: &str| {
        let trail = app.acme.get(&format!("/api/v1/audit?limit=1000{query}")).await.assert_status(200).json();
        let entries = trail["items"].as_array().unwrap();
        assert!(!entries.is_empty(), "{query} lists nothing");
        entries.iter().filter(|entry| entry["action"] == "session.renew").count()
    };
    assert_eq!(renewed("").await, 0);
    for asked in ["&renewals=true", "&action=session.", "&action=session.renew"] {
        assert_eq!(renewed(asked).await, 1, "{asked}");
    }
    assert_eq!(renewed("&action=session.&renewals=false").await, 0);
    let whole = app.acme.get("/api/v1/audit/export").await.assert_status(200).text();
    assert!(whole.contains("\"session.renew\""), "an export leaves nothing out");
}

#[tokio::test]
async fn a_refresh_token_that_comes_back_ends_its_session_everywhere_at_once() {
    let app = TestApp::new().await;
    let beside = app.second_process().await;
    let first = login(&app, "body").await.json();
    let second = refresh(&app, &first["refresh_token"]).await.assert_status(200).json();
    let (here, there) = (access(&app, &second), beside.client(&access(&app, &second)));
    here.get(ME).await.assert_status(200);
    there.get(ME).await.assert_status(200);
    app.clock.advance(Duration::seconds(30));
    refresh(&app, &first["refresh_token"]).await.assert_problem(401, "invalid_refresh_token");
    here.get(ME).await.assert_problem(401, "token_revoked");
    refresh(&app, &second["refresh_token"]).await.assert_problem(401, "invalid_refresh_token");
    crate::waiting::eventually("the other process has heard", async || there.get(ME).await.status == 401).await;
    app.acme.get(ME).await.assert_status(200);
}

#[tokio::test]
async fn an_answer_that_was_lost_can_be_asked_for_again() {
    let app = TestApp::new().await;
    let first = login(&app, "body").await.json();
    let lost = refresh(&app, &first["refresh_token"]).await.assert_status(200).json();
    app.clock.advance(Duration::seconds(5));
    let again = refresh(&app, &first["refresh_token"]).await.assert_status(200).json();
    access(&app, &again).get(ME).await.assert_status(200);
    app.clock.advance(Duration::minutes(1));
    // Both cannot be in use: whoever comes second is seen.
    refresh(&app, &lost["refresh_token"]).await.assert_problem(401, "invalid_refresh_token");
    refresh(&app, &again["refresh_token"]).await.assert_problem(401, "invalid_refresh_token");
}

#[tokio::test]
async fn what_is_no_refresh_token_renews_nothing() {
    let app = TestApp::new().await;
    let session = login(&app, "body").await.json();
    let good = session["refresh_token"].as_str().unwrap();
    let globex = json!({ "email": "globex@test.invalid", "password": PASSWORD, "refresh": "body" });
    let stranger = app.anonymous().post(LOGIN, &globex).await.json();
    let stranger = stranger["refresh_token"].as_str().unwrap();
    // Another tenant's name before this token's secret, which the check at the end gives away.
    let mixed = format!("{}{}", &stranger[..37], &good[37..]);
    for wrong in ["", "x", app.acme.token(), &good[..good.len() - 1], &good.to_uppercase(), &mixed] {
        refresh(&app, &json!(wrong)).await.assert_problem(401, "invalid_refresh_token");
    }
    app.anonymous().post(REFRESH, &json!({})).await.assert_problem(401, "no_refresh_token");
    app.with_token(good).get(ME).await.assert_problem(401, "invalid_token");
    refresh(&app, &json!(good)).await.assert_status(200);
}

#[tokio::test]
async fn a_browser_holds_its_refresh_token_where_no_script_and_no_other_page_gets_at_it() {
    let app = TestApp::new().await;
    let reply = login(&app, "cookie").await;
    let set = reply.header("set-cookie").unwrap().to_owned();
    for part in ["HttpOnly", "SameSite=Strict", "Path=/api/v1/auth/refresh", "Max-Age=604800"] {
        assert!(set.contains(part), "{part}: {set}");
    }
    assert!(!set.contains("Secure"), "this browser speaks plain HTTP: {set}");
    assert!(reply.json().get("refresh_token").is_none(), "scripts would see it");
    let first = cookie(&reply);
    for (origin, site) in [
        (None, None),
        (Some("http://evil.test"), None),
        (Some("null"), None),
        (Some("http://aos.test"), Some("cross-site")),
        (Some("http://aos.test"), Some("same-site")),
        // A browser that reaches us over TLS says where its page is from, so this one is not what it seems.
        (Some("https://aos.test"), None),
    ] {
        refresh_by_cookie(&app, &first, origin, site).await.assert_problem(403, "cross_site");
    }
    let renewed = refresh_by_cookie(&app, &first, Some("https://aos.test"), Some("same-origin")).await;
    assert!(renewed.header("set-cookie").unwrap().contains("; Secure"), "and this one HTTPS");
    let second = cookie(&renewed);
    assert_ne!(first, second);
    access(&app, &renewed.assert_status(200).json()).get(ME).await.assert_status(200);
    app.clock.advance(Duration::minutes(1));
    let stolen = refresh_by_cookie(&app, &first, Some("http://aos.test"), None).await;
    assert!(stolen.header("set-cookie").unwrap().contains("Max-Age=0"), "what is no good is taken away");
    stolen.assert_problem(401, "invalid_refresh_token");
}

#[tokio::test]
async fn behind_a_proxy_only_the_pages_of_the_public_address_use_the_cookie() {
    let public = |settings: &mut aos_api::ApiSettings| settings.public_url = Some("https://aos.example".to_owned());
    let app = TestApp::builder().settings(public).build().await;
    let reply = login(&app, "cookie").await;
    assert!(reply.header("set-cookie").unwrap().contains("; Secure"));
    let held = cookie(&reply);
    refresh_by_cookie(&app, &held, Some("http://aos.test"), None).await.assert_problem(403, "cross_site");
    refresh_by_cookie(&app, &held, Some("https://aos.example"), None).await.assert_status(200);
}

#[tokio::test]
async fn signing_out_ends_the_session_with_all_its_tokens_in_every_process() {
    let app = TestApp::new().await;
    let beside = app.second_process().await;
    let session = login(&app, "body").await.json();
    let (here, there) = (access(&app, &session), beside.client(&access(&app, &session)));
    there.get(ME).await.assert_status(200);
    let out = here.post("/api/v1/auth/logout", &json!({})).await.assert_status(204);
    assert!(out.header("set-cookie").unwrap().contains("Max-Age=0"));
    here.get(ME).await.assert_problem(401, "token_revoked");
    refresh(&app, &session["refresh_token"]).await.assert_problem(401, "invalid_refresh_token");
    crate::waiting::eventually("the other process has heard", async || there.get(ME).await.status == 401).await;
}

#[tokio::test]
async fn one_sees_ones_sessions_and_ends_them_and_nobody_elses() {
    let app = TestApp::new().await;
    let other = access(&app, &login(&app, "body").await.json());
    let sessions = "/api/v1/auth/sessions";
    let list = app.acme.get(sessions).await.assert_status(200).json();
    let items = list["items"].as_array().unwrap();
    assert_eq!(items.len(), 2);
    assert_eq!(items.iter().filter(|session| session["current"] == json!(true)).count(), 1);
    let foreign = items.iter().find(|session| session["current"] == json!(false)).unwrap();
    let path = format!("{sessions}/{}", foreign["id"].as_str().unwrap());
    let colleague = app.colleague(&app.acme, aos_core::Role::Owner).await;
    colleague.delete(&path).await.assert_problem(404, "session_not_found");
    app.acme.delete(&path).await.assert_status(204);
    app.acme.delete(&path).await.assert_problem(404, "session_not_found");
    other.get(ME).await.assert_problem(401, "token_revoked");
}

#[tokio::test]
async fn a_new_password_ends_every_other_session_and_the_old_one_lets_nobody_in() {
    let app = TestApp::new().await;
    let other = login(&app, "body").await.json();
    let path = "/api/v1/auth/password";
    let change = |current: &str, new: &str| {
        let (client, body) = (app.acme.clone(), json!({ "current_password": current, "new_password": new }));
        async move { client.post(path, &body).await }
    };
    change("not the right words", "quite another set of words").await.assert_problem(422, "wrong_password");
    change(PASSWORD, "password1234").await.assert_problem(422, "weak_password");
    change(PASSWORD, "quite another set of words").await.assert_status(204);
    app.acme.get(ME).await.assert_status(200);
    access(&app, &other).get(ME).await.assert_problem(401, "token_revoked");
    refresh(&app, &other["refresh_token"]).await.assert_problem(401, "invalid_refresh_token");
    let old = json!({ "email": "acme@test.invalid", "password": PASSWORD });
    app.anonymous().post(LOGIN, &old).await.assert_problem(401, "invalid_credentials");
    app.anonymous().signed_in("acme@test.invalid", "quite another set of words").await;
}

#[tokio::test]
async fn an_emptied_broker_forgives_no_guesses() {
    let app = TestApp::builder().settings(|settings| settings.throttle.attempts_per_account_max = 3).build().await;
    let wrong = json!({ "email": "acme@test.invalid", "password": "not the right words" });
    for _ in 0..3 {
        app.anonymous().post(LOGIN, &wrong).await.assert_problem(401, "invalid_credentials");
    }
    let anew = app.forgetful_process(|_| {}).await;
    let refused = anew.anonymous().post(LOGIN, &wrong).await;
    assert!(refused.header("retry-after").is_some());
    refused.assert_problem(429, "too_many_attempts");
}
