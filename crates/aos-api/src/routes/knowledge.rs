//! The knowledge base: documents in and out, questions, and what people said of the answers.

pub mod ingest;
mod problem;
mod shown;

pub use shown::{DocumentDetail, DocumentOut, FeedbackOut, SearchOut, Taken};

use crate::extract::{Json, Path, Query, read};
use crate::guard::Allowed;
use crate::page::{PageOut, PageQuery};
use crate::problem::Problem;
use crate::routes::auth::RoleName;
use crate::routes::tasks::enqueue;
use crate::state::App;
use aos_ai::documents::CHUNK_TOKENS_DEFAULT;
use aos_ai::knowledge::{Ingested, NewDocument, Question, Weights};
use aos_core::kind::{self, EMBED_DOCUMENT, INGEST_DOCUMENT};
use aos_core::policy::may;
use aos_core::task::NewTask;
use aos_core::{Role, TenantScope};
use aos_store::{ChunkPlace, NewKnowledgeFeedback};
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use ingest::{Environment, own_tenant};
use serde::Deserialize;
use serde_json::json;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// Where an upload is posted to, whose body may be as long as a document.
pub const UPLOAD: &str = "/kb/documents/upload";

/// Attempts at a document that is fetched, or whose vectors are made by a model elsewhere.
const ATTEMPTS: u32 = 4;
const TOP_K_DEFAULT: u32 = 5;
/// Chunks that are shown of a document at a time.
const CHUNKS_SHOWN: u32 = 100;

/// A text, or the URL of a document. One of the two.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "name": "travel-policy.md", "text": "# Travel policy\n\nTrains are booked by the office.", "tags": ["policy"] }))]
pub struct DocumentCreate {
    /// The text itself, as plain text or Markdown, by the ending of its name.
    #[serde(default)]
    text: Option<String>,
    /// What names the text. The same name again is the same document, whose text is replaced.
    #[serde(default)]
    #[schema(max_length = 1000, example = "travel-policy.md")]
    name: Option<String>,
    /// Where the document is read, as a task. The same URL again is the same document.
    #[serde(default)]
    #[schema(max_length = 2000, example = "https://example.com/handbook.html")]
    url: Option<String>,
    /// What it is called; what it says of itself when left out.
    #[serde(default)]
    #[schema(max_length = 300)]
    title: Option<String>,
    #[serde(default)]
    #[schema(max_items = 20)]
    tags: Vec<String>,
    /// The least role that may see it; everyone when left out.
    #[serde(default)]
    #[schema(value_type = Option<RoleName>)]
    least_role: Option<Role>,
    /// Whether personal data is taken out before anything is kept. A document that keeps it is for members and those above them.
    #[serde(default = "yes")]
    redact_pii: bool,
    /// How long a chunk may be, in tokens.
    #[serde(default = "chunk_tokens")]
    #[schema(minimum = 50, maximum = 1200, default = 400)]
    chunk_tokens_max: u32,
}

/// What an upload is, beside its bytes.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct UploadQuery {
    /// The file's name. Its ending says what it is; the same name again is the same document.
    #[param(example = "handbook.pdf")]
    name: String,
    #[serde(default)]
    title: Option<String>,
    /// Tags, separated by commas.
    #[serde(default)]
    #[param(example = "policy,travel")]
    tags: Option<String>,
    /// The least role that may see it; everyone when left out.
    #[serde(default)]
    #[param(value_type = Option<RoleName>)]
    least_role: Option<Role>,
    /// Whether personal data is taken out before anything is kept; yes when left out.
    #[serde(default)]
    redact_pii: Option<bool>,
    #[serde(default)]
    #[param(minimum = 50, maximum = 1200)]
    chunk_tokens_max: Option<u32>,
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct DocumentQuery {
    /// Only documents with this tag.
    #[serde(default)]
    tag: Option<String>,
    #[serde(default)]
    cursor: Option<String>,
    #[serde(default)]
    #[param(minimum = 1, maximum = 1000, default = 50)]
    limit: Option<u32>,
}

/// A question to the knowledge base.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = KnowledgeSearch, example = json!({ "query": "Who books trains?", "top_k": 5 }))]
pub struct SearchIn {
    #[schema(min_length = 1, max_length = 2000)]
    query: String,
    #[serde(default)]
    #[schema(minimum = 1, maximum = 50, default = 5)]
    top_k: Option<u32>,
    /// Only documents with this tag.
    #[serde(default)]
    tag: Option<String>,
    /// Your own tenant, which the token names; another one is refused.
    #[serde(default)]
    tenant_id: Option<String>,
    /// Only documents that were added for it; it takes the place of `tag`.
    #[serde(default)]
    env: Option<Environment>,
    /// How much each search counts where both find something.
    #[serde(default)]
    weights: Option<WeightsIn>,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = SearchWeights)]
pub struct WeightsIn {
    /// The search by words.
    #[schema(minimum = 0, maximum = 100, default = 1)]
    text: f64,
    /// The search by meaning.
    #[schema(minimum = 0, maximum = 100, default = 1)]
    vectors: f64,
}

/// What someone says of an answer.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = KnowledgeFeedbackCreate, example = json!({ "query": "Who books trains?", "rating": "up" }))]
pub struct FeedbackIn {
    #[schema(min_length = 1, max_length = 2000)]
    query: String,
    rating: RatingIn,
    /// The document and the chunk that it is about, as the search named them.
    #[serde(default)]
    document_id: Option<Uuid>,
    #[serde(default)]
    chunk: Option<u64>,
    #[serde(default)]
    #[schema(max_length = 2000)]
    notes: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = KnowledgeRating)]
pub enum RatingIn {
    Up,
    Down,
}

/// Adds a text to the knowledge base, or has a document fetched from a URL as a task.
#[utoipa::path(post, path = "/kb/documents", tag = "knowledge", request_body = DocumentCreate,
    responses((status = 201, body = Taken, description = "The text is kept"),
        (status = 202, body = Taken, description = "The document is being fetched"), Problem))]
pub async fn create(
    tenant: Allowed<may::WriteKnowledge>,
    State(app): State<App>,
    Json(body): Json<DocumentCreate>,
) -> Result<(StatusCode, axum::Json<Taken>), Problem> {
    let treated = NewDocument {
        location: String::new(),
        title: body.title,
        tags: body.tags,
        least_role: body.least_role.unwrap_or(Role::Viewer),
        redact_pii: body.redact_pii,
        chunk_tokens_max: body.chunk_tokens_max,
    };
    match (body.text, body.name, body.url) {
        (Some(text), Some(name), None) => {
            let new = NewDocument { location: upload_location(&name), ..treated };
            let ingested = app.knowledge.tenant(&tenant).ingest(text.into_bytes(), None, new).await?;
            taken(&app, &tenant, ingested).await
        }
        (None, None, Some(url)) => fetch(&app, &tenant, NewDocument { location: url, ..treated }).await,
        _ => Err(Problem::unprocessable(
            "invalid_document",
            "a document is either a `text` with a `name`, or a `url`",
            "send one of the two; files are posted to /api/v1/kb/documents/upload",
        )),
    }
}

/// Adds a file to the knowledge base: text, Markdown, HTML, PDF or CSV, as the body of the request.
#[utoipa::path(post, path = "/kb/documents/upload", tag = "knowledge", params(UploadQuery),
    request_body(content = String, content_type = "application/octet-stream", example = json!("# Refunds\n\nA refund is paid within 14 days.")),
    responses((status = 201, body = Taken), Problem))]
pub async fn upload(
    tenant: Allowed<may::WriteKnowledge>,
    State(app): State<App>,
    Query(query): Query<UploadQuery>,
    request: Request,
) -> Result<(StatusCode, axum::Json<Taken>), Problem> {
    let said = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).map(str::to_owned);
    let knowledge = app.knowledge.tenant(&tenant);
    // What will not be kept need not be read.
    let new = knowledge.checked(query.into_new())?;
    let bytes = read(request, &()).await?;
    let ingested = knowledge.ingest(bytes.to_vec(), said.as_deref(), new).await?;
    taken(&app, &tenant, ingested).await
}

/// Lists the documents that the caller may see.
#[utoipa::path(get, path = "/kb/documents", tag = "knowledge", params(DocumentQuery),
    responses((status = 200, body = PageOut<DocumentOut>), Problem))]
pub async fn list(
    tenant: Allowed<may::ReadKnowledge>,
    State(app): State<App>,
    Query(query): Query<DocumentQuery>,
) -> Result<axum::Json<PageOut<DocumentOut>>, Problem> {
    let page = PageQuery { cursor: query.cursor, limit: query.limit };
    let store = app.store.tenant(&tenant);
    let found = store.list_knowledge_documents(tenant.role(), query.tag.as_deref(), page.into()).await?;
    let items = found.items.into_iter().map(DocumentOut::from).collect();
    Ok(axum::Json(PageOut { items, next_cursor: found.next_cursor }))
}

/// Returns a document with its first hundred chunks.
#[utoipa::path(get, path = "/kb/documents/{id}", tag = "knowledge", params(("id" = Uuid, Path)),
    responses((status = 200, body = DocumentDetail), Problem))]
pub async fn get(
    tenant: Allowed<may::ReadKnowledge>,
    State(app): State<App>,
    Path(id): Path<Uuid>,
) -> Result<axum::Json<DocumentDetail>, Problem> {
    let document = app.knowledge.tenant(&tenant).document(id).await?;
    let chunks = app.store.tenant(&tenant).knowledge_chunks(id, 0, CHUNKS_SHOWN).await?;
    Ok(axum::Json(DocumentDetail::new(document, chunks)))
}

/// Removes a document with its chunks, words and vectors.
#[utoipa::path(delete, path = "/kb/documents/{id}", tag = "knowledge", params(("id" = Uuid, Path)),
    responses((status = 204), Problem))]
pub async fn delete(
    tenant: Allowed<may::WriteKnowledge>,
    State(app): State<App>,
    Path(id): Path<Uuid>,
) -> Result<StatusCode, Problem> {
    app.knowledge.tenant(&tenant).remove(id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Finds what answers a question: by words, and by meaning where an embedding model is configured.
///
/// The text that is found is material and never an instruction: what looks as if it told a model what to do says so in `marks`.
#[utoipa::path(post, path = "/kb/search", tag = "knowledge", request_body = SearchIn,
    responses((status = 200, body = SearchOut), Problem))]
pub async fn search(
    tenant: Allowed<may::ReadKnowledge>,
    State(app): State<App>,
    Json(body): Json<SearchIn>,
) -> Result<axum::Json<SearchOut>, Problem> {
    own_tenant(&tenant, body.tenant_id.as_deref())?;
    if body.tag.is_some() && body.env.is_some() {
        return Err(Problem::unprocessable(
            "invalid_document",
            "`env` is a tag, and a search has one",
            "leave out one of `tag` and `env`",
        ));
    }
    let weights = body.weights.map(|given| Weights { text: given.text, vectors: given.vectors });
    let question = Question {
        text: body.query,
        top_k: body.top_k.unwrap_or(TOP_K_DEFAULT),
        tag: body.tag.or(body.env.map(Environment::tag)),
        weights: weights.unwrap_or_default(),
    };
    let found = app.knowledge.tenant(&tenant).search(&question).await?;
    Ok(axum::Json(SearchOut::new(question.text, found)))
}

/// Keeps what the caller says of an answer, for whoever looks after the knowledge base. Personal data is taken out of it.
#[utoipa::path(post, path = "/kb/feedback", tag = "knowledge", request_body = FeedbackIn,
    responses((status = 201, body = FeedbackOut), Problem))]
pub async fn feedback(
    tenant: Allowed<may::ReadKnowledge>,
    State(app): State<App>,
    Json(body): Json<FeedbackIn>,
) -> Result<(StatusCode, axum::Json<FeedbackOut>), Problem> {
    let knowledge = app.knowledge.tenant(&tenant);
    if let Some(id) = body.document_id {
        knowledge.document(id).await?;
    }
    let asked = knowledge.without_personal_data(&body.query).await?;
    let notes = match &body.notes {
        Some(notes) => Some(knowledge.without_personal_data(notes).await?),
        None => None,
    };
    let place = body.document_id.zip(body.chunk).map(|(document_id, ordinal)| ChunkPlace { document_id, ordinal });
    let new =
        NewKnowledgeFeedback { asked: &asked, place, is_useful: body.rating == RatingIn::Up, notes: notes.as_deref() };
    let given = app.store.tenant(&tenant).give_knowledge_feedback(&new).await?;
    Ok((StatusCode::CREATED, axum::Json(given.into())))
}

/// Lists what people said of answers, oldest first.
#[utoipa::path(get, path = "/kb/feedback", tag = "knowledge", params(PageQuery),
    responses((status = 200, body = PageOut<FeedbackOut>), Problem))]
pub async fn list_feedback(
    tenant: Allowed<may::WriteKnowledge>,
    State(app): State<App>,
    Query(page): Query<PageQuery>,
) -> Result<axum::Json<PageOut<FeedbackOut>>, Problem> {
    let found = app.store.tenant(&tenant).list_knowledge_feedback(page.into()).await?;
    let items = found.items.into_iter().map(FeedbackOut::from).collect();
    Ok(axum::Json(PageOut { items, next_cursor: found.next_cursor }))
}

/// Answers for a document that is kept, and has its vectors made where there is a model to make them.
async fn taken(
    app: &App,
    tenant: &TenantScope,
    ingested: Ingested,
) -> Result<(StatusCode, axum::Json<Taken>), Problem> {
    let mut task_id = None;
    if app.knowledge.tenant(tenant).wants_vectors(&ingested.document).await {
        let task = NewTask {
            max_attempts: ATTEMPTS,
            ..NewTask::new(EMBED_DOCUMENT, json!(kind::EmbedDocument { document: ingested.document.id }))
        };
        task_id = Some(enqueue(app, tenant, task).await?.task.id.0);
    }
    let taken = Taken { document: Some(ingested.document.into()), changed: Some(ingested.changed), task_id };
    Ok((StatusCode::CREATED, axum::Json(taken)))
}

async fn fetch(app: &App, tenant: &TenantScope, new: NewDocument) -> Result<(StatusCode, axum::Json<Taken>), Problem> {
    let new = app.knowledge.tenant(tenant).reachable_url(new).await?;
    let payload = kind::IngestDocument {
        url: new.location,
        title: new.title,
        tags: new.tags,
        least_role: Some(new.least_role),
        redact_pii: new.redact_pii,
        chunk_tokens_max: new.chunk_tokens_max,
    };
    let task = NewTask { max_attempts: ATTEMPTS, ..NewTask::new(INGEST_DOCUMENT, json!(payload)) };
    let task_id = Some(enqueue(app, tenant, task).await?.task.id.0);
    Ok((StatusCode::ACCEPTED, axum::Json(Taken { document: None, changed: None, task_id })))
}

impl UploadQuery {
    fn into_new(self) -> NewDocument {
        let tags = self.tags.unwrap_or_default();
        NewDocument {
            location: upload_location(&self.name),
            title: self.title,
            tags: tags.split(',').map(str::trim).filter(|tag| !tag.is_empty()).map(str::to_owned).collect(),
            least_role: self.least_role.unwrap_or(Role::Viewer),
            redact_pii: self.redact_pii.unwrap_or(true),
            chunk_tokens_max: self.chunk_tokens_max.unwrap_or(CHUNK_TOKENS_DEFAULT),
        }
    }
}

/// Where something is that was given and not fetched.
fn upload_location(name: &str) -> String {
    let name = name.trim();
    if name.is_empty() { String::new() } else { format!("upload:{name}") }
}

fn yes() -> bool {
    true
}

fn chunk_tokens() -> u32 {
    CHUNK_TOKENS_DEFAULT
}
