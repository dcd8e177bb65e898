//! What an agent may use in a day (UTC), counted before it is used, in the store, so that several processes count together.

use super::{Error, Registered, Result};
use aos_ai::models::Dollars;
use aos_core::TenantScope;
use aos_store::{ModelBudget, ModelPayer, Store};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What is counted although nothing limits it.
const UNLIMITED: u64 = i64::MAX as u64;

/// What an agent may use in a day; what is left out has no limit but those of the tenant.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = AgentBudgets)]
#[serde(deny_unknown_fields)]
pub struct Budgets {
    /// Rows of answers, and findings of pilots.
    #[serde(default)]
    #[schema(example = 20000)]
    pub rows_per_day: Option<u64>,
    /// Proposals, and tasks that it enqueues itself.
    #[serde(default)]
    #[schema(example = 20)]
    pub writes_per_day: Option<u64>,
    /// What language models read and write for it.
    #[serde(default)]
    #[schema(example = 200000)]
    pub tokens_per_day: Option<u64>,
    /// What language models cost for it, in US dollars. A model without a known price is not asked then.
    #[serde(default)]
    #[schema(example = "1.50")]
    pub dollars_per_day: Option<Dollars>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Meter {
    Rows,
    Writes,
}

impl Meter {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Rows => "rows",
            Self::Writes => "writes",
        }
    }
}

impl Registered {
    /// Says on whose account models are asked for this agent, and within what.
    pub fn payer(&self) -> ModelPayer {
        let Budgets { tokens_per_day, dollars_per_day, .. } = self.settings.budgets;
        let budget = ModelBudget { tokens: tokens_per_day, micros: dollars_per_day.map(|dollars| dollars.micros) };
        ModelPayer { agent: self.id.clone(), budget }
    }
}

/// One agent's account of what it may use.
pub struct Allowance<'s> {
    store: &'s Store,
    scope: TenantScope,
    agent: String,
    budgets: Budgets,
}

impl<'s> Allowance<'s> {
    pub fn new(store: &'s Store, scope: &TenantScope, agent: &str, budgets: Budgets) -> Self {
        Self { store, scope: scope.clone(), agent: agent.to_owned(), budgets }
    }

    /// Takes as much of a meter as there is, up to what is wanted.
    ///
    /// # Errors
    /// [`Error::OverBudget`] when nothing is left.
    pub async fn take_up_to(&self, meter: Meter, wanted: u64) -> Result<u64> {
        let limit = self.limit(meter);
        let mut asked = wanted.min(limit);
        // Another process may take some between the look and the taking; then the look is taken again, and asks for less.
        while asked > 0 {
            if self
                .store
                .tenant(&self.scope)
                .take_agent_budget(&self.agent, meter.as_str(), asked, limit)
                .await?
                .is_some()
            {
                return Ok(asked);
            }
            asked = (asked - 1).min(limit.saturating_sub(self.used(meter).await?));
        }
        Err(self.over(meter, limit).await?)
    }

    /// Takes so much of a meter, or nothing.
    ///
    /// # Errors
    /// [`Error::OverBudget`] when less is left.
    pub async fn take(&self, meter: Meter, amount: u64) -> Result<()> {
        let limit = self.limit(meter);
        let taken =
            self.store.tenant(&self.scope).take_agent_budget(&self.agent, meter.as_str(), amount, limit).await?;
        if taken.is_none() { Err(self.over(meter, limit).await?) } else { Ok(()) }
    }

    /// Gives back what was taken and not used.
    pub async fn give_back(&self, meter: Meter, amount: u64) -> Result<()> {
        if amount == 0 {
            return Ok(());
        }
        Ok(self.store.tenant(&self.scope).give_back_agent_budget(&self.agent, meter.as_str(), amount).await?)
    }

    fn limit(&self, meter: Meter) -> u64 {
        let limit = match meter {
            Meter::Rows => self.budgets.rows_per_day,
            Meter::Writes => self.budgets.writes_per_day,
        };
        limit.unwrap_or(UNLIMITED).min(UNLIMITED)
    }

    async fn used(&self, meter: Meter) -> Result<u64> {
        let usage = self.store.tenant(&self.scope).agent_usage(&self.agent).await?;
        Ok(usage.into_iter().find(|(name, _)| name == meter.as_str()).map_or(0, |(_, used)| used))
    }

    async fn over(&self, meter: Meter, limit: u64) -> Result<Error> {
        let left = limit.saturating_sub(self.used(meter).await?);
        Ok(Error::OverBudget { agent: self.agent.clone(), meter: meter.as_str(), limit, left })
    }
}
