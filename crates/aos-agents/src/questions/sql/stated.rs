//! Writes what is asked beside a question: how many of the records it is about say what it asks for, and from which connections they are.

use super::{Things, Writer, alias};
use crate::questions::check::{Found, SOURCE};
use crate::questions::plan::{Filter, Plan};
use aos_core::Ontology;
use std::collections::BTreeSet;

/// Columns that [`stated`] writes for each path.
pub const COLUMNS: usize = 6;

/// Writes a SELECT of one row. For each path: the records that pass the conditions on everything else, those of them that say it; the same
/// where whoever does not say what another condition asks for may pass it; and for dates the first and the last day of all records in the
/// connections that are asked about. At last the records that say all that conditions ask for, those that may pass all conditions, those that
/// do, and how many different values of `key` these have.
pub fn stated(plan: &Plan, ontology: &Ontology, things: &Things, paths: &[String], key: &str) -> Option<String> {
    let writer = Writer { plan, ontology, things };
    let mut columns = Vec::new();
    for path in paths {
        let field = writer.field(path)?;
        let is_other = |filter: &Filter| filter.field != *path;
        for passing in [writer.all_of(is_other)?, writer.may_pass(is_other)?] {
            columns.push(format!("count(*) FILTER (WHERE {passing})"));
            columns.push(format!("count({field}) FILTER (WHERE {passing})"));
        }
        for end in ["min", "max"] {
            columns.push(if Found::of(ontology, &plan.entity, path)?.is_date() {
                let in_sources = writer.all_of(|filter| filter.field == SOURCE)?;
                format!("strftime({end}({field}) FILTER (WHERE {in_sources}), '%Y-%m-%d')")
            } else {
                "NULL".to_owned()
            });
        }
    }
    let (all, key) = (writer.all_of(|_| true)?, writer.field(key)?);
    columns.push(format!("count(*) FILTER (WHERE {})", writer.say_all()?));
    columns.push(format!("count(*) FILTER (WHERE {})", writer.may_pass(|_| true)?));
    columns.push(format!("count(*) FILTER (WHERE {all})"));
    columns.push(format!("count(DISTINCT {key}) FILTER (WHERE {all})"));
    Some(format!("SELECT {} FROM {}", columns.join(", "), writer.from()?))
}

/// Writes a SELECT of the connections of the records at the end of a reference, from the connections that a plan asks about.
pub fn reached(plan: &Plan, ontology: &Ontology, things: &Things, reference: &str) -> Option<String> {
    let writer = Writer { plan, ontology, things };
    let in_sources = writer.all_of(|filter| filter.field == SOURCE)?;
    Some(format!("SELECT DISTINCT {}._source FROM {} WHERE {in_sources}", alias(reference), writer.from()?))
}

impl Writer<'_> {
    /// Writes those of the plan's conditions that are meant as one.
    fn all_of(&self, is_meant: impl Fn(&Filter) -> bool) -> Option<String> {
        let meant = self.plan.filters.iter().filter(|filter| is_meant(filter));
        together(meant.map(|filter| self.filter(filter)))
    }

    /// ... as they hold for records that do not say what a condition asks for, since those may pass it.
    fn may_pass(&self, is_meant: impl Fn(&Filter) -> bool) -> Option<String> {
        let meant = self.plan.filters.iter().filter(|filter| is_meant(filter));
        together(meant.map(|filter| {
            let condition = self.filter(filter)?;
            if !filter.is_of_value() {
                return Some(condition);
            }
            Some(format!("({condition} OR {} IS NULL)", self.field(&filter.field)?))
        }))
    }

    /// Writes that a record says everything that conditions ask for.
    fn say_all(&self) -> Option<String> {
        let by_value: BTreeSet<&str> = self
            .plan
            .filters
            .iter()
            .filter(|filter| filter.is_of_value())
            .map(|filter| filter.field.as_str())
            .collect();
        let said = by_value.into_iter().map(|path| Some(format!("{} IS NOT NULL", self.field(path)?)));
        let others = self.plan.filters.iter().filter(|filter| !filter.is_of_value()).map(|filter| self.filter(filter));
        together(said.chain(others))
    }
}

fn together(conditions: impl Iterator<Item = Option<String>>) -> Option<String> {
    let all = conditions.collect::<Option<Vec<_>>>()?;
    Some(if all.is_empty() { "true".to_owned() } else { all.join(" AND ") })
}
