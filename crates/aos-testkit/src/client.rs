//! Someone who calls the API, in the same process, and what they are answered.

use axum::Router;
use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, Method, Request, StatusCode, header};
use serde::Serialize;
use serde_json::{Value, json};
use std::time::{Duration, Instant};
use tower::ServiceExt;

/// What everyone in tests signs in with.
pub const PASSWORD: &str = "four unrelated plain words";

/// The longest a test waits for a connect.
const CONNECT_MAX: Duration = Duration::from_secs(60);
const BODY_BYTES_MAX: usize = 64 << 20;

#[derive(Clone)]
pub struct Client {
    router: Router,
    token: Option<String>,
}

pub struct Reply {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Bytes,
    asked: String,
}

impl Client {
    pub(crate) fn new(router: Router, token: Option<String>) -> Self {
        Self { router, token }
    }

    pub fn token(&self) -> &str {
        self.token.as_deref().expect("someone who signed in")
    }

    pub async fn get(&self, path: &str) -> Reply {
        self.send(self.request(Method::GET, path).body(Body::empty()).expect("a request")).await
    }

    pub async fn delete(&self, path: &str) -> Reply {
        self.send(self.request(Method::DELETE, path).body(Body::empty()).expect("a request")).await
    }

    pub async fn post(&self, path: &str, body: &impl Serialize) -> Reply {
        self.send_json(Method::POST, path, body).await
    }

    pub async fn put(&self, path: &str, body: &impl Serialize) -> Reply {
        self.send_json(Method::PUT, path, body).await
    }

    async fn send_json(&self, method: Method, path: &str, body: &impl Serialize) -> Reply {
        let body = serde_json::to_vec(body).expect("JSON");
        let request = self.request(method, path).header(header::CONTENT_TYPE, "application/json");
        self.send(request.body(body.into()).expect("a request")).await
    }

    /// Starts a request as this caller, to be finished and sent by the test.
    pub fn request(&self, method: Method, path: &str) -> axum::http::request::Builder {
        let request = Request::builder().method(method).uri(path);
        match &self.token {
            Some(token) => request.header(header::AUTHORIZATION, format!("Bearer {token}")),
            None => request,
        }
    }

    pub async fn send(&self, request: Request<Body>) -> Reply {
        let asked = format!("{} {}", request.method(), request.uri());
        let response = self.router.clone().oneshot(request).await.expect("a router never fails");
        let (parts, body) = response.into_parts();
        let body = axum::body::to_bytes(body, BODY_BYTES_MAX).await.expect("a body");
        Reply { status: parts.status, headers: parts.headers, body, asked }
    }

    /// Signs in as someone.
    pub async fn signed_in(&self, email: &str, password: &str) -> Client {
        let body = json!({ "email": email, "password": password });
        let session = self.post("/api/v1/auth/login", &body).await.assert_status(200).json();
        Client::new(self.router.clone(), session["access_token"].as_str().map(str::to_owned))
    }

    /// Adds a connection to files and returns its id.
    pub async fn create_connection(&self, name: &str, path: &std::path::Path) -> String {
        let body = json!({ "name": name, "config": { "path": path } });
        let connection = self.post("/api/v1/connections", &body).await.assert_status(201).json();
        connection["id"].as_str().expect("an id").to_owned()
    }

    /// Connects every source, waits until it is over, and returns how it went.
    pub async fn connect(&self) -> Value {
        let started = self.post("/api/v1/dcl/connect", &json!({})).await.assert_status(202).json();
        let path = format!("/api/v1/dcl/connect/{}", started["run_id"].as_str().expect("an id"));
        let task = format!("/api/v1/tasks/{}", started["task_id"].as_str().expect("an id"));
        let begun = Instant::now();
        loop {
            let run = self.get(&path).await.assert_status(200).json();
            // The task ends a moment after its run; only then the next connect may begin.
            let over =
                run["status"] != "running" && !self.get(&task).await.assert_status(200).json()["finished_at"].is_null();
            if over {
                return run;
            }
            assert!(begun.elapsed() < CONNECT_MAX, "the connect does not end: {run}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

impl Reply {
    #[track_caller]
    pub fn assert_status(self, status: u16) -> Self {
        assert_eq!(self.status.as_u16(), status, "{}: {}", self.asked, self.text());
        self
    }

    /// Checks that this is a whole problem, of this status and code, and returns it.
    #[track_caller]
    pub fn assert_problem(self, status: u16, code: &str) -> Value {
        let reply = self.assert_status(status);
        assert_eq!(reply.headers[header::CONTENT_TYPE], "application/problem+json", "{}", reply.asked);
        let problem = reply.json();
        assert_eq!(problem["code"], code, "{}: {problem}", reply.asked);
        assert_eq!(problem["status"], status, "{}: {problem}", reply.asked);
        assert_eq!(problem["trace_id"].as_str(), reply.header("x-trace-id"), "{}: {problem}", reply.asked);
        for member in ["type", "title", "detail", "next_step"] {
            assert!(
                problem[member].as_str().is_some_and(|text| !text.is_empty()),
                "{}: no {member} in {problem}",
                reply.asked
            );
        }
        problem
    }

    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{}: {error}: {}", self.asked, self.text()))
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}
