//! Receipts that are run again, and what has changed since.

use super::ask::{Questions, ROWS_MAX};
use super::check::check;
use super::receipt::{Receipt, digest};
use super::{Error, Result, origin};
use aos_core::TenantScope;
use aos_core::policy::Lens;
use aos_dcl::grounds::{Ground, Moment};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// What a receipt gives when it is run again.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Rerun {
    pub id: Uuid,
    /// Whether the rows are the same.
    pub same: bool,
    /// Why they are not, or why they could not be; empty when they are.
    pub why: Vec<String>,
    pub rows_sha256: String,
    pub row_count: usize,
}

impl Questions {
    /// Runs a kept receipt again and says whether the same comes of it, and why not.
    pub async fn rerun(&self, scope: &TenantScope, id: Uuid) -> Result<Rerun> {
        let kept = self.store.tenant(scope).question(id).await?.and_then(|question| question.receipt);
        let receipt: Receipt = serde_json::from_value(kept.ok_or(Error::NoReceipt)?).map_err(|_| Error::NoReceipt)?;
        let tenant = self.dcl.tenant(scope);
        let (moment, ontology) = tenant.moment().await?;
        let mut why = Vec::new();
        if let Err(refusal) = check(&receipt.plan, &ontology, tenant.lens()) {
            return Ok(Rerun { id, same: false, why: vec![refusal.reason], rows_sha256: String::new(), row_count: 0 });
        }
        if let Some(counted) = &receipt.counted {
            tenant.bring_things(&counted.unified_at.keys().cloned().collect()).await?;
        }
        let result = tenant.query(&receipt.sql, ROWS_MAX).await?;
        let rows_sha256 = digest(&result);
        let same = rows_sha256 == receipt.rows_sha256;
        if !same {
            let counted = receipt.counted.iter().flat_map(|counted| counted.unified_at.keys().cloned());
            let grounds = origin::grounds(&tenant, &receipt.plan, &ontology, &counted.collect()).await?;
            why = changes(&receipt, &moment, &grounds, tenant.lens() == Lens::Masking);
            for (entity, at) in receipt.counted.iter().flat_map(|counted| &counted.unified_at) {
                let now = tenant.unified_at(entity).await?;
                let nothing_else = why.is_empty();
                why.extend(
                    (now != Some(*at) || nothing_else).then(|| format!("{entity} records were unified again since")),
                );
            }
        }
        Ok(Rerun { id, same, why, rows_sha256, row_count: result.rows.len() })
    }
}

/// Says what is different now from when a receipt was written.
fn changes(receipt: &Receipt, moment: &Moment, grounds: &[Ground], masked: bool) -> Vec<String> {
    let mut why = Vec::new();
    if masked != receipt.masked {
        why.push("personal data is masked for one of those who asked and not for the other".to_owned());
    }
    if moment.ontology_version != receipt.moment.ontology_version {
        why.push(format!("the ontology is now version {}", moment.ontology_version));
    }
    for ground in grounds {
        let before = receipt
            .grounds
            .iter()
            .find(|old| (&old.source, &old.table, &old.entity) == (&ground.source, &ground.table, &ground.entity));
        match before {
            None => why.push(format!("{}.{} came along", ground.source, ground.table)),
            Some(old) if old.mapping_version != ground.mapping_version => {
                why.push(format!(
                    "{}.{} is now mapped by version {}",
                    ground.source, ground.table, ground.mapping_version
                ));
            }
            Some(_) => {}
        }
    }
    for old in &receipt.grounds {
        if !grounds.iter().any(|ground| (&ground.source, &ground.table) == (&old.source, &old.table)) {
            why.push(format!("{}.{} is gone", old.source, old.table));
        }
    }
    if (moment.position, moment.epoch) != (receipt.moment.position, receipt.moment.epoch) {
        why.push(format!(
            "records have changed since (position {} then, {} now)",
            receipt.moment.position, moment.position
        ));
    }
    why
}
