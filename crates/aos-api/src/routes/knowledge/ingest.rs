//! Several documents in one request: a list of texts and URLs in the predecessor's form, or a form with files. Each stands for itself: one
//! that is refused does not keep the others out.

mod body;

pub use body::Environment;

use super::{Taken, create, fetch, taken, upload_location};
use crate::extract::{Json, json_bytes, read};
use crate::guard::Allowed;
use crate::multipart::{Part, boundary, parts};
use crate::problem::Problem;
use crate::state::App;
use crate::strict_json;
use aos_ai::documents::CHUNK_TOKENS_DEFAULT;
use aos_ai::knowledge::NewDocument;
use aos_core::policy::may;
use aos_core::{Role, TenantScope};
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use body::{
    Chunking, IngestForm, IngestIn, IngestItems, IngestOut, ItemIn, ItemKind, ItemRefused, ItemTaken, SeveralTaken,
};
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::json;
use sha2::{Digest, Sha256};

/// Where several documents are posted to, whose body may be as long as a document.
pub const INGEST: &str = "/kb/ingest";

/// Documents of one request at most.
const ITEMS_MAX: usize = 50;

/// A document that is to be taken.
enum Given {
    Url,
    Bytes {
        bytes: Vec<u8>,
        content_type: Option<String>,
    },
    /// It cannot be; the others can.
    Refused(Problem),
}

/// Adds documents to the knowledge base: one as `POST /api/v1/kb/documents` takes it, several as a list of `items`, or files as a form.
#[utoipa::path(post, path = "/kb/ingest", tag = "nlp",
    request_body(content((IngestIn = "application/json"), (IngestForm = "multipart/form-data"))),
    responses((status = 200, body = SeveralTaken, description = "Of several, at least one was taken"),
        (status = 201, body = Taken, description = "The text is kept"),
        (status = 202, body = Taken, description = "The document is being fetched"), Problem))]
pub async fn ingest(
    tenant: Allowed<may::WriteKnowledge>,
    State(app): State<App>,
    request: Request,
) -> Result<(StatusCode, axum::Json<IngestOut>), Problem> {
    if let Some(boundary) = boundary(request.headers().get(CONTENT_TYPE)) {
        let body = read(request, &()).await?;
        return several(&app, &tenant, of_form(parts(&body, &boundary)?)?).await;
    }
    let body = json_bytes(request, &()).await?;
    #[derive(Deserialize)]
    struct Shape {
        items: Option<IgnoredAny>,
    }
    if strict_json::read::<Shape>(&body)?.items.is_some() {
        let items = of_items(&tenant, strict_json::read(&body)?)?;
        return several(&app, &tenant, items).await;
    }
    let (status, axum::Json(one)) = create(tenant, State(app), Json(strict_json::read(&body)?)).await?;
    Ok((status, axum::Json(IngestOut::One(Box::new(one)))))
}

/// Takes one after the other. What is no document's fault ends it; where none was taken, the first reason is the answer.
async fn several(
    app: &App,
    tenant: &TenantScope,
    items: Vec<(NewDocument, Given)>,
) -> Result<(StatusCode, axum::Json<IngestOut>), Problem> {
    if !(1..=ITEMS_MAX).contains(&items.len()) {
        let detail = format!("a request holds 1 to {ITEMS_MAX} documents");
        return Err(Problem::unprocessable("invalid_document", detail, "send more in several requests"));
    }
    let (mut ingested, mut refused, mut first) = (Vec::new(), Vec::new(), None);
    for (new, given) in items {
        let (location, tags) = (new.location.clone(), new.tags.clone());
        match one(app, tenant, new, given).await {
            Ok(taken) => {
                let document = taken.document.as_ref();
                let (doc_id, chunks) = (document.map(|kept| kept.id), document.map(|kept| kept.chunks));
                ingested.push(ItemTaken { location, doc_id, chunks, tags, taken });
            }
            Err(problem) if problem.status().is_server_error() => return Err(problem),
            Err(problem) => {
                let (code, detail, next_step) = problem.said();
                refused.push(ItemRefused { location, code, detail, next_step });
                first.get_or_insert(problem);
            }
        }
    }
    match first {
        Some(problem) if ingested.is_empty() => Err(problem),
        _ => Ok((StatusCode::OK, axum::Json(IngestOut::Several(SeveralTaken { ingested, refused })))),
    }
}

async fn one(app: &App, tenant: &TenantScope, new: NewDocument, given: Given) -> Result<Taken, Problem> {
    let (_, axum::Json(one)) = match given {
        Given::Refused(problem) => return Err(problem),
        Given::Url => fetch(app, tenant, new).await?,
        Given::Bytes { bytes, content_type } => {
            let ingested = app.knowledge.tenant(tenant).ingest(bytes, content_type.as_deref(), new).await?;
            taken(app, tenant, ingested).await?
        }
    };
    Ok(one)
}

fn of_items(tenant: &TenantScope, body: IngestItems) -> Result<Vec<(NewDocument, Given)>, Problem> {
    own_tenant(tenant, body.tenant_id.as_deref())?;
    if body.policy.chunk == Chunking::Fixed {
        let detail = "chunks follow the structure of a document, and are never of one length";
        return Err(Problem::unprocessable("invalid_document", detail, "leave `chunk` out, or say `auto`"));
    }
    let new = |item: ItemIn| {
        let (location, given) = match item.kind {
            ItemKind::Url => (item.location, Given::Url),
            ItemKind::File => (item.location, Given::Refused(no_path())),
            ItemKind::Text => {
                let (name, text) = match item.text {
                    Some(text) => (item.location, text),
                    None => (text_name(&item.location), item.location),
                };
                (upload_location(&name), Given::Bytes { bytes: text.into_bytes(), content_type: None })
            }
        };
        let mut tags = item.tags;
        tags.extend(body.env.map(Environment::tag));
        let document = NewDocument {
            location,
            title: item.title,
            tags,
            least_role: Role::Viewer,
            redact_pii: body.policy.redact_pii,
            chunk_tokens_max: body.policy.max_chunk_tokens,
        };
        (document, given)
    };
    Ok(body.items.into_iter().map(new).collect())
}

fn of_form(parts: Vec<Part>) -> Result<Vec<(NewDocument, Given)>, Problem> {
    let (files, fields): (Vec<Part>, Vec<Part>) = parts.into_iter().partition(|part| part.file_name.is_some());
    let mut treated = NewDocument {
        location: String::new(),
        title: None,
        tags: Vec::new(),
        least_role: Role::Viewer,
        redact_pii: true,
        chunk_tokens_max: CHUNK_TOKENS_DEFAULT,
    };
    for field in fields {
        let value = String::from_utf8_lossy(&field.bytes).trim().to_owned();
        let invalid = || {
            let detail = format!("the field `{}` has a value that it cannot have", field.name);
            Problem::unprocessable("invalid_form", detail, "correct it; /docs lists the fields and their values")
        };
        match &*field.name {
            "tags" => {
                treated.tags.extend(value.split(',').map(|tag| tag.trim().to_owned()).filter(|tag| !tag.is_empty()));
            }
            "least_role" => treated.least_role = serde_json::from_value(json!(value)).map_err(|_| invalid())?,
            "redact_pii" => treated.redact_pii = value.parse().map_err(|_| invalid())?,
            "chunk_tokens_max" => treated.chunk_tokens_max = value.parse().map_err(|_| invalid())?,
            "env" => {
                let env: Environment = serde_json::from_value(json!(value)).map_err(|_| invalid())?;
                treated.tags.push(env.tag());
            }
            _ => {
                let detail = format!("the form has a field `{}`, which is not known", field.name);
                return Err(Problem::unprocessable(
                    "invalid_form",
                    detail,
                    "leave it out, or send it as a file with a name",
                ));
            }
        }
    }
    let new = |file: Part| {
        let location = upload_location(&file.file_name.unwrap_or_default());
        let given = Given::Bytes { bytes: file.bytes.to_vec(), content_type: file.content_type };
        (NewDocument { location, ..treated.clone() }, given)
    };
    Ok(files.into_iter().map(new).collect())
}

/// Refuses a tenant in the body that is not the one of the token, which alone decides.
pub(in crate::routes) fn own_tenant(tenant: &TenantScope, named: Option<&str>) -> Result<(), Problem> {
    match named {
        Some(named) if named != tenant.tenant_id().to_string() => {
            Err(Problem::forbidden("`tenant_id` is not the tenant of your token; leave it out"))
        }
        _ => Ok(()),
    }
}

/// Names a text that came without a name, by what it says.
fn text_name(text: &str) -> String {
    let digest: String = Sha256::digest(text).iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    format!("text-{digest}.txt")
}

fn no_path() -> Problem {
    let detail = "no file of the server is read, so a document cannot be named by its path";
    Problem::unprocessable("path_not_read", detail, "upload the file: send the request as a form (multipart/form-data)")
}
