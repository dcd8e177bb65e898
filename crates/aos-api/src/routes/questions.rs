//! Questions that were asked in words: looked back at, judged, run again, and put before people where something is missing.

use crate::extract::{Json, Path, Query};
use crate::guard::Allowed;
use crate::page::{PageOut, PageQuery};
use crate::problem::Problem;
use crate::state::App;
use aos_agents::questions::{self, Gap, Plan, Receipt, Refusal, Rerun};
use aos_core::policy::{Lens, may};
use aos_store::{Rating, StoredQuestion};
use axum::extract::State;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// A question that was asked before.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Question)]
pub struct QuestionOut {
    id: Uuid,
    /// `user:<id>`, `key:<id>` or `local`.
    asked_by: String,
    asked_at: DateTime<Utc>,
    /// Masked, like the answer, for whoever may not see personal data and has not asked it.
    question: String,
    #[schema(required)]
    persona: Option<String>,
    /// `answered` or `refused`.
    outcome: &'static str,
    #[schema(required, value_type = Option<Plan>)]
    plan: Option<serde_json::Value>,
    #[schema(required)]
    answer: Option<String>,
    #[schema(required, value_type = Option<Refusal>)]
    refusal: Option<serde_json::Value>,
    /// `up`, `down`, or nothing yet.
    #[schema(required)]
    rating: Option<String>,
    #[schema(required)]
    notes: Option<String>,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = QuestionFeedback, example = json!({ "rating": "down", "notes": "I meant the deals of this year only." }))]
pub struct FeedbackIn {
    /// `up` or `down`.
    #[schema(value_type = String, pattern = "^(up|down)$")]
    rating: Rating,
    #[serde(default)]
    #[schema(max_length = 2000)]
    notes: Option<String>,
}

/// Whether a receipt is genuine.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ReceiptVerdict, example = json!({ "genuine": true }))]
pub struct VerdictOut {
    /// This installation has signed it for this tenant, and nothing in it was changed since.
    genuine: bool,
}

/// Lists what was asked, newest first.
#[utoipa::path(get, path = "/questions", tag = "questions", params(PageQuery),
    responses((status = 200, body = PageOut<QuestionOut>), Problem))]
pub async fn list(
    tenant: Allowed<may::ReadRecords>,
    State(app): State<App>,
    Query(page): Query<PageQuery>,
) -> Result<axum::Json<PageOut<QuestionOut>>, Problem> {
    let found = app.store.tenant(&tenant).list_questions(page.into()).await?;
    let viewer = (Lens::of(&tenant), tenant.principal().to_string());
    let items = found.items.into_iter().map(|question| shown(question, &viewer)).collect();
    Ok(axum::Json(PageOut { items, next_cursor: found.next_cursor }))
}

/// Says whether an answer, or a refusal, was any good.
#[utoipa::path(put, path = "/questions/{id}/feedback", tag = "questions", params(("id" = Uuid, Path)), request_body = FeedbackIn,
    responses((status = 200, body = QuestionOut), Problem))]
pub async fn feedback(
    tenant: Allowed<may::ReadRecords>,
    State(app): State<App>,
    Path(id): Path<Uuid>,
    Json(said): Json<FeedbackIn>,
) -> Result<axum::Json<QuestionOut>, Problem> {
    let question = app.store.tenant(&tenant).rate_question(id, said.rating, said.notes.as_deref()).await?;
    Ok(axum::Json(shown(question, &(Lens::of(&tenant), tenant.principal().to_string()))))
}

/// Puts what a refused question is missing before people, in the review queue, or counts once more how often it was asked for.
#[utoipa::path(post, path = "/questions/{id}/gap", tag = "questions", params(("id" = Uuid, Path)),
    responses((status = 200, body = Gap), Problem))]
pub async fn gap(
    tenant: Allowed<may::ReadRecords>,
    State(app): State<App>,
    Path(id): Path<Uuid>,
) -> Result<axum::Json<Gap>, Problem> {
    Ok(axum::Json(app.questions.ask_for(&tenant, id).await?))
}

/// Checks a receipt: that this installation has signed it for this tenant, and that nothing in it was changed.
#[utoipa::path(post, path = "/receipts/verify", tag = "questions",
    request_body(content = Receipt, example = json!({ "format": "autonomos.receipt.v1", "id": "01a20058-bdf7-765a-9b22-453a00c416ea", "tenant": "01a20058-71bd-7345-b0de-aa2f5f4aa679", "question": "how many accounts are there?", "asked_at": "2026-11-21T23:02:25.527977Z", "plan": { "entity": "account", "measures": [{ "op": "count" }] }, "sql": "SELECT count(*) AS \"count\" FROM \"account\" AS t", "rows_sha256": "b21055318ab537ac112fea3014b63295a26e2213a21700d5af9a29ebeb609a3f", "row_count": 1, "masked": false, "moment": { "position": 7522, "epoch": 0, "ontology_version": 1 }, "grounds": [{ "source": "salesforce", "table": "Account", "entity": "account", "mapping_version": 1, "confidence": 0.995, "read_at": "2026-11-21T23:02:08.547370Z" }], "key": "113fd66e9c9cb5c3ac97fd8ae83f083ed772f35ae1f956b745e33c2ff65e3481", "signature": "0a45c66e26fb123a5345f3ea64da6825e004ec066359115947ab4633723265e657e432cd811f04be16733ee0e30d7c443fbd83e79f36471a346bf07aad4dda04" })),
    responses((status = 200, body = VerdictOut), Problem))]
pub async fn verify(
    tenant: Allowed<may::ReadRecords>,
    State(app): State<App>,
    Json(receipt): Json<Receipt>,
) -> axum::Json<VerdictOut> {
    axum::Json(VerdictOut { genuine: app.questions.is_genuine(&tenant, &receipt) })
}

/// Runs the statement of a receipt again, as whoever asks for it, and says whether the same comes of it, and why not.
#[utoipa::path(post, path = "/receipts/{id}/rerun", tag = "questions", params(("id" = Uuid, Path)),
    responses((status = 200, body = Rerun), Problem))]
pub async fn rerun(
    tenant: Allowed<may::ReadRecords>,
    State(app): State<App>,
    Path(id): Path<Uuid>,
) -> Result<axum::Json<Rerun>, Problem> {
    Ok(axum::Json(app.questions.rerun(&tenant, id).await?))
}

/// Shows a question to somebody. Words of people may say anything of anyone, and an answer what its reader could see.
fn shown(question: StoredQuestion, (lens, viewer): &(Lens, String)) -> QuestionOut {
    let hidden = *lens == Lens::Masking && (question.asked_by != *viewer || question.clear);
    let mask = |text: String| if hidden { "[masked:free_text]".to_owned() } else { text };
    QuestionOut {
        outcome: if question.refusal.is_some() { "refused" } else { "answered" },
        id: question.id,
        asked_by: question.asked_by,
        asked_at: question.asked_at,
        question: mask(question.question),
        persona: question.persona,
        plan: question.plan.filter(|_| !hidden),
        answer: question.answer.map(mask),
        refusal: question.refusal.filter(|_| !hidden),
        rating: question.rating.map(|rating| rating.as_str().to_owned()),
        notes: question.notes.map(mask),
    }
}

impl From<questions::Error> for Problem {
    fn from(error: questions::Error) -> Self {
        match error {
            questions::Error::Dcl(error) => error.into(),
            questions::Error::Store(error) => error.into(),
            questions::Error::NoReceipt => Self::missing("receipt"),
            questions::Error::NoRefusal => Self::missing("question"),
            questions::Error::NothingMissing => Self::conflict(
                "nothing_missing",
                "this refusal misses nothing that could be added",
                "choose among what the refusal names, and ask again",
            ),
        }
    }
}
