//! What a call may use and has used: held of the day's budget before it is made, and counted afterwards.

use super::{ModelChoice, TenantModels};
use crate::models::ask::Used;
use crate::models::attempt::Called;
use crate::models::error::{ModelError, SpentBudget};
use crate::models::price::Price;
use aos_store::{ModelBudget, ModelCallEnd, ModelHold, ModelPayer};
use std::time::Duration;
use tokio::time::Instant;

/// What one call asks of the budget, and where it is counted.
pub(in crate::models) struct Meter<'m> {
    pub feature: &'m str,
    pub payer: Option<&'m ModelPayer>,
    /// Provider and model.
    pub model: &'m str,
    pub price: Option<Price>,
    pub budget: ModelBudget,
    pub tokens_in: u64,
    pub tokens_out: u64,
}

/// What a provider says that a call used, and the word for how it ended.
pub(in crate::models) struct Counted {
    pub tokens_in: Option<u64>,
    pub tokens_out: Option<u64>,
    pub word: &'static str,
}

impl TenantModels {
    /// Makes a call within the day's budget and counts it. In a unit of work its budget and its count stand whatever becomes of the unit: the
    /// provider charges all the same.
    pub(in crate::models) async fn metered<T>(
        &self,
        meter: &Meter<'_>,
        call: impl Future<Output = Called<T>>,
        counted: impl Fn(&T) -> Counted,
    ) -> Result<(T, Used, u32), ModelError> {
        let hold = self.hold(meter).await?;
        let started = Instant::now();
        let called = call.await;
        let (count, may_have_used) = match &called.outcome {
            Ok(done) => (counted(done), true),
            Err(error) => (Counted { tokens_in: None, tokens_out: None, word: error.word() }, error.may_have_used()),
        };
        let known = count.tokens_in.or(count.tokens_out).is_some();
        let cost =
            |price: Price| price.micros(count.tokens_in.unwrap_or_default(), count.tokens_out.unwrap_or_default());
        let micros = meter.price.filter(|_| known).map(cost);
        let (feature, model) = (meter.feature.to_owned(), meter.model.to_owned());
        let (attempts, duration) = (called.attempts, started.elapsed());
        let (tokens_in, tokens_out, outcome) = (count.tokens_in, count.tokens_out, count.word);
        let (store, scope) = (self.models.0.store.clone(), self.scope.clone());
        aos_store::apart(async move {
            let end = ModelCallEnd {
                feature: &feature,
                model: &model,
                outcome,
                attempts,
                duration_ms: millis(duration),
                tokens_in,
                tokens_out,
                micros,
                may_have_used,
            };
            store.tenant(&scope).settle_model_call(hold, &end).await
        })
        .await?;
        called.outcome.map(|done| (done, Used { tokens_in, tokens_out, micros }, attempts))
    }

    async fn hold(&self, meter: &Meter<'_>) -> Result<ModelHold, ModelError> {
        let Meter { budget, tokens_in, tokens_out, price, payer, .. } = meter;
        let in_money = budget.micros.or(payer.and_then(|payer| payer.budget.micros));
        let micros = match (price, in_money) {
            (Some(price), _) => price.micros(*tokens_in, *tokens_out),
            (None, None) => 0,
            (None, Some(_)) => return Err(ModelError::PriceUnknown(meter.model.to_owned())),
        };
        let (budget, tokens) = (*budget, tokens_in + tokens_out);
        let (store, scope, payer) = (self.models.0.store.clone(), self.scope.clone(), payer.cloned());
        let agents = payer.clone();
        let held = aos_store::apart(async move {
            let tenant = store.tenant(&scope);
            match &payer {
                Some(payer) => tenant.hold_model_budget_of_agent(payer, budget, tokens, micros).await,
                None => tenant.hold_model_budget(budget, tokens, micros).await,
            }
        });
        match (held.await?, agents) {
            (Some(hold), _) => Ok(hold),
            (None, Some(payer)) => Err(self.spent_of(payer, budget, tokens, micros).await?),
            (None, None) => Err(ModelError::BudgetSpent(self.spent(budget, tokens).await?)),
        }
    }

    /// Says whether it was the agent's budget that did not have enough, or the tenant's.
    async fn spent_of(
        &self,
        ModelPayer { agent, budget: own }: ModelPayer,
        budget: ModelBudget,
        tokens: u64,
        micros: u64,
    ) -> Result<ModelError, ModelError> {
        let usage = self.store().agent_usage(&agent).await?;
        let used = |meter: &str| usage.iter().find(|(name, _)| name == meter).map_or(0, |(_, used)| *used);
        let beyond = |meter: &str, amount: u64, limit: u64| used(meter).saturating_add(amount) > limit;
        Ok(match (own.tokens, own.micros) {
            (Some(limit), _) if beyond(aos_store::TOKENS_METER, tokens, limit) => {
                ModelError::AgentBudgetSpent { agent, spent: SpentBudget::Tokens(limit) }
            }
            (_, Some(limit)) if beyond(aos_store::DOLLARS_METER, micros, limit) => {
                ModelError::AgentBudgetSpent { agent, spent: SpentBudget::Money(limit) }
            }
            _ => ModelError::BudgetSpent(self.spent(budget, tokens).await?),
        })
    }

    /// Says which of the budgets did not have enough.
    async fn spent(&self, budget: ModelBudget, tokens: u64) -> Result<SpentBudget, ModelError> {
        let day = self.store().model_day().await?;
        let taken = day.tokens_used + day.tokens_held + tokens;
        Ok(match (budget.tokens, budget.micros) {
            (Some(limit), Some(money)) if taken <= limit => SpentBudget::Money(money),
            (None, Some(money)) => SpentBudget::Money(money),
            (limit, _) => SpentBudget::Tokens(limit.unwrap_or_default()),
        })
    }

    pub(in crate::models) fn budget_of(&self, choice: &ModelChoice) -> ModelBudget {
        let lower = |one: Option<u64>, two: Option<u64>| one.into_iter().chain(two).min();
        let operator = self.options().budget;
        ModelBudget {
            tokens: lower(operator.tokens, choice.tokens_per_day_max),
            micros: lower(operator.micros, choice.dollars_per_day_max.map(|dollars| dollars.micros)),
        }
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
