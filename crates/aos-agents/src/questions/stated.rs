//! How many of the records that a question is about say what it asks for. A number is exact for those; of the others it says nothing, and
//! that is said beside it, or the question is refused where none of them does.

use super::Result;
use super::check::{Found, GOLDEN, SOURCE};
use super::plan::{FilterOp, Plan};
use super::refusal::{Refusal, RefusalCode};
use super::sql::{self, Things};
use super::words;
use aos_core::Ontology;
use aos_core::policy::Sensitivity;
use aos_dcl::TenantDcl;
use chrono::NaiveDate;
use serde_json::Value;
use std::collections::BTreeSet;

/// What the data says of one field of a plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Stated {
    pub path: String,
    /// Records, or things, that pass the conditions on everything else.
    pub whole: u64,
    /// Those of them that say it.
    pub stated: u64,
    /// As `whole`, with those that do not say what another condition asks for, since they may pass it.
    pub whole_open: u64,
    /// Those of them that say it.
    pub stated_open: u64,
    /// Of dates, the first and the last day that any record in the sources that are asked about has.
    pub days: Option<(NaiveDate, NaiveDate)>,
}

/// What the data says of all that a plan uses.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Standing {
    pub fields: Vec<Stated>,
    /// Records that say all that conditions ask for, and those that may pass all conditions.
    together: Option<(u64, u64)>,
    /// Records that pass all conditions, and how many different keys they have; none where the key is not to be seen.
    pub alike: Option<(u64, u64)>,
}

impl Standing {
    /// Looks what the records behind a checked plan say.
    pub async fn look(tenant: &TenantDcl, plan: &Plan, ontology: &Ontology, things: &Things) -> Result<Self> {
        let used: BTreeSet<&str> = plan.fields().filter(|(_, is_shown)| !is_shown).map(|(path, _)| path).collect();
        let is_said = |path: &str| Found::of(ontology, &plan.entity, path).is_some_and(|found| found.field.is_some());
        let paths: Vec<String> =
            used.into_iter().filter(|path| *path != GOLDEN && is_said(path)).map(str::to_owned).collect();
        let Some(entity) = ontology.entity(&plan.entity) else { return Ok(Self::default()) };
        let Some(sql) = sql::stated(plan, ontology, things, &paths, &entity.key) else { return Ok(Self::default()) };
        let rows = tenant.query(&sql, 1).await?.rows;
        let Some(row) = rows.first() else { return Ok(Self::default()) };
        let fields = paths.into_iter().zip(row.chunks(sql::STATED_COLUMNS)).filter_map(|(path, cells)| {
            let [whole, stated, whole_open, stated_open, first, last] = cells else { return None };
            let days = Option::zip(day(first), day(last));
            let (whole, stated) = (number(whole), number(stated));
            let (whole_open, stated_open) = (number(whole_open), number(stated_open));
            Some(Stated { path, whole, stated, whole_open, stated_open, days })
        });
        let fields = fields.collect();
        let is_seen =
            entity.fields.get(&entity.key).is_some_and(|key| tenant.lens().mask(Sensitivity::of(key)).is_none());
        let alike = match row.as_slice() {
            [.., records, keys] if is_seen => Some((number(records), number(keys))),
            _ => None,
        };
        let together = match row.as_slice() {
            [.., said, open, _, _] => Some((number(said), number(open))),
            _ => None,
        };
        Ok(Self { fields, together, alike })
    }

    /// Refuses what no record could answer that passes the other conditions.
    pub fn check(&self, plan: &Plan) -> Result<(), Refusal> {
        let parts = plan.measures.iter().flat_map(|measure| &measure.of);
        let missing: Vec<&str> = plan
            .filters
            .iter()
            .chain(parts)
            .filter(|filter| filter.op == FilterOp::IsNull)
            .map(|filter| filter.field.as_str())
            .collect();
        let mut asked = self.fields.iter().filter(|field| !missing.contains(&field.path.as_str()));
        if let Some(field) = asked.find(|field| field.is_silent()) {
            let whole = if field.whole > 0 && field.stated == 0 { field.whole } else { field.whole_open };
            let passing = if whole == field.whole { "that pass" } else { "that may pass" };
            let reason = format!(
                "none of the {whole} {} {passing} the other conditions says its {}; connect a source that does",
                words::noun(plan),
                words::name(&field.path)
            );
            return Err(Refusal::new(RefusalCode::NoData, reason).missing(&field.path, Vec::<String>::new()));
        }
        self.check_together(plan)
    }

    /// Refuses conditions of which each record says only a part: that none passes is then not known.
    fn check_together(&self, plan: &Plan) -> Result<(), Refusal> {
        let Some((0, open @ 1..)) = self.together else { return Ok(()) };
        let by_value = plan.filters.iter().filter(|filter| filter.is_of_value() && filter.field != SOURCE);
        let asked: BTreeSet<String> = by_value.map(|filter| words::name(&filter.field)).collect();
        let asked = asked.into_iter().collect::<Vec<_>>().join(" and ");
        let reason = format!(
            "none of the {open} {} that may pass says {asked} together; connect a source that does, or ask for one of them alone",
            words::noun(plan)
        );
        Err(Refusal::new(RefusalCode::NoData, reason).missing(asked, Vec::<String>::new()))
    }

    /// Returns what the data says of a field, where not all records say it.
    pub fn partly(&self, path: &str) -> Option<&Stated> {
        self.fields.iter().find(|field| field.path == path && field.stated < field.whole)
    }
}

impl Stated {
    /// Whether there are records that could be meant, and none of them says it.
    fn is_silent(&self) -> bool {
        self.whole > 0 && self.stated == 0 || self.whole_open > 0 && self.stated_open == 0
    }
}

fn number(value: &Value) -> u64 {
    value.as_u64().or_else(|| value.as_str()?.parse().ok()).unwrap_or(0)
}

fn day(value: &Value) -> Option<NaiveDate> {
    value.as_str()?.parse().ok()
}
