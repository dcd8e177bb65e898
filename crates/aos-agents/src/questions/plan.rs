//! The plan language: what can be asked of the unified views. A plan is data, whoever makes it: the grammar, a model, or a program. It names
//! entities and fields of the ontology and nothing else, and is checked before anything is run.

use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use utoipa::ToSchema;

/// The form of a plan as JSON Schema, for whoever makes plans elsewhere.
pub const SCHEMA: &str = include_str!("../../../../docs/schemas/plan.schema.json");

/// One question: records of an entity that pass all filters, listed, or measured as a whole or by group.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "entity": "opportunity", "measures": [{ "op": "count" }], "group_by": [{ "field": "stage" }],
    "filters": [{ "field": "close_date", "op": "gte", "values": ["2025-01-01"] }] }))]
pub struct Plan {
    pub entity: String,
    /// What counts as one. When it is not said: things, where records that are one thing have been found and nothing has changed since.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub of: Option<Of>,
    /// What is measured; records are listed when there is none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub measures: Vec<Measure>,
    /// The fields that a list shows beside the key. A field of a record that another one refers to is written `reference.field`, such as
    /// `account_id.industry`, along at most three references; `_source` is the connection, and `_golden` after a reference the thing.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub columns: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub group_by: Vec<Grouping>,
    /// All must hold.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub filters: Vec<Filter>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order_by: Option<Order>,
    /// How many rows; those that are equal to the last one come as well.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
}

/// What a plan counts, adds up and lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = PlanOf)]
pub enum Of {
    /// Things: the golden record of all records that are one.
    Golden,
    /// Records, each as its system has it.
    Records,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Measure {
    pub op: MeasureOp,
    /// What is measured; none for `count` and `share`, which are about records.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// For `share`: which of the records are the part.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub of: Vec<Filter>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum MeasureOp {
    Count,
    CountDistinct,
    Sum,
    Avg,
    Min,
    Max,
    /// How many percent of the records pass the filters in `of`.
    Share,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Grouping {
    pub field: String,
    /// For dates: the time that a group spans, in UTC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bucket: Option<Bucket>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Bucket {
    Day,
    Week,
    Month,
    Quarter,
    Year,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Filter {
    pub field: String,
    pub op: FilterOp,
    /// As text: numbers without separators, dates as 2025-01-31. One for a comparison, two for `between`, several for `in`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub values: Vec<String>,
}

/// Records without a value pass `is_null` and nothing else.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum FilterOp {
    In,
    NotIn,
    Lt,
    Lte,
    Gt,
    Gte,
    /// Both ends are in.
    Between,
    /// Text anywhere in a text, whatever its case.
    Contains,
    IsNull,
    NotNull,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Order {
    /// The name of a measure or group, or of a field in a list.
    pub by: String,
    #[serde(default)]
    pub descending: bool,
}

impl MeasureOp {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Count => "count",
            Self::CountDistinct => "count_distinct",
            Self::Sum => "sum",
            Self::Avg => "avg",
            Self::Min => "min",
            Self::Max => "max",
            Self::Share => "share",
        }
    }
}

impl Bucket {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Day => "day",
            Self::Week => "week",
            Self::Month => "month",
            Self::Quarter => "quarter",
            Self::Year => "year",
        }
    }
}

impl Measure {
    pub fn count() -> Self {
        Self { op: MeasureOp::Count, field: None, of: Vec::new() }
    }

    pub fn of(op: MeasureOp, field: &str) -> Self {
        Self { op, field: Some(field.to_owned()), of: Vec::new() }
    }

    /// Names its column in the answer.
    pub fn name(&self) -> String {
        match (&self.field, self.op) {
            (_, MeasureOp::Share) => "share_percent".to_owned(),
            (Some(field), op) => format!("{}_{field}", op.as_str()),
            (None, op) => op.as_str().to_owned(),
        }
    }
}

impl Grouping {
    pub fn by(field: &str) -> Self {
        Self { field: field.to_owned(), bucket: None }
    }

    /// Names its column in the answer.
    pub fn name(&self) -> String {
        match self.bucket {
            Some(bucket) => format!("{}_{}", self.field, bucket.as_str()),
            None => self.field.clone(),
        }
    }
}

impl Filter {
    pub fn of(field: &str, op: FilterOp, values: impl IntoIterator<Item = String>) -> Self {
        Self { field: field.to_owned(), op, values: values.into_iter().collect() }
    }

    /// Whether it asks what a value is, and not only whether there is one.
    pub fn is_of_value(&self) -> bool {
        !matches!(self.op, FilterOp::IsNull | FilterOp::NotNull)
    }
}

impl Plan {
    /// Returns the references along which the plan goes, each after those that lead to it: `requester_id`, `requester_id.account_id`.
    pub fn references(&self) -> BTreeSet<&str> {
        let far = self.fields().filter_map(|(path, _)| Some(path.rsplit_once('.')?.0));
        far.flat_map(|steps| {
            let part = steps.match_indices('.').map(|(at, _)| &steps[..at]);
            part.chain([steps]).collect::<Vec<_>>()
        })
        .collect()
    }

    /// Returns every field that the plan names, with whether it is only shown.
    pub fn fields(&self) -> impl Iterator<Item = (&str, bool)> {
        let measures = self.measures.iter();
        let measured = measures.clone().filter_map(|measure| measure.field.as_deref());
        let parts = measures.flat_map(|measure| &measure.of).map(|filter| filter.field.as_str());
        let filtered = self.filters.iter().map(|filter| filter.field.as_str());
        let grouped = self.group_by.iter().map(|group| group.field.as_str());
        let ordered = self.order_by.iter().filter(|_| self.measures.is_empty()).map(|order| order.by.as_str());
        let used = measured.chain(parts).chain(filtered).chain(grouped).chain(ordered);
        used.map(|field| (field, false)).chain(self.columns.iter().map(|field| (field.as_str(), true)))
    }
}
