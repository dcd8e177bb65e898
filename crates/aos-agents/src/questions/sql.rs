//! Writes a checked plan as one SELECT over the unified views. Names are the ontology's, values are literals; nothing else of the caller's
//! reaches the text.

use super::check::Found;
use super::plan::{Bucket, Filter, FilterOp, Grouping, Measure, MeasureOp, Order, Plan};
use aos_core::Ontology;
use aos_core::ontology::FieldType;
use std::fmt::Write;

/// Rows of a list that asked for no number of them.
pub const LIST_ROWS: u32 = 100;
/// The view of the plan's entity in the statement.
const BASE: &str = "t";

/// Writes the statement. `None` when the plan names a field that the ontology does not have, which a checked plan never does.
pub fn write(plan: &Plan, ontology: &Ontology) -> Option<String> {
    let writer = Writer { plan, ontology };
    if plan.measures.is_empty() { writer.list() } else { writer.measured() }
}

/// Writes a SELECT of the different values of a field among the records that pass the plan's filters.
pub fn distinct(plan: &Plan, ontology: &Ontology, field: &str) -> Option<String> {
    let writer = Writer { plan, ontology };
    let expression = writer.field(field)?;
    Some(format!("SELECT DISTINCT {expression} FROM {}{} ORDER BY 1 NULLS LAST", writer.from()?, writer.filters()?))
}

struct Writer<'a> {
    plan: &'a Plan,
    ontology: &'a Ontology,
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
    /// one in the same connection counts, and one elsewhere only where no other has that id.
    fn from(&self) -> Option<String> {
        let mut sql = format!("{} AS {BASE}", quoted(&self.plan.entity));
        for reference in self.references() {
            let found = Found::of(self.ontology, &self.plan.entity, reference)?;
            let target = found.field?.references.as_deref()?;
            let key = quoted(&self.ontology.entity(target)?.key);
            let alias = quoted(&format!("r_{reference}"));
            write!(
                sql,
                " LEFT JOIN (SELECT *, count(*) OVER (PARTITION BY {key}) AS _alike FROM {}) AS {alias} ON {alias}.{key} = {BASE}.{} \
                 AND ({alias}._connection_id = {BASE}._connection_id OR {alias}._alike = 1)",
                quoted(target),
                quoted(reference),
            )
            .ok()?;
        }
        Some(sql)
    }

    fn references(&self) -> Vec<&str> {
        let mut references: Vec<&str> =
            self.plan.fields().filter_map(|(path, _)| Some(path.split_once('.')?.0)).collect();
        references.sort_unstable();
        references.dedup();
        references
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
        Some(match found.through {
            Some(reference) => format!("{}.{}", quoted(&format!("r_{reference}")), quoted(found.name)),
            None => format!("{BASE}.{}", quoted(found.name)),
        })
    }
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
