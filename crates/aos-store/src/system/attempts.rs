//! Attempts to sign in: counted, so that guessing is slow and stays slow whatever happens to the broker; and those that were begun at a
//! provider and are not back yet.

use crate::convert::{micros, time, uncount};
use crate::db::{query, query_as, query_scalar};
use crate::error::Result;
use crate::system::SystemStore;
use chrono::{DateTime, Duration, Utc};

/// A sign-in that was begun at a provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OidcAttempt<'a> {
    pub state_digest: &'a str,
    pub browser_digest: &'a str,
    /// What is needed when the browser comes back, as JSON.
    pub body: &'a str,
    pub expires_at: DateTime<Utc>,
}

impl SystemStore<'_> {
    /// Keeps a sign-in that was begun, and forgets those that nobody came back to.
    pub async fn keep_oidc_attempt(&self, attempt: OidcAttempt<'_>) -> Result<()> {
        let mut tx = self.begin().await?;
        query("DELETE FROM oidc_attempts WHERE expires_at <= $1")
            .bind(micros(self.store.clock.now()))
            .execute(&mut tx)
            .await?;
        query("INSERT INTO oidc_attempts (state_digest, browser_digest, body, expires_at) VALUES ($1, $2, $3, $4)")
            .bind(attempt.state_digest)
            .bind(attempt.browser_digest)
            .bind(attempt.body)
            .bind(micros(attempt.expires_at))
            .execute(&mut tx)
            .await?;
        tx.commit().await
    }

    /// Takes a sign-in that was begun by this browser; it is gone afterwards.
    pub async fn take_oidc_attempt(&self, state_digest: &str, browser_digest: &str) -> Result<Option<String>> {
        let mut tx = self.begin().await?;
        let taken = query_scalar::<String>(
            "DELETE FROM oidc_attempts
              WHERE state_digest = $1 AND browser_digest = $2 AND expires_at > $3
             RETURNING body",
        )
        .bind(state_digest)
        .bind(browser_digest)
        .bind(micros(self.store.clock.now()))
        .fetch_optional(&mut tx)
        .await?;
        tx.commit().await?;
        Ok(taken)
    }

    /// Counts one more attempt in a bucket and returns how many there were and when they are forgotten. The count starts again
    /// `window` after its first.
    pub async fn count_attempt(&self, bucket: &str, window: Duration) -> Result<(u64, DateTime<Utc>)> {
        let now = self.store.clock.now();
        let mut tx = self.begin().await?;
        query("DELETE FROM sign_in_attempts WHERE expires_at <= $1").bind(micros(now)).execute(&mut tx).await?;
        let (attempts, expires_at) = query_as::<(i64, i64)>(
            "INSERT INTO sign_in_attempts (bucket, attempts, expires_at) VALUES ($1, 1, $2)
             ON CONFLICT (bucket) DO UPDATE SET attempts = sign_in_attempts.attempts + 1
             RETURNING attempts, expires_at",
        )
        .bind(bucket)
        .bind(micros(now + window))
        .fetch_one(&mut tx)
        .await?;
        tx.commit().await?;
        Ok((uncount(attempts), time(expires_at)))
    }

    /// Forgets the attempts in a bucket.
    pub async fn forget_attempts(&self, bucket: &str) -> Result<()> {
        let mut tx = self.begin().await?;
        query("DELETE FROM sign_in_attempts WHERE bucket = $1").bind(bucket).execute(&mut tx).await?;
        tx.commit().await
    }
}
