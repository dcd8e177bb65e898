//! The tools that look and leave nothing behind. Rows are taken from an agent's budget before they are read.

use super::arguments::{Ask, Drift, Filter, Findings, Lineage, Nothing, OfEntity, OfRecord, Search, Sql, rows};
use super::desk::Call;
use crate::problem::Problem;
use crate::routes::sql;
use aos_agents::questions::{Asked, Outcome};
use aos_agents::registry::Deed;
use aos_core::policy::{Lens, Sensitivity};
use aos_dcl::engine::{Sort, ViewQuery};
use aos_dcl::{Error, TenantDcl};
use aos_store::{FindingFilter, FindingState, Page, ReviewFilter, ReviewOrder, ReviewState};
use serde::Serialize;
use serde_json::{Map, Value, json};

/// More source columns than one entity is fed by.
const HOPS_MAX: usize = 10_000;
const QUESTION_CHARS_MAX: usize = 2_000;
/// What an answer to a question is taken to bring, before it is known.
const ANSWER_ROWS: u32 = 1_000;

impl Call<'_> {
    pub async fn list_entities(&self, Nothing {}: Nothing) -> Result<Value, Problem> {
        let ontology = self.dcl().ontology().await?;
        let entity = |(name, entity): (&String, &aos_core::ontology::Entity)| {
            let refers = entity.fields.iter().filter_map(|(field, of)| Some((field.clone(), of.references.clone()?)));
            json!({
                "entity": name, "label": entity.label, "description": entity.description, "key": entity.key,
                "fields": entity.fields.keys().collect::<Vec<_>>(),
                "refers_to": refers.map(|(field, to)| (field, Value::String(to))).collect::<Map<_, _>>(),
            })
        };
        Ok(json!({
            "ontology_version": ontology.version, "entities": ontology.entities.iter().map(entity).collect::<Vec<_>>(),
        }))
    }

    pub async fn describe_entity(&self, asked: OfEntity) -> Result<Value, Problem> {
        let ontology = self.dcl().ontology().await?;
        let Some(entity) = ontology.entity(&asked.entity) else {
            let known = ontology.entities.keys().map(String::as_str).collect::<Vec<_>>().join(", ");
            return Err(Error::UnknownEntity { entity: asked.entity, known }.into());
        };
        let hops = self.dcl().lineage_search(&format!(" {}.", asked.entity), HOPS_MAX).await?;
        let fed_by: Vec<_> = hops.into_iter().filter(|hop| hop.entity == asked.entity).collect();
        Ok(json!({ "entity": asked.entity, "definition": entity, "fed_by": fed_by }))
    }

    pub async fn search_records(&self, asked: Search) -> Result<Value, Problem> {
        let filters = asked.filters.into_iter().map(filter).collect::<Result<_, Problem>>()?;
        let granted = self.take_rows(rows(asked.limit)).await?;
        let query = ViewQuery { limit: granted, cursor: asked.cursor, sort: sorts(&asked.sort), filters };
        let page = self.dcl().view(&asked.entity, &query).await;
        self.give_back(granted, page.as_ref().map_or(0, |page| page.items.len())).await?;
        let page = page?;
        Ok(json!({
            "columns": page.columns, "records": page.items, "total": page.total, "next_cursor": page.next_cursor,
        }))
    }

    pub async fn get_record(&self, asked: OfRecord) -> Result<Value, Problem> {
        let granted = self.take_rows(1).await?;
        let found = self.dcl().record(&asked.entity, &asked.source, &asked.record_id).await;
        self.give_back(granted, usize::from(found.is_ok())).await?;
        shown(&found?)
    }

    pub async fn explain_entity(&self, asked: OfRecord) -> Result<Value, Problem> {
        let granted = self.take_rows(1).await?;
        let found = self.dcl().golden_of_record(&asked.entity, &asked.source, &asked.record_id).await;
        self.give_back(granted, usize::from(found.is_ok())).await?;
        shown(&found?)
    }

    pub async fn sql(&self, asked: Sql) -> Result<Value, Problem> {
        let granted = self.take_rows(rows(asked.limit)).await?;
        let answer = self.dcl().query(&asked.sql, granted as usize).await;
        self.give_back(granted, answer.as_ref().map_or(0, |answer| answer.rows.len())).await?;
        shown(&answer.map_err(sql::problem)?)
    }

    /// A question whose answer might bring more rows than are left is not asked.
    pub async fn ask(&self, asked: Ask) -> Result<Value, Problem> {
        if !(1..=QUESTION_CHARS_MAX).contains(&asked.question.chars().count()) {
            let detail = format!("`question` has 1 to {QUESTION_CHARS_MAX} characters");
            return Err(Problem::unprocessable("invalid_query", detail, "ask something shorter"));
        }
        let granted = self.take_rows(ANSWER_ROWS).await?;
        let question = Asked { question: asked.question, persona: None, at: None, of: None };
        let outcome = self.desk.questions.ask(self.scope, question).await;
        let came = match &outcome {
            Ok(Outcome::Answered(answer)) => answer.rows.len(),
            _ => 0,
        };
        self.give_back(granted, came).await?;
        match outcome? {
            Outcome::Answered(answer) if answer.rows.len() > granted as usize => Err(Problem::too_many(
                "agent_budget_used_up",
                "the answer has more rows than the agent may still use today",
                1,
            )),
            Outcome::Answered(answer) => Ok(json!({ "outcome": "answered", "answer": shown(&answer)? })),
            Outcome::Refused { id, refusal } => {
                Ok(json!({ "outcome": "refused", "id": id, "refusal": shown(&refusal)? }))
            }
        }
    }

    pub async fn lineage(&self, asked: Lineage) -> Result<Value, Problem> {
        let hops = self.dcl().lineage_search(&asked.search, rows(asked.limit) as usize).await?;
        Ok(json!({ "lineage": hops }))
    }

    pub async fn drift(&self, asked: Drift) -> Result<Value, Problem> {
        let waiting =
            ReviewFilter { state: Some(ReviewState::Open), order: ReviewOrder::Urgency, ..ReviewFilter::default() };
        let waiting = self.dcl().reviews(&waiting, Page::first(rows(asked.limit))).await?;
        let item = |review: &aos_store::Review| {
            json!({
                "review_id": review.id, "kind": review.kind, "title": review.title, "stream": review.stream,
                "confidence": review.confidence, "severity": review.severity, "since": review.created_at,
            })
        };
        Ok(json!({
            "drifting": self.dcl().drifting().await?, "waiting": waiting.items.iter().map(item).collect::<Vec<_>>(),
            "more_waiting": waiting.next_cursor.is_some(),
        }))
    }

    pub async fn findings(&self, asked: Findings) -> Result<Value, Problem> {
        let filter = FindingFilter {
            agent: asked.agent,
            kind: asked.kind,
            state: Some(FindingState::Open),
            not_ignored_at: Some(self.desk.clock.now()),
        };
        let granted = self.take_rows(rows(asked.limit)).await?;
        let page = Page { cursor: asked.cursor, limit: granted };
        let found = self.desk.store.tenant(self.scope).list_findings(&filter, page).await;
        self.give_back(granted, found.as_ref().map_or(0, |found| found.items.len())).await?;
        let mut found = found?;
        // A pilot looks with the eyes of whoever had it look; whoever reads may be allowed less.
        let lens = Lens::of(self.scope);
        for finding in &mut found.items {
            finding.body = lens.value(Sensitivity::Unclassified, finding.body.take());
            finding.subject = lens.text(Sensitivity::Unclassified, std::mem::take(&mut finding.subject));
        }
        Ok(json!({ "findings": found.items, "next_cursor": found.next_cursor }))
    }

    pub(super) fn dcl(&self) -> TenantDcl {
        self.desk.dcl.tenant(self.scope)
    }

    async fn take_rows(&self, wanted: u32) -> Result<u32, Problem> {
        self.acting.may(Deed::Read)?;
        let granted = self.acting.take_rows(&self.desk.store, self.scope, wanted.into()).await?;
        Ok(u32::try_from(granted).unwrap_or(wanted))
    }

    async fn give_back(&self, granted: u32, came: usize) -> Result<(), Problem> {
        let left = u64::from(granted).saturating_sub(came as u64);
        Ok(self.acting.give_back_rows(&self.desk.store, self.scope, left).await?)
    }
}

fn filter(asked: Filter) -> Result<aos_dcl::engine::Filter, Problem> {
    Ok(aos_dcl::engine::Filter { field: asked.field, op: asked.op.parse()?, value: asked.value })
}

fn sorts(asked: &[String]) -> Vec<Sort> {
    let sort = |name: &String| match name.strip_prefix('-') {
        Some(field) => Sort { field: field.to_owned(), descending: true },
        None => Sort { field: name.clone(), descending: false },
    };
    asked.iter().map(sort).collect()
}

fn shown(answer: &impl Serialize) -> Result<Value, Problem> {
    serde_json::to_value(answer).map_err(|error| Problem::log_internal(&error))
}
