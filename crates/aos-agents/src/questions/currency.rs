//! Amounts of different currencies, kept apart: nothing is added up or ranked across them.

use super::Result;
use super::ask::ROWS_MAX;
use super::check::{CURRENCY, Found, check};
use super::plan::{Filter, FilterOp, Grouping, Measure, MeasureOp, Plan};
use super::refusal::{Refusal, RefusalCode};
use super::sql::{self, Things};
use aos_core::Ontology;
use aos_dcl::TenantDcl;
use std::collections::BTreeSet;

/// Stands for the currency of amounts that state none.
const UNSTATED: &str = "none stated";

/// Keeps amounts of different currencies apart: by a group for each, or by a refusal where one row has to come out.
pub(super) async fn in_one_currency(
    tenant: &TenantDcl,
    mut plan: Plan,
    ontology: &Ontology,
    things: &Things,
) -> Result<Result<Plan, Refusal>> {
    // By which references an amount is reached.
    let is_money = |path: &str| {
        Found::of(ontology, &plan.entity, path).filter(Found::is_money)?;
        Some(path.rsplit_once('.').map(|(references, _)| references.to_owned()))
    };
    let measured = plan.measures.iter().filter(|measure| measure.op != MeasureOp::CountDistinct);
    let measured = measured.filter_map(|measure| is_money(measure.field.as_deref()?));
    let ordered = plan.order_by.iter().filter(|_| plan.measures.is_empty()).filter_map(|order| is_money(&order.by));
    let through: BTreeSet<Option<String>> = measured.chain(ordered).collect();
    for through in through {
        let currency = through.map_or(CURRENCY.to_owned(), |reference| format!("{reference}.{CURRENCY}"));
        let grouped = plan.group_by.iter().any(|group| group.field == currency);
        if Found::of(ontology, &plan.entity, &currency).is_none() || grouped && plan.order_by.is_none() {
            continue;
        }
        // Only currencies of amounts that are there.
        let mut stated = plan.clone();
        if let [Measure { field: Some(amount), .. }] = plan.measures.as_slice()
            && !plan.filters.iter().any(|filter| filter.field == *amount)
        {
            stated.filters.push(Filter::of(amount, FilterOp::NotNull, []));
        }
        let Some(sql) = sql::distinct(&stated, ontology, things, &currency) else { continue };
        let found = tenant.query(&sql, ROWS_MAX).await?;
        let codes: Vec<String> = found
            .rows
            .iter()
            .filter_map(|row| row.first())
            .map(|code| code.as_str().map_or_else(|| UNSTATED.to_owned(), str::to_owned))
            .collect();
        let ranks = plan.order_by.is_some() || plan.measures.is_empty();
        if ranks && codes.len() > 1 {
            let reason =
                format!("the amounts are in several currencies ({}), which are not compared", codes.join(", "));
            let near = codes.iter().filter(|code| *code != UNSTATED).map(|code| format!("in {code}"));
            return Ok(Err(Refusal::new(RefusalCode::MixedUnits, reason).missing("a currency", near)));
        }
        let one = |filter: &Filter| filter.field == currency && filter.op == FilterOp::In && filter.values.len() == 1;
        // An amount is told with its currency, unless the question has named it; where no record states one, none can be told.
        if ranks || plan.filters.iter().any(one) || codes.iter().all(|code| code == UNSTATED) {
            continue;
        }
        plan = stated;
        plan.group_by.push(Grouping::by(&currency));
        if let Err(refusal) = check(&plan, ontology, tenant.lens()) {
            return Ok(Err(refusal));
        }
    }
    Ok(Ok(plan))
}
