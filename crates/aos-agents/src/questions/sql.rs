//! Writes a checked plan as one SELECT over the unified views. Names are the ontology's, values are literals; nothing else of the caller's
//! reaches the text.

mod stated;

pub use stated::{COLUMNS as STATED_COLUMNS, reached, stated};

use super::check::{Found, GOLDEN, ROWS_MAX};
use super::plan::{Bucket, Filter, FilterOp, Grouping, Measure, MeasureOp, Order, Plan};
use aos_core::Ontology;
use aos_core::ontology::FieldType;
use aos_dcl::engine::{golden_view, member_view};
use std::collections::BTreeSet;
use std::fmt::Write;

/// Rows of a list that asked for no number of them: one more than an answer holds, so that it is known when some are left out.
const LIST_ROWS: u32 = ROWS_MAX + 1;
/// The view of the plan's entity in the statement.
const BASE: &str = "t";

/// Entities of which golden records are read, and no records.
pub type Things = BTreeSet<String>;

/// Writes the statement. `None` when the plan names a field that the ontology does not have, which a checked plan never does.
pub fn write(plan: &Plan, ontology: &Ontology, things: &Things) -> Option<String> {
    let writer = Writer { plan, ontology, things };
    if plan.measures.is_empty() { writer.list() } else { writer.measured() }
}

/// Writes a SELECT of the different values of a field among the records that pass the plan's filters.
pub fn distinct(plan: &Plan, ontology: &Ontology, things: &Things, field: &str) -> Option<String> {
    let writer = Writer { plan, ontology, things };
    let expression = writer.field(field)?;
    Some(format!("SELECT DISTINCT {expression} FROM {}{} ORDER BY 1 NULLS LAST", writer.from()?, writer.filters()?))
}

/// Writes a SELECT of what the things behind an answer are made of: by their connections, how many things and records, and the probability of
/// the weakest pair that holds one of them together.
pub fn makeup(plan: &Plan, ontology: &Ontology, things: &Things) -> Option<String> {
    let writer = Writer { plan, ontology, things };
    let mut cohesions = vec!["1.0".to_owned()];
    for reference in plan.references() {
        let target = writer.reference(reference)?.field?.references.as_deref()?;
        cohesions.extend(things.contains(target).then(|| format!("coalesce({}._cohesion, 1.0)", alias(reference))));
    }
    let is_thing = things.contains(&plan.entity);
    cohesions.extend(is_thing.then(|| format!("{BASE}._cohesion")));
    let records = if is_thing { format!("sum({BASE}._records)") } else { "count(*)".to_owned() };
    Some(format!(
        "SELECT {BASE}._source, count(*), {records}, min(least({})) FROM {}{} GROUP BY 1 ORDER BY 1",
        cohesions.join(", "),
        writer.from()?,
        writer.filters()?
    ))
}

struct Writer<'a> {
    plan: &'a Plan,
    ontology: &'a Ontology,
    things: &'a Things,
}

impl Writer<'_> {
    fn list(&self) -> Option<String> {
        let mut columns = Vec::new();
        for column in &self.plan.columns {
            columns.push(format!("{} AS {}", self.field(column)?, quoted(column)));
        }
        let entity = self.ontology.entity(&self.plan.entity)?;
        let key = format!("{BASE}._source, {BASE}.{}", quoted(&entity.key));
        let select = format!("SELECT {} FROM {}{}", columns.join(", "), self.from()?, self.filters()?);
        let limit = self.plan.limit.unwrap_or(LIST_ROWS);
        let Some(Order { by, descending }) = &self.plan.order_by else {
            return Some(format!("{select} ORDER BY {key} LIMIT {limit}"));
        };
        let (expression, way) = (self.field(by)?, way(*descending));
        Some(match self.plan.limit {
            // Those that are equal to the last one belong to it.
            Some(limit) => {
                let (beyond, last) = edge(*descending);
                let (from, filters, and) = (self.from()?, self.filters()?, self.and());
                format!(
                    "{select}{and} {expression} {beyond} (SELECT {last}(edge) FROM (SELECT {expression} AS edge FROM {from}{filters}{and} \
                     {expression} IS NOT NULL ORDER BY 1 {way} LIMIT {limit})) ORDER BY {expression} {way}, {key}"
                )
            }
            None => format!("{select} ORDER BY {expression} {way} NULLS LAST, {key} LIMIT {limit}"),
        })
    }

    fn measured(&self) -> Option<String> {
        let mut columns = Vec::new();
        for group in &self.plan.group_by {
            columns.push(format!("{} AS {}", self.group(group)?, quoted(&group.name())));
        }
        for measure in &self.plan.measures {
            columns.push(self.measure(measure)?);
        }
        let groups: Vec<String> = (1..=self.plan.group_by.len()).map(|at| at.to_string()).collect();
        let group_by = if groups.is_empty() { String::new() } else { format!(" GROUP BY {}", groups.join(", ")) };
        let select = format!("SELECT {} FROM {}{}{group_by}", columns.join(", "), self.from()?, self.filters()?);
        let by_group = groups.iter().map(|at| format!("{at} NULLS LAST")).collect::<Vec<_>>().join(", ");
        Some(match (&self.plan.order_by, self.plan.limit) {
            (Some(Order { by, descending }), Some(limit)) => {
                let ((beyond, last), by, way) = (edge(*descending), quoted(by), way(*descending));
                format!(
                    "WITH grouped AS ({select}) SELECT * FROM grouped WHERE {by} {beyond} (SELECT {last}({by}) FROM (SELECT {by} FROM grouped \
                     WHERE {by} IS NOT NULL ORDER BY {by} {way} LIMIT {limit})) ORDER BY {by} {way}, {by_group}"
                )
            }
            (Some(Order { by, descending }), None) => {
                format!("{select} ORDER BY {} {} NULLS LAST, {by_group}", quoted(by), way(*descending))
            }
            (None, _) if groups.is_empty() => select,
            (None, limit) => {
                let limit = limit.map(|limit| format!(" LIMIT {limit}")).unwrap_or_default();
                format!("{select} ORDER BY {by_group}{limit}")
            }
        })
    }

    fn group(&self, group: &Grouping) -> Option<String> {
        let field = self.field(&group.field)?;
        Some(match group.bucket {
            None => field,
            Some(Bucket::Day) => format!("strftime({field}, '%Y-%m-%d')"),
            Some(Bucket::Week) => format!("strftime(date_trunc('week', {field}), '%Y-%m-%d')"),
            Some(Bucket::Month) => format!("strftime({field}, '%Y-%m')"),
            Some(Bucket::Quarter) => format!("strftime({field}, '%Y') || '-Q' || quarter({field})"),
            Some(Bucket::Year) => format!("strftime({field}, '%Y')"),
        })
    }

    fn measure(&self, measure: &Measure) -> Option<String> {
        let field = measure.field.as_deref().map(|path| self.field(path));
        let field = match field {
            Some(None) => return None,
            Some(Some(field)) => field,
            None => String::new(),
        };
        let name = quoted(&measure.name());
        Some(match measure.op {
            MeasureOp::Count => format!("count(*) AS {name}"),
            MeasureOp::CountDistinct => format!("count(DISTINCT {field}) AS {name}"),
            MeasureOp::Sum => format!("sum({field}) AS {name}"),
            // Six digits after the point; the rest of a binary fraction is noise.
            MeasureOp::Avg => format!("round(avg({field}), 6) AS {name}"),
            MeasureOp::Min => format!("min({field}) AS {name}"),
            MeasureOp::Max => format!("max({field}) AS {name}"),
            MeasureOp::Share => {
                let part = measure.of.iter().map(|filter| self.filter(filter)).collect::<Option<Vec<_>>>()?;
                let part = part.join(" AND ");
                format!(
                    "round(100.0 * count(*) FILTER (WHERE {part}) / nullif(count(*), 0), 4) AS {name}, \
                     count(*) FILTER (WHERE {part}) AS \"part\", count(*) AS \"whole\""
                )
            }
        })
    }

    /// Writes the views: the entity's, and for each reference the record that is referred to, at most one. Ids are local to a connection, so the
    /// one in the same connection counts, and one elsewhere only where no other has that id. Where things are read, it leads to the thing that
    /// this record is.
    fn from(&self) -> Option<String> {
        let mut sql = format!("{} AS {BASE}", quoted(&self.view(&self.plan.entity)));
        for reference in self.plan.references() {
            let found = self.reference(reference)?;
            let target = found.field?.references.as_deref()?;
            let from = reference.rsplit_once('.').map_or(BASE.to_owned(), |(before, _)| alias(before));
            // A thing has its reference from one of its records, whose connection counts.
            let place = if self.things.contains(found.entity) {
                quoted(&format!("_at_{}", found.name))
            } else {
                "_connection_id".to_owned()
            };
            let (value, to) = (quoted(found.name), alias(reference));
            let key = quoted(&self.ontology.entity(target)?.key);
            let is_thing = self.things.contains(target);
            let (view, key, by) = if is_thing {
                (member_view(target), "_key".to_owned(), quoted(&format!("m_{reference}")))
            } else {
                (target.to_owned(), key, to.clone())
            };
            write!(
                sql,
                " LEFT JOIN (SELECT *, count(*) OVER (PARTITION BY {key}) AS _alike FROM {}) AS {by} ON {by}.{key} = {from}.{value} \
                 AND ({by}._connection_id = {from}.{place} OR {by}._alike = 1)",
                quoted(&view),
            )
            .ok()?;
            if is_thing {
                write!(sql, " LEFT JOIN {} AS {to} ON {to}.{GOLDEN} = {by}.{GOLDEN}", quoted(&golden_view(target)))
                    .ok()?;
            }
        }
        Some(sql)
    }

    fn view(&self, entity: &str) -> String {
        if self.things.contains(entity) { golden_view(entity) } else { entity.to_owned() }
    }

    /// Finds the last field of a path of references.
    fn reference(&self, path: &str) -> Option<Found<'_>> {
        Found::of(self.ontology, &self.plan.entity, path)
    }

    fn filters(&self) -> Option<String> {
        let all = self.plan.filters.iter().map(|filter| self.filter(filter)).collect::<Option<Vec<_>>>()?;
        Some(if all.is_empty() { String::new() } else { format!(" WHERE {}", all.join(" AND ")) })
    }

    fn and(&self) -> &'static str {
        if self.plan.filters.is_empty() { " WHERE" } else { " AND" }
    }

    fn filter(&self, filter: &Filter) -> Option<String> {
        let found = Found::of(self.ontology, &self.plan.entity, &filter.field)?;
        let field = self.field(&filter.field)?;
        let values: Vec<String> = filter.values.iter().map(|value| written(found.kind, value)).collect();
        let first = values.first().map_or("", String::as_str);
        Some(match filter.op {
            FilterOp::In => format!("{field} IN ({})", values.join(", ")),
            FilterOp::NotIn => format!("{field} NOT IN ({})", values.join(", ")),
            FilterOp::Lt => format!("{field} < {first}"),
            FilterOp::Lte => format!("{field} <= {first}"),
            FilterOp::Gt => format!("{field} > {first}"),
            FilterOp::Gte => format!("{field} >= {first}"),
            FilterOp::Between => format!("{field} BETWEEN {first} AND {}", values.get(1)?),
            FilterOp::Contains => format!("contains(lower({field}), lower({first}))"),
            FilterOp::IsNull => format!("{field} IS NULL"),
            FilterOp::NotNull => format!("{field} IS NOT NULL"),
        })
    }

    fn field(&self, path: &str) -> Option<String> {
        let found = Found::of(self.ontology, &self.plan.entity, path)?;
        if found.name == GOLDEN && !self.things.contains(found.entity) {
            return None;
        }
        let from = path.rsplit_once('.').map_or(BASE.to_owned(), |(references, _)| alias(references));
        Some(format!("{from}.{}", quoted(found.name)))
    }
}

/// Names the records at the end of a path of references.
fn alias(references: &str) -> String {
    quoted(&format!("r_{references}"))
}

fn way(descending: bool) -> &'static str {
    if descending { "DESC" } else { "ASC" }
}

/// How rows lie to the last one that still comes, and which of several that is.
fn edge(descending: bool) -> (&'static str, &'static str) {
    if descending { (">=", "min") } else { ("<=", "max") }
}

fn written(kind: FieldType, value: &str) -> String {
    match kind {
        FieldType::Integer | FieldType::Decimal | FieldType::Boolean => value.to_owned(),
        FieldType::Date => format!("DATE {}", literal(value)),
        FieldType::Datetime => format!("TIMESTAMP {}", literal(value)),
        FieldType::String => literal(value),
    }
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}
