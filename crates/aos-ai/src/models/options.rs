//! What the operator says about models, for all tenants.

use super::price::PriceTable;
use crate::pii::Names;
use aos_store::ModelBudget;
use std::time::Duration;

#[derive(Debug, Clone)]
pub struct ModelOptions {
    /// One call with all its tries.
    pub total_timeout: Duration,
    /// Requests for one call at most: the first, and those after failures that pass.
    pub attempts_max: u32,
    /// The longest answer, in tokens.
    pub tokens_out_max: u32,
    /// The longest question, in bytes.
    pub question_bytes_max: usize,
    /// What each tenant may use in a day; a tenant's own limits can only be lower.
    pub budget: ModelBudget,
    pub prices: PriceTable,
    /// What finds names in texts beside the rules, before a provider is shown them.
    pub names: Names,
}

impl Default for ModelOptions {
    fn default() -> Self {
        Self {
            total_timeout: Duration::from_secs(45),
            attempts_max: 3,
            tokens_out_max: 8_192,
            question_bytes_max: 400_000,
            budget: ModelBudget { tokens: Some(2_000_000), micros: None },
            prices: PriceTable::default(),
            names: Names::default(),
        }
    }
}
