//! How often the matcher was right, as far as people have looked, with a model's answers and without.

use crate::convert::uncount;
use crate::db::query_as;
use crate::error::Result;
use crate::tenant::TenantStore;
use serde::Serialize;

/// What became of the matcher's decisions of one kind.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct MemoryAccuracy {
    pub with_memory: bool,
    pub with_model: bool,
    /// Nobody has looked at these.
    pub applied: u64,
    pub approved: u64,
    pub rejected: u64,
}

impl TenantStore<'_> {
    /// Counts the matcher's decisions by what they rested on and what people said of them.
    pub async fn memory_accuracy(&self) -> Result<Vec<MemoryAccuracy>> {
        let rows = query_as::<(bool, bool, i64, i64, i64)>(
            "SELECT with_memory, with_model,
                    SUM(CASE WHEN outcome = 'applied' THEN 1 ELSE 0 END),
                    SUM(CASE WHEN outcome = 'approved' THEN 1 ELSE 0 END),
                    SUM(CASE WHEN outcome = 'rejected' THEN 1 ELSE 0 END)
               FROM mapping_memory
              WHERE tenant_id = $1 AND by_matcher AND field <> ''
              GROUP BY with_memory, with_model
              ORDER BY with_memory, with_model",
        );
        let rows = rows.bind(self.id()).fetch_all(self.reader()).await?;
        let one =
            |(with_memory, with_model, applied, approved, rejected): (bool, bool, i64, i64, i64)| MemoryAccuracy {
                with_memory,
                with_model,
                applied: uncount(applied),
                approved: uncount(approved),
                rejected: uncount(rejected),
            };
        Ok(rows.into_iter().map(one).collect())
    }
}
