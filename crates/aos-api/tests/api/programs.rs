//! Programs that people let act for them: OAuth from the first refusal to the first answer, and everything that must not let anybody in.

use crate::mcp::client::{answered, asking, call, refused};
use aos_core::Role;
use aos_net::Url;
use aos_testkit::{Client, Reply, TestApp};
use axum::body::Body;
use axum::http::{Method, header};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::Duration;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

const RESOURCE: &str = "http://localhost/mcp";
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const REDIRECT: &str = "http://127.0.0.1:33418/callback";
const PROGRAMS: &str = "/api/v1/auth/programs";

fn query(pairs: &[(&str, &str)]) -> String {
    Url::parse_with_params("http://x/", pairs).unwrap().query().unwrap_or_default().to_owned()
}

async fn form(app: &TestApp, path: &str, pairs: &[(&str, &str)]) -> Reply {
    let request = app.anonymous().request(Method::POST, path);
    let request = request.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
    app.anonymous().send(request.body(Body::from(query(pairs))).unwrap()).await
}

/// Registers a program and returns its id.
async fn registered(app: &TestApp, name: &str) -> String {
    let asked = json!({ "client_name": name, "redirect_uris": ["http://127.0.0.1/callback"] });
    let made = app.anonymous().post("/oauth/register", &asked).await.assert_status(201);
    assert_eq!(made.header("cache-control"), Some("no-store"));
    made.json()["client_id"].as_str().unwrap().to_owned()
}

fn asks(client_id: &str, scope: &str) -> Value {
    let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(VERIFIER));
    json!({
        "client_id": client_id, "redirect_uri": REDIRECT, "response_type": "code", "scope": scope, "state": "a b&c",
        "code_challenge": challenge, "code_challenge_method": "S256", "resource": RESOURCE,
    })
}

fn parameter(address: &str, name: &str) -> Option<String> {
    let address = Url::parse(address).unwrap();
    address.query_pairs().find(|(known, _)| known == name).map(|(_, value)| value.into_owned())
}

/// Lets a program act, and returns its code.
async fn allowed(person: &Client, client_id: &str, scopes: &[&str]) -> String {
    let answer = json!({ "request": asks(client_id, &scopes.join(" ")), "allow": true, "scopes": scopes });
    let answered = person.post(PROGRAMS, &answer).await.assert_status(200);
    assert_eq!(answered.header("cache-control"), Some("no-store"));
    let back = answered.json()["send_back"].as_str().unwrap().to_owned();
    assert!(back.starts_with(REDIRECT), "{back}");
    assert_eq!(parameter(&back, "state").as_deref(), Some("a b&c"));
    assert_eq!(parameter(&back, "iss").as_deref(), Some("http://localhost"));
    parameter(&back, "code").expect("a code")
}

fn exchange<'a>(client_id: &'a str, code: &'a str) -> Vec<(&'a str, &'a str)> {
    vec![
        ("grant_type", "authorization_code"),
        ("client_id", client_id),
        ("code", code),
        ("redirect_uri", REDIRECT),
        ("code_verifier", VERIFIER),
        ("resource", RESOURCE),
    ]
}

async fn tokens(app: &TestApp, client_id: &str, code: &str) -> Value {
    form(app, "/oauth/token", &exchange(client_id, code)).await.assert_status(200).json()
}

async fn renewed(app: &TestApp, client_id: &str, token: &str) -> Reply {
    let pairs = [("grant_type", "refresh_token"), ("client_id", client_id), ("refresh_token", token)];
    form(app, "/oauth/token", &pairs).await
}

#[track_caller]
fn said(reply: &Reply, word: &str) {
    assert_eq!((reply.status.as_u16(), &reply.json()["error"]), (400, &json!(word)), "{}", reply.text());
}

/// Asks for the tools with a token, in one message.
async fn listed(app: &TestApp, token: &str) -> Reply {
    let client = app.with_token(token);
    let request = client.request(Method::POST, "/mcp").header(header::HOST, "localhost");
    let request = request
        .header(header::CONTENT_TYPE, "application/json")
        .header(header::ACCEPT, "application/json, text/event-stream");
    let body = json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/list" });
    client.send(request.body(Body::from(body.to_string())).unwrap()).await
}

fn access(tokens: &Value) -> &str {
    tokens["access_token"].as_str().unwrap()
}

fn refresh(tokens: &Value) -> &str {
    tokens["refresh_token"].as_str().unwrap()
}

#[tokio::test]
async fn a_program_finds_its_way_from_a_refusal_to_an_answer_and_is_stopped_by_its_person() {
    let app = TestApp::builder().system_clock().build().await;
    app.acme.create_connection("crm", &app.files.crm("crm", "Acme")).await;
    app.acme.connect().await;
    // Every step is found from the one before it.
    let place = "/.well-known/oauth-protected-resource/mcp";
    let resource = app.anonymous().get(place).await.assert_status(200).json();
    assert_eq!(
        (&resource["resource"], &resource["authorization_servers"]),
        (&json!(RESOURCE), &json!(["http://localhost"]))
    );
    let server = app.anonymous().get("/.well-known/oauth-authorization-server").await.assert_status(200).json();
    assert_eq!(
        (&server["issuer"], &server["code_challenge_methods_supported"]),
        (&json!("http://localhost"), &json!(["S256"]))
    );
    assert_eq!(server["token_endpoint"], "http://localhost/oauth/token");
    let client_id = registered(&app, "Claude").await;
    let asked = asks(&client_id, "graph:read records:read tenant:delete");
    let pairs: Vec<(&str, &str)> =
        asked.as_object().unwrap().iter().map(|(k, v)| (k.as_str(), v.as_str().unwrap())).collect();
    let page = app.anonymous().get(&format!("/oauth/authorize?{}", query(&pairs))).await.assert_status(303);
    assert!(page.header("location").unwrap().starts_with("/allow#"));

    let question = app.acme.get(&format!("{PROGRAMS}/request?{}", query(&pairs))).await.assert_status(200).json();
    let question = &question["asked"];
    assert_eq!((&question["program"], &question["tenant"]), (&json!("Claude"), &json!("acme")), "{question}");
    let scopes: Vec<_> = question["scopes"].as_array().unwrap().iter().map(|scope| &scope["scope"]).collect();
    assert_eq!(scopes, ["graph:read", "records:read"], "what no tool needs is not asked about");
    let code = allowed(&app.acme, &client_id, &["records:read"]).await;
    let tokens = tokens(&app, &client_id, &code).await;
    assert_eq!((&tokens["token_type"], &tokens["scope"]), (&json!("Bearer"), &json!("records:read")), "{tokens}");

    let program = asking(&app.with_token(access(&tokens))).await;
    let sql = json!({ "sql": "SELECT count(*) AS n FROM account" });
    assert_eq!(answered(call(&program, "sql", sql.clone()).await)["rows"], json!([[12]]));
    refused(call(&program, "lineage", json!({})).await, "forbidden");
    // What it holds opens nothing of the API, and a person's token nothing here.
    for path in ["/api/v1/auth/me", "/api/v1/dcl/views/account"] {
        app.with_token(access(&tokens)).get(path).await.assert_problem(401, "invalid_token");
    }
    app.anonymous()
        .post("/api/v1/auth/refresh", &json!({ "refresh_token": refresh(&tokens) }))
        .await
        .assert_status(401);
    listed(&app, app.acme.token()).await.assert_problem(401, "invalid_token");
    // The switch of agents stops it, too.
    app.acme.put("/api/v1/flags/AGENTS_ENABLED", &json!({ "value": false })).await.assert_status(200);
    crate::waiting::eventually("the program is stopped", async || {
        call(&program, "sql", sql.clone()).await.1["code"] == "agents_off"
    })
    .await;
    app.acme.delete("/api/v1/flags/AGENTS_ENABLED").await.assert_status(204);

    let programs = app.acme.get(PROGRAMS).await.assert_status(200).json();
    let id = programs["items"][0]["id"].as_str().unwrap();
    assert_eq!(
        (&programs["items"][0]["name"], &programs["items"][0]["scopes"]),
        (&json!("Claude"), &json!(["records:read"]))
    );
    let sessions = app.acme.get("/api/v1/auth/sessions").await.assert_status(200).text();
    assert!(!sessions.contains(id), "a program is no sign-in of the person: {sessions}");
    let colleague = app.colleague(&app.acme, Role::Owner).await;
    for other in [&colleague, &app.globex] {
        assert_eq!(other.get(PROGRAMS).await.assert_status(200).json()["items"], json!([]));
        other.delete(&format!("{PROGRAMS}/{id}")).await.assert_problem(404, "program_not_found");
    }
    app.acme.delete(&format!("{PROGRAMS}/{id}")).await.assert_status(204);
    listed(&app, access(&tokens)).await.assert_status(401);
    said(&renewed(&app, &client_id, refresh(&tokens)).await, "invalid_grant");
    let trail = app.acme.get("/api/v1/audit?limit=1000").await.assert_status(200).text();
    assert!(trail.contains("program.allow") && trail.contains("Claude") && !trail.contains(&code), "{trail}");
}

#[tokio::test]
async fn a_code_is_good_once_for_its_program_address_verifier_and_resource() {
    let app = TestApp::new().await;
    let (client_id, other) = (registered(&app, "Claude").await, registered(&app, "Mallory").await);
    let code = allowed(&app.acme, &client_id, &["records:read"]).await;
    let wrong_verifier = "x".repeat(43);
    for (name, value, word) in [
        ("code_verifier", wrong_verifier.as_str(), "invalid_grant"),
        ("code_verifier", "", "invalid_grant"),
        ("redirect_uri", "http://127.0.0.1:33419/callback", "invalid_grant"),
        ("client_id", other.as_str(), "invalid_grant"),
        ("code", "aosg_nonsense", "invalid_grant"),
        ("resource", "https://other.example/mcp", "invalid_target"),
        ("grant_type", "password", "unsupported_grant_type"),
    ] {
        let mut pairs = exchange(&client_id, &code);
        for pair in &mut pairs {
            if pair.0 == name {
                pair.1 = value;
            }
        }
        said(&form(&app, "/oauth/token", &pairs).await, word);
    }
    let mut twice = exchange(&client_id, &code);
    twice.push(("code", "aosg_other"));
    said(&form(&app, "/oauth/token", &twice).await, "invalid_request");

    let first = tokens(&app, &client_id, &code).await;
    listed(&app, access(&first)).await.assert_status(200);
    // Whoever comes second may be a thief, or the first was: nothing of it is good any more.
    said(&form(&app, "/oauth/token", &exchange(&client_id, &code)).await, "invalid_grant");
    listed(&app, access(&first)).await.assert_status(401);
    said(&renewed(&app, &client_id, refresh(&first)).await, "invalid_grant");

    let late = allowed(&app.acme, &client_id, &["records:read"]).await;
    app.clock.advance(Duration::seconds(61));
    said(&form(&app, "/oauth/token", &exchange(&client_id, &late)).await, "invalid_grant");
}

#[tokio::test]
async fn a_refresh_token_is_good_once_for_its_program_and_ends_everything_when_it_comes_back() {
    let app = TestApp::new().await;
    let (client_id, other) = (registered(&app, "Claude").await, registered(&app, "Mallory").await);
    let code = allowed(&app.acme, &client_id, &["records:read"]).await;
    let first = tokens(&app, &client_id, &code).await;
    said(&renewed(&app, &other, refresh(&first)).await, "invalid_grant");
    let more = [
        ("grant_type", "refresh_token"),
        ("client_id", client_id.as_str()),
        ("refresh_token", refresh(&first)),
        ("scope", "records:read agents:propose"),
    ];
    said(&form(&app, "/oauth/token", &more).await, "invalid_scope");
    let second = renewed(&app, &client_id, refresh(&first)).await.assert_status(200);
    assert_eq!(second.header("cache-control"), Some("no-store"));
    let second = second.json();
    listed(&app, access(&second)).await.assert_status(200);
    // At once: a program has no second tab that would have asked as well.
    said(&renewed(&app, &client_id, refresh(&first)).await, "invalid_grant");
    said(&renewed(&app, &client_id, refresh(&second)).await, "invalid_grant");
    listed(&app, access(&second)).await.assert_status(401);

    // A person's refresh token is no program's.
    let login = json!({ "email": "acme@test.invalid", "password": aos_testkit::PASSWORD, "refresh": "body" });
    let person = app.anonymous().post("/api/v1/auth/login", &login).await.assert_status(200).json();
    said(&renewed(&app, &client_id, person["refresh_token"].as_str().unwrap()).await, "invalid_grant");

    // Given back, by either token, nothing of it is good.
    for which in ["access_token", "refresh_token"] {
        let code = allowed(&app.acme, &client_id, &["records:read"]).await;
        let held = tokens(&app, &client_id, &code).await;
        form(&app, "/oauth/revoke", &[("token", held[which].as_str().unwrap())]).await.assert_status(200);
        listed(&app, access(&held)).await.assert_status(401);
        said(&renewed(&app, &client_id, refresh(&held)).await, "invalid_grant");
    }
    form(&app, "/oauth/revoke", &[("token", "nonsense")]).await.assert_status(200);
}

#[tokio::test]
async fn a_request_that_is_not_sound_asks_nobody_and_sends_nobody_where_it_should_not() {
    let app = TestApp::new().await;
    let client_id = registered(&app, "Claude").await;
    let with = |name: &str, value: &str| {
        let mut asked = asks(&client_id, "records:read");
        asked[name] = json!(value);
        asked
    };
    let answer = |request: Value| json!({ "request": request, "allow": true, "scopes": ["records:read"] });
    let touched = client_id.replacen("aosm_", "aosm_e", 1);
    for (name, value, code) in [
        ("redirect_uri", "https://evil.example/", "redirect_not_registered"),
        ("redirect_uri", "http://127.0.0.1:33418/other", "redirect_not_registered"),
        ("client_id", "aosm_nonsense", "unknown_program"),
        ("client_id", touched.as_str(), "unknown_program"),
        // The document of a program is not read where nobody should look.
        ("client_id", "https://127.0.0.1/client.json", "unknown_program"),
        ("client_id", "https://169.254.169.254/latest", "unknown_program"),
    ] {
        app.acme.post(PROGRAMS, &answer(with(name, value))).await.assert_problem(422, code);
    }
    for (name, value, word) in [
        ("response_type", "token", "unsupported_response_type"),
        ("code_challenge", "", "invalid_request"),
        ("code_challenge_method", "plain", "invalid_request"),
        ("resource", "https://other.example/mcp", "invalid_target"),
        ("scope", "tenant:delete", "invalid_scope"),
    ] {
        let told = app.acme.post(PROGRAMS, &answer(with(name, value))).await.assert_status(200).json();
        let back = told["send_back"].as_str().unwrap();
        assert!(back.starts_with(REDIRECT) && parameter(back, "code").is_none(), "{back}");
        assert_eq!(parameter(back, "error").as_deref(), Some(word), "{back}");
        assert_eq!(parameter(back, "state").as_deref(), Some("a b&c"));
    }
    let no = json!({ "request": asks(&client_id, "records:read"), "allow": false });
    let told = app.acme.post(PROGRAMS, &no).await.assert_status(200).json();
    assert_eq!(parameter(told["send_back"].as_str().unwrap(), "error").as_deref(), Some("access_denied"));
    assert!(app.acme.get("/api/v1/audit?limit=100").await.text().contains("program.refuse"));
    // Nobody but a person who signed in lets a program act.
    let key = app.acme.post("/api/v1/api-keys", &json!({ "name": "k", "role": "member" })).await.assert_status(201);
    let key = app.with_token(key.json()["key"].as_str().unwrap());
    key.post(PROGRAMS, &answer(asks(&client_id, "records:read"))).await.assert_problem(403, "forbidden");
    for asked in [
        json!({ "redirect_uris": [] }),
        json!({ "redirect_uris": ["javascript:alert(1)"] }),
        json!({ "redirect_uris": ["http://example.com/cb"] }),
    ] {
        said(&app.anonymous().post("/oauth/register", &asked).await, "invalid_redirect_uri");
    }
    let secret = json!({ "redirect_uris": [REDIRECT], "token_endpoint_auth_method": "client_secret_basic" });
    said(&app.anonymous().post("/oauth/register", &secret).await, "invalid_client_metadata");
}

#[tokio::test]
async fn a_program_may_no_more_than_its_person_and_sees_no_personal_data_that_was_not_allowed() {
    let app = TestApp::builder().system_clock().build().await;
    let mut rows = String::from("contact_id,first_name,last_name,email\n");
    for row in 1..=12 {
        rows += &format!("C{row:03},Ada,Lovelace{row},ada{row}@lovelace.example\n");
    }
    app.acme.create_connection("crm", &app.files.source("crm", &[("contact.csv", rows.as_bytes())])).await;
    app.acme.connect().await;
    let client_id = registered(&app, "Claude").await;
    let program = async |person: &Client, scopes: &[&str]| {
        let code = allowed(person, &client_id, scopes).await;
        app.with_token(access(&tokens(&app, &client_id, &code).await))
    };
    let contacts = async |program: &Client| {
        answered(call(&asking(program).await, "search_records", json!({ "entity": "contact" })).await).to_string()
    };
    let narrow = contacts(&program(&app.acme, &["records:read"]).await).await;
    assert!(narrow.contains("[masked:email]") && !narrow.contains("lovelace.example"), "{narrow}");
    let wide = contacts(&program(&app.acme, &["records:read", "personal:read"]).await).await;
    assert!(wide.contains("ada1@lovelace.example"), "{wide}");

    let viewer = app.colleague(&app.acme, Role::Viewer).await;
    let scopes = ["records:read", "personal:read"];
    let answer = json!({ "request": asks(&client_id, &scopes.join(" ")), "allow": true, "scopes": scopes });
    viewer.post(PROGRAMS, &answer).await.assert_problem(422, "invalid_scopes");
    let beyond = json!({ "request": asks(&client_id, "records:read"), "allow": true, "scopes": ["graph:read"] });
    app.acme.post(PROGRAMS, &beyond).await.assert_problem(422, "invalid_scopes");

    let stranger = asking(&program(&app.globex, &["records:read"]).await).await;
    let sql = json!({ "sql": "SELECT count(*) AS n FROM contact" });
    assert_eq!(answered(call(&stranger, "sql", sql).await)["rows"], json!([[0]]), "another tenant's program");

    // Who is a member no more has no programs either.
    let member = app.colleague(&app.acme, Role::Member).await;
    let of_member = program(&member, &["records:read"]).await;
    let id = member.get("/api/v1/auth/me").await.json()["user"]["id"].as_str().unwrap().to_owned();
    app.acme.delete(&format!("/api/v1/members/{id}")).await.assert_status(204);
    listed(&app, of_member.token()).await.assert_status(401);
}

#[tokio::test]
async fn an_address_registers_only_so_many_programs() {
    let app = TestApp::builder().settings(|settings| settings.throttle.registrations_per_address_max = 3).build().await;
    let asked = json!({ "client_name": "Claude", "redirect_uris": [REDIRECT] });
    for _ in 0..3 {
        app.anonymous().post("/oauth/register", &asked).await.assert_status(201);
    }
    app.anonymous().post("/oauth/register", &asked).await.assert_problem(429, "too_many_attempts");
}
