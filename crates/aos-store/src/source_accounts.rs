//! Accounts at sources, which several connections and all processes share. What must outlive a broker that forgets is here: a pause the
//! source asked for, what it said is left, and a circuit that keeps everybody away from what cannot be reached.

use crate::convert::{count, micros, time, uncount};
use crate::db::{query, query_as};
use crate::error::Result;
use crate::tenant::TenantStore;
use chrono::{DateTime, Utc};
use serde::Serialize;
use std::time::Duration;

/// Syncs in a row that may fail to reach an account before it is left alone.
const FAILURES_TO_OPEN: i64 = 3;
/// How long it is left alone the first time; twice as long with each failure after that.
const OPEN_FOR: Duration = Duration::from_secs(60);
const OPEN_FOR_MAX: Duration = Duration::from_secs(60 * 60);

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SourceAccount {
    pub account: String,
    /// Until when the source takes no requests, by its own word.
    pub paused_until: Option<DateTime<Utc>>,
    /// What the source said is left of its quota, and when.
    pub requests_left: Option<u64>,
    pub requests_max: Option<u64>,
    pub told_at: Option<DateTime<Utc>>,
    /// Syncs in a row that could not reach it.
    pub failures: u64,
    /// Since when it is left alone, and until when.
    pub opened_at: Option<DateTime<Utc>>,
    pub closed_until: Option<DateTime<Utc>>,
    pub last_error: Option<String>,
    pub updated_at: DateTime<Utc>,
}

#[derive(sqlx::FromRow)]
struct Row {
    account: String,
    paused_until: Option<i64>,
    requests_left: Option<i64>,
    requests_max: Option<i64>,
    told_at: Option<i64>,
    failures: i64,
    opened_at: Option<i64>,
    closed_until: Option<i64>,
    last_error: Option<String>,
    updated_at: i64,
}

impl SourceAccount {
    /// Returns until when nobody should ask: for a pause, or for an open circuit.
    pub fn closed_at(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        self.paused_until.max(self.closed_until).filter(|until| *until > now)
    }
}

impl TenantStore<'_> {
    pub async fn source_account(&self, account: &str) -> Result<Option<SourceAccount>> {
        Ok(self.accounts(Some(account)).await?.into_iter().next())
    }

    pub async fn list_source_accounts(&self) -> Result<Vec<SourceAccount>> {
        self.accounts(None).await
    }

    /// Keeps everybody away from an account until a time. A longer pause that is known already stays.
    pub async fn pause_account(&self, account: &str, until: DateTime<Utc>) -> Result<()> {
        let mut tx = self.begin().await?;
        query(
            "INSERT INTO source_accounts (tenant_id, account, paused_until, updated_at) VALUES ($1, $2, $3, $4)
             ON CONFLICT (tenant_id, account) DO UPDATE
                SET paused_until = CASE WHEN source_accounts.paused_until > excluded.paused_until
                                        THEN source_accounts.paused_until ELSE excluded.paused_until END,
                    updated_at = excluded.updated_at",
        )
        .bind(self.id())
        .bind(account)
        .bind(micros(until))
        .bind(self.now())
        .execute(&mut tx)
        .await?;
        tx.commit().await
    }

    /// Keeps what a source said is left of its quota.
    pub async fn save_allowance(&self, account: &str, left: u64, max: u64) -> Result<()> {
        let mut tx = self.begin().await?;
        query(
            "INSERT INTO source_accounts (tenant_id, account, requests_left, requests_max, told_at, updated_at)
             VALUES ($1, $2, $3, $4, $5, $5)
             ON CONFLICT (tenant_id, account) DO UPDATE
                SET requests_left = excluded.requests_left, requests_max = excluded.requests_max,
                    told_at = excluded.told_at, updated_at = excluded.updated_at",
        )
        .bind(self.id())
        .bind(account)
        .bind(count(left))
        .bind(count(max))
        .bind(self.now())
        .execute(&mut tx)
        .await?;
        tx.commit().await
    }

    /// Says that an account was reached: its circuit closes. Returns whether it had been open.
    pub async fn account_reached(&self, account: &str) -> Result<bool> {
        let known = self.source_account(account).await?;
        let Some(known) = known.filter(|known| known.failures > 0) else { return Ok(false) };
        let mut tx = self.begin().await?;
        query(
            "UPDATE source_accounts
                SET failures = 0, opened_at = NULL, closed_until = NULL, last_error = NULL, updated_at = $3
              WHERE tenant_id = $1 AND account = $2",
        )
        .bind(self.id())
        .bind(account)
        .bind(self.now())
        .execute(&mut tx)
        .await?;
        tx.commit().await?;
        Ok(known.opened_at.is_some())
    }

    /// Says that an account could not be reached. After some failures in a row it is left alone, longer each time; returns until when.
    pub async fn account_failed(&self, account: &str, error: &str) -> Result<Option<DateTime<Utc>>> {
        let mut tx = self.begin().await?;
        let failures = crate::db::query_scalar::<i64>(
            "INSERT INTO source_accounts (tenant_id, account, failures, last_error, updated_at)
             VALUES ($1, $2, 1, $3, $4)
             ON CONFLICT (tenant_id, account) DO UPDATE
                SET failures = source_accounts.failures + 1, last_error = excluded.last_error,
                    updated_at = excluded.updated_at
             RETURNING failures",
        )
        .bind(self.id())
        .bind(account)
        .bind(error)
        .bind(self.now())
        .fetch_one(&mut tx)
        .await?;
        if failures < FAILURES_TO_OPEN {
            tx.commit().await?;
            return Ok(None);
        }
        let doublings = u32::try_from(failures - FAILURES_TO_OPEN).unwrap_or(u32::MAX).min(16);
        let open_for = (OPEN_FOR * 2u32.pow(doublings)).min(OPEN_FOR_MAX);
        let until = self.now() + i64::try_from(open_for.as_micros()).unwrap_or(i64::MAX);
        query(
            "UPDATE source_accounts SET opened_at = COALESCE(opened_at, $3), closed_until = $4
              WHERE tenant_id = $1 AND account = $2",
        )
        .bind(self.id())
        .bind(account)
        .bind(self.now())
        .bind(until)
        .execute(&mut tx)
        .await?;
        tx.commit().await?;
        Ok(Some(time(until)))
    }

    async fn accounts(&self, account: Option<&str>) -> Result<Vec<SourceAccount>> {
        let rows = query_as::<Row>(
            "SELECT account, paused_until, requests_left, requests_max, told_at, failures, opened_at, closed_until,
                    last_error, updated_at
               FROM source_accounts
              WHERE tenant_id = $1 AND ($2 IS NULL OR account = $2)
              ORDER BY account",
        )
        .bind(self.id())
        .bind(account)
        .fetch_all(self.reader())
        .await?;
        let account = |row: Row| SourceAccount {
            account: row.account,
            paused_until: row.paused_until.map(time),
            requests_left: row.requests_left.map(uncount),
            requests_max: row.requests_max.map(uncount),
            told_at: row.told_at.map(time),
            failures: uncount(row.failures),
            opened_at: row.opened_at.map(time),
            closed_until: row.closed_until.map(time),
            last_error: row.last_error,
            updated_at: time(row.updated_at),
        };
        Ok(rows.into_iter().map(account).collect())
    }
}
