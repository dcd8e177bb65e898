//! Finding chunks by their words. SQLite has FTS5 and its BM25, PostgreSQL its own ranking; what both give is an order, and nothing else
//! is made of it.

use super::{ChunkRow, KnowledgeChunk, chunk};
use crate::convert::{count, uncount};
use crate::db::{Pool, query_as};
use crate::error::Result;
use crate::tenant::TenantStore;
use aos_core::Role;
use uuid::Uuid;

/// Words of a question that are looked for; the others say nothing more.
const WORDS_MAX: usize = 32;

/// Where a chunk is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ChunkPlace {
    pub document_id: Uuid,
    pub ordinal: u64,
}

/// What is looked for, and by whom.
#[derive(Debug, Clone)]
pub struct KnowledgeQuery<'a> {
    /// Words without signs; those that are no word are left out.
    pub words: &'a [String],
    pub role: Role,
    pub tag: Option<&'a str>,
    pub limit: u32,
}

impl TenantStore<'_> {
    /// Finds the chunks that have some of the words, the best ones first, among those that the role may see.
    pub async fn match_knowledge(&self, asked: &KnowledgeQuery<'_>) -> Result<Vec<ChunkPlace>> {
        let is_word = |word: &&String| !word.is_empty() && word.chars().all(char::is_alphanumeric);
        let words: Vec<&str> = asked.words.iter().filter(is_word).map(String::as_str).take(WORDS_MAX).collect();
        if words.is_empty() {
            return Ok(Vec::new());
        }
        let rows = match &*self.store.pool {
            // Whose a chunk is and who may see it stands in the index, so that a search does not read what it must not give.
            Pool::Sqlite(_) => query_as::<(Uuid, i64)>(
                "SELECT c.document_id, c.ordinal
                   FROM (SELECT rowid AS text_id, rank AS score
                           FROM knowledge_text WHERE knowledge_text MATCH $2 ORDER BY rank LIMIT $3) found
                   JOIN knowledge_chunks c ON c.tenant_id = $1 AND c.text_id = found.text_id
                  ORDER BY found.score, c.document_id, c.ordinal",
            )
            .bind(self.id())
            .bind(self.fts5(&words, asked))
            .bind(i64::from(asked.limit)),
            Pool::Postgres(_) => query_as::<(Uuid, i64)>(
                "SELECT c.document_id, c.ordinal
                   FROM autonomos_knowledge_matches($2, $3, $4, $5) WITH ORDINALITY AS found (document_id, ordinal, place)
                   JOIN knowledge_chunks c ON c.tenant_id = $1 AND c.document_id = found.document_id AND c.ordinal = found.ordinal
                  ORDER BY found.place",
            )
            .bind(self.id())
            .bind(words.join(" | "))
            .bind(visible(asked.role).join(","))
            .bind(asked.tag)
            .bind(i64::from(asked.limit)),
        };
        let rows = rows.fetch_all(self.reader()).await?;
        let place = |(document_id, ordinal)| ChunkPlace { document_id, ordinal: uncount(ordinal) };
        Ok(rows.into_iter().map(place).collect())
    }

    fn fts5(&self, words: &[&str], asked: &KnowledgeQuery<'_>) -> String {
        let any = |words: Vec<String>| words.join(" OR ");
        let roles = any(visible(asked.role).iter().map(|role| format!("\"{}\"", role_word(role))).collect());
        let text = any(words.iter().map(|word| format!("\"{word}\"")).collect());
        let tag = asked.tag.map(|tag| format!(" AND scope : \"{}\"", tag_word(tag))).unwrap_or_default();
        let tenant = tenant_word(self.id());
        format!("scope : \"{tenant}\" AND scope : ({roles}){tag} AND {{heading body}} : ({text})")
    }

    /// Returns chunks by their places, in the same order. What is gone by now is left out.
    pub async fn knowledge_chunks_at(&self, places: &[ChunkPlace]) -> Result<Vec<KnowledgeChunk>> {
        let mut chunks = Vec::with_capacity(places.len());
        for place in places {
            let row = query_as::<ChunkRow>(
                "SELECT document_id, ordinal, section, page, from_char, to_char, body, tokens, marks
                   FROM knowledge_chunks
                  WHERE tenant_id = $1 AND document_id = $2 AND ordinal = $3",
            );
            let row = row.bind(self.id()).bind(place.document_id).bind(count(place.ordinal));
            chunks.extend(row.fetch_optional(self.reader()).await?.map(chunk).transpose()?);
        }
        Ok(chunks)
    }
}

/// The least roles of what a role may see. As many as there are roles, so that a statement has one form.
pub(super) fn visible(role: Role) -> [&'static str; Role::ALL.len()] {
    Role::ALL.map(|least| if least <= role { least } else { Role::Viewer }.as_str())
}

/// What stands in the index of words beside a chunk's own. None of it can be a word of a text: those are looked for in other columns.
/// The last letter keeps the stemmer from taking anything away.
pub(super) fn scope_words(tenant: Uuid, least_role: Role, tags: &[String]) -> String {
    let tags = tags.iter().map(|tag| tag_word(tag));
    let words: Vec<_> = [tenant_word(tenant), role_word(least_role.as_str())].into_iter().chain(tags).collect();
    words.join(" ")
}

fn tenant_word(tenant: Uuid) -> String {
    format!("t{}x", tenant.simple())
}

fn role_word(role: &str) -> String {
    format!("r{role}x")
}

fn tag_word(tag: &str) -> String {
    tag.bytes().fold("g".to_owned(), |word, byte| word + &format!("{byte:02x}")) + "x"
}
