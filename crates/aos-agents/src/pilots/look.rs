//! One look of a pilot: every check that there is something to look at for, as findings.

use super::Pilot;
use super::check::Check;
use crate::registry::Result;
use aos_core::TenantScope;
use aos_dcl::lineage::FieldLineage;
use aos_dcl::views::QueryAnswer;
use aos_dcl::{Dcl, TenantDcl};
use aos_store::SeenFinding;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;
use utoipa::ToSchema;
use uuid::Uuid;

/// What one check brings at most; beyond it the look says that there is more.
pub(crate) const FINDINGS_PER_CHECK_MAX: usize = 500;
/// Columns of a check that are not evidence.
const OWN_COLUMNS: [&str; 5] = ["subject", "source", "title", "amount", "currency"];
/// More source columns than one tenant has.
const HOPS_MAX: usize = 1_000_000;

/// What a look has brought.
#[derive(Debug, Clone, PartialEq)]
pub struct Look {
    pub found: Vec<Found>,
    /// Kinds that were looked at to the end.
    pub complete: Vec<&'static str>,
    pub skipped: Vec<Skipped>,
    /// Kinds of which there is more than is kept.
    pub cut: Vec<&'static str>,
}

/// A finding, with what is said of it in words.
#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    pub title: String,
    pub seen: SeenFinding,
}

/// A check that has nothing to look at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = SkippedCheck)]
pub struct Skipped {
    pub kind: String,
    /// Fields that no connected source gives.
    #[schema(example = json!(["health.account_id"]))]
    pub missing: Vec<String>,
}

impl Look {
    /// Keeps the first findings only; what was left out may be of any kind, so that no kind was looked at to the end.
    pub(super) fn keep_only(&mut self, findings: usize) {
        self.found.truncate(findings);
        self.cut.append(&mut self.complete);
    }
}

/// Looks at everything that a pilot looks for. Nothing is written.
pub async fn look(dcl: &Dcl, scope: &TenantScope, pilot: Pilot, now: DateTime<Utc>) -> Result<Look> {
    let tenant = dcl.tenant(scope);
    let hops = tenant.lineage_search("", HOPS_MAX).await?;
    let mut look = Look { found: Vec::new(), complete: Vec::new(), skipped: Vec::new(), cut: Vec::new() };
    for check in pilot.checks() {
        let missing = missing(check, &hops);
        if !missing.is_empty() {
            look.skipped.push(Skipped { kind: check.kind.to_owned(), missing });
            continue;
        }
        let answer = answer(&tenant, check, now).await?;
        match answer.truncated {
            true => look.cut.push(check.kind),
            false => look.complete.push(check.kind),
        }
        let place = Place { scope, pilot, check, hops: &hops, now };
        look.found.extend(rows(&answer).filter_map(|row| place.found(row)));
    }
    Ok(look)
}

async fn answer(tenant: &TenantDcl, check: &Check, now: DateTime<Utc>) -> Result<QueryAnswer> {
    Ok(tenant.query(&check.sql_at(now), FINDINGS_PER_CHECK_MAX).await?)
}

fn missing(check: &Check, hops: &[FieldLineage]) -> Vec<String> {
    let given = |path: &&&str| hops.iter().any(|hop| path.split_once('.') == Some((&hop.entity, &hop.field)));
    check.needs.iter().filter(|path| !given(path)).map(|path| (*path).to_owned()).collect()
}

fn rows(answer: &QueryAnswer) -> impl Iterator<Item = Map<String, Value>> {
    let named = |row: &Vec<Value>| {
        answer.columns.iter().map(|column| column.name.clone()).zip(row.iter().cloned()).collect::<Map<_, _>>()
    };
    answer.rows.iter().map(named)
}

struct Place<'l> {
    scope: &'l TenantScope,
    pilot: Pilot,
    check: &'l Check,
    hops: &'l [FieldLineage],
    now: DateTime<Utc>,
}

impl Place<'_> {
    /// Makes a finding of a row. A row that names no subject is none.
    fn found(&self, mut row: Map<String, Value>) -> Option<Found> {
        let text = |row: &Map<String, Value>, name: &str| row.get(name).and_then(Value::as_str).map(str::to_owned);
        let subject = text(&row, "subject")?;
        let (source, currency) = (text(&row, "source"), text(&row, "currency"));
        let title = text(&row, "title").unwrap_or_else(|| subject.clone());
        let amount = match row.get("amount") {
            Some(Value::Number(number)) => Some(number.to_string()),
            // Lists are ordered by it, so that it has to be a number.
            Some(Value::String(digits)) if digits.parse().is_ok_and(f64::is_finite) => Some(digits.clone()),
            _ => None,
        };
        row.retain(|name, _| !OWN_COLUMNS.contains(&name.as_str()));
        let used: Vec<&FieldLineage> = self.used(source.as_deref()).collect();
        let confidence = used.iter().map(|hop| hop.confidence).reduce(f64::min);
        let versions: BTreeSet<(&str, &str, u32)> =
            used.iter().map(|hop| (hop.source.as_str(), hop.table.as_str(), hop.mapping_version)).collect();
        let versions: Vec<Value> = versions
            .into_iter()
            .map(|(source, table, version)| json!({ "source": source, "table": table, "version": version }))
            .collect();
        let body = json!({
            "title": title, "source": source, "means": self.check.means, "evidence": row,
            "sql": self.check.sql_of(self.now, &subject), "mapping_versions": versions,
        });
        let seen = SeenFinding {
            id: self.id(&subject),
            kind: self.check.kind.to_owned(),
            currency: currency.filter(|_| amount.is_some()),
            subject,
            body,
            amount,
            confidence,
        };
        Some(Found { title, seen })
    }

    /// Returns the mappings that a finding rests on: those of its source, and of all sources for what its source does not give.
    fn used<'h>(&'h self, source: Option<&'h str>) -> impl Iterator<Item = &'h FieldLineage> {
        self.check.fields().flat_map(move |(entity, field)| {
            let of_field = move |hop: &&FieldLineage| hop.entity == entity && hop.field == field;
            let own = move |hop: &&FieldLineage| of_field(hop) && source == Some(hop.source.as_str());
            let has_own = self.hops.iter().any(|hop| own(&hop));
            self.hops.iter().filter(move |hop| if has_own { own(hop) } else { of_field(hop) })
        })
    }

    /// Names the finding: the same thing found again has the same name.
    fn id(&self, subject: &str) -> Uuid {
        let name = format!("{}/{}/{subject}", self.pilot.id(), self.check.kind);
        Uuid::new_v5(&self.scope.tenant_id().0, name.as_bytes())
    }
}
