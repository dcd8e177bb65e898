//! A reading in the making, and how a finished one becomes a plan: what was left open is filled in where there is only one way to do so, and
//! refused where there are several.

use super::Reader;
use super::time::Range;
use super::token::key;
use crate::questions::check::{self, CURRENCY, SOURCE};
use crate::questions::known;
use crate::questions::plan::{Bucket, Filter, FilterOp, Grouping, Measure, MeasureOp, Order, Plan};
use crate::questions::refusal::{Refusal, RefusalCode};
use crate::questions::words;
use aos_core::policy::Lens;

/// Entities whose records stay, so that a time which is said of them may be any time of theirs.
const STAYING: [&str; 2] = ["account", "contact"];

#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Draft {
    pub measures: Vec<Measure>,
    pub groups: Vec<Group>,
    pub filters: Vec<Filter>,
    pub times: Vec<Time>,
    /// The measure or field to order by, and whether from great to small.
    pub order: Option<(Ordering, bool)>,
    pub limit: Option<u32>,
    /// Filters from here on say which part of the others is meant.
    pub part: Option<Vec<Filter>>,
    /// It must be grouped, since nothing else says what is asked.
    pub needs_group: Option<Needed>,
}

/// Why groups have to follow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Needed {
    /// It is asked how something is split.
    Split,
    /// Records are named alone, and what is asked of them is not.
    Verb,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Group {
    Field(String),
    /// A record that is referred to, by the reference.
    Record(String),
    Bucket(Option<String>, Bucket),
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Ordering {
    Measure,
    Field(String),
    /// By when it was made.
    Age,
}

/// A stretch of time, and the date that has to lie in it where that is said.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Time {
    pub field: Option<String>,
    pub range: Range,
}

impl Draft {
    pub fn filter(mut self, filter: Filter) -> Self {
        match &mut self.part {
            Some(part) => part.push(filter),
            None => self.filters.push(filter),
        }
        self
    }
}

impl Reader<'_> {
    pub(super) fn finish(&self, draft: Draft) -> Result<Plan, Refusal> {
        if self.lexicon.count(self.entity) == 0 {
            let reason = format!("there are no {} records; connect a source that has them", self.entity);
            return Err(Refusal::new(RefusalCode::NoData, reason).missing(self.entity, Vec::<String>::new()));
        }
        let mut plan = Plan { entity: self.entity.to_owned(), limit: draft.limit, ..Plan::default() };
        plan.filters = draft.filters.clone();
        plan.measures = draft.measures.clone();
        if let Some(needed) = draft.needs_group.filter(|_| draft.groups.is_empty()) {
            // To say how it is to be asked would mislead where no answer could come of it.
            known::has_data(&plan, self.lexicon)?;
            return Err(self.open(needed, &plan));
        }
        if let Some(part) = &draft.part {
            if part.is_empty() {
                let reason = "of which part the share is meant is not said";
                return Err(Refusal::new(RefusalCode::NotUnderstood, reason).missing("a part", ["that are won"]));
            }
            plan.measures = vec![Measure { op: MeasureOp::Share, field: None, of: part.clone() }];
        }
        for time in &draft.times {
            let field = match &time.field {
                Some(field) => field.clone(),
                None => self.date(&draft)?,
            };
            let Range { from, until } = time.range;
            plan.filters.extend(from.map(|day| Filter::of(&field, FilterOp::Gte, [day.to_string()])));
            plan.filters.extend(until.map(|day| Filter::of(&field, FilterOp::Lt, [day.to_string()])));
        }
        self.group(&draft, &mut plan)?;
        self.order(&draft, &mut plan)?;
        if self.says_new() && !says_when_made(&plan) {
            let reason = "since when something is new is not said";
            return Err(
                Refusal::new(RefusalCode::Ambiguous, reason).missing("a time", ["this month", "in the last 30 days"])
            );
        }
        if plan.measures.is_empty() {
            self.columns(&mut plan);
        }
        // The order in which conditions were said makes no other question.
        plan.filters.sort_by_key(|filter| (filter.field.clone(), filter.op as u8));
        plan.filters.dedup();
        let others: Vec<String> = plan
            .filters
            .iter()
            .filter(|filter| filter.op != FilterOp::NotNull)
            .map(|filter| filter.field.clone())
            .collect();
        plan.filters.retain(|filter| filter.op != FilterOp::NotNull || !others.contains(&filter.field));
        twice(&plan)?;
        known::has_data(&plan, self.lexicon)?;
        check::check(&plan, &self.lexicon.ontology, Lens::Clear)?;
        Ok(plan)
    }

    /// Says what a question leaves open that names records and nothing to do with them, or no groups.
    fn open(&self, needed: Needed, plan: &Plan) -> Refusal {
        let records = self.tokens.iter().map(|token| token.text.as_str()).collect::<Vec<_>>().join(" ");
        match needed {
            Needed::Split => Refusal::new(RefusalCode::NotUnderstood, "what it is to be split by is not said")
                .missing("a grouping", ["by stage", "by month"]),
            Needed::Verb => {
                let reason = format!("whether to count or to list {} is not said", words::of_filtered(plan));
                Refusal::new(RefusalCode::Ambiguous, reason)
                    .missing("count or list", [format!("how many {records}"), format!("list {records}")])
            }
        }
    }

    /// Returns the date that is meant when none is named.
    fn date(&self, draft: &Draft) -> Result<String, Refusal> {
        let said = draft.filters.iter().chain(draft.part.iter().flatten()).filter(|filter| filter.op == FilterOp::In);
        let values: Vec<String> = said.flat_map(|filter| &filter.values).map(|value| key(value)).collect();
        let ended = |value: &String| value.ends_with("won") || value.ends_with("lost");
        if self.entity == "opportunity" && self.lexicon.has_data(self.entity, "close_date") && values.iter().any(ended)
        {
            return Ok("close_date".to_owned());
        }
        if self.says_new() {
            return Ok("created_at".to_owned());
        }
        // When a record came to be `closed` or `solved` no field tells.
        let turned = values.iter().find(|value| value.ends_with("ed") || value.as_str() == "new");
        let dates = self.lexicon.dates(self.entity);
        // `How many accounts did we have in 2024` asks for those that were there, and not for those that came.
        let stays = STAYING.contains(&self.entity);
        if let ([date], None, false) = (&dates[..], turned, stays) {
            return Ok((*date).to_owned());
        }
        let choices: Vec<String> = dates.iter().map(|date| format!("with {} in ...", date.replace('_', " "))).collect();
        let reason = match turned {
            Some(value) => format!("when it was or became `{value}` is not known; say which date is meant"),
            None => format!("which date of {} is meant is not said", self.entity),
        };
        Err(Refusal::new(RefusalCode::Ambiguous, reason).missing("a date", choices))
    }

    fn group(&self, draft: &Draft, plan: &mut Plan) -> Result<(), Refusal> {
        for group in &draft.groups {
            let groupings = match group {
                Group::Field(field) => {
                    // The first of a ranking is a value, not that there is none.
                    if matches!(draft.order, Some((Ordering::Measure, _))) && field != SOURCE {
                        plan.filters.push(Filter::of(field, FilterOp::NotNull, []));
                    }
                    vec![Grouping::by(field)]
                }
                Group::Record(reference) => {
                    // The first of a ranking is a record, not that none is referred to.
                    if matches!(draft.order, Some((Ordering::Measure, _))) {
                        plan.filters.push(Filter::of(reference, FilterOp::NotNull, []));
                    }
                    let target = self
                        .lexicon
                        .resolve(self.entity, reference)
                        .and_then(|found| found.field?.references.as_deref());
                    let title = target.and_then(|target| self.lexicon.title(target));
                    let title = title.map(|title| Grouping::by(&format!("{reference}.{title}")));
                    [Grouping::by(reference), Grouping::by(SOURCE)].into_iter().chain(title).collect()
                }
                Group::Bucket(field, bucket) => {
                    let field = match field {
                        Some(field) => field.clone(),
                        None => self.date(draft)?,
                    };
                    plan.filters.push(Filter::of(&field, FilterOp::NotNull, []));
                    vec![Grouping { field, bucket: Some(*bucket) }]
                }
            };
            plan.group_by.extend(groupings);
        }
        let mut names: Vec<String> = plan.group_by.iter().map(Grouping::name).collect();
        names.sort_unstable();
        names.dedup();
        if names.len() < plan.group_by.len() {
            return Err(Refusal::new(RefusalCode::NotUnderstood, "the same grouping is named twice"));
        }
        Ok(())
    }

    fn order(&self, draft: &Draft, plan: &mut Plan) -> Result<(), Refusal> {
        let Some((ordering, descending)) = &draft.order else { return Ok(()) };
        let by = match ordering {
            Ordering::Measure => plan.measures.first().map(Measure::name).unwrap_or_default(),
            Ordering::Field(field) => field.clone(),
            Ordering::Age => {
                let dates = self.lexicon.dates(self.entity);
                let created = dates.iter().find(|date| **date == "created_at");
                match (&dates[..], created) {
                    (_, Some(date)) | ([date], _) => (*date).to_owned(),
                    _ => {
                        return Err(
                            Refusal::new(RefusalCode::Ambiguous, "by which date is not said").missing("a date", dates)
                        );
                    }
                }
            }
        };
        plan.order_by = Some(Order { by, descending: *descending });
        Ok(())
    }

    /// Chooses what a list shows: what the record is, and everything that the question is about.
    fn columns(&self, plan: &mut Plan) {
        let key = self.lexicon.ontology.entity(self.entity).map(|entity| entity.key.clone());
        let title = self.lexicon.title(self.entity).map(str::to_owned);
        let mut columns: Vec<String> = key.into_iter().chain(title).collect();
        columns.extend(plan.order_by.iter().map(|order| order.by.clone()));
        columns.extend(plan.filters.iter().map(|filter| filter.field.clone()));
        let is_money = |path: &String| self.lexicon.resolve(self.entity, path).is_some_and(|found| found.is_money());
        if columns.iter().any(is_money) && self.lexicon.has_currency(self.entity) {
            columns.push(CURRENCY.to_owned());
        }
        columns.push(SOURCE.to_owned());
        for column in columns {
            if !plan.columns.contains(&column) {
                plan.columns.push(column);
            }
        }
    }
}

/// Whether a plan is about when records were made.
fn says_when_made(plan: &Plan) -> bool {
    let is_time = |filter: &Filter| matches!(filter.op, FilterOp::Gte | FilterOp::Lt) && filter.field == "created_at";
    plan.filters.iter().any(is_time)
        || plan.group_by.iter().any(|group| group.bucket.is_some() && group.field == "created_at")
}

/// Refuses two conditions on one field that could be meant as either or as both.
fn twice(plan: &Plan) -> Result<(), Refusal> {
    for filters in [&plan.filters[..]].into_iter().chain(plan.measures.iter().map(|measure| &measure.of[..])) {
        let equal: Vec<&Filter> =
            filters.iter().filter(|filter| matches!(filter.op, FilterOp::In | FilterOp::IsNull)).collect();
        for (at, filter) in equal.iter().enumerate() {
            if equal[..at].iter().any(|other| other.field == filter.field) {
                let reason = format!("whether both values of {} are meant or either is not said", filter.field);
                return Err(Refusal::new(RefusalCode::Ambiguous, reason)
                    .missing(filter.field.as_str(), ["name them with `or`"]));
            }
        }
    }
    Ok(())
}
