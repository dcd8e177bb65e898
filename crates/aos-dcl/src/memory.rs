//! The mapping memory as people look at it: what was decided about columns, how much of a source is known by it, what was chosen about asking a
//! model, and how often the matcher was right with a model's answers and without.

use crate::service::{Dcl, TenantDcl, blocking};
use crate::{Error, Result};
use aos_match::memory::{Decided, Recollection, Verdict, covered};
use aos_mesh::Advice;
use aos_store::{MappingCheck, Memory, MemoryAccuracy, MemoryFilter, MemoryOutcome, NextStep, Page, PageOf};
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// The newest decisions that a coverage is computed from.
const MEMORIES_MAX: u32 = 2_000;
const MISSING_NAMED: usize = 20;

/// What is looked for in the memory.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct MemorySearch {
    /// Name or id of a connection.
    pub source: Option<String>,
    pub entity: Option<String>,
    pub outcome: Option<MemoryOutcome>,
    pub words: Option<String>,
}

/// A pair of a column and a field that was decided.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct RememberedMapping {
    pub id: Uuid,
    /// The connection's name; null when it is gone.
    #[schema(required)]
    pub source: Option<String>,
    #[schema(example = "salesforce")]
    pub system: String,
    #[schema(example = "Account")]
    pub stream: String,
    #[schema(example = "Industry__c")]
    pub column: String,
    #[schema(required)]
    pub label: Option<String>,
    #[serde(rename = "type")]
    #[schema(example = "string")]
    pub kind: String,
    /// Null for a column that feeds nothing.
    #[schema(required, example = "account")]
    pub entity: Option<String>,
    #[schema(required, example = "industry")]
    pub field: Option<String>,
    /// `applied` by the matcher and seen by nobody, `approved` or `rejected` by a person.
    #[schema(value_type = String, example = "approved")]
    pub outcome: MemoryOutcome,
    /// How sure the matcher was.
    pub confidence: f64,
    /// Whether earlier decisions, or a model, spoke for it when it was decided.
    pub with_memory: bool,
    pub with_model: bool,
    /// `user:<id>`, `key:<id>` or `local`: who decided, or for whom the matcher did.
    pub decided_by: String,
    pub decided_at: DateTime<Utc>,
}

/// How much of a source is known from earlier decisions.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct MemoryCoverage {
    pub source: String,
    /// How columns were compared: `lexical`, by their names.
    #[schema(example = "lexical")]
    pub similarity: String,
    /// The columns of the source, and those like which one is remembered with a similarity above 0.8.
    pub fields: u64,
    pub covered: u64,
    pub coverage_pct: f64,
    /// Some of the others.
    pub missing: Vec<String>,
}

/// One look at what is remembered, before a source was mapped.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct MappingCheckReport {
    /// The run of the connection that it belongs to.
    pub id: Uuid,
    #[schema(required)]
    pub source: Option<String>,
    pub checked_at: DateTime<Utc>,
    /// `lexical`, or the model that made the vectors that were compared.
    pub similarity: String,
    pub fields: u64,
    pub covered: u64,
    pub coverage_pct: f64,
    pub missing: Vec<String>,
    /// Columns that matcher and memory leave uncertain.
    pub uncertain: u64,
    #[schema(value_type = String, example = "skip")]
    pub recommendation: NextStep,
    pub estimated_calls: u64,
    pub estimated_tokens: u64,
    /// Millionths of a US dollar; null where no price is known.
    #[schema(required)]
    pub estimated_micros: Option<u64>,
    /// Until when somebody may choose; null where nobody was asked.
    #[schema(required)]
    pub decide_until: Option<DateTime<Utc>>,
    /// `proceed` or `skip`: what was done where there was a choice.
    #[schema(required, value_type = Option<String>, example = "skip")]
    pub choice: Option<NextStep>,
    /// Who chose; null where the recommendation was followed because nobody did.
    #[schema(required)]
    pub chosen_by: Option<String>,
    pub calls: u64,
    pub calls_saved: u64,
    #[schema(required)]
    pub tokens_in: Option<u64>,
    #[schema(required)]
    pub tokens_out: Option<u64>,
    #[schema(required)]
    pub micros: Option<u64>,
    /// Columns that the model was asked about, those it named a field for, and those that are decided because of it.
    pub asked: u64,
    pub answered: u64,
    pub taken: u64,
    /// Why the model gave no answer.
    #[schema(required)]
    pub note: Option<String>,
    /// Null while it goes on.
    #[schema(required)]
    pub ended_at: Option<DateTime<Utc>>,
}

/// How often the matcher's decisions were right, as far as people have looked.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, ToSchema)]
pub struct DecisionAccuracy {
    pub decided: u64,
    /// Decisions that a person confirmed, and those that a person corrected.
    pub confirmed: u64,
    pub corrected: u64,
    /// The share that was confirmed of those that people looked at; null while nobody has looked at any.
    #[schema(required)]
    pub precision: Option<f64>,
}

/// What a model brings to mappings, and what it takes.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct MappingAccuracy {
    pub without_model: DecisionAccuracy,
    pub with_model: DecisionAccuracy,
    pub with_memory: DecisionAccuracy,
    /// Over the latest runs: calls, those that were not needed, tokens, and cost in millionths of a US dollar, null where it is not known.
    pub calls: u64,
    pub calls_saved: u64,
    pub tokens: u64,
    #[schema(required)]
    pub micros: Option<u64>,
    pub runs: u64,
}

impl Dcl {
    /// Names what is asked beside the matcher. Named once, before anything is read.
    pub fn with_advice(self, advice: Advice) -> Self {
        self.inner.mesh.advise(advice);
        self
    }
}

impl TenantDcl {
    /// Lists what is remembered, the newest first.
    pub async fn memories(&self, search: &MemorySearch, page: Page) -> Result<PageOf<RememberedMapping>> {
        let connection = match &search.source {
            Some(source) => Some(self.named_connection(source).await?.id),
            None => None,
        };
        let filter = MemoryFilter {
            connection,
            entity: search.entity.clone(),
            outcome: search.outcome,
            words: search.words.clone().filter(|words| !words.trim().is_empty()),
        };
        let names = self.connection_names().await?;
        let found = self.store().list_memories(&filter, page).await?;
        let shown = |memory: Memory| RememberedMapping {
            id: memory.id,
            source: names.get(&memory.connection_id).cloned(),
            system: memory.system,
            stream: memory.stream,
            column: memory.path,
            label: memory.label,
            kind: memory.portrait.kind.to_string(),
            entity: Some(memory.entity).filter(|entity| !entity.is_empty()),
            field: Some(memory.field).filter(|field| !field.is_empty()),
            outcome: memory.outcome,
            confidence: memory.confidence,
            with_memory: memory.with_memory,
            with_model: memory.with_model,
            decided_by: memory.decided_by,
            decided_at: memory.decided_at,
        };
        Ok(PageOf { items: found.items.into_iter().map(shown).collect(), next_cursor: found.next_cursor })
    }

    /// Forgets one pair; mappings that are in force stay as they are.
    pub async fn forget_memory(&self, id: Uuid) -> Result<()> {
        if self.store().forget_memory(id).await? { Ok(()) } else { Err(Error::NotFound("memory")) }
    }

    /// Forgets all that was decided of a source; says how many pairs that were.
    pub async fn forget_memories_of(&self, source: &str) -> Result<u64> {
        let connection = self.named_connection(source).await?;
        Ok(self.store().forget_memories_of(connection.id).await?)
    }

    /// Says how much of a source is known from earlier decisions, comparing names.
    pub async fn memory_coverage(&self, source: &str) -> Result<MemoryCoverage> {
        let connection = self.named_connection(source).await?;
        let streams = self.store().list_streams(connection.id).await?;
        let memories = self.store().memories(MEMORIES_MAX).await?;
        let matcher = self.vocabulary().await?.matcher.clone();
        let (fields, covered, missing) = blocking(move || {
            let recollection = Recollection::new(&matcher, memories.iter().map(decided).collect());
            let (mut fields, mut known, mut missing) = (0, 0, Vec::new());
            for shape in streams.iter().filter_map(|stream| stream.shape.as_ref()) {
                let (some, others) = covered(shape, &recollection.by_names(shape), &recollection);
                fields += shape.columns.len() as u64;
                known += some as u64;
                let room = MISSING_NAMED.saturating_sub(missing.len());
                missing.extend(others.iter().take(room).map(|path| format!("{}.{path}", shape.stream)));
            }
            Ok((fields, known, missing))
        })
        .await?;
        Ok(MemoryCoverage {
            source: connection.name,
            similarity: "lexical".to_owned(),
            fields,
            covered,
            coverage_pct: percent(covered, fields),
            missing,
        })
    }

    /// Lists the looks at what is remembered, the newest first; only those that somebody may still choose about, if that is asked for.
    pub async fn mapping_checks(&self, pending: bool, page: Page) -> Result<PageOf<MappingCheckReport>> {
        let names = self.connection_names().await?;
        let found = self.store().list_mapping_checks(pending, page).await?;
        let items = found.items.into_iter().map(|check| {
            let source = names.get(&check.connection_id).cloned();
            MappingCheckReport::of(check, source)
        });
        Ok(PageOf { items: items.collect(), next_cursor: found.next_cursor })
    }

    /// Chooses whether a model is asked about what is uncertain.
    ///
    /// # Errors
    /// [`Error::NotFound`] for a check that nobody knows, and [`Error::TooLate`] for one that nobody waits for any more.
    pub async fn choose_mapping_check(&self, id: Uuid, choice: NextStep) -> Result<()> {
        if self.store().choose_mapping_check(id, choice).await? {
            return Ok(());
        }
        match self.store().mapping_check(id).await? {
            Some(_) => Err(Error::TooLate),
            None => Err(Error::NotFound("mapping_check")),
        }
    }

    /// Returns how often the matcher was right with a model's answers and without, and what models took over the latest runs.
    pub async fn mapping_accuracy(&self) -> Result<MappingAccuracy> {
        let kinds = self.store().memory_accuracy().await?;
        let of = |is: &dyn Fn(&MemoryAccuracy) -> bool| DecisionAccuracy::of(kinds.iter().filter(|kind| is(kind)));
        let checks = self.store().list_mapping_checks(false, Page::first(aos_store::MAX_LIMIT)).await?.items;
        let sum = |of: &dyn Fn(&MappingCheck) -> u64| checks.iter().map(of).sum::<u64>();
        let asked = || checks.iter().filter(|check| check.calls > 0);
        Ok(MappingAccuracy {
            without_model: of(&|kind| !kind.with_model),
            with_model: of(&|kind| kind.with_model),
            with_memory: of(&|kind| kind.with_memory),
            calls: sum(&|check| check.calls),
            calls_saved: sum(&|check| check.calls_saved),
            tokens: sum(&|check| check.tokens_in.unwrap_or_default() + check.tokens_out.unwrap_or_default()),
            micros: asked().map(|check| check.micros).sum(),
            runs: checks.len() as u64,
        })
    }
}

impl DecisionAccuracy {
    fn of<'k>(kinds: impl Iterator<Item = &'k MemoryAccuracy>) -> Self {
        let mut sum = Self::default();
        for kind in kinds {
            sum.decided += kind.applied + kind.approved + kind.rejected;
            sum.confirmed += kind.approved;
            sum.corrected += kind.rejected;
        }
        let seen = sum.confirmed + sum.corrected;
        Self { precision: (seen > 0).then(|| sum.confirmed as f64 / seen as f64), ..sum }
    }
}

impl MappingCheckReport {
    fn of(check: MappingCheck, source: Option<String>) -> Self {
        Self {
            id: check.id,
            source,
            checked_at: check.checked_at,
            similarity: check.similarity,
            fields: check.fields,
            covered: check.covered,
            coverage_pct: percent(check.covered, check.fields),
            missing: check.missing,
            uncertain: check.uncertain,
            recommendation: check.recommendation,
            estimated_calls: check.calls_estimated,
            estimated_tokens: check.tokens_estimated,
            estimated_micros: check.micros_estimated,
            decide_until: check.decide_until,
            choice: check.choice,
            chosen_by: check.chosen_by,
            calls: check.calls,
            calls_saved: check.calls_saved,
            tokens_in: check.tokens_in,
            tokens_out: check.tokens_out,
            micros: check.micros,
            asked: check.asked,
            answered: check.answered,
            taken: check.taken,
            note: check.note,
            ended_at: check.ended_at,
        }
    }
}

fn percent(part: u64, whole: u64) -> f64 {
    (part as f64 / whole.max(1) as f64 * 1000.0).round() / 10.0
}

fn decided(memory: &Memory) -> Decided {
    Decided {
        system: memory.system.clone(),
        stream: memory.stream.clone(),
        column: memory.path.clone(),
        kind: memory.portrait.kind,
        entity: memory.entity.clone(),
        field: memory.field.clone(),
        verdict: match memory.outcome {
            MemoryOutcome::Applied => Verdict::Unseen,
            MemoryOutcome::Approved => Verdict::Right,
            MemoryOutcome::Rejected => Verdict::Wrong,
        },
    }
}
