//! Personas: whose question is it, and what each looks at first.

use crate::extract::{Json, Query};
use crate::guard::Allowed;
use crate::page::ListOut;
use crate::problem::Problem;
use crate::state::App;
use aos_agents::personas::{self, Classification, Persona, PersonaInfo, Summary};
use aos_core::policy::may;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::{IntoParams, ToSchema};

const QUERY_CHARS_MAX: usize = 10_000;

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ClassifyRequest, example = json!({ "query": "What is the win rate of our deals?" }))]
pub struct ClassifyIn {
    #[schema(min_length = 1, max_length = 10000)]
    query: String,
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct SummaryQuery {
    /// One's own when left out; see `PUT /nlp/persona`.
    #[serde(default)]
    #[param(example = "cro")]
    persona: Option<String>,
}

/// Which persona someone is.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = OwnPersona, example = json!({ "persona": "cro" }))]
pub struct OwnPersona {
    /// Null while nobody has said so.
    #[schema(required)]
    persona: Option<String>,
}

/// Lists the personas, each with questions to begin with.
#[utoipa::path(get, path = "/personas", tag = "nlp", responses((status = 200, body = ListOut<PersonaInfo>), Problem))]
pub async fn list(_: Allowed<may::UseAccount>) -> axum::Json<ListOut<PersonaInfo>> {
    axum::Json(ListOut { items: personas::all().iter().map(Persona::info).collect() })
}

/// Says whose question a text is, by whole words; nobody's when nothing speaks for anybody, or for several alike.
#[utoipa::path(post, path = "/persona/classify", tag = "nlp", request_body = ClassifyIn,
    responses((status = 200, body = Classification), Problem))]
pub async fn classify(
    _: Allowed<may::UseAccount>,
    Json(request): Json<ClassifyIn>,
) -> Result<axum::Json<Classification>, Problem> {
    if !(1..=QUERY_CHARS_MAX).contains(&request.query.chars().count()) {
        let detail = format!("`query` has 1 to {QUERY_CHARS_MAX} characters");
        return Err(Problem::unprocessable("invalid_query", detail, "ask something shorter"));
    }
    Ok(axum::Json(personas::classify(&request.query)))
}

/// Returns what a persona looks at first, counted now. A tile that nobody can fill says what to connect.
#[utoipa::path(get, path = "/persona/summary", tag = "nlp", params(SummaryQuery),
    responses((status = 200, body = Summary), Problem))]
pub async fn summary(
    tenant: Allowed<may::ReadRecords>,
    State(app): State<App>,
    Query(query): Query<SummaryQuery>,
) -> Result<axum::Json<Summary>, Problem> {
    let asked = match query.persona {
        Some(id) => Some(id),
        None => own(&app, &tenant).await?,
    };
    let asked = asked.ok_or_else(|| {
        let next_step = format!("name one of {}, or save your own with PUT /api/v1/nlp/persona", known());
        Problem::bad_request("no_persona", "it is not said for whom", next_step)
    })?;
    let now = app.clock.now();
    Ok(axum::Json(personas::summary(&app.store, &app.dcl, &tenant, found(&asked)?, now).await?))
}

/// Returns which persona one is.
#[utoipa::path(get, path = "/persona", tag = "nlp", responses((status = 200, body = OwnPersona), Problem))]
pub async fn get(tenant: Allowed<may::UseAccount>, State(app): State<App>) -> Result<axum::Json<OwnPersona>, Problem> {
    Ok(axum::Json(OwnPersona { persona: own(&app, &tenant).await? }))
}

/// Says which persona one is.
#[utoipa::path(put, path = "/persona", tag = "nlp", request_body = OwnPersona,
    responses((status = 200, body = OwnPersona), Problem))]
pub async fn put(
    tenant: Allowed<may::UseAccount>,
    State(app): State<App>,
    Json(own): Json<OwnPersona>,
) -> Result<axum::Json<OwnPersona>, Problem> {
    if let Some(id) = &own.persona {
        found(id)?;
    }
    app.store.tenant(&tenant).put_setting(&place(&tenant), &json!(own.persona)).await?;
    Ok(axum::Json(own))
}

async fn own(app: &App, scope: &aos_core::TenantScope) -> Result<Option<String>, Problem> {
    let stored = app.store.tenant(scope).setting(&place(scope)).await?;
    Ok(stored.and_then(|value| value.as_str().map(str::to_owned)))
}

/// Names the setting that says which persona someone is.
fn place(scope: &aos_core::TenantScope) -> String {
    format!("persona:{}", scope.principal())
}

fn found(id: &str) -> Result<&'static Persona, Problem> {
    personas::find(id).ok_or_else(|| {
        Problem::unprocessable(
            "unknown_persona",
            format!("there is no persona `{id}`"),
            format!("use one of {}", known()),
        )
    })
}

fn known() -> String {
    personas::all().iter().map(|persona| persona.id.as_str()).collect::<Vec<_>>().join(", ")
}
