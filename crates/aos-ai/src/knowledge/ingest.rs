//! Taking a document in: read, without personal data, cut, looked through for what speaks to models, and kept in place of what was at the
//! same location. Nothing is kept before personal data was taken out, and nothing of a document that fails on the way.

use super::{KnowledgeError, TenantKnowledge};
use crate::documents::{
    BlockKind, Body, CHUNK_TOKENS_MAX, CHUNK_TOKENS_MIN, Document, DocumentError, Format, Given, chunk, read,
};
use crate::pii::{Policy, redact};
use crate::screen::{Verdict, screen};
use aos_core::Role;
use aos_store::{KnowledgeDocument, KnowledgeRedaction, NewKnowledgeChunk, NewKnowledgeDocument};
use sha2::{Digest, Sha256};

const LOCATION_CHARS_MAX: usize = 2_000;
const TITLE_CHARS_MAX: usize = 300;
const TAGS_MAX: usize = 20;
const TAG_CHARS_MAX: usize = 64;
/// Goes into the digest of a document, so that one that is read anew by a reader that has changed is not taken for unchanged.
const READER_VERSION: u32 = 1;

/// What is known of a document beside its bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewDocument {
    /// What names it: a URL, or the name that it was given. The same location is the same document.
    pub location: String,
    /// What it is called; what it says of itself when there is none.
    pub title: Option<String>,
    pub tags: Vec<String>,
    /// The least role that may see it.
    pub least_role: Role,
    /// Whether personal data is taken out. A document that keeps it is for those who may see personal data.
    pub redact_pii: bool,
    /// How long a chunk may be, in tokens.
    pub chunk_tokens_max: u32,
}

/// A document that was taken in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ingested {
    pub document: KnowledgeDocument,
    /// False when it is as it was.
    pub changed: bool,
}

impl TenantKnowledge {
    /// Takes a document in, in place of the one that was at its location.
    ///
    /// # Errors
    /// Any but [`KnowledgeError::Fetch`] and [`KnowledgeError::Embedding`].
    pub async fn ingest(
        &self,
        bytes: Vec<u8>,
        content_type: Option<&str>,
        new: NewDocument,
    ) -> Result<Ingested, KnowledgeError> {
        let limit = self.parts().document_bytes_max;
        if bytes.len() as u64 > limit {
            return Err(KnowledgeError::TooLarge { limit });
        }
        let new = self.checked(new)?;
        let before = self.store().find_knowledge_document(&new.location).await?;
        if let Some(before) = &before {
            self.refuse_above(before)?;
        }
        let turn = self.base.0.cutting.clone().acquire_owned().await.map_err(|_| KnowledgeError::Stopped)?;
        let given = Given { name: &new.location, content_type };
        let (format, document) = read(bytes, given, self.parts().pdf.as_ref()).await?;
        let policy = self.base.policy();
        let cut = tokio::task::spawn_blocking(move || {
            let _until_done = turn;
            cut(document, format, new, &policy)
        });
        let kept = cut.await.map_err(|_| KnowledgeError::Stopped)??;
        let document = self.store().put_knowledge_document(&kept).await?;
        let changed = before.is_none_or(|before| before.revision != document.revision);
        Ok(Ingested { document, changed })
    }

    /// Removes a document with its chunks, words and vectors.
    ///
    /// # Errors
    /// [`aos_store::Error::NotFound`], also for one that the caller may not see.
    pub async fn remove(&self, id: uuid::Uuid) -> Result<(), KnowledgeError> {
        let found = self.document(id).await?;
        Ok(self.store().delete_knowledge_document(found.id).await?)
    }

    /// Returns a document that the caller may see.
    ///
    /// # Errors
    /// [`aos_store::Error::NotFound`], also for one that the caller may not see.
    pub async fn document(&self, id: uuid::Uuid) -> Result<KnowledgeDocument, KnowledgeError> {
        let found = self.store().knowledge_document(id).await?;
        let seen = found.filter(|document| document.least_role <= self.scope.role());
        let missing = || aos_store::Error::NotFound(aos_store::Resource::KnowledgeDocument(id.to_string()));
        seen.ok_or_else(|| missing().into())
    }

    pub(super) fn refuse_above(&self, document: &KnowledgeDocument) -> Result<(), KnowledgeError> {
        match document.least_role {
            least_role if least_role > self.scope.role() => Err(KnowledgeError::AboveYou { least_role }),
            _ => Ok(()),
        }
    }

    /// Refuses what cannot be kept, and brings the rest into the form in which it is.
    ///
    /// # Errors
    /// [`KnowledgeError::Invalid`] and [`KnowledgeError::AboveYou`].
    pub fn checked(&self, new: NewDocument) -> Result<NewDocument, KnowledgeError> {
        let invalid = |why: String| Err(KnowledgeError::Invalid(why));
        let location = new.location.trim().to_owned();
        if !(1..=LOCATION_CHARS_MAX).contains(&location.chars().count()) || location.chars().any(char::is_control) {
            return invalid(format!("a document's name has 1 to {LOCATION_CHARS_MAX} characters; give it another one"));
        }
        let title = new.title.map(|title| title.trim().to_owned()).filter(|title| !title.is_empty());
        if title.as_ref().is_some_and(|title| title.chars().count() > TITLE_CHARS_MAX) {
            return invalid(format!("a title has at most {TITLE_CHARS_MAX} characters; shorten it"));
        }
        let mut tags: Vec<String> = new.tags.iter().map(|tag| tag.trim().to_lowercase()).collect();
        tags.sort();
        tags.dedup();
        if tags.len() > TAGS_MAX || !tags.iter().all(|tag| is_tag(tag)) {
            return invalid(format!(
                "a document has at most {TAGS_MAX} tags of 1 to {TAG_CHARS_MAX} letters, digits and the signs - _ . : each; correct them"
            ));
        }
        if !(CHUNK_TOKENS_MIN..=CHUNK_TOKENS_MAX).contains(&new.chunk_tokens_max) {
            return invalid(format!(
                "a chunk has {CHUNK_TOKENS_MIN} to {CHUNK_TOKENS_MAX} tokens; choose a number between them"
            ));
        }
        // What keeps personal data is for those who may see personal data wherever it is.
        let least_role = if new.redact_pii { new.least_role } else { new.least_role.max(Role::Member) };
        if least_role > self.scope.role() {
            return Err(KnowledgeError::AboveYou { least_role });
        }
        Ok(NewDocument { location, title, tags, least_role, ..new })
    }
}

fn is_tag(tag: &str) -> bool {
    (1..=TAG_CHARS_MAX).contains(&tag.chars().count())
        && tag.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | ':'))
}

/// Makes of a document what is kept of it.
fn cut(
    mut document: Document,
    format: Format,
    new: NewDocument,
    policy: &Policy,
) -> Result<NewKnowledgeDocument, KnowledgeError> {
    let mut title = new.title;
    let mut redaction = None;
    if new.redact_pii {
        let mut taken = document.redact(policy)?;
        if let Some(given) = &mut title {
            let clean = redact(given, policy).map_err(DocumentError::Pii)?;
            for finding in clean.findings {
                *taken.entry(finding.class).or_default() += 1;
            }
            *given = clean.text;
        }
        redaction = Some(KnowledgeRedaction {
            taken_out: taken.into_iter().map(|(class, count)| (class.as_str().to_owned(), count)).collect(),
            names_model: policy.names_model().map(str::to_owned),
        });
    }
    let title = title.or_else(|| called(&document)).unwrap_or_else(|| name_in(&new.location));
    let pieces = chunk(&document, new.chunk_tokens_max)?;
    let chunks: Vec<NewKnowledgeChunk> = pieces
        .chunks
        .into_iter()
        .map(|piece| NewKnowledgeChunk {
            marks: marks(&piece.text),
            section: piece.section,
            page: piece.page,
            from: piece.characters.start as u64,
            to: piece.characters.end as u64,
            body: piece.text,
            tokens: piece.tokens as u64,
        })
        .collect();
    let mut kept = NewKnowledgeDocument {
        location: new.location,
        title: title.chars().take(TITLE_CHARS_MAX).collect(),
        format: format.as_str().to_owned(),
        tags: new.tags,
        least_role: new.least_role,
        redacted: new.redact_pii,
        redactions: redaction.iter().flat_map(|redaction| redaction.taken_out.values()).sum(),
        redaction,
        characters: pieces.characters as u64,
        content_hash: String::new(),
        chunks,
    };
    kept.content_hash = digest(&kept);
    Ok(kept)
}

/// Why a text looks as if it told a model what to do.
fn marks(text: &str) -> Vec<String> {
    let screened = match screen(text) {
        Ok(screened) if screened.verdict == Verdict::Clean => return Vec::new(),
        Ok(screened) => screened,
        // What was not screened is not taken for clean.
        Err(_) => return vec!["not_screened".to_owned()],
    };
    let mut reasons: Vec<String> = screened.signals.iter().map(|signal| signal.reason.to_owned()).collect();
    reasons.sort();
    reasons.dedup();
    reasons
}

/// What a document is called by what stands in it.
fn called(document: &Document) -> Option<String> {
    let first_heading = || match &document.body {
        Body::Prose(blocks) => {
            blocks.iter().find(|block| matches!(block.kind, BlockKind::Heading(_))).map(|block| block.text.clone())
        }
        Body::Table { .. } => None,
    };
    let title = document.title.clone().or_else(first_heading)?;
    let title = title.split_whitespace().collect::<Vec<_>>().join(" ");
    Some(title).filter(|title| !title.is_empty())
}

/// The last part of a location.
fn name_in(location: &str) -> String {
    let path = location.split(['?', '#']).next().unwrap_or(location).trim_end_matches('/');
    path.rsplit(['/', ':']).next().filter(|name| !name.is_empty()).unwrap_or(location).to_owned()
}

/// Digests everything that is kept of a document, as SHA-256 in hexadecimal.
fn digest(kept: &NewKnowledgeDocument) -> String {
    let mut digest = Sha256::new();
    digest.update(READER_VERSION.to_be_bytes());
    let mut add = |text: &str| {
        digest.update((text.len() as u64).to_be_bytes());
        digest.update(text);
    };
    add(&kept.title);
    add(&kept.format);
    add(&kept.tags.join("|"));
    add(kept.least_role.as_str());
    add(if kept.redacted { "redacted" } else { "whole" });
    if let Some(model) = kept.redaction.as_ref().and_then(|redaction| redaction.names_model.as_deref()) {
        add(model);
    }
    for piece in &kept.chunks {
        add(&piece.section.join("\n"));
        add(&piece.body);
        add(&piece.marks.join("\n"));
    }
    digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}
