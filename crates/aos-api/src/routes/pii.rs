//! Personal data in a text or a record: found, taken out, and brought back from tokens by those who may see it.

use crate::extract::Json;
use crate::guard::Allowed;
use crate::problem::Problem;
use crate::state::App;
use aos_ai::pii::{self, Class, Finding, PathFinding, Policy, TokenKey};
use aos_ai::screen;
use aos_core::TenantScope;
use aos_core::ontology::Pii;
use aos_core::policy::{Permission, Resource, decide, may};
use axum::extract::State;
use axum::http::header::CACHE_CONTROL;
use axum::response::IntoResponse;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

const PURPOSE_CHARS_MAX: usize = 200;

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "text": "Call Ms. Jane Miller at +44 20 7946 0958.", "redact": "labels" }))]
pub struct PiiScanRequest {
    /// A text. Either this or `record`.
    #[serde(default)]
    text: Option<String>,
    /// A record: every value of it is searched, with the name of its member as context.
    #[serde(default)]
    #[schema(value_type = Option<Object>)]
    record: Option<Value>,
    /// The entity whose fields the members of the record are, so that the classes of the ontology count.
    #[serde(default)]
    #[schema(example = json!(null))]
    entity: Option<String>,
    /// Only these classes, such as `email`; all when left out.
    #[serde(default)]
    #[schema(example = json!(null))]
    types: Option<Vec<String>>,
    /// The least score of what counts, from 0 to 1.
    #[serde(default)]
    #[schema(minimum = 0, maximum = 1, default = 0.5, example = 0.5)]
    score_min: Option<f32>,
    /// Return the text or record without what was found, too. Tokens are for those who may see personal data.
    #[serde(default)]
    redact: Option<RedactWith>,
}

/// What stands in the place of what was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RedactWith {
    /// `<EMAIL>`: nothing of it comes back.
    Labels,
    /// `<EMAIL:tok_…>`: always the same for the same value of this tenant, and opened by `POST /pii/reveal`.
    Tokens,
}

/// What was found. No value is repeated.
#[derive(Debug, Serialize, ToSchema)]
pub struct PiiScan {
    findings: Vec<PiiFinding>,
    /// The text without what was found.
    #[serde(skip_serializing_if = "Option::is_none")]
    redacted_text: Option<String>,
    /// The record without what was found.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    redacted_record: Option<Value>,
    /// The model that looked for names beside the rules; null where the rules did so alone.
    #[schema(required, example = json!(null))]
    names_model: Option<String>,
    /// Whether the text tries to instruct a model: `clean`, `suspicious` or `instructs`; none for a record.
    #[schema(required, example = "clean")]
    screening: Option<&'static str>,
}

/// A piece of personal data.
#[derive(Debug, Serialize, ToSchema)]
pub struct PiiFinding {
    #[serde(rename = "type")]
    #[schema(value_type = String, example = "phone")]
    class: Class,
    /// What it is within its class.
    #[schema(example = "phone")]
    kind: &'static str,
    /// Where it begins, in characters (Unicode scalar values).
    #[schema(example = 24)]
    start: usize,
    /// Where it has ended, in characters.
    #[schema(example = 40)]
    end: usize,
    /// The same in bytes of UTF-8.
    bytes: PiiBytes,
    /// From 0 to 1; a rank for a threshold and no probability.
    #[schema(example = 0.97)]
    score: f32,
    /// What the score rests on.
    #[schema(value_type = Vec<String>, example = json!(["form", "context"]))]
    because: Vec<&'static str>,
    /// The value of the record that it is in, as a JSON pointer.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = json!(null))]
    path: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct PiiBytes {
    #[schema(example = 24)]
    start: usize,
    #[schema(example = 40)]
    end: usize,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "text": "Call <PHONE:tok_AAAA>.", "purpose": "to call back the caller of ticket 17" }))]
pub struct PiiRevealRequest {
    /// A text with tokens.
    text: String,
    /// Why they are opened; it is written into the audit trail, so no personal data belongs here.
    #[schema(min_length = 1, max_length = 200)]
    purpose: String,
}

/// A text whose tokens were opened.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({ "text": "Call +44 20 7946 0958.", "opened": 1, "unopened": 0 }))]
pub struct PiiRevealed {
    text: String,
    opened: usize,
    /// Tokens that are not of this tenant, or were touched. They stand in the text as they were.
    unopened: usize,
}

/// Finds personal data and secrets in a text or a record, and takes them out on request. Nothing of it is kept.
#[utoipa::path(post, path = "/pii/scan", tag = "pii", request_body = PiiScanRequest, responses((status = 200, body = PiiScan), Problem))]
pub async fn scan(
    tenant: Allowed<may::ReadRecords>,
    State(app): State<App>,
    Json(request): Json<PiiScanRequest>,
) -> Result<impl IntoResponse, Problem> {
    let policy = policy(&app, &tenant, &request).await?;
    let shown = request.redact.is_some();
    let scanned = match (request.text, request.record) {
        (Some(text), None) => {
            let redacted = pii::redact_aside(text.clone(), &policy).await.map_err(unsearched)?;
            let screening = screen::screen(&text).map_err(|error| too_large(error.to_string()))?;
            PiiScan {
                findings: redacted.findings.into_iter().map(|finding| found(finding, None)).collect(),
                redacted_text: shown.then_some(redacted.text),
                redacted_record: None,
                names_model: policy.names_model().map(str::to_owned),
                screening: Some(screening.verdict.as_str()),
            }
        }
        (None, Some(record)) => {
            let classes = classes(&app, &tenant, request.entity.as_deref()).await?;
            let redacted = pii::aside(&policy, move |policy| {
                let of = |name: &str| classes.iter().find(|(known, _)| known == name).and_then(|(_, pii)| *pii);
                pii::redact_value(&record, policy, of)
            });
            let redacted = redacted.await.map_err(unsearched)?;
            let found = |PathFinding { path, finding, .. }| found(finding, Some(path));
            PiiScan {
                findings: redacted.findings.into_iter().map(found).collect(),
                redacted_text: None,
                redacted_record: shown.then_some(redacted.value),
                names_model: policy.names_model().map(str::to_owned),
                screening: None,
            }
        }
        _ => {
            let next_step = "give one of them; a list of records is a record, too";
            return Err(Problem::unprocessable("invalid_scan", "either `text` or `record` is searched", next_step));
        }
    };
    Ok(([(CACHE_CONTROL, "no-store")], axum::Json(scanned)))
}

/// Puts the values back in the place of their tokens. That it was done, by whom and for what, is written into the audit trail first.
#[utoipa::path(post, path = "/pii/reveal", tag = "pii", request_body = PiiRevealRequest, responses((status = 200, body = PiiRevealed), Problem))]
pub async fn reveal(
    tenant: Allowed<may::ReadPersonal>,
    State(app): State<App>,
    Json(request): Json<PiiRevealRequest>,
) -> Result<impl IntoResponse, Problem> {
    if !(1..=PURPOSE_CHARS_MAX).contains(&request.purpose.trim().chars().count()) {
        let detail = format!("`purpose` has 1 to {PURPOSE_CHARS_MAX} characters");
        return Err(Problem::unprocessable("invalid_purpose", detail, "say in a few words why the tokens are opened"));
    }
    let revealed = token_key(&app, &tenant).await?.reveal(&request.text);
    let store = app.store.tenant(&tenant);
    store.record_pii_reveal(revealed.opened, revealed.unopened, request.purpose.trim()).await?;
    let shown = PiiRevealed { text: revealed.text, opened: revealed.opened, unopened: revealed.unopened };
    Ok(([(CACHE_CONTROL, "no-store")], axum::Json(shown)))
}

async fn policy(app: &App, scope: &TenantScope, request: &PiiScanRequest) -> Result<Policy, Problem> {
    let known = || format!("use some of {}", Class::ALL.map(Class::as_str).join(", "));
    let classes = match &request.types {
        None => Class::ALL.to_vec(),
        Some(types) => {
            types.iter().map(|class| class.parse()).collect::<Result<_, pii::UnknownClass>>().map_err(|_| {
                Problem::unprocessable("unknown_pii_type", "`types` names a class that there is not", known())
            })?
        }
    };
    let score_min = request.score_min.unwrap_or(Policy::SCORE_MIN);
    if !(0.0..=1.0).contains(&score_min) {
        return Err(Problem::unprocessable(
            "invalid_scan",
            "`score_min` is a number from 0 to 1",
            "leave it out for 0.5",
        ));
    }
    let policy = app.knowledge.policy().only(classes).score_min(score_min);
    if request.redact != Some(RedactWith::Tokens) {
        return Ok(policy);
    }
    // Who makes tokens of guesses and compares them learns what a token stands for.
    let personal = decide(scope, Permission::ReadPersonal, Resource::Any);
    if !personal.allowed {
        return Err(Problem::forbidden(&personal.to_string()));
    }
    Ok(policy.with_tokens(token_key(app, scope).await?))
}

/// Returns what the ontology says of the fields of an entity.
async fn classes(app: &App, scope: &TenantScope, entity: Option<&str>) -> Result<Vec<(String, Option<Pii>)>, Problem> {
    let Some(entity) = entity else { return Ok(Vec::new()) };
    let ontology = app.dcl.tenant(scope).ontology().await?;
    let definition = ontology.entity(entity).ok_or_else(|| Problem::missing("entity"))?;
    Ok(definition.fields.iter().map(|(name, field)| (name.to_string(), field.pii)).collect())
}

async fn token_key(app: &App, scope: &TenantScope) -> Result<TokenKey, Problem> {
    let secret = app.store.tenant(scope).pii_token_key().await?;
    TokenKey::new(&secret).map_err(unsearched)
}

fn found(finding: Finding, path: Option<String>) -> PiiFinding {
    let Finding { class, kind, span, score, because } = finding;
    let bytes = PiiBytes { start: span.bytes.start, end: span.bytes.end };
    PiiFinding { class, kind, start: span.start, end: span.end, bytes, score, because, path }
}

fn unsearched(error: pii::Error) -> Problem {
    match error {
        pii::Error::Names { .. } => {
            Problem::log_internal(&error);
            Problem::unavailable(
                "names_model_unavailable",
                "the model that finds names cannot be used, so nothing was searched",
            )
        }
        error => too_large(error.to_string()),
    }
}

fn too_large(detail: String) -> Problem {
    Problem::unprocessable("not_searched", detail, "give it in parts; nothing of it was kept or passed on")
}
