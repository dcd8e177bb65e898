//! From a question to its answer: plan, check, dry run, run, receipt, memory.

use super::check::{CURRENCY, Found, check};
use super::lexicon::Lexicon;
use super::plan::{Filter, FilterOp, Grouping, Measure, MeasureOp, Plan};
use super::receipt::{Receipt, Said, digest};
use super::refusal::{Refusal, RefusalCode};
use super::{Error, Result, grammar, load, sql, words};
use aos_core::audit::Signer;
use aos_core::policy::Lens;
use aos_core::{Clock, Ontology, TenantId, TenantScope};
use aos_dcl::grounds::{Ground, Moment};
use aos_dcl::views::QueryAnswer;
use aos_dcl::{Dcl, TenantDcl};
use aos_store::{NewQuestion, Store};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use utoipa::ToSchema;
use uuid::Uuid;

/// Rows that an answer holds at most.
const ROWS_MAX: usize = 1_000;
/// What is said of an answer whose plan the grammar has not made.
const BY_PLANNER: &str = "a language model has read the question; look whether the plan is what you meant";
/// Stands for the currency of amounts that state none.
const UNSTATED: &str = "none stated";
/// Tenants whose words are kept in memory.
const LEXICONS_MAX: usize = 64;

/// Makes a plan of a question. What it makes is checked like any other plan, so that a model can only propose.
pub trait Planner: Send + Sync {
    /// Returns a plan in the form of [`super::SCHEMA`], or why there is none. `ontology` is what it may name.
    fn plan<'a>(
        &'a self,
        scope: &'a TenantScope,
        question: &'a str,
        ontology: &'a Ontology,
        today: DateTime<Utc>,
    ) -> Pin<Box<dyn Future<Output = Result<Plan, Refusal>> + Send + 'a>>;

    /// Notes that a question was understood without this planner.
    fn spared<'a>(&'a self, scope: &'a TenantScope) -> Pin<Box<dyn Future<Output = ()> + Send + 'a>>;
}

/// Answers questions of every tenant.
#[derive(Clone)]
pub struct Questions {
    dcl: Dcl,
    store: Store,
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
}

/// An answer with everything that it rests on.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Answer {
    pub id: Uuid,
    /// One sentence, made of the rows.
    pub answer: String,
    pub plan: Plan,
    pub sql: String,
    pub columns: Vec<String>,
    pub rows: Vec<Vec<Value>>,
    /// There are more rows than these.
    pub truncated: bool,
    /// What to mind: how many records do not say what is asked for.
    pub notes: Vec<String>,
    /// The connections that the answer comes from.
    pub sources: Vec<String>,
    pub mapping_versions: Vec<Source>,
    /// When the source that was read longest ago was last read; none where one was never read to its end.
    #[schema(required)]
    pub freshness: Option<DateTime<Utc>>,
    /// The confidence of the weakest mapping that was used, from 0 to 1.
    #[schema(required)]
    pub weakest_confidence: Option<f64>,
    pub receipt: Receipt,
}

/// A table that fed the answer, and under which version of its mapping.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Source {
    pub source: String,
    pub table: String,
    pub version: u32,
}

/// What becomes of a question.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    Answered(Box<Answer>),
    Refused { id: Uuid, refusal: Refusal },
}

/// What a receipt gives when it is run again.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Rerun {
    pub id: Uuid,
    /// Whether the rows are the same.
    pub same: bool,
    /// Why they are not, or why they could not be; empty when they are.
    pub why: Vec<String>,
    pub rows_sha256: String,
    pub row_count: usize,
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
        let planned = grammar::read(&asked.question, &lexicon, now.date_naive());
        let mut by_planner = false;
        let planned = match (planned, &self.planner) {
            (Err(refusal), Some(planner)) if refusal.code == RefusalCode::NotUnderstood => {
                let proposed = planner.plan(tenant.scope(), &asked.question, &ontology, now).await;
                by_planner = proposed.is_ok();
                // What the grammar missed is said all the same.
                proposed.map_err(|theirs| refusal.and(&theirs.reason))
            }
            (Ok(plan), Some(planner)) => {
                planner.spared(tenant.scope()).await;
                Ok(plan)
            }
            (planned, _) => planned,
        };
        let plan = match planned {
            Ok(plan) => plan,
            Err(refusal) => return Ok(Err(refusal)),
        };
        if let Err(refusal) = check(&plan, &ontology, tenant.lens()) {
            return Ok(Err(refusal));
        }
        let plan = match in_one_currency(tenant, plan, &ontology).await? {
            Ok(plan) => plan,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let Some(sql) = sql::write(&plan, &ontology) else {
            return Ok(Err(Refusal::not_possible("the plan names what the ontology does not have")));
        };
        tenant.dry_run(&sql).await?;
        let result = tenant.query(&sql, ROWS_MAX).await?;
        let grounds = tenant.grounds(&used(&plan, &ontology)).await?;
        let said = Said {
            id,
            tenant: tenant.scope().tenant_id(),
            question: asked.question.clone(),
            asked_at: now,
            plan,
            sql,
            masked: tenant.lens() == Lens::Masking,
            moment,
            grounds,
        };
        let mut answer = self.explained(said, result, &lexicon);
        if by_planner {
            answer.notes.push(BY_PLANNER.to_owned());
        }
        Ok(Ok(answer))
    }

    fn explained(&self, said: Said, result: QueryAnswer, lexicon: &Lexicon) -> Answer {
        let receipt = Receipt::sign(said, &result, &self.signer);
        let grounds = &receipt.grounds;
        let sources: BTreeSet<String> = grounds.iter().map(|ground| ground.source.clone()).collect();
        let version = |ground: &Ground| Source {
            source: ground.source.clone(),
            table: ground.table.clone(),
            version: ground.mapping_version,
        };
        let oldest = grounds.iter().map(|ground| ground.read_at).min();
        Answer {
            id: receipt.id,
            answer: words::of_answer(&receipt.plan, &result),
            plan: receipt.plan.clone(),
            sql: receipt.sql.clone(),
            columns: result.columns.iter().map(|column| column.name.clone()).collect(),
            notes: notes(&receipt.plan, lexicon),
            rows: result.rows,
            truncated: result.truncated,
            sources: sources.into_iter().collect(),
            mapping_versions: grounds.iter().map(version).collect(),
            freshness: oldest.flatten(),
            weakest_confidence: grounds.iter().map(|ground| ground.confidence).reduce(f64::min),
            receipt,
        }
    }

    /// Runs a kept receipt again and says whether the same comes of it, and why not.
    pub async fn rerun(&self, scope: &TenantScope, id: Uuid) -> Result<Rerun> {
        let kept = self.store.tenant(scope).question(id).await?.and_then(|question| question.receipt);
        let receipt: Receipt = serde_json::from_value(kept.ok_or(Error::NoReceipt)?).map_err(|_| Error::NoReceipt)?;
        let tenant = self.dcl.tenant(scope);
        let (moment, ontology) = tenant.moment().await?;
        let mut why = Vec::new();
        if let Err(refusal) = check(&receipt.plan, &ontology, tenant.lens()) {
            return Ok(Rerun { id, same: false, why: vec![refusal.reason], rows_sha256: String::new(), row_count: 0 });
        }
        let result = tenant.query(&receipt.sql, ROWS_MAX).await?;
        let rows_sha256 = digest(&result);
        let same = rows_sha256 == receipt.rows_sha256;
        if !same {
            let grounds = tenant.grounds(&used(&receipt.plan, &ontology)).await?;
            why = changes(&receipt, &moment, &grounds, tenant.lens() == Lens::Masking);
        }
        Ok(Rerun { id, same, why, rows_sha256, row_count: result.rows.len() })
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

/// Keeps amounts of different currencies apart: by a group for each, or by a refusal where one row has to come out.
async fn in_one_currency(tenant: &TenantDcl, mut plan: Plan, ontology: &Ontology) -> Result<Result<Plan, Refusal>> {
    let is_money =
        |path: &str| Found::of(ontology, &plan.entity, path).filter(Found::is_money).map(|found| found.through);
    let measured = plan.measures.iter().filter(|measure| measure.op != MeasureOp::CountDistinct);
    let measured = measured.filter_map(|measure| is_money(measure.field.as_deref()?));
    let ordered = plan.order_by.iter().filter(|_| plan.measures.is_empty()).filter_map(|order| is_money(&order.by));
    let through: BTreeSet<Option<String>> = measured.chain(ordered).map(|through| through.map(str::to_owned)).collect();
    for through in through {
        let currency = through.map_or(CURRENCY.to_owned(), |reference| format!("{reference}.{CURRENCY}"));
        let grouped = plan.group_by.iter().any(|group| group.field == currency);
        if Found::of(ontology, &plan.entity, &currency).is_none() || grouped && plan.order_by.is_none() {
            continue;
        }
        // Only currencies of amounts that are there.
        let mut stated = plan.clone();
        if let [Measure { field: Some(amount), .. }] = plan.measures.as_slice()
            && !plan.filters.iter().any(|filter| filter.field == *amount)
        {
            stated.filters.push(Filter::of(amount, FilterOp::NotNull, []));
        }
        let Some(sql) = sql::distinct(&stated, ontology, &currency) else { continue };
        let found = tenant.query(&sql, ROWS_MAX).await?;
        let codes: Vec<String> = found
            .rows
            .iter()
            .filter_map(|row| row.first())
            .map(|code| code.as_str().map_or_else(|| UNSTATED.to_owned(), str::to_owned))
            .collect();
        let ranks = plan.order_by.is_some() || plan.measures.is_empty();
        if ranks && codes.len() > 1 {
            let reason =
                format!("the amounts are in several currencies ({}), which are not compared", codes.join(", "));
            let near = codes.iter().filter(|code| *code != UNSTATED).map(|code| format!("in {code}"));
            return Ok(Err(Refusal::new(RefusalCode::MixedUnits, reason).missing("a currency", near)));
        }
        let one = |filter: &Filter| filter.field == currency && filter.op == FilterOp::In && filter.values.len() == 1;
        // An amount is told with its currency, unless the question has named it; where no record states one, none can be told.
        if ranks || plan.filters.iter().any(one) || codes.iter().all(|code| code == UNSTATED) {
            continue;
        }
        plan = stated;
        plan.group_by.push(Grouping::by(&currency));
        if let Err(refusal) = check(&plan, ontology, tenant.lens()) {
            return Ok(Err(refusal));
        }
    }
    Ok(Ok(plan))
}

/// Returns by entity the fields that a plan rests on; of one that is only counted, its key.
fn used(plan: &Plan, ontology: &Ontology) -> BTreeMap<String, BTreeSet<String>> {
    let mut used: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (path, _) in plan.fields() {
        let Some(found) = Found::of(ontology, &plan.entity, path).filter(|found| found.field.is_some()) else {
            continue;
        };
        used.entry(found.entity.to_owned()).or_default().insert(found.name.to_owned());
        if let Some(reference) = found.through {
            used.entry(plan.entity.clone()).or_default().insert(reference.to_owned());
        }
    }
    let own = used.entry(plan.entity.clone()).or_default();
    if own.is_empty() || plan.measures.iter().any(|measure| measure.op == MeasureOp::Count) {
        own.extend(ontology.entity(&plan.entity).map(|entity| entity.key.clone()));
    }
    used
}

/// Says how many records cannot be in the answer because they do not say what is asked for.
fn notes(plan: &Plan, lexicon: &Lexicon) -> Vec<String> {
    let all = lexicon.count(&plan.entity);
    let mut notes = BTreeSet::new();
    for (path, shown) in plan.fields() {
        let about_missing = plan.filters.iter().any(|filter| filter.field == path && filter.op == FilterOp::IsNull);
        let (given, what) = match path.split_once('.') {
            Some((reference, _)) => {
                let place = (plan.entity.clone(), reference.to_owned());
                (
                    lexicon.found.get(&place).copied().unwrap_or(0),
                    format!("refer to a record that is there by {reference}"),
                )
            }
            None if lexicon.resolve(&plan.entity, path).is_some_and(|found| found.field.is_some()) => {
                (lexicon.given(&plan.entity, path), format!("state {path}"))
            }
            None => continue,
        };
        if !shown && !about_missing && given < all {
            notes.insert(format!("{given} of {all} {} records {what}", plan.entity));
        }
    }
    let is_money = |path: &str| Found::of(&lexicon.ontology, &plan.entity, path).is_some_and(|found| found.is_money());
    let parts = plan.measures.iter().flat_map(|measure| &measure.of);
    let compared =
        plan.filters.iter().chain(parts).any(|filter| filter.op != FilterOp::IsNull && is_money(&filter.field));
    if compared && lexicon.has_currency(&plan.entity) {
        notes.insert("amounts are compared as they are stated, each in its own currency".to_owned());
    }
    notes.into_iter().collect()
}

/// Says what is different now from when a receipt was written.
fn changes(receipt: &Receipt, moment: &Moment, grounds: &[Ground], masked: bool) -> Vec<String> {
    let mut why = Vec::new();
    if masked != receipt.masked {
        why.push("personal data is masked for one of those who asked and not for the other".to_owned());
    }
    if moment.ontology_version != receipt.moment.ontology_version {
        why.push(format!("the ontology is now version {}", moment.ontology_version));
    }
    for ground in grounds {
        let before = receipt
            .grounds
            .iter()
            .find(|old| (&old.source, &old.table, &old.entity) == (&ground.source, &ground.table, &ground.entity));
        match before {
            None => why.push(format!("{}.{} came along", ground.source, ground.table)),
            Some(old) if old.mapping_version != ground.mapping_version => {
                why.push(format!(
                    "{}.{} is now mapped by version {}",
                    ground.source, ground.table, ground.mapping_version
                ));
            }
            Some(_) => {}
        }
    }
    for old in &receipt.grounds {
        if !grounds.iter().any(|ground| (&ground.source, &ground.table) == (&old.source, &old.table)) {
            why.push(format!("{}.{} is gone", old.source, old.table));
        }
    }
    if (moment.position, moment.epoch) != (receipt.moment.position, receipt.moment.epoch) {
        why.push(format!(
            "records have changed since (position {} then, {} now)",
            receipt.moment.position, moment.position
        ));
    }
    why
}
