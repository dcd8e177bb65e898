//! One call of a deployment, however it is carried: over the network, or within a test.

use serde_json::Value;
use std::future::Future;

pub type CallerError = Box<dyn std::error::Error + Send + Sync>;

#[derive(Debug, Clone)]
pub struct Call {
    pub method: String,
    /// From the root of the server, with its query.
    pub path: String,
    pub token: Option<String>,
    pub headers: Vec<(&'static str, String)>,
    pub body: Option<Value>,
}

#[derive(Debug, Clone)]
pub struct Answer {
    pub status: u16,
    /// Seconds to wait before asking again, when the deployment said so.
    pub retry_after_s: Option<u64>,
    pub body: String,
}

/// Whoever carries calls to the deployment.
pub trait Caller: Sync {
    fn call(&self, call: Call) -> impl Future<Output = Result<Answer, CallerError>> + Send;
}

impl Call {
    pub fn new(method: &str, path: impl Into<String>) -> Self {
        Self { method: method.to_uppercase(), path: path.into(), token: None, headers: Vec::new(), body: None }
    }

    pub fn by(self, token: &str) -> Self {
        Self { token: Some(token.to_owned()), ..self }
    }

    pub fn with(self, body: Option<Value>) -> Self {
        Self { body, ..self }
    }

    pub fn header(mut self, name: &'static str, value: &str) -> Self {
        self.headers.push((name, value.to_owned()));
        self
    }
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_default()
    }

    pub fn is_fine(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// Whether it is a problem of this status and code.
    pub fn is_problem(&self, status: u16, code: &str) -> bool {
        self.status == status && self.json()["code"] == code
    }

    /// Says in a few words what was answered.
    pub fn shown(&self) -> String {
        const SHOWN_CHARS: usize = 300;
        let body: String = self.body.chars().take(SHOWN_CHARS).collect();
        format!("{} {body}", self.status)
    }
}
