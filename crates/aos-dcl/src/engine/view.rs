//! Pages of a unified view: filters, sort and keyset cursor, every value bound. Pages are kept until the next refresh.

use super::cursor::Cursor;
use super::instance::TenantEngine;
use super::registry::lock;
use super::{Error, Result, Rule, batch, schema, value};
use aos_core::ontology::{Entity, FieldType};
use aos_core::policy::{Lens, Sensitivity};
use duckdb::Connection;
use duckdb::arrow::array::RecordBatch;
use serde::Serialize;
use serde_json::{Map, Value};
use std::collections::HashMap;
use std::str::FromStr;
use std::sync::Arc;

pub const LIMIT_MAX: u32 = 1000;
const FILTERS_MAX: usize = 20;
const SORTS_MAX: usize = 5;
/// Text is sorted by its beginning, so that a cursor, which carries it, stays short.
const SORT_TEXT_MAX: usize = 200;
/// Pages kept per tenant, and the longest that is kept.
const PAGES_KEPT: usize = 64;
const PAGE_KEPT_ROWS_MAX: u32 = 100;

#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct ViewQuery {
    /// Rows of the page; 0 means 50, and at most [`LIMIT_MAX`] come.
    pub limit: u32,
    pub cursor: Option<String>,
    pub sort: Vec<Sort>,
    pub filters: Vec<Filter>,
}

/// Nulls come last in either direction. Text sorts by its first 200 characters.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Sort {
    pub field: String,
    pub descending: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Filter {
    pub field: String,
    pub op: FilterOp,
    /// As text; for `is_null` `true` (or nothing) or `false`.
    pub value: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FilterOp {
    Eq,
    /// Records without a value are not equal to one, so they are in.
    Ne,
    Lt,
    Lte,
    Gt,
    Gte,
    /// Text anywhere in a text field, whatever its case.
    Contains,
    IsNull,
}

impl FromStr for FilterOp {
    type Err = Error;
    fn from_str(text: &str) -> Result<Self> {
        Ok(match text {
            "eq" => Self::Eq,
            "ne" => Self::Ne,
            "lt" => Self::Lt,
            "lte" => Self::Lte,
            "gt" => Self::Gt,
            "gte" => Self::Gte,
            "contains" => Self::Contains,
            "is_null" => Self::IsNull,
            _ => return Err(Error::UnknownOperator { operator: text.to_owned() }),
        })
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct ViewColumn {
    pub name: String,
    /// Of the values as they are shown: masked ones are strings.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// The class of personal data in this column, when whoever asks may not see it: each value is `[masked:<class>]` then.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub masked: Option<&'static str>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ViewPage {
    pub columns: Vec<ViewColumn>,
    pub items: Vec<Map<String, Value>>,
    pub next_cursor: Option<String>,
    /// Records that the filters let through, on all pages.
    pub total: u64,
}

pub(super) type PageCache = HashMap<(String, ViewQuery, Lens), Arc<ViewPage>>;

impl TenantEngine {
    /// Returns a page of an entity's unified records.
    pub fn view(&self, entity: &str, query: &ViewQuery) -> Result<Arc<ViewPage>> {
        let key = (entity.to_owned(), query.clone(), self.lens);
        if let Some(page) = lock(&self.instance.pages).get(&key) {
            return Ok(page.clone());
        }
        let version = self.version();
        let page = Arc::new(self.read_page(entity, query)?);
        let mut pages = lock(&self.instance.pages);
        // A refresh in between cleared the pages; what was read before it must not come back.
        if query.limit <= PAGE_KEPT_ROWS_MAX && version == self.version() {
            if pages.len() >= PAGES_KEPT {
                pages.clear();
            }
            pages.insert(key, page.clone());
        }
        Ok(page)
    }

    /// Returns one unified record, if there is one.
    pub fn record(&self, entity: &str, source: &str, record_id: &str) -> Result<Option<Map<String, Value>>> {
        let ontology = self.instance.ontology();
        let (name, definition) = self.entity(&ontology, entity)?;
        let sql = format!(
            "SELECT {} FROM {} WHERE _source = ? AND _record_id = ? LIMIT 1",
            select_list(definition),
            schema::view(self.lens, name)
        );
        let bound = [source.to_owned(), record_id.to_owned()];
        self.instance.read(|connection| Ok(rows(connection, &sql, &bound, definition)?.pop().map(|(row, _)| row)))
    }

    fn entity<'o>(&self, ontology: &'o aos_core::Ontology, entity: &str) -> Result<(&'o String, &'o Entity)> {
        ontology.entities.get_key_value(entity).ok_or_else(|| {
            let known: Vec<&str> = ontology.entities.keys().map(String::as_str).collect();
            Error::UnknownEntity { entity: entity.to_owned(), known: known.join(", ") }
        })
    }

    fn read_page(&self, entity: &str, query: &ViewQuery) -> Result<ViewPage> {
        let ontology = self.instance.ontology();
        let (name, definition) = self.entity(&ontology, entity)?;
        let limit = if query.limit == 0 { 50 } else { query.limit.min(LIMIT_MAX) } as usize;
        if query.filters.len() > FILTERS_MAX || query.sort.len() > SORTS_MAX {
            let reason = format!("a page takes at most {FILTERS_MAX} filters and {SORTS_MAX} sort fields; send fewer");
            return Err(Error::Refused { rule: Rule::Size, reason });
        }
        let identity = (name.as_str(), &query.sort, &query.filters);
        let mut plan = Plan::new(name, definition, self.lens);
        for filter in &query.filters {
            plan.filter(filter)?;
        }
        for sort in &query.sort {
            plan.sort(sort)?;
        }
        let count = (plan.count_sql(), plan.bound.clone());
        if let Some(cursor) = &query.cursor {
            plan.after(&Cursor::decode(cursor, &identity, plan.order.len())?);
        }
        let sql = plan.page_sql(limit + 1);
        self.instance.read(|connection| {
            let mut found = rows(connection, &sql, &plan.bound, definition)?;
            let total: i64 =
                connection.prepare_cached(&count.0)?.query_row(duckdb::params_from_iter(&count.1), |row| row.get(0))?;
            let more = found.len() > limit;
            found.truncate(limit);
            let next_cursor = found.last().filter(|_| more).map(|(row, values)| {
                let text = |name: &str| row[name].as_str().unwrap_or_default().to_owned();
                Cursor::new(&identity, values.clone(), text("_connection_id"), text("_record_id")).encode()
            });
            Ok(ViewPage {
                columns: columns(definition, self.lens),
                items: found.into_iter().map(|(row, _)| row).collect(),
                next_cursor,
                total: total.unsigned_abs(),
            })
        })
    }
}

const META: [(&str, &str); 4] =
    [("_source", "string"), ("_connection_id", "string"), ("_record_id", "string"), ("_streams", "list")];

fn columns(entity: &Entity, lens: Lens) -> Vec<ViewColumn> {
    let meta = META.iter().map(|(name, kind)| ViewColumn { name: (*name).to_owned(), kind, masked: None });
    let fields = entity.fields.iter().map(|(name, field)| {
        let of = Sensitivity::of(field);
        let masked = lens.mask(of).map(|_| of.as_str());
        let kind = if masked.is_some() { FieldType::String } else { field.kind };
        ViewColumn { name: name.clone(), kind: kind.as_str(), masked }
    });
    meta.chain(fields).collect()
}

fn select_list(entity: &Entity) -> String {
    let fields: String = entity.fields.keys().map(|field| format!(", {}", schema::quoted(field))).collect();
    format!("_source, _connection_id::VARCHAR AS _connection_id, _record_id, _streams{fields}")
}

type Row = (Map<String, Value>, Vec<Option<String>>);

/// Reads the rows of a page, and what follows the entity's columns in them: the sort values as text.
fn rows(connection: &Connection, sql: &str, bound: &[String], entity: &Entity) -> Result<Vec<Row>> {
    let mut statement = connection.prepare_cached(sql)?;
    let batches: Vec<RecordBatch> = statement.query_arrow(duckdb::params_from_iter(bound))?.collect();
    let names: Vec<&str> = META.iter().map(|(name, _)| *name).chain(entity.fields.keys().map(String::as_str)).collect();
    let mut rows = Vec::new();
    for batch in &batches {
        for row in 0..batch.num_rows() {
            let cells = names.iter().enumerate().map(|(at, name)| ((*name).to_owned(), value::cell(batch, at, row)));
            let sorted = (names.len()..batch.num_columns()).map(|at| match value::cell(batch, at, row) {
                Value::String(text) => Some(text),
                _ => None,
            });
            rows.push((cells.collect(), sorted.collect()));
        }
    }
    Ok(rows)
}

/// A page query in the making.
struct Plan<'e> {
    name: &'e str,
    entity: &'e Entity,
    lens: Lens,
    conditions: Vec<String>,
    bound: Vec<String>,
    order: Vec<Order>,
}

struct Order {
    expression: String,
    sql_type: &'static str,
    descending: bool,
}

impl<'e> Plan<'e> {
    fn new(name: &'e str, entity: &'e Entity, lens: Lens) -> Self {
        Self { name, entity, lens, conditions: Vec::new(), bound: Vec::new(), order: Vec::new() }
    }

    fn field(&self, field: &str) -> Result<(String, FieldType)> {
        if matches!(field, "_source" | "_connection_id" | "_record_id") {
            let cast = if field == "_connection_id" { "::VARCHAR" } else { "" };
            return Ok((format!("{field}{cast}"), FieldType::String));
        }
        let Some(definition) = self.entity.fields.get(field) else {
            let known: Vec<&str> = self.entity.fields.keys().map(String::as_str).collect();
            return Err(Error::UnknownField {
                entity: self.name.to_owned(),
                field: field.to_owned(),
                known: known.join(", "),
            });
        };
        if self.lens.mask(Sensitivity::of(definition)).is_some() {
            return Err(Error::Masked { entity: self.name.to_owned(), field: field.to_owned() });
        }
        Ok((schema::quoted(field), definition.kind))
    }

    fn filter(&mut self, filter: &Filter) -> Result<()> {
        let (column, kind) = self.field(&filter.field)?;
        if filter.op == FilterOp::IsNull {
            self.conditions.push(match filter.value.as_str() {
                "" | "true" => format!("{column} IS NULL"),
                "false" => format!("{column} IS NOT NULL"),
                _ => return Err(bad_value(filter, FieldType::Boolean, "write true or false")),
            });
            return Ok(());
        }
        if filter.op == FilterOp::Contains && kind != FieldType::String {
            return Err(bad_value(filter, kind, "contains is for text fields; use eq, lt or gt"));
        }
        check_value(filter, kind)?;
        let value = format!("CAST(? AS {})", schema::sql_type(kind));
        self.conditions.push(match filter.op {
            FilterOp::Eq => format!("{column} = {value}"),
            FilterOp::Ne => format!("{column} IS DISTINCT FROM {value}"),
            FilterOp::Lt => format!("{column} < {value}"),
            FilterOp::Lte => format!("{column} <= {value}"),
            FilterOp::Gt => format!("{column} > {value}"),
            FilterOp::Gte => format!("{column} >= {value}"),
            FilterOp::Contains => format!("contains(lower({column}), lower({value}))"),
            FilterOp::IsNull => unreachable!("returned above"),
        });
        let bound = match kind {
            // DuckDB reads times without a zone; the offset is taken out here.
            FieldType::Datetime => datetime_text(&filter.value),
            _ => None,
        };
        self.bound.push(bound.unwrap_or_else(|| filter.value.clone()));
        Ok(())
    }

    fn sort(&mut self, sort: &Sort) -> Result<()> {
        let (column, kind) = self.field(&sort.field)?;
        let expression = match kind {
            FieldType::String => format!("left({column}, {SORT_TEXT_MAX})"),
            _ => column,
        };
        self.order.push(Order { expression, sql_type: schema::sql_type(kind), descending: sort.descending });
        Ok(())
    }

    /// Lets through only what comes after the cursor's row: for each sort column in turn, equal before it and beyond at it; at
    /// last the key, which no two records share.
    fn after(&mut self, cursor: &Cursor) {
        let mut alternatives = Vec::new();
        let mut equal: Vec<String> = Vec::new();
        let mut equal_bound: Vec<String> = Vec::new();
        let mut bound = Vec::new();
        for (order, value) in self.order.iter().zip(&cursor.values) {
            let Order { expression, sql_type, descending } = order;
            let Some(value) = value else {
                // Nulls are last: nothing is beyond one.
                equal.push(format!("{expression} IS NULL"));
                continue;
            };
            let beyond = if *descending { '<' } else { '>' };
            let this = format!("({expression} {beyond} CAST(? AS {sql_type}) OR {expression} IS NULL)");
            alternatives.push(equal.iter().cloned().chain([this]).collect::<Vec<_>>().join(" AND "));
            bound.extend(equal_bound.iter().cloned().chain([value.clone()]));
            equal.push(format!("{expression} = CAST(? AS {sql_type})"));
            equal_bound.push(value.clone());
        }
        let key = "(_connection_id, _record_id) > (CAST(? AS UUID), CAST(? AS VARCHAR))".to_owned();
        alternatives.push(equal.into_iter().chain([key]).collect::<Vec<_>>().join(" AND "));
        bound.extend(equal_bound.into_iter().chain([cursor.connection.clone(), cursor.record_id.clone()]));
        self.conditions.push(format!("(({}))", alternatives.join(") OR (")));
        self.bound.extend(bound);
    }

    fn where_sql(&self) -> String {
        if self.conditions.is_empty() { String::new() } else { format!(" WHERE {}", self.conditions.join(" AND ")) }
    }

    fn count_sql(&self) -> String {
        format!("SELECT count(*) FROM {}{}", schema::view(self.lens, self.name), self.where_sql())
    }

    /// Finds the keys of the page first and only then reads whole rows, so that sorting a million records moves no more of
    /// them than their keys and sort columns.
    fn page_sql(&self, limit: usize) -> String {
        let view = schema::view(self.lens, self.name);
        let mut keys = "_connection_id AS page_connection, _record_id AS page_record".to_owned();
        let mut order = Vec::new();
        let mut sorted = String::new();
        for (at, Order { expression, descending, .. }) in self.order.iter().enumerate() {
            keys.push_str(&format!(", {expression} AS page_sort_{at}"));
            sorted.push_str(&format!(", CAST(page_sort_{at} AS VARCHAR)"));
            order.push(format!("page_sort_{at} {} NULLS LAST", if *descending { "DESC" } else { "ASC" }));
        }
        order.extend(["page_connection".to_owned(), "page_record".to_owned()]);
        let order = order.join(", ");
        format!(
            "WITH page AS MATERIALIZED (SELECT {keys} FROM {view}{} ORDER BY {order} LIMIT {limit})
             SELECT {}{sorted} FROM page JOIN {view} AS v ON v._connection_id = page_connection AND v._record_id = page_record
              ORDER BY {order}",
            self.where_sql(),
            select_list(self.entity).replacen("_connection_id::", "v._connection_id::", 1),
        )
    }
}

fn bad_value(filter: &Filter, kind: FieldType, hint: &'static str) -> Error {
    Error::BadValue { field: filter.field.clone(), kind: kind.as_str(), value: filter.value.clone(), hint }
}

fn check_value(filter: &Filter, kind: FieldType) -> Result<()> {
    let text = filter.value.as_str();
    let (good, hint) = match kind {
        FieldType::String => (true, ""),
        FieldType::Integer => (text.parse::<i64>().is_ok(), "write a whole number"),
        FieldType::Decimal => (batch::decimal(text).is_some(), "write a number with at most 12 decimals"),
        FieldType::Boolean => (matches!(text, "true" | "false"), "write true or false"),
        FieldType::Date => (batch::days(text).is_some(), "write it as 2024-01-31"),
        FieldType::Datetime => (datetime_text(text).is_some(), "write it as 2024-01-31T10:20:30Z or 2024-01-31"),
    };
    if good { Ok(()) } else { Err(bad_value(filter, kind, hint)) }
}

fn datetime_text(text: &str) -> Option<String> {
    let micros = batch::micros(text).or_else(|| Some(i64::from(batch::days(text)?) * 86_400_000_000))?;
    Some(chrono::DateTime::from_timestamp_micros(micros)?.naive_utc().to_string())
}
