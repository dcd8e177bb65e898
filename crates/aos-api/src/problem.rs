//! The one shape of every error that leaves the API: RFC 9457, with a stable `code` and the next step.
//!
//! Nothing internal goes in here: no SQL, no path the caller did not name, no cause chain. Those are logged where they are handled.

use crate::middleware::tracing::RequestContext;
use aos_core::task::TaskId;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use std::borrow::Cow;
use std::collections::BTreeMap;
use utoipa::openapi::content::ContentBuilder;
use utoipa::openapi::{Ref, RefOr, ResponseBuilder};
use utoipa::{IntoResponses, ToSchema};
use uuid::Uuid;

pub const CONTENT_TYPE: &str = "application/problem+json";

/// What a handler or a middleware answers when it cannot do what was asked.
#[derive(Debug, Clone, PartialEq)]
pub struct Problem {
    status: StatusCode,
    code: Cow<'static, str>,
    detail: String,
    next_step: Cow<'static, str>,
    retry_after_s: Option<u64>,
    task: Option<Box<TaskLink>>,
}

/// The code of a problem, beside the response that says it: for the layers around whoever answered.
#[derive(Debug, Clone)]
pub struct Code(pub Cow<'static, str>);

/// A task that stands in the way, or that the answer is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct TaskLink {
    pub id: Uuid,
    /// Where it can be read.
    #[schema(example = "/api/v1/tasks/0199c0de-0000-7000-8000-000000000000")]
    pub href: String,
}

/// An error, as RFC 9457 describes it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Problem)]
pub struct ProblemBody<'a> {
    /// A URI that names the kind of problem; made from `code`.
    #[serde(rename = "type")]
    #[schema(example = "urn:autonomos:problem:connection_not_found")]
    kind: String,
    #[schema(example = "Connection not found")]
    title: &'a str,
    #[schema(example = 404)]
    status: u16,
    detail: &'a str,
    /// Stable and meant for programs.
    #[schema(example = "connection_not_found")]
    code: &'a str,
    /// What to do about it.
    next_step: &'a str,
    /// The task that stands in the way, where one does; also in the `Location` header.
    #[serde(skip_serializing_if = "Option::is_none")]
    task: Option<&'a TaskLink>,
    /// The path that was called.
    #[serde(skip_serializing_if = "Option::is_none")]
    instance: Option<&'a str>,
    /// Names this request in the logs.
    #[serde(skip_serializing_if = "Option::is_none")]
    trace_id: Option<&'a str>,
}

impl Problem {
    /// Builds a problem; the title is the code in words.
    pub fn new(
        status: StatusCode,
        code: impl Into<Cow<'static, str>>,
        detail: impl Into<String>,
        next_step: impl Into<Cow<'static, str>>,
    ) -> Self {
        let (code, detail, next_step) = (code.into(), detail.into(), next_step.into());
        Self { status, code, detail, next_step, retry_after_s: None, task: None }
    }

    pub fn with_code(mut self, code: String) -> Self {
        self.code = code.into();
        self
    }

    /// Gives a problem of one code another one, where an address has a name of its own for it.
    pub fn renamed(self, from: &str, to: &'static str) -> Self {
        if self.code == from { self.with_code(to.to_owned()) } else { self }
    }

    /// Says after how many seconds it is worth trying again.
    pub fn retry_after(mut self, seconds: u64) -> Self {
        self.retry_after_s = Some(seconds.max(1));
        self
    }

    /// Names the task that stands in the way.
    pub fn with_task(mut self, task: TaskId) -> Self {
        self.task = Some(Box::new(task.into()));
        self
    }

    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// Returns code, detail and next step, for an answer that is about several things.
    pub fn said(&self) -> (String, String, String) {
        (self.code.clone().into_owned(), self.detail.clone(), self.next_step.clone().into_owned())
    }

    pub fn code(&self) -> &str {
        &self.code
    }

    pub fn bad_request(code: &'static str, detail: impl Into<String>, next_step: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, code, detail, next_step)
    }

    /// Refuses a token or the lack of one.
    pub fn unauthorized(code: &'static str, detail: &str, next_step: &'static str) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, code, detail, next_step)
    }

    pub fn forbidden(detail: &str) -> Self {
        Self::new(
            StatusCode::FORBIDDEN,
            "forbidden",
            detail,
            "ask an owner or admin of your tenant to do this or to change your role",
        )
    }

    /// Says that this tenant has no such thing; another tenant's thing is answered the same way.
    pub fn not_found(noun: &str, next_step: impl Into<Cow<'static, str>>) -> Self {
        let detail = format!("there is no such {} here", noun.replace('_', " "));
        Self::new(StatusCode::NOT_FOUND, format!("{noun}_not_found"), detail, next_step)
    }

    pub fn conflict(code: &'static str, detail: impl Into<String>, next_step: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::CONFLICT, code, detail, next_step)
    }

    pub fn unprocessable(
        code: &'static str,
        detail: impl Into<String>,
        next_step: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, code, detail, next_step)
    }

    pub fn too_many(code: &'static str, detail: impl Into<String>, retry_after_s: u64) -> Self {
        let next_step = format!("wait {} seconds, then try again", retry_after_s.max(1));
        Self::new(StatusCode::TOO_MANY_REQUESTS, code, detail, next_step).retry_after(retry_after_s)
    }

    pub fn unavailable(code: &'static str, detail: &'static str) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, code, detail, "try again in a moment").retry_after(2)
    }

    /// Hides what went wrong; the cause was logged under the trace id.
    pub fn internal() -> Self {
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "internal",
            "something went wrong on our side",
            "try again; if it stays, give the trace id to the operator, who finds the cause under it in the log",
        )
    }

    /// Logs the cause where it ends and answers without it.
    pub fn log_internal(cause: &(dyn std::error::Error + 'static)) -> Self {
        let mut causes = cause.to_string();
        let mut next = cause.source();
        while let Some(source) = next {
            causes.push_str(": ");
            causes.push_str(&source.to_string());
            next = source.source();
        }
        ::tracing::error!(trace_id = RequestContext::trace_id().as_deref(), error = causes, "a request failed inside");
        Self::internal()
    }
}

impl From<TaskId> for TaskLink {
    fn from(TaskId(id): TaskId) -> Self {
        Self { id, href: format!("/api/v1/tasks/{id}") }
    }
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}; {}", self.detail, self.next_step)
    }
}

impl std::error::Error for Problem {}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let context = RequestContext::current();
        let body = ProblemBody {
            kind: format!("urn:autonomos:problem:{}", self.code),
            title: &in_words(&self.code),
            status: self.status.as_u16(),
            detail: &self.detail,
            code: &self.code,
            next_step: &self.next_step,
            task: self.task.as_deref(),
            instance: context.as_ref().map(|context| context.path.as_str()),
            trace_id: context.as_ref().map(|context| context.trace_id.as_str()),
        };
        let bytes = serde_json::to_vec(&body).expect("a struct of texts and a number is JSON");
        let mut response = (self.status, [(header::CONTENT_TYPE, CONTENT_TYPE)], bytes).into_response();
        if let Some(seconds) = self.retry_after_s {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if let Some(location) = self.task.and_then(|task| HeaderValue::from_str(&task.href).ok()) {
            response.headers_mut().insert(header::LOCATION, location);
        }
        if self.status == StatusCode::UNAUTHORIZED {
            response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response.extensions_mut().insert(Code(self.code));
        response
    }
}

impl IntoResponses for Problem {
    fn responses() -> BTreeMap<String, RefOr<utoipa::openapi::Response>> {
        let content = ContentBuilder::new().schema(Some(Ref::from_schema_name("Problem"))).build();
        let response = ResponseBuilder::new()
            .description("What went wrong, with a stable code and the next step")
            .content(CONTENT_TYPE, content)
            .build();
        BTreeMap::from([("default".to_owned(), response.into())])
    }
}

fn in_words(code: &str) -> String {
    let words = code.replace('_', " ");
    let mut letters = words.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_is_the_code_in_words() {
        assert_eq!(in_words(Problem::not_found("connection", "look").code()), "Connection not found");
    }

    #[test]
    fn an_internal_problem_shows_nothing_of_its_cause() {
        let problem = Problem::log_internal(&std::io::Error::other("/secret/place"));
        assert!(!format!("{problem:?}").contains("secret"));
    }
}
