//! Open findings by their kind: how many there are, and what is at stake in them together.

use crate::convert::{micros, uncount};
use crate::db::query_as;
use crate::error::Result;
use crate::tenant::TenantStore;
use chrono::{DateTime, Utc};

/// The open findings of one kind that are priced in one currency, or that nobody knows a price or a currency of.
#[derive(Debug, Clone, PartialEq)]
pub struct FindingGroup {
    pub agent: String,
    pub kind: String,
    pub currency: Option<String>,
    pub findings: u64,
    /// Those of them of which it is known what is at stake.
    pub priced: u64,
    /// The sum over those, as a floating-point number: for reading and ordering, not for books.
    pub amount: Option<f64>,
}

type Row = (String, String, Option<String>, i64, i64, Option<f64>);

impl TenantStore<'_> {
    /// Sums the open findings up by agent, kind and currency. What is to be ignored at this time is left out.
    pub async fn finding_groups(&self, not_ignored_at: DateTime<Utc>) -> Result<Vec<FindingGroup>> {
        let rows = query_as::<Row>(
            "SELECT agent, kind, currency, COUNT(*), COUNT(amount), SUM(CAST(amount AS DOUBLE PRECISION))
               FROM agent_findings
              WHERE tenant_id = $1 AND state = 'open' AND (ignored_until IS NULL OR ignored_until <= $2)
              GROUP BY agent, kind, currency
              ORDER BY agent, kind, currency",
        );
        let rows = rows.bind(self.id()).bind(micros(not_ignored_at)).fetch_all(self.reader()).await?;
        let group = |(agent, kind, currency, findings, priced, amount): Row| FindingGroup {
            agent,
            kind,
            currency,
            findings: uncount(findings),
            priced: uncount(priced),
            amount,
        };
        Ok(rows.into_iter().map(group).collect())
    }
}
