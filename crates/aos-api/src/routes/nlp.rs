//! The question itself, asked in words: answered with a receipt, or refused with what is missing. Served under two paths.

use super::knowledge::ingest::own_tenant;
use crate::extract::Json;
use crate::guard::Allowed;
use crate::middleware::tracing::RequestContext;
use crate::problem::Problem;
use crate::state::App;
use aos_agents::personas::{self, Classification};
use aos_agents::questions::{Answer, Asked, Gap, Of, Outcome, Refusal};
use aos_core::policy::may;
use axum::extract::State;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

const QUERY_CHARS_MAX: usize = 2_000;
const PERSONA_CHARS_MAX: usize = 60;
/// Words that are told of those that spoke for the persona.
const WORDS_MAX: usize = 5;

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = QuestionRequest, example = json!({ "query": "How many open tickets are there by priority?", "persona": "coo" }))]
pub struct QuestionIn {
    #[schema(min_length = 1, max_length = 2000)]
    query: String,
    /// As whom it is asked; `auto`, or nothing, lets the words decide. It does not change the answer.
    #[serde(default)]
    #[schema(max_length = 60)]
    persona: Option<String>,
    /// What counts as one: `golden` things, `records` each as its system has it. When it is left out: things, where those are known and of today.
    #[serde(default)]
    of: Option<Of>,
    /// Puts what is missing before people when the question is refused for it, as `POST /questions/{id}/gap` does.
    #[serde(default)]
    report_gap: bool,
    /// The token says whose data is asked; another tenant here is refused.
    #[serde(default)]
    tenant_id: Option<String>,
}

/// What became of a question: an answer or a refusal.
#[derive(Debug, Serialize, ToSchema)]
#[serde(untagged)]
#[schema(as = QuestionOutcome)]
pub enum OutcomeOut {
    Answered(Box<AnsweredOut>),
    Refused(Box<RefusedOut>),
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = QuestionAnswered)]
pub struct AnsweredOut {
    /// Always `answered`.
    outcome: &'static str,
    /// The same as `answer`.
    response: String,
    #[schema(required)]
    resolved_persona: Option<String>,
    routing: Routing,
    /// Null where the request is not traced.
    #[schema(required)]
    trace_id: Option<String>,
    timestamp: DateTime<Utc>,
    #[serde(flatten)]
    answer: Answer,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = QuestionRefused)]
pub struct RefusedOut {
    /// Always `refused`.
    outcome: &'static str,
    id: Uuid,
    /// The same as `refusal.reason`.
    response: String,
    #[schema(required)]
    resolved_persona: Option<String>,
    routing: Routing,
    /// Null where the request is not traced.
    #[schema(required)]
    trace_id: Option<String>,
    timestamp: DateTime<Utc>,
    refusal: Refusal,
    /// What was put before people, when that was asked for and something is missing.
    #[serde(skip_serializing_if = "Option::is_none")]
    gap: Option<Gap>,
}

/// Whose question it was taken for, and why. The answer does not depend on it.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = QuestionRouting)]
pub struct Routing {
    /// What the request said: a persona, or `auto`.
    persona_input: String,
    /// The persona that the words speak for; null when none, or several alike.
    #[schema(required)]
    classified_persona: Option<String>,
    /// That persona's share of what spoke for somebody, from 0 to 1; 0 where there is none. It is no probability.
    #[schema(minimum = 0, maximum = 1)]
    classification_confidence: f64,
    /// The words that spoke for it, at most five.
    matched_keywords: Vec<String>,
    /// Tags under which the knowledge base holds what concerns the persona, for `POST /kb/search`.
    tags: Vec<String>,
    /// What it came to, in words.
    reason: String,
}

impl Routing {
    fn of(asked: &str, resolved: Option<&str>, classified: Classification) -> Self {
        let persona = classified.persona.as_deref();
        let words = classified.matched.iter().filter(|evidence| Some(evidence.persona.as_str()) == persona);
        Self {
            persona_input: asked.to_owned(),
            matched_keywords: words.flat_map(|evidence| evidence.words.clone()).take(WORDS_MAX).collect(),
            tags: resolved
                .map(|persona| format!("kb:persona:{persona}"))
                .into_iter()
                .chain(["kb:global".to_owned()])
                .collect(),
            classification_confidence: classified.confidence.unwrap_or(0.0),
            reason: classified.reason,
            classified_persona: classified.persona,
        }
    }
}

/// Answers a question from the unified records, or refuses it and says what is missing. Nothing is guessed.
#[utoipa::path(post, path = "/query", tag = "nlp", request_body = QuestionIn,
    responses((status = 200, body = OutcomeOut), Problem))]
pub async fn ask(
    tenant: Allowed<may::ReadRecords>,
    State(app): State<App>,
    Json(request): Json<QuestionIn>,
) -> Result<axum::Json<OutcomeOut>, Problem> {
    own_tenant(&tenant, request.tenant_id.as_deref())?;
    let long = request.persona.as_ref().is_some_and(|persona| persona.chars().count() > PERSONA_CHARS_MAX);
    if !(1..=QUERY_CHARS_MAX).contains(&request.query.chars().count()) || long {
        let detail = format!("`query` has 1 to {QUERY_CHARS_MAX} characters, `persona` at most {PERSONA_CHARS_MAX}");
        return Err(Problem::unprocessable("invalid_query", detail, "ask something shorter"));
    }
    let classified = personas::classify(&request.query);
    let persona_input = request.persona.unwrap_or_else(|| "auto".to_owned());
    let resolved_persona =
        if persona_input == "auto" { classified.persona.clone() } else { Some(persona_input.clone()) };
    let routing = Routing::of(&persona_input, resolved_persona.as_deref(), classified);
    let asked = Asked { question: request.query, persona: resolved_persona.clone(), at: None, of: request.of };
    let (trace_id, timestamp) = (RequestContext::trace_id(), app.clock.now());
    Ok(axum::Json(match app.questions.ask(&tenant, asked).await? {
        Outcome::Answered(answer) => OutcomeOut::Answered(Box::new(AnsweredOut {
            outcome: "answered",
            response: answer.answer.clone(),
            resolved_persona,
            routing,
            trace_id,
            timestamp,
            answer: *answer,
        })),
        Outcome::Refused { id, refusal } => {
            let gap = if request.report_gap { app.questions.report_gap(&tenant, id).await? } else { None };
            let response = refusal.reason.clone();
            OutcomeOut::Refused(Box::new(RefusedOut {
                outcome: "refused",
                id,
                response,
                resolved_persona,
                routing,
                trace_id,
                timestamp,
                refusal,
                gap,
            }))
        }
    }))
}
