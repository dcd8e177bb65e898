//! Requests under a key: carried out once, and answered alike however often they are sent.
//!
//! A request is claimed before it is carried out, by a row that says who does it and until when. What it does and what it is answered
//! are committed in one transaction, which counts only while the claim is still its own. So there is no moment at which a crash leaves
//! the effect without the answer, or lets it happen twice: before the commit there is neither, after it there are both.

use crate::convert::time;
use crate::db::{query, query_as};
use crate::error::Result;
use crate::tenant::TenantStore;
use crate::unit::UnitOfWork;
use chrono::{DateTime, Utc};
use std::time::Duration;
use uuid::Uuid;

/// How long an answer is kept.
const KEPT: Duration = Duration::from_secs(24 * 60 * 60);
/// Rows of the tenant whose time has passed that go with each claim; more than come, so that the table does not grow.
const FORGOTTEN_AT_ONCE: i64 = 20;

/// A request that was sent under a key. It is the same when the tenant, the principal, the route and the key are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyedRequest {
    /// The route's pattern with its method, such as `POST /api/v1/connections`.
    pub route: String,
    pub key: String,
    /// SHA-256 of everything that was asked.
    pub asked: [u8; 32],
}

/// What a request under a key was answered, as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptAnswer {
    pub status: u16,
    /// Its headers, in a form that is the caller's business.
    pub headers: String,
    /// None where it was too large to keep.
    pub body: Option<Vec<u8>>,
}

/// What stands of a request under a key.
#[derive(Debug)]
pub enum Claimed {
    /// It is the caller's to carry out.
    Ours(RequestClaim),
    /// It was carried out before.
    Answered(KeptAnswer),
    /// Someone else is at it, until then at the latest.
    InFlight { until: DateTime<Utc> },
    /// The key was used for another request.
    Mismatch,
}

/// The right to carry out one request.
#[derive(Debug, Clone)]
pub struct RequestClaim {
    request: KeyedRequest,
    owner: Uuid,
}

type Row = (Vec<u8>, i64, Option<i64>, Option<String>, Option<Vec<u8>>);

impl TenantStore<'_> {
    /// Claims a request for so long, or says what stands of it. Whoever is silent for longer is taken for dead.
    pub async fn claim_request(&self, request: KeyedRequest, lease: Duration) -> Result<Claimed> {
        let (now, owner) = (self.now(), Uuid::now_v7());
        let mut tx = self.begin().await?;
        let taken = query(
            "INSERT INTO idempotency_keys (tenant_id, principal, route, key, asked, owner, lease_until, expires_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
             ON CONFLICT (tenant_id, principal, route, key) DO UPDATE
                SET asked = excluded.asked, owner = excluded.owner, lease_until = excluded.lease_until,
                    expires_at = excluded.expires_at, status = NULL, headers = NULL, body = NULL
              WHERE idempotency_keys.expires_at <= $9
                 OR (idempotency_keys.status IS NULL AND idempotency_keys.lease_until <= $9
                     AND idempotency_keys.asked = excluded.asked)",
        )
        .bind(self.id())
        .bind(self.scope.principal().to_string())
        .bind(&request.route)
        .bind(&request.key)
        .bind(request.asked.to_vec())
        .bind(owner)
        .bind(now + long(lease))
        .bind(now + long(KEPT))
        .bind(now)
        .execute(&mut tx)
        .await?;
        if taken > 0 {
            query(
                "DELETE FROM idempotency_keys
                  WHERE tenant_id = $1 AND expires_at <= $2
                    AND expires_at <= COALESCE((SELECT expires_at FROM idempotency_keys
                                                 WHERE tenant_id = $1 AND expires_at <= $2
                                                 ORDER BY expires_at LIMIT 1 OFFSET $3), $2)",
            )
            .bind(self.id())
            .bind(now)
            .bind(FORGOTTEN_AT_ONCE)
            .execute(&mut tx)
            .await?;
            tx.commit().await?;
            return Ok(Claimed::Ours(RequestClaim { request, owner }));
        }
        let found = query_as::<Row>(
            "SELECT asked, lease_until, status, headers, body
               FROM idempotency_keys
              WHERE tenant_id = $1 AND principal = $2 AND route = $3 AND key = $4",
        )
        .bind(self.id())
        .bind(self.scope.principal().to_string())
        .bind(&request.route)
        .bind(&request.key)
        .fetch_optional(&mut tx)
        .await?;
        Ok(match found {
            // Given back between the two statements.
            None => Claimed::InFlight { until: time(now) },
            Some((asked, ..)) if asked != request.asked => Claimed::Mismatch,
            Some((_, _, Some(status), headers, body)) => Claimed::Answered(KeptAnswer {
                status: u16::try_from(status).unwrap_or_default(),
                headers: headers.unwrap_or_default(),
                body,
            }),
            Some((_, lease_until, None, ..)) => Claimed::InFlight { until: time(lease_until) },
        })
    }

    /// Says that a request is still being carried out, for so long.
    pub async fn renew_request(&self, claim: &RequestClaim, lease: Duration) -> Result<()> {
        let mut tx = self.begin().await?;
        query(
            "UPDATE idempotency_keys SET lease_until = $6
              WHERE tenant_id = $1 AND principal = $2 AND route = $3 AND key = $4 AND owner = $5 AND status IS NULL",
        )
        .bind(self.id())
        .bind(self.scope.principal().to_string())
        .bind(&claim.request.route)
        .bind(&claim.request.key)
        .bind(claim.owner)
        .bind(self.now() + long(lease))
        .execute(&mut tx)
        .await?;
        tx.commit().await
    }

    /// Commits what a request did together with its answer, then does what had to wait for that. False when the claim has passed to
    /// someone else meanwhile: then nothing of it is kept.
    pub async fn answer_request(&self, claim: &RequestClaim, unit: UnitOfWork, answer: &KeptAnswer) -> Result<bool> {
        aos_core::fault::point("request.done");
        let mut tx = match unit.take().await? {
            Some(tx) => tx,
            None => self.begin().await?,
        };
        let kept = query(
            "UPDATE idempotency_keys SET status = $6, headers = $7, body = $8
              WHERE tenant_id = $1 AND principal = $2 AND route = $3 AND key = $4 AND owner = $5 AND status IS NULL",
        )
        .bind(self.id())
        .bind(self.scope.principal().to_string())
        .bind(&claim.request.route)
        .bind(&claim.request.key)
        .bind(claim.owner)
        .bind(i64::from(answer.status))
        .bind(&answer.headers)
        .bind(answer.body.clone())
        .execute(&mut tx)
        .await?;
        if kept == 0 {
            drop(tx);
            unit.give_up().await;
            return Ok(false);
        }
        tx.commit().await?;
        aos_core::fault::point("request.answered");
        unit.committed().await;
        Ok(true)
    }

    /// Gives a claim back, so that the same request may be sent again at once. An answer that was kept stays.
    pub async fn release_request(&self, claim: &RequestClaim) -> Result<()> {
        let mut tx = self.begin().await?;
        query(
            "DELETE FROM idempotency_keys
              WHERE tenant_id = $1 AND principal = $2 AND route = $3 AND key = $4 AND owner = $5 AND status IS NULL",
        )
        .bind(self.id())
        .bind(self.scope.principal().to_string())
        .bind(&claim.request.route)
        .bind(&claim.request.key)
        .bind(claim.owner)
        .execute(&mut tx)
        .await?;
        tx.commit().await
    }
}

fn long(duration: Duration) -> i64 {
    i64::try_from(duration.as_micros()).unwrap_or(i64::MAX / 4)
}
