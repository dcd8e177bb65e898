//! What surrounds every handler: trace ids, problems, limits, compression, the web interface.

use aos_api::DemoLogin;
use aos_testkit::{PASSWORD, TestApp};
use axum::body::Body;
use axum::http::Method;
use serde_json::{Value, json};
use std::io::Write;
use std::sync::{Arc, Mutex};

#[tokio::test]
async fn every_answer_carries_the_callers_trace_id_also_where_there_is_nothing() {
    let app = TestApp::new().await;
    for path in ["/api/v1/health", "/api/v1/nothing", "/api/v1/auth/me", "/", "/docs/"] {
        let request = app.anonymous().request(Method::GET, path).header("x-trace-id", "order-7").body(Body::empty());
        let reply = app.anonymous().send(request.unwrap()).await;
        assert_eq!(reply.header("x-trace-id"), Some("order-7"), "{path}");
        assert_eq!(reply.header("x-content-type-options"), Some("nosniff"), "{path}");
        assert!(reply.header("content-security-policy").unwrap().contains("frame-ancestors 'none'"), "{path}");
    }
    let traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    let request =
        app.anonymous().request(Method::GET, "/health").header("traceparent", traceparent).body(Body::empty());
    let reply = app.anonymous().send(request.unwrap()).await;
    assert_eq!(reply.header("x-trace-id"), Some("0af7651916cd43dd8448eb211c80319c"));
}

#[tokio::test]
async fn an_unknown_route_is_a_problem_and_not_a_page() {
    let app = TestApp::new().await;
    for path in ["/api/v1/nothing", "/api", "/dcl/nothing", "/health/nothing", "/assets/gone.js"] {
        app.acme.get(path).await.assert_problem(404, "route_not_found");
    }
    app.acme.post("/somewhere", &json!({})).await.assert_problem(404, "route_not_found");
}

#[tokio::test]
async fn a_wrong_method_says_which_ones_there_are() {
    let app = TestApp::new().await;
    let reply = app.acme.delete("/api/v1/connections").await;
    assert_eq!(reply.header("allow").map(|allow| allow.contains("POST")), Some(true));
    reply.assert_problem(405, "method_not_allowed");
    app.acme.delete("/dcl/state").await.assert_problem(405, "method_not_allowed");
}

#[tokio::test]
async fn a_body_that_cannot_be_taken_is_a_problem() {
    let app = TestApp::builder().settings(|settings| settings.body_bytes_max = 1000).build().await;
    let send = |body: &str, kind: &str| {
        let request = app.acme.request(Method::POST, "/api/v1/dcl/query").header("content-type", kind);
        let request = request.body(Body::from(body.to_owned())).unwrap();
        let client = app.acme.clone();
        async move { client.send(request).await }
    };
    send("{\"sql\":", "application/json").await.assert_problem(400, "invalid_json");
    send("{\"sql\": 7}", "application/json").await.assert_problem(422, "invalid_body");
    send("sql=1", "application/x-www-form-urlencoded").await.assert_problem(415, "unsupported_media_type");
    let long = json!({ "sql": "x".repeat(2000) }).to_string();
    send(&long, "application/json").await.assert_problem(413, "body_too_large");
    // A body that does not say how long it is gets cut off while it is read.
    let stream = Body::new(Body::from(long));
    let request = app.acme.request(Method::POST, "/api/v1/dcl/query").header("content-type", "application/json");
    app.acme.send(request.body(stream).unwrap()).await.assert_problem(413, "body_too_large");
}

#[tokio::test]
async fn a_query_string_that_cannot_be_read_is_a_problem() {
    let app = TestApp::new().await;
    app.acme.get("/api/v1/connections?limit=many").await.assert_problem(400, "invalid_query");
    app.acme.get("/api/v1/connections?cursor=%21%21").await.assert_problem(400, "bad_cursor");
    app.acme.get("/api/v1/connections/not-an-id").await.assert_problem(400, "invalid_path");
    app.acme.get("/api/v1/rejections?code=nothing").await.assert_problem(400, "invalid_query");
}

#[tokio::test]
async fn large_bodies_are_compressed_for_those_who_ask() {
    let app = TestApp::new().await;
    let ask =
        |path: &str| app.acme.request(Method::GET, path).header("accept-encoding", "gzip").body(Body::empty()).unwrap();
    let large = app.acme.send(ask("/api/v1/dcl/ontology_schema")).await.assert_status(200);
    assert_eq!(large.header("content-encoding"), Some("gzip"));
    let small = app.acme.send(ask("/api/v1/health")).await.assert_status(200);
    assert_eq!(small.header("content-encoding"), None);
}

#[tokio::test]
async fn the_process_says_that_it_runs_and_can_work() {
    let app = TestApp::new().await;
    for path in ["/health", "/api/v1/health", "/health/ready", "/api/v1/health/ready"] {
        let health = app.anonymous().get(path).await.assert_status(200).json();
        assert_eq!(health["status"], "ok", "{path}");
        assert!(health.get("demo").is_none(), "{path}");
    }
}

#[tokio::test]
async fn a_demo_shows_its_login() {
    let login = DemoLogin { email: "demo@test.invalid".to_owned(), password: "for everyone to see".to_owned() };
    let app = TestApp::builder().settings(|settings| settings.demo_login = Some(login)).build().await;
    let health = app.anonymous().get("/api/v1/health").await.assert_status(200).json();
    assert_eq!(health["demo"]["email"], "demo@test.invalid");
}

#[tokio::test]
async fn the_documentation_and_the_description_are_served() {
    let app = TestApp::new().await;
    let api = app.anonymous().get("/openapi.json").await.assert_status(200).json();
    assert!(api["paths"]["/api/v1/dcl/state"].is_object());
    assert!(app.anonymous().get("/docs/").await.assert_status(200).text().contains("swagger"));
}

#[tokio::test]
async fn paths_of_the_web_interface_are_answered_with_its_page() {
    let app = TestApp::new().await;
    let page = app.anonymous().get("/records/account").await.assert_status(200);
    if !aos_api::ui_is_embedded() {
        assert!(page.text().contains("make ui"));
        return;
    }
    assert!(page.header("content-type").unwrap().starts_with("text/html"));
    let tag = page.header("etag").unwrap().to_owned();
    let request = app.anonymous().request(Method::GET, "/").header("if-none-match", tag).body(Body::empty()).unwrap();
    app.anonymous().send(request).await.assert_status(304);
    let text = page.text();
    // Its name tells its content; that of the small script before it does not.
    let path = text.split("src=\"").find(|part| part.starts_with("/assets/")).unwrap().split('"').next().unwrap();
    let script = app.anonymous().get(path).await.assert_status(200);
    assert!(script.header("cache-control").unwrap().contains("immutable"));
    assert!(script.header("content-type").unwrap().contains("javascript"));
    for (accepted, sent) in [("br, gzip", Some("gzip")), ("gzip;q=0, br", None)] {
        let request = app.anonymous().request(Method::GET, path).header("accept-encoding", accepted);
        let script = app.anonymous().send(request.body(Body::empty()).unwrap()).await.assert_status(200);
        assert_eq!(script.header("content-encoding"), sent, "{accepted}");
        assert!(script.header("content-type").unwrap().contains("javascript"));
    }
}

/// Keeps what is logged.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn each_request_is_one_line_that_names_its_route_and_no_secret() {
    let app = TestApp::new().await;
    let me = app.acme.get("/api/v1/auth/me").await.json();
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt().json().with_writer(move || writer.clone()).finish();
    let guard = tracing::subscriber::set_default(subscriber);
    app.acme.get("/api/v1/dcl/lineage/account/name?secret=in-the-query").await.assert_status(200);
    app.anonymous().signed_in("acme@test.invalid", PASSWORD).await;
    drop(guard);
    let text = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let requests: Vec<&Value> =
        lines.iter().map(|line| &line["fields"]).filter(|fields| fields["route"].is_string()).collect();
    assert_eq!(requests.len(), 2, "{text}");
    let first = requests[0];
    assert_eq!((&first["method"], &first["status"]), (&json!("GET"), &json!(200)), "{text}");
    assert_eq!(first["route"], "/api/v1/dcl/lineage/{entity}/{field}");
    assert_eq!(first["tenant"], me["tenant"]["id"]);
    assert!(first["duration_ms"].as_f64().unwrap() > 0.0 && first["trace_id"].is_string(), "{text}");
    for secret in [PASSWORD, "in-the-query", app.acme.token(), "acme@test.invalid"] {
        assert!(!text.contains(secret), "{secret} is logged: {text}");
    }
}

#[tokio::test]
async fn only_pages_of_listed_origins_may_call() {
    let listed = vec!["https://app.example.com".to_owned()];
    let app = TestApp::builder().settings(|settings| settings.cors_origins = listed).build().await;
    let ask = |origin: &'static str| {
        let request = app.anonymous().request(Method::OPTIONS, "/api/v1/tasks").header("origin", origin);
        let request = request.header("access-control-request-method", "POST");
        let request = request.header("access-control-request-headers", "authorization,idempotency-key");
        let (client, request) = (app.anonymous(), request.body(Body::empty()).unwrap());
        async move { client.send(request).await }
    };
    let allowed = ask("https://app.example.com").await;
    assert_eq!(allowed.header("access-control-allow-origin"), Some("https://app.example.com"));
    assert!(allowed.header("access-control-allow-headers").unwrap().contains("idempotency-key"));
    assert_eq!(allowed.header("access-control-allow-credentials"), None, "no cookie goes along");
    assert_eq!(ask("https://evil.example.com").await.header("access-control-allow-origin"), None);
    let none = TestApp::new().await;
    let request = none.anonymous().request(Method::GET, "/health").header("origin", "https://app.example.com");
    let reply = none.anonymous().send(request.body(Body::empty()).unwrap()).await;
    assert_eq!(reply.header("access-control-allow-origin"), None);
}

#[tokio::test]
async fn browsers_are_told_to_stay_encrypted_only_where_the_server_is() {
    let app = TestApp::new().await;
    assert_eq!(app.anonymous().get("/health").await.header("strict-transport-security"), None);
    let https = Some("https://autonomos.example.com".to_owned());
    let app = TestApp::builder().settings(|settings| settings.public_url = https).build().await;
    let told = app.anonymous().get("/health").await;
    assert_eq!(told.header("strict-transport-security"), Some("max-age=31536000"));
}

#[tokio::test]
async fn the_description_is_drawn_without_another_server() {
    let app = TestApp::new().await;
    let page = app.anonymous().get("/redoc").await;
    // Where the bundle was not there at the build, the answer says so.
    if page.status == 404 {
        page.assert_problem(404, "redoc_not_embedded");
        return;
    }
    let policy = page.header("content-security-policy").unwrap();
    assert!(policy.contains("default-src 'self'") && !policy.contains("http"), "{policy}");
    assert!(!page.text().contains("://"), "{}", page.text());
    let bundle = app.anonymous().get("/redoc/redoc.standalone.js").await.assert_status(200);
    assert!(bundle.header("content-type").unwrap().contains("javascript") && bundle.body.len() > 500_000);
}

#[tokio::test]
async fn what_is_written_piece_by_piece_is_compressed_to_its_end() {
    let app = TestApp::new().await;
    for _ in 0..20 {
        app.acme.post("/api/v1/tasks", &json!({ "kind": "noop" })).await.assert_status(201);
    }
    let request = app.acme.request(Method::GET, "/api/v1/audit/export").header("accept-encoding", "gzip");
    let reply = app.acme.send(request.body(Body::empty()).unwrap()).await.assert_status(200);
    assert_eq!(reply.header("content-encoding"), Some("gzip"));
    let length = app.acme.get("/api/v1/audit/export").await.body.len();
    // A gzip ends with how long it was before.
    let said = u32::from_le_bytes(reply.body[reply.body.len() - 4..].try_into().unwrap());
    assert!(said.abs_diff(u32::try_from(length).unwrap()) < 500, "{said} {length}");
}
