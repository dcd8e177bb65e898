//! What is posted when several documents are added at once, and what is answered.

use super::super::{DocumentCreate, Taken};
use crate::routes::auth::RoleName;
use aos_ai::documents::CHUNK_TOKENS_DEFAULT;
use aos_core::Role;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// A document as `POST /api/v1/kb/documents` takes it, or several.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(untagged)]
#[schema(as = KnowledgeIngest, example = json!({ "items": [{ "type": "text", "location": "trains.md", "text": "# Trains\n\nTrains are booked by the office." }] }))]
#[expect(
    dead_code,
    reason = "describes the body, which is read by what is in it, so that what is wrong with it can be told"
)]
pub enum IngestIn {
    One(DocumentCreate),
    Several(IngestItems),
}

/// Several documents.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = KnowledgeIngestItems)]
pub struct IngestItems {
    #[schema(min_items = 1, max_items = 50)]
    pub(super) items: Vec<ItemIn>,
    /// Your own tenant, which the token names; another one is refused.
    #[serde(default)]
    pub(super) tenant_id: Option<String>,
    /// Kept as a tag, such as `env:prod`.
    #[serde(default)]
    pub(super) env: Option<Environment>,
    #[serde(default)]
    pub(super) policy: PolicyIn,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = KnowledgeIngestItem)]
pub struct ItemIn {
    #[serde(rename = "type")]
    pub(super) kind: ItemKind,
    /// The address of a document, or the name of a text. A text without `text` is the location itself.
    #[schema(min_length = 1)]
    pub(super) location: String,
    #[serde(default)]
    pub(super) text: Option<String>,
    #[serde(default)]
    pub(super) title: Option<String>,
    #[serde(default)]
    #[schema(max_items = 20)]
    pub(super) tags: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = KnowledgeIngestKind)]
pub enum ItemKind {
    /// A path of the server: refused, since no file of the server is read. Files are uploaded, as a form.
    File,
    Url,
    Text,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = KnowledgeEnvironment)]
pub enum Environment {
    Dev,
    Stage,
    Prod,
}

/// How the documents are treated.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
#[schema(as = KnowledgeIngestPolicy)]
pub struct PolicyIn {
    /// Documents are cut by their structure.
    pub(super) chunk: Chunking,
    /// How long a chunk may be, in tokens.
    #[schema(minimum = 50, maximum = 1200, default = 400)]
    pub(super) max_chunk_tokens: u32,
    /// Whether personal data is taken out before anything is kept.
    #[schema(default = true)]
    pub(super) redact_pii: bool,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = KnowledgeChunking)]
pub enum Chunking {
    #[default]
    Auto,
    /// Refused: a chunk never goes over a heading.
    Fixed,
}

/// Several files, and what holds for all of them.
#[derive(Debug, ToSchema)]
#[schema(as = KnowledgeIngestForm, example = json!({ "file": ["# Trains\n\nTrains are booked by the office."], "tags": "travel,rail" }))]
#[expect(dead_code, reason = "describes a form, which is read part by part")]
pub struct IngestForm {
    /// The files; each part with a file name is one, whatever it is called.
    #[schema(value_type = Vec<String>, format = Binary)]
    pub(super) file: Vec<Vec<u8>>,
    /// Tags, separated by commas.
    pub(super) tags: Option<String>,
    #[schema(value_type = Option<RoleName>)]
    pub(super) least_role: Option<Role>,
    pub(super) redact_pii: Option<bool>,
    #[schema(minimum = 50, maximum = 1200)]
    pub(super) chunk_tokens_max: Option<u32>,
    pub(super) env: Option<Environment>,
}

/// What became of one document, or of several.
#[derive(Debug, Serialize, ToSchema)]
#[serde(untagged)]
#[schema(as = KnowledgeIngested)]
pub enum IngestOut {
    One(Box<Taken>),
    Several(SeveralTaken),
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = KnowledgeSeveralIngested)]
pub struct SeveralTaken {
    pub(super) ingested: Vec<ItemTaken>,
    /// What was not taken, with the reason; it keeps nothing else out.
    pub(super) refused: Vec<ItemRefused>,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = KnowledgeItemIngested)]
pub struct ItemTaken {
    pub(super) location: String,
    /// Null while it is being fetched.
    #[schema(required)]
    pub(super) doc_id: Option<Uuid>,
    #[schema(required)]
    pub(super) chunks: Option<u64>,
    pub(super) tags: Vec<String>,
    #[serde(flatten)]
    pub(super) taken: Taken,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = KnowledgeItemRefused)]
pub struct ItemRefused {
    pub(super) location: String,
    pub(super) code: String,
    pub(super) detail: String,
    pub(super) next_step: String,
}

impl Environment {
    /// The tag that documents of it carry.
    pub fn tag(self) -> String {
        let name = match self {
            Self::Dev => "dev",
            Self::Stage => "stage",
            Self::Prod => "prod",
        };
        format!("env:{name}")
    }
}

impl Default for PolicyIn {
    fn default() -> Self {
        Self { chunk: Chunking::Auto, max_chunk_tokens: CHUNK_TOKENS_DEFAULT, redact_pii: true }
    }
}
