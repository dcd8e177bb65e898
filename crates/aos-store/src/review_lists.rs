//! Lists of the review queue: what a filter lets through, by age or by urgency, page by page.

use crate::db::query_as;
use crate::error::{Error, Result};
use crate::page::{Page, PageOf};
use crate::reviews::{Review, ReviewState, Row, review, select};
use crate::tenant::TenantStore;
use aos_core::ConnectionId;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

#[derive(Debug, Clone, Default, PartialEq)]
pub struct ReviewFilter {
    pub kind: Option<String>,
    pub state: Option<ReviewState>,
    pub connection: Option<ConnectionId>,
    pub stream: Option<String>,
    pub assignee: Option<String>,
    pub severity: Option<String>,
    /// Only items whose probability is at least, or below, this.
    pub confidence_min: Option<f64>,
    pub confidence_below: Option<f64>,
    pub order: ReviewOrder,
}

/// What comes first in a list of items. A cursor leads on in the order it was given in.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReviewOrder {
    #[default]
    Newest,
    /// What breaks something, then what risks something, then the rest; what has waited longest first.
    Urgency,
}

/// Selects a page of the items that a filter lets through.
macro_rules! listed {
    ($after:literal, $order:literal) => {
        select!(
            "WHERE tenant_id = $1 AND ",
            $after,
            " AND ($3 IS NULL OR kind = $3) AND ($4 IS NULL OR state = $4)
               AND ($5 IS NULL OR connection_id = $5) AND ($6 IS NULL OR stream = $6)
               AND ($7 IS NULL OR assignee = $7) AND ($8 IS NULL OR severity = $8)
               AND ($9 IS NULL OR confidence >= $9) AND ($10 IS NULL OR confidence < $10)
             ORDER BY ",
            $order,
            " LIMIT $11"
        )
    };
}

const LISTED_NEWEST: &str = listed!("($2 IS NULL OR id < $2)", "id DESC");
/// [`urgency`] says the same of an item that was read.
const LISTED_BY_URGENCY: &str = listed!(
    "($2 IS NULL OR CASE severity WHEN 'breaking' THEN 0 WHEN 'risky' THEN 1 ELSE 2 END > $12
      OR (CASE severity WHEN 'breaking' THEN 0 WHEN 'risky' THEN 1 ELSE 2 END = $12 AND id > $2))",
    "CASE severity WHEN 'breaking' THEN 0 WHEN 'risky' THEN 1 ELSE 2 END, id"
);

impl TenantStore<'_> {
    /// Lists items in the order that the filter asks for.
    pub async fn list_reviews(&self, filter: &ReviewFilter, page: Page) -> Result<PageOf<Review>> {
        let (words, after) = match filter.order {
            ReviewOrder::Newest => (LISTED_NEWEST, page.after_id()?.map(|id| (0, id))),
            ReviewOrder::Urgency => (LISTED_BY_URGENCY, page.after_text()?.as_deref().map(after_urgency).transpose()?),
        };
        let mut rows = query_as::<Row>(words)
            .bind(self.id())
            .bind(after.map(|(_, id)| id))
            .bind(filter.kind.as_deref())
            .bind(filter.state.map(ReviewState::as_str))
            .bind(filter.connection.map(|id| id.0))
            .bind(filter.stream.as_deref())
            .bind(filter.assignee.as_deref())
            .bind(filter.severity.as_deref())
            .bind(filter.confidence_min)
            .bind(filter.confidence_below)
            .bind(page.fetch());
        if filter.order == ReviewOrder::Urgency {
            rows = rows.bind(after.map(|(urgency, _)| urgency));
        }
        let items = rows.fetch_all(self.reader()).await?.into_iter().map(review).collect::<Result<_>>()?;
        Ok(match filter.order {
            ReviewOrder::Newest => page.of(items, |review: &Review| review.id.to_string()),
            ReviewOrder::Urgency => {
                page.of(items, |review: &Review| format!("{}/{}", urgency(&review.severity), review.id))
            }
        })
    }
}

/// Ranks an item among those that wait: the lower, the sooner somebody should look.
fn urgency(severity: &str) -> i64 {
    match severity {
        "breaking" => 0,
        "risky" => 1,
        _ => 2,
    }
}

fn after_urgency(key: &str) -> Result<(i64, Uuid)> {
    let parsed = key.split_once('/').and_then(|(urgency, id)| Some((urgency.parse().ok()?, id.parse().ok()?)));
    parsed.ok_or(Error::BadCursor)
}
