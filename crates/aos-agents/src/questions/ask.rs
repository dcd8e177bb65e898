//! From a question to its answer: plan, check, dry run, run, receipt, memory.

use super::answer::{Answer, Source};
use super::check::check;
use super::currency::in_one_currency;
use super::grammar::Reading;
use super::lexicon::Lexicon;
use super::plan::{Measure, MeasureOp, Of, Plan};
use super::planner::{Planner, Proposed};
use super::receipt::{Receipt, Said};
use super::refusal::{Refusal, RefusalCode};
use super::stated::Standing;
use super::things::Counting;
use super::{Result, grammar, known, load, namesake, notes, origin, share, sql, words};
use aos_core::audit::Signer;
use aos_core::policy::Lens;
use aos_core::{Clock, Ontology, TenantId, TenantScope};
use aos_dcl::grounds::{Ground, Moment};
use aos_dcl::views::QueryAnswer;
use aos_dcl::{Dcl, TenantDcl};
use aos_store::{NewQuestion, Store};
use chrono::{DateTime, Utc};
use serde_json::Value;
use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, PoisonError};
use uuid::Uuid;

/// Rows that an answer holds at most.
pub(super) const ROWS_MAX: usize = 1_000;
/// Tenants whose words are kept in memory.
const LEXICONS_MAX: usize = 64;

/// Answers questions of every tenant.
#[derive(Clone)]
pub struct Questions {
    pub(super) dcl: Dcl,
    pub(super) store: Store,
    clock: Clock,
    signer: Signer,
    planner: Option<Arc<dyn Planner>>,
    lexicons: Arc<Mutex<HashMap<(TenantId, Lens), Kept>>>,
}

/// Words of a tenant, as long as its data and ontology stand where they stood.
type Kept = (Moment, Arc<Lexicon>);

/// A question as it is put.
#[derive(Debug, Clone)]
pub struct Asked {
    pub question: String,
    pub persona: Option<String>,
    /// What `last month` goes back from; now when it is not said.
    pub at: Option<DateTime<Utc>>,
    /// What is to count as one; when it is not said, things where they are known.
    pub of: Option<Of>,
}

/// What becomes of a question.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    Answered(Box<Answer>),
    Refused { id: Uuid, refusal: Refusal },
}

impl Questions {
    pub fn new(dcl: Dcl, store: Store, clock: Clock, signer: Signer) -> Self {
        Self { dcl, store, clock, signer, planner: None, lexicons: Arc::default() }
    }

    /// Asks this planner where the grammar does not understand.
    pub fn with_planner(self, planner: Arc<dyn Planner>) -> Self {
        Self { planner: Some(planner), ..self }
    }

    /// Answers a question or refuses it, and keeps what became of it.
    pub async fn ask(&self, scope: &TenantScope, asked: Asked) -> Result<Outcome> {
        let tenant = self.dcl.tenant(scope);
        let id = Uuid::now_v7();
        let outcome = match self.answer(&tenant, id, &asked).await? {
            Ok(answer) => Outcome::Answered(Box::new(answer)),
            Err(refusal) => Outcome::Refused { id, refusal },
        };
        let clear = tenant.lens() == Lens::Clear;
        let kept = NewQuestion {
            id,
            question: asked.question,
            persona: asked.persona,
            clear,
            plan: None,
            answer: None,
            refusal: None,
            receipt: None,
        };
        let kept = match &outcome {
            Outcome::Answered(answer) => NewQuestion {
                plan: serde_json::to_value(&answer.plan).ok(),
                answer: Some(answer.answer.clone()),
                receipt: serde_json::to_value(&answer.receipt).ok(),
                ..kept
            },
            Outcome::Refused { refusal, .. } => NewQuestion { refusal: serde_json::to_value(refusal).ok(), ..kept },
        };
        self.store.tenant(scope).save_question(&kept).await?;
        Ok(outcome)
    }

    async fn answer(&self, tenant: &TenantDcl, id: Uuid, asked: &Asked) -> Result<Result<Answer, Refusal>> {
        let now = asked.at.unwrap_or_else(|| self.clock.now());
        let (moment, ontology) = tenant.moment().await?;
        let lexicon = self.lexicon(tenant, &moment, &ontology).await?;
        let (Reading { mut plan, slips: mut notes }, planned_by) = match self.plan(tenant, asked, &lexicon, now).await {
            Ok(planned) => planned,
            Err(refusal) => return Ok(Err(refusal)),
        };
        plan.of = asked.of.or(plan.of).or_else(|| grammar::says_records(&asked.question).then_some(Of::Records));
        let (plan, mut counting) = Counting::decide(tenant, plan, &ontology).await?;
        let plan = share::among_those_that_say(plan, &lexicon);
        if let Err(refusal) = check(&plan, &ontology, tenant.lens()) {
            return Ok(Err(refusal));
        }
        if let Err(refusal) = namesake::check(tenant, &plan, &lexicon, &counting.things).await? {
            return Ok(Err(refusal));
        }
        let plan = match in_one_currency(tenant, plan, &ontology, &counting.things).await? {
            Ok(plan) => plan,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let standing = Standing::look(tenant, &plan, &ontology, &counting.things).await?;
        if let Err(refusal) = standing.check(&plan) {
            return Ok(Err(refusal));
        }
        let Some(sql) = sql::write(&plan, &ontology, &counting.things) else {
            return Ok(Err(Refusal::not_possible("the plan names what the ontology does not have")));
        };
        tenant.dry_run(&sql).await?;
        let result = tenant.query(&sql, ROWS_MAX).await?;
        if let Err(refusal) = says_something(&plan, &result) {
            return Ok(Err(refusal));
        }
        let counted = counting.look(tenant, &plan, &ontology).await?;
        let grounds = origin::grounds(tenant, &plan, &ontology, &counting.things).await?;
        notes.extend(notes::about(&plan, &lexicon, &standing, now.date_naive()));
        notes.extend(notes::ties(&plan, &result));
        if !counting.is_about_things {
            notes.extend(notes::alike(&plan, &lexicon, &standing));
        }
        notes.append(&mut counting.notes);
        let said = Said {
            id,
            tenant: tenant.scope().tenant_id(),
            question: asked.question.clone(),
            asked_at: now,
            plan,
            planned_by,
            sql,
            masked: tenant.lens() == Lens::Masking,
            moment,
            grounds,
            counted,
        };
        Ok(Ok(self.explained(said, result, &standing, notes)))
    }

    /// Reads the question by the grammar, or has it planned by whoever else plans; says by whom.
    async fn plan(
        &self,
        tenant: &TenantDcl,
        asked: &Asked,
        lexicon: &Lexicon,
        now: DateTime<Utc>,
    ) -> Result<(Reading, Option<String>), Refusal> {
        let read = grammar::read(&asked.question, lexicon, now.date_naive());
        let Some(planner) = &self.planner else { return read.map(|reading| (reading, None)) };
        match read {
            Err(refusal) if refusal.code == RefusalCode::NotUnderstood => {
                let proposed = planner.plan(tenant.scope(), &asked.question, &lexicon.ontology, now).await;
                // What the grammar missed is said all the same.
                let Proposed { plan, by } = proposed.map_err(|theirs| refusal.and(&theirs.reason))?;
                known::check(&plan, lexicon)?;
                Ok((Reading { plan, slips: Vec::new() }, Some(by)))
            }
            Ok(reading) => {
                planner.spared(tenant.scope()).await;
                Ok((reading, None))
            }
            Err(refusal) => Err(refusal),
        }
    }

    fn explained(&self, said: Said, result: QueryAnswer, standing: &Standing, notes: Vec<String>) -> Answer {
        let receipt = Receipt::sign(said, &result, &self.signer);
        let grounds = &receipt.grounds;
        let sources: BTreeSet<String> = grounds.iter().map(|ground| ground.source.clone()).collect();
        let version = |ground: &Ground| Source {
            source: ground.source.clone(),
            table: ground.table.clone(),
            version: ground.mapping_version,
        };
        let of_match = receipt.counted.as_ref().map(|counted| counted.weakest_match);
        let oldest = grounds.iter().map(|ground| ground.read_at).min();
        Answer {
            id: receipt.id,
            answer: words::of_answer(&receipt.plan, &result, standing, receipt.counted.as_ref()),
            plan: receipt.plan.clone(),
            sql: receipt.sql.clone(),
            columns: result.columns.iter().map(|column| column.name.clone()).collect(),
            notes: receipt.planned_by.as_deref().map(by_planner).into_iter().chain(notes).collect(),
            rows: result.rows,
            truncated: result.truncated,
            sources: sources.into_iter().collect(),
            mapping_versions: grounds.iter().map(version).collect(),
            freshness: oldest.flatten(),
            weakest_confidence: grounds.iter().map(|ground| ground.confidence).chain(of_match).reduce(f64::min),
            counted: receipt.counted.clone(),
            planned_by: receipt.planned_by.clone(),
            receipt,
        }
    }

    /// Answers whether a receipt is as this installation has signed it, for this tenant.
    pub fn is_genuine(&self, scope: &TenantScope, receipt: &Receipt) -> bool {
        receipt.tenant == scope.tenant_id().0 && receipt.is_signed_by(&self.signer.verifier())
    }

    async fn lexicon(&self, tenant: &TenantDcl, moment: &Moment, ontology: &Arc<Ontology>) -> Result<Arc<Lexicon>> {
        let place = (tenant.scope().tenant_id(), tenant.lens());
        if let Some((at, lexicon)) = self.kept().get(&place)
            && at == moment
        {
            return Ok(lexicon.clone());
        }
        let lexicon = Arc::new(load::lexicon(tenant, ontology).await?);
        let mut kept = self.kept();
        if kept.len() >= LEXICONS_MAX {
            kept.clear();
        }
        kept.insert(place, (moment.clone(), lexicon.clone()));
        Ok(lexicon)
    }

    fn kept(&self) -> std::sync::MutexGuard<'_, HashMap<(TenantId, Lens), Kept>> {
        // Each change of the map is one step, so a panic elsewhere leaves it whole.
        self.lexicons.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Refuses an answer that would be one row of nothing: no record passes the conditions, so there is no figure of them.
fn says_something(plan: &Plan, result: &QueryAnswer) -> Result<(), Refusal> {
    let [row] = result.rows.as_slice() else { return Ok(()) };
    let is_figure = |measure: &Measure| !matches!(measure.op, MeasureOp::Count | MeasureOp::CountDistinct);
    // Of a share the part and the whole stand beside it.
    let says_nothing = plan.group_by.is_empty()
        && plan.measures.iter().any(is_figure)
        && row.iter().all(|cell| cell.is_null() || cell.as_u64() == Some(0))
        && row.first().is_some_and(Value::is_null);
    if !says_nothing {
        return Ok(());
    }
    let reason = format!("no {} pass these conditions, so there is nothing to compute", words::noun(plan));
    Err(Refusal::new(RefusalCode::NoData, reason).missing(plan.entity.as_str(), Vec::<String>::new()))
}

fn by_planner(model: &str) -> String {
    format!("planned by {model}, a language model that has read the question; look whether the plan is what you meant")
}
