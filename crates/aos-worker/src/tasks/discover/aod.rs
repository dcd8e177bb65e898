//! The client of an AOD (AOS Discover) service. Its contract is in `docs/guides/aod.md`; an answer that breaks it is refused whole.

use crate::TaskError;
use aos_core::TenantScope;
use aos_core::kind::{Discover, DiscoveryType};
use aos_net::{Client, Error, Request};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::HashSet;
use std::time::Duration;

/// The service's path under its address.
const PATH: &str = "api/discover";
/// What is kept of an answer has to fit into a task's result, beside what is added here.
const ANSWER_BYTES_MAX: u64 = 200 * 1024;
const NAME_CHARS_MAX: usize = 500;

/// Where the service is and how it is called.
#[derive(Clone)]
pub struct AodSettings {
    pub url: String,
    pub token: Option<String>,
    /// How long it may take to answer.
    pub timeout: Duration,
}

#[derive(Clone)]
pub struct AodClient {
    net: Client,
    address: String,
    origin: String,
    token: Option<String>,
    timeout: Duration,
}

/// What is sent.
#[derive(Debug, Serialize)]
pub(super) struct Question {
    pub request_id: String,
    pub tenant_id: String,
    #[serde(flatten)]
    pub asked: Discover,
}

/// What came back and holds to the contract.
#[derive(Debug)]
pub(super) struct Answer {
    pub message: String,
    pub entities: Vec<Found>,
    pub provenance: Map<String, Value>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Found {
    pub id: String,
    pub name: String,
    pub discovery_type: DiscoveryType,
    pub entity_type: String,
    pub source: String,
    pub confidence: f64,
    #[serde(default)]
    pub evidence: Vec<String>,
    #[serde(default)]
    pub attributes: Map<String, Value>,
}

#[derive(Deserialize)]
struct Envelope {
    success: bool,
    request_id: String,
    #[serde(default)]
    message: String,
    #[serde(default)]
    discovery: Option<Said>,
}

#[derive(Deserialize)]
struct Said {
    entities: Vec<Found>,
    #[serde(default)]
    provenance: Map<String, Value>,
}

impl AodClient {
    /// # Errors
    /// [`Error::Url`] and [`Error::Blocked`] when the address can be nothing that may be called.
    pub fn new(net: Client, settings: AodSettings) -> Result<Self, Error> {
        let base = format!("{}/", settings.url.trim_end_matches('/'));
        let url = aos_net::Url::parse(&base).and_then(|base| base.join(PATH));
        let url = url.map_err(|error| Error::Url(error.to_string()))?;
        net.guard().check_url(&url)?;
        let origin = url.origin().ascii_serialization();
        Ok(Self { net, address: url.into(), origin, token: settings.token, timeout: settings.timeout })
    }

    /// Scheme, host and port of the service.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    pub(super) async fn ask(&self, scope: &TenantScope, question: &Question) -> Result<Answer, TaskError> {
        let request = self.request(question).map_err(failed)?;
        let envelope: Envelope = self.net.tenant(scope).send_json(request).await.map_err(failed)?;
        checked(envelope, question).map_err(|why| {
            TaskError::permanent(format!(
                "the answer of {} breaks the AOD contract: {why}; correct the service",
                self.origin
            ))
        })
    }

    fn request(&self, question: &Question) -> Result<Request, Error> {
        let request = Request::post(&self.address)?.json(question)?;
        let request = request
            .header("idempotency-key", &question.request_id)?
            .total_timeout(self.timeout)
            .response_timeout(self.timeout)
            .body_bytes_max(ANSWER_BYTES_MAX);
        match &self.token {
            Some(token) => request.bearer(token),
            None => Ok(request),
        }
    }
}

/// Takes an answer apart, or says where it breaks the contract.
fn checked(envelope: Envelope, question: &Question) -> Result<Answer, String> {
    if !envelope.success {
        return Err(format!("it says success = false with status 200: {}", short(&envelope.message)));
    }
    if envelope.request_id != question.request_id {
        return Err("request_id is another one than was sent".to_owned());
    }
    let Some(Said { entities, provenance }) = envelope.discovery else {
        return Err("discovery is missing".to_owned());
    };
    let asked = &question.asked;
    if entities.len() > asked.max_results as usize {
        return Err(format!("{} entities, max_results is {}", entities.len(), asked.max_results));
    }
    let mut ids = HashSet::new();
    for found in &entities {
        let named = [&found.id, &found.name, &found.entity_type];
        if named.iter().any(|text| text.is_empty() || text.chars().count() > NAME_CHARS_MAX) {
            return Err(format!("id, name and entity_type have 1 to {NAME_CHARS_MAX} characters"));
        }
        if !(asked.min_confidence..=1.0).contains(&found.confidence) {
            return Err(format!("the confidence {} is not between min_confidence and 1", found.confidence));
        }
        if !asked.discovery_types.contains(&found.discovery_type) {
            return Err("a discovery_type that was not asked for".to_owned());
        }
        if !ids.insert(&found.id) {
            return Err(format!("the id {} is given twice", short(&found.id)));
        }
    }
    Ok(Answer { message: short(&envelope.message), entities, provenance })
}

/// Judges by what failed whether asking again may help.
fn failed(error: Error) -> TaskError {
    let said = error.story();
    match error {
        Error::Blocked { .. } => TaskError::permanent(format!(
            "{said}; let the operator add the service's network to [net] allow_private if it is meant"
        )),
        Error::Status { status: 401 | 403, .. } => {
            TaskError::permanent(format!("{said}; let the operator correct [aod] token"))
        }
        Error::Status { status: 408 | 425 | 429 | 500.., retry_after: Some(after), .. } => {
            TaskError::retryable_in(said, after)
        }
        Error::CircuitOpen { retry_in, .. } => TaskError::retryable_in(said, retry_in),
        Error::Status { status: 408 | 425 | 429 | 500.., .. }
        | Error::Dns { .. }
        | Error::Connect { .. }
        | Error::Timeout { .. }
        | Error::Interrupted { .. } => TaskError::retryable(said),
        _ => TaskError::permanent(said),
    }
}

fn short(text: &str) -> String {
    text.chars().take(NAME_CHARS_MAX).collect()
}
