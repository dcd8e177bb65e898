//! What models were asked: a day's budget, which is held before a call and settled after it, and what was used. Also whether the tenant
//! runs in production mode, in which none is asked. Prompts and answers are not kept.

use crate::agents::{DOLLARS_METER, TOKENS_METER};
use crate::convert::{count, time, uncount};
use crate::db::{Tx, query, query_as};
use crate::error::Result;
use crate::page::{Page, PageOf};
use crate::tenant::TenantStore;
use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::json;
use uuid::Uuid;

const PRODUCTION_MODE: &str = "production_mode";
const DAY_MICROS: i64 = 24 * 60 * 60 * 1_000_000;
/// How long single calls and the days' sums are kept.
const CALLS_KEPT_DAYS: i64 = 30;
const SUMS_KEPT_DAYS: i64 = 400;

/// What a day may use at most; none means as much as is asked for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ModelBudget {
    pub tokens: Option<u64>,
    /// Millionths of a US dollar.
    pub micros: Option<u64>,
}

/// On whose account a call goes beside the tenant's: an agent's, with what it may use in a day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModelPayer {
    pub agent: String,
    pub budget: ModelBudget,
}

/// What a call that is under way may use. Until it is settled it counts in full, also when nobody sees the call's end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModelHold {
    day: i64,
    tokens: u64,
    micros: u64,
    agent: Option<String>,
}

/// How a call ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModelCallEnd<'a> {
    pub feature: &'a str,
    /// Provider and model, e.g. `openai/gpt-4.1-mini`.
    pub model: &'a str,
    /// `ok`, or a word for what went wrong.
    pub outcome: &'a str,
    pub attempts: u32,
    pub duration_ms: u64,
    /// As the provider says; none when it does not.
    pub tokens_in: Option<u64>,
    pub tokens_out: Option<u64>,
    /// In millionths of a US dollar; none where no price is known.
    pub micros: Option<u64>,
    /// Whether the model may have worked although it did not say how much, so that all that was held counts as used.
    pub may_have_used: bool,
}

/// What a feature used of a model on one day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ModelUsage {
    pub day: DateTime<Utc>,
    pub feature: String,
    pub model: String,
    pub calls: u64,
    pub failed: u64,
    pub uncounted: u64,
    pub tokens_in: u64,
    pub tokens_out: u64,
    pub micros: u64,
    pub unpriced: u64,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ModelCall {
    pub id: Uuid,
    pub at: DateTime<Utc>,
    pub feature: String,
    pub model: String,
    pub outcome: String,
    pub attempts: u64,
    pub duration_ms: u64,
    pub tokens_in: Option<u64>,
    pub tokens_out: Option<u64>,
    pub micros: Option<u64>,
}

/// How much of a day is spent, and held by calls under way.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct ModelDay {
    pub tokens_used: u64,
    pub tokens_held: u64,
    pub micros_used: u64,
    pub micros_held: u64,
}

/// What was counted since somebody set it back.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct ModelTotals {
    pub calls: u64,
    pub tokens: u64,
    /// Calls that were not needed, because what is known already was enough.
    pub calls_saved: u64,
    pub since: Option<DateTime<Utc>>,
}

#[derive(sqlx::FromRow)]
struct UsageRow {
    day: i64,
    feature: String,
    model: String,
    calls: i64,
    failed: i64,
    uncounted: i64,
    tokens_in: i64,
    tokens_out: i64,
    micros: i64,
    unpriced: i64,
}

#[derive(sqlx::FromRow)]
struct CallRow {
    id: Uuid,
    at: i64,
    feature: String,
    model: String,
    outcome: String,
    attempts: i64,
    duration_ms: i64,
    tokens_in: Option<i64>,
    tokens_out: Option<i64>,
    micros: Option<i64>,
}

impl TenantStore<'_> {
    /// Says whether the tenant runs in production mode, in which no model of a provider is asked. On unless it was switched off.
    pub async fn production_mode(&self) -> Result<bool> {
        let stored = self.setting(PRODUCTION_MODE).await?;
        Ok(stored.and_then(|value| value.as_bool()).unwrap_or(true))
    }

    pub async fn set_production_mode(&self, enabled: bool) -> Result<()> {
        self.put_setting(PRODUCTION_MODE, &json!(enabled)).await
    }

    /// Takes out of today's budget what a call may use at most. None when less than that is left: of calls that run at the same time no two
    /// take the same part.
    pub async fn hold_model_budget(&self, budget: ModelBudget, tokens: u64, micros: u64) -> Result<Option<ModelHold>> {
        let mut tx = self.begin().await?;
        let hold = self.hold_in(&mut tx, budget, tokens, micros).await?;
        tx.commit().await?;
        Ok(hold)
    }

    /// As `hold_model_budget`, also out of an agent's own budget of the day: of both or of none.
    pub async fn hold_model_budget_of_agent(
        &self,
        payer: &ModelPayer,
        budget: ModelBudget,
        tokens: u64,
        micros: u64,
    ) -> Result<Option<ModelHold>> {
        let mut tx = self.begin().await?;
        let Some(hold) = self.hold_in(&mut tx, budget, tokens, micros).await? else { return Ok(None) };
        for (meter, amount, limit) in
            [(TOKENS_METER, tokens, payer.budget.tokens), (DOLLARS_METER, micros, payer.budget.micros)]
        {
            let limit = limit.unwrap_or(i64::MAX as u64);
            if !self.take_agent_budget_in(&mut tx, &payer.agent, meter, amount, limit).await? {
                return Ok(None);
            }
        }
        tx.commit().await?;
        Ok(Some(ModelHold { agent: Some(payer.agent.clone()), ..hold }))
    }

    async fn hold_in(&self, tx: &mut Tx, budget: ModelBudget, tokens: u64, micros: u64) -> Result<Option<ModelHold>> {
        let day = self.now().div_euclid(DAY_MICROS);
        query(
            "INSERT INTO model_days (tenant_id, day, tokens_used, tokens_held, micros_used, micros_held)
             VALUES ($1, $2, 0, 0, 0, 0)
             ON CONFLICT (tenant_id, day) DO NOTHING",
        )
        .bind(self.id())
        .bind(day)
        .execute(&mut *tx)
        .await?;
        let held = query(
            "UPDATE model_days SET tokens_held = tokens_held + $3, micros_held = micros_held + $4
              WHERE tenant_id = $1 AND day = $2
                AND tokens_used + tokens_held + $3 <= $5
                AND micros_used + micros_held + $4 <= $6",
        )
        .bind(self.id())
        .bind(day)
        .bind(count(tokens))
        .bind(count(micros))
        .bind(budget.tokens.map_or(i64::MAX, count))
        .bind(budget.micros.map_or(i64::MAX, count))
        .execute(tx)
        .await?;
        Ok((held > 0).then_some(ModelHold { day, tokens, micros, agent: None }))
    }

    /// Gives back what was held, and counts what was used.
    pub async fn settle_model_call(&self, hold: ModelHold, end: &ModelCallEnd<'_>) -> Result<()> {
        let known = end.tokens_in.or(end.tokens_out).is_some();
        let tokens = end.tokens_in.unwrap_or_default() + end.tokens_out.unwrap_or_default();
        let (spent_tokens, spent_micros) = match (known, end.may_have_used) {
            (true, _) => (tokens, end.micros.unwrap_or_default()),
            (false, true) => (hold.tokens, hold.micros),
            (false, false) => (0, 0),
        };
        let mut tx = self.begin().await?;
        query(
            "UPDATE model_days
                SET tokens_held = tokens_held - $3, micros_held = micros_held - $4,
                    tokens_used = tokens_used + $5, micros_used = micros_used + $6
              WHERE tenant_id = $1 AND day = $2",
        )
        .bind(self.id())
        .bind(hold.day)
        .bind(count(hold.tokens))
        .bind(count(hold.micros))
        .bind(count(spent_tokens))
        .bind(count(spent_micros))
        .execute(&mut tx)
        .await?;
        if let Some(agent) = &hold.agent {
            let day = hold.day;
            let used = [(TOKENS_METER, hold.tokens, spent_tokens), (DOLLARS_METER, hold.micros, spent_micros)];
            for (meter, held, spent) in used {
                self.settle_agent_budget_in(&mut tx, (agent, day, meter), held, spent).await?;
            }
        }
        self.add_usage(&mut tx, hold.day, end, known).await?;
        self.add_call(&mut tx, end).await?;
        self.add_totals(&mut tx, 1, tokens, 0).await?;
        tx.commit().await
    }

    /// Counts a call that was not needed.
    pub async fn save_model_calls(&self, saved: u64) -> Result<()> {
        let mut tx = self.begin().await?;
        self.add_totals(&mut tx, 0, 0, saved).await?;
        tx.commit().await
    }

    async fn add_usage(&self, tx: &mut Tx, day: i64, end: &ModelCallEnd<'_>, known: bool) -> Result<()> {
        let failed = end.outcome != "ok";
        query(
            "INSERT INTO model_usage
                (tenant_id, day, feature, model, calls, failed, uncounted, tokens_in, tokens_out, micros, unpriced)
             VALUES ($1, $2, $3, $4, 1, $5, $6, $7, $8, $9, $10)
             ON CONFLICT (tenant_id, day, feature, model) DO UPDATE
                SET calls = model_usage.calls + 1,
                    failed = model_usage.failed + excluded.failed,
                    uncounted = model_usage.uncounted + excluded.uncounted,
                    tokens_in = model_usage.tokens_in + excluded.tokens_in,
                    tokens_out = model_usage.tokens_out + excluded.tokens_out,
                    micros = model_usage.micros + excluded.micros,
                    unpriced = model_usage.unpriced + excluded.unpriced",
        )
        .bind(self.id())
        .bind(day)
        .bind(end.feature)
        .bind(end.model)
        .bind(i64::from(failed))
        .bind(i64::from(!known && end.may_have_used))
        .bind(count(end.tokens_in.unwrap_or_default()))
        .bind(count(end.tokens_out.unwrap_or_default()))
        .bind(count(end.micros.unwrap_or_default()))
        .bind(i64::from(end.micros.is_none() && (known || end.may_have_used)))
        .execute(&mut *tx)
        .await?;
        let sums = query("DELETE FROM model_usage WHERE tenant_id = $1 AND day < $2");
        sums.bind(self.id()).bind(day - SUMS_KEPT_DAYS).execute(&mut *tx).await?;
        let days = query("DELETE FROM model_days WHERE tenant_id = $1 AND day < $2");
        days.bind(self.id()).bind(day - SUMS_KEPT_DAYS).execute(tx).await?;
        Ok(())
    }

    async fn add_call(&self, tx: &mut Tx, end: &ModelCallEnd<'_>) -> Result<()> {
        query(
            "INSERT INTO model_calls
                (tenant_id, id, at, feature, model, outcome, attempts, duration_ms, tokens_in, tokens_out, micros)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        )
        .bind(self.id())
        .bind(Uuid::now_v7())
        .bind(self.now())
        .bind(end.feature)
        .bind(end.model)
        .bind(end.outcome)
        .bind(i64::from(end.attempts))
        .bind(count(end.duration_ms))
        .bind(end.tokens_in.map(count))
        .bind(end.tokens_out.map(count))
        .bind(end.micros.map(count))
        .execute(&mut *tx)
        .await?;
        let old = query("DELETE FROM model_calls WHERE tenant_id = $1 AND at < $2");
        old.bind(self.id()).bind(self.now() - CALLS_KEPT_DAYS * DAY_MICROS).execute(tx).await?;
        Ok(())
    }

    async fn add_totals(&self, tx: &mut Tx, calls: u64, tokens: u64, saved: u64) -> Result<()> {
        query(
            "INSERT INTO model_totals (tenant_id, calls, tokens, calls_saved, since) VALUES ($1, $2, $3, $4, $5)
             ON CONFLICT (tenant_id) DO UPDATE
                SET calls = model_totals.calls + excluded.calls,
                    tokens = model_totals.tokens + excluded.tokens,
                    calls_saved = model_totals.calls_saved + excluded.calls_saved",
        )
        .bind(self.id())
        .bind(count(calls))
        .bind(count(tokens))
        .bind(count(saved))
        .bind(self.now())
        .execute(tx)
        .await?;
        Ok(())
    }

    /// Returns what was counted since somebody set it back; zeros when nothing was.
    pub async fn model_totals(&self) -> Result<ModelTotals> {
        let row = query_as::<(i64, i64, i64, i64)>(
            "SELECT calls, tokens, calls_saved, since FROM model_totals WHERE tenant_id = $1",
        );
        let row = row.bind(self.id()).fetch_optional(self.reader()).await?;
        Ok(row.map_or_else(ModelTotals::default, |(calls, tokens, saved, since)| ModelTotals {
            calls: uncount(calls),
            tokens: uncount(tokens),
            calls_saved: uncount(saved),
            since: Some(time(since)),
        }))
    }

    /// Sets the counters back to zero; what was used by day stays.
    pub async fn reset_model_totals(&self) -> Result<()> {
        let mut tx = self.begin().await?;
        query(
            "INSERT INTO model_totals (tenant_id, calls, tokens, calls_saved, since) VALUES ($1, 0, 0, 0, $2)
             ON CONFLICT (tenant_id) DO UPDATE SET calls = 0, tokens = 0, calls_saved = 0, since = excluded.since",
        )
        .bind(self.id())
        .bind(self.now())
        .execute(&mut tx)
        .await?;
        self.audit(&mut tx, "models.reset_counters", "models", json!({})).await?;
        tx.commit().await
    }

    /// Returns how much of today is spent and held.
    pub async fn model_day(&self) -> Result<ModelDay> {
        let row = query_as::<(i64, i64, i64, i64)>(
            "SELECT tokens_used, tokens_held, micros_used, micros_held FROM model_days WHERE tenant_id = $1 AND day = $2",
        );
        let row = row.bind(self.id()).bind(self.now().div_euclid(DAY_MICROS)).fetch_optional(self.reader()).await?;
        Ok(row.map_or_else(ModelDay::default, |(used, held, micros_used, micros_held)| ModelDay {
            tokens_used: uncount(used),
            tokens_held: uncount(held),
            micros_used: uncount(micros_used),
            micros_held: uncount(micros_held),
        }))
    }

    /// Returns what the last `days` days used, today included, the newest first.
    pub async fn model_usage(&self, days: u32) -> Result<Vec<ModelUsage>> {
        let rows = query_as::<UsageRow>(
            "SELECT day, feature, model, calls, failed, uncounted, tokens_in, tokens_out, micros, unpriced
               FROM model_usage
              WHERE tenant_id = $1 AND day > $2
              ORDER BY day DESC, feature, model",
        );
        let after = self.now().div_euclid(DAY_MICROS) - i64::from(days);
        let rows = rows.bind(self.id()).bind(after).fetch_all(self.reader()).await?;
        Ok(rows.into_iter().map(usage).collect())
    }

    /// Lists single calls, the newest first.
    pub async fn list_model_calls(&self, page: Page) -> Result<PageOf<ModelCall>> {
        let rows = query_as::<CallRow>(
            "SELECT id, at, feature, model, outcome, attempts, duration_ms, tokens_in, tokens_out, micros
               FROM model_calls
              WHERE tenant_id = $1 AND ($2 IS NULL OR id < $2)
              ORDER BY id DESC LIMIT $3",
        );
        let rows = rows.bind(self.id()).bind(page.after_id()?).bind(page.fetch()).fetch_all(self.reader()).await?;
        Ok(page.of(rows.into_iter().map(call).collect(), |call: &ModelCall| call.id))
    }
}

fn usage(row: UsageRow) -> ModelUsage {
    ModelUsage {
        day: time(row.day * DAY_MICROS),
        feature: row.feature,
        model: row.model,
        calls: uncount(row.calls),
        failed: uncount(row.failed),
        uncounted: uncount(row.uncounted),
        tokens_in: uncount(row.tokens_in),
        tokens_out: uncount(row.tokens_out),
        micros: uncount(row.micros),
        unpriced: uncount(row.unpriced),
    }
}

fn call(row: CallRow) -> ModelCall {
    ModelCall {
        id: row.id,
        at: time(row.at),
        feature: row.feature,
        model: row.model,
        outcome: row.outcome,
        attempts: uncount(row.attempts),
        duration_ms: uncount(row.duration_ms),
        tokens_in: row.tokens_in.map(uncount),
        tokens_out: row.tokens_out.map(uncount),
        micros: row.micros.map(uncount),
    }
}
