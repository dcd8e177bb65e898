//! What a tenant said about its agents, and what each has used in a day of what it may use.

use crate::convert::{count, from_json, time, to_json, uncount};
use crate::db::{Tx, query, query_as, query_scalar};
use crate::error::{Error, Resource, Result};
use crate::tenant::TenantStore;
use aos_core::ApiKeyId;
use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use uuid::Uuid;

const BODY_BYTES_MAX: usize = 64 * 1024;
const AGENTS_MAX: usize = 200;
const DAY: i64 = 24 * 60 * 60 * 1_000_000;
/// What models use for an agent: tokens, and millionths of a US dollar.
pub const TOKENS_METER: &str = "tokens";
pub const DOLLARS_METER: &str = "dollar_micros";

/// What was said about an agent.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredAgent {
    pub id: String,
    pub api_key: Option<ApiKeyId>,
    pub body: Value,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

type Row = (String, Option<Uuid>, String, i64, i64);

impl TenantStore<'_> {
    /// Lists the agents of which something was said, by id.
    pub async fn list_agents(&self) -> Result<Vec<StoredAgent>> {
        let rows = query_as::<Row>(
            "SELECT id, api_key_id, body, created_at, updated_at FROM agents WHERE tenant_id = $1 ORDER BY id",
        );
        rows.bind(self.id()).fetch_all(self.reader()).await?.into_iter().map(agent).collect()
    }

    pub async fn agent(&self, id: &str) -> Result<Option<StoredAgent>> {
        let found = query_as::<Row>(
            "SELECT id, api_key_id, body, created_at, updated_at FROM agents WHERE tenant_id = $1 AND id = $2",
        );
        found.bind(self.id()).bind(id).fetch_optional(self.reader()).await?.map(agent).transpose()
    }

    /// Finds the agent that acts with a key.
    pub async fn agent_of_key(&self, key: ApiKeyId) -> Result<Option<StoredAgent>> {
        let found = query_as::<Row>(
            "SELECT id, api_key_id, body, created_at, updated_at FROM agents WHERE tenant_id = $1 AND api_key_id = $2",
        );
        found.bind(self.id()).bind(key.0).fetch_optional(self.reader()).await?.map(agent).transpose()
    }

    /// Says something about an agent, in the place of what was said before.
    ///
    /// # Errors
    /// [`Error::Conflict`] when another agent acts with the key, [`Error::TooMany`] when there are too many agents.
    pub async fn put_agent(&self, id: &str, api_key: Option<ApiKeyId>, body: &Value) -> Result<StoredAgent> {
        let text = to_json(body);
        if text.len() > BODY_BYTES_MAX {
            return Err(Error::TooLarge { what: "the agent", size: text.len(), limit: BODY_BYTES_MAX });
        }
        let mut tx = self.begin().await?;
        if let Some(key) = api_key {
            let holder = query_scalar::<String>("SELECT id FROM agents WHERE tenant_id = $1 AND api_key_id = $2");
            let holder = holder.bind(self.id()).bind(key.0).fetch_optional(&mut tx).await?;
            if let Some(name) = holder.filter(|holder| holder != id) {
                return Err(Error::Conflict { kind: "agent with this API key", name });
            }
        }
        let others = query_scalar::<i64>("SELECT count(*) FROM agents WHERE tenant_id = $1 AND id <> $2");
        if uncount(others.bind(self.id()).bind(id).fetch_one(&mut tx).await?) >= AGENTS_MAX as u64 {
            return Err(Error::TooMany { what: "agents", limit: AGENTS_MAX });
        }
        query(
            "INSERT INTO agents (tenant_id, id, api_key_id, body, created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $5)
             ON CONFLICT (tenant_id, id) DO UPDATE
                SET api_key_id = excluded.api_key_id, body = excluded.body, updated_at = excluded.updated_at",
        )
        .bind(self.id())
        .bind(id)
        .bind(api_key.map(|key| key.0))
        .bind(text)
        .bind(self.now())
        .execute(&mut tx)
        .await?;
        self.audit(&mut tx, "agent.put", id, body.clone()).await?;
        tx.commit().await?;
        self.agent(id).await?.ok_or_else(|| Error::NotFound(Resource::Agent(id.to_owned())))
    }

    /// Forgets what was said about an agent.
    pub async fn delete_agent(&self, id: &str) -> Result<()> {
        let mut tx = self.begin().await?;
        let deleted = query("DELETE FROM agents WHERE tenant_id = $1 AND id = $2");
        if deleted.bind(self.id()).bind(id).execute(&mut tx).await? == 0 {
            return Err(Error::NotFound(Resource::Agent(id.to_owned())));
        }
        self.audit(&mut tx, "agent.delete", id, json!({})).await?;
        tx.commit().await
    }

    /// Takes so much of what an agent may use today, all of it or nothing. Returns what is left, or none when it was not taken.
    pub async fn take_agent_budget(&self, agent: &str, meter: &str, amount: u64, limit: u64) -> Result<Option<u64>> {
        let mut tx = self.begin().await?;
        if !self.take_agent_budget_in(&mut tx, agent, meter, amount, limit).await? {
            return Ok(None);
        }
        tx.commit().await?;
        let used =
            self.agent_usage(agent).await?.into_iter().find(|(name, _)| name == meter).map_or(0, |(_, used)| used);
        Ok(Some(limit.saturating_sub(used)))
    }

    /// Takes so much in a transaction. Returns whether there was as much.
    pub(crate) async fn take_agent_budget_in(
        &self,
        tx: &mut Tx,
        agent: &str,
        meter: &str,
        amount: u64,
        limit: u64,
    ) -> Result<bool> {
        if amount > limit {
            return Ok(false);
        }
        let taken = query(
            "INSERT INTO agent_usage (tenant_id, agent, day, meter, used) VALUES ($1, $2, $3, $4, $5)
             ON CONFLICT (tenant_id, agent, day, meter) DO UPDATE SET used = agent_usage.used + excluded.used
              WHERE agent_usage.used + excluded.used <= $6",
        )
        .bind(self.id())
        .bind(agent)
        .bind(self.now().div_euclid(DAY))
        .bind(meter)
        .bind(count(amount))
        .bind(count(limit))
        .execute(tx)
        .await?;
        Ok(taken > 0)
    }

    /// Puts what was used in the place of what was held, of one meter on one day.
    pub(crate) async fn settle_agent_budget_in(
        &self,
        tx: &mut Tx,
        (agent, day, meter): (&str, i64, &str),
        held: u64,
        used: u64,
    ) -> Result<()> {
        query(
            "UPDATE agent_usage SET used = CASE WHEN used + $6 > $5 THEN used + $6 - $5 ELSE 0 END
              WHERE tenant_id = $1 AND agent = $2 AND day = $3 AND meter = $4",
        )
        .bind(self.id())
        .bind(agent)
        .bind(day)
        .bind(meter)
        .bind(count(held))
        .bind(count(used))
        .execute(tx)
        .await?;
        Ok(())
    }

    /// Gives back what was taken today and not used.
    pub async fn give_back_agent_budget(&self, agent: &str, meter: &str, amount: u64) -> Result<()> {
        let mut tx = self.begin().await?;
        query(
            "UPDATE agent_usage SET used = CASE WHEN used > $5 THEN used - $5 ELSE 0 END
              WHERE tenant_id = $1 AND agent = $2 AND day = $3 AND meter = $4",
        )
        .bind(self.id())
        .bind(agent)
        .bind(self.now().div_euclid(DAY))
        .bind(meter)
        .bind(count(amount))
        .execute(&mut tx)
        .await?;
        tx.commit().await
    }

    /// Returns what an agent has used today, by meter.
    pub async fn agent_usage(&self, agent: &str) -> Result<Vec<(String, u64)>> {
        let rows = query_as::<(String, i64)>(
            "SELECT meter, used FROM agent_usage WHERE tenant_id = $1 AND agent = $2 AND day = $3 ORDER BY meter",
        );
        let rows = rows.bind(self.id()).bind(agent).bind(self.now().div_euclid(DAY)).fetch_all(self.reader()).await?;
        Ok(rows.into_iter().map(|(meter, used)| (meter, uncount(used))).collect())
    }
}

fn agent((id, key, body, created_at, updated_at): Row) -> Result<StoredAgent> {
    let body = from_json(&body, "agents", "body", &id)?;
    let (created_at, updated_at) = (time(created_at), time(updated_at));
    Ok(StoredAgent { id, api_key: key.map(ApiKeyId), body, created_at, updated_at })
}
