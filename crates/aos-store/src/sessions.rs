//! Sessions of a tenant's users: one per sign-in, from its beginning to its end, with refresh tokens that are good once each.
//!
//! At any time at most one refresh token of a session is good. The rules are those of RFC 9700 (OAuth 2.0 Security Best Current
//! Practice), section 4.14.2: each use gives a new token, and a used one that comes back ends the session.

use crate::convert::{from_word, micros, time};
use crate::db::{Tx, query, query_as};
use crate::error::{Error, Resource, Result};
use crate::program_grants::METHOD;
use crate::tenant::TenantStore;
use aos_core::{Role, SessionId, UserId};
use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::json;
use std::time::Duration;
use uuid::Uuid;

/// Sessions that a user has at the same time; beyond it the oldest are forgotten.
const SESSIONS_MAX: i64 = 100;
/// How often one session can be renewed: about three days of once every ten seconds.
const RENEWALS_MAX: i64 = 25_000;

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Session {
    pub id: SessionId,
    pub user: UserId,
    /// How the user proved who they are: `password`, `invitation`, or `oidc:<provider>`. Sessions of programs are not listed here.
    pub method: String,
    pub created_at: DateTime<Utc>,
    /// When it was last renewed.
    pub renewed_at: DateTime<Utc>,
    pub expires_at: DateTime<Utc>,
}

/// A session that is to begin.
#[derive(Debug, Clone)]
pub struct NewSession<'a> {
    pub user: UserId,
    pub method: &'a str,
    pub expires_at: DateTime<Utc>,
    /// The digest of its first refresh token; without one it cannot be renewed.
    pub refresh_digest: Option<&'a str>,
}

/// What stands behind a session at this moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SessionStanding {
    pub user: UserId,
    /// The user's present role.
    pub role: Role,
    pub expires_at: DateTime<Utc>,
    /// Whether it was ended before its time.
    pub ended: bool,
}

/// How a renewal went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Renewal {
    Renewed {
        expires_at: DateTime<Utc>,
    },
    /// The token had been used before, so somebody has it who should not. The session was ended.
    Reused,
    /// There is no such token, or its session has ended.
    Over,
}

/// Why a session ends before its time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SessionEnd {
    SignedOut,
    /// Ended by its user from another session.
    Revoked,
    /// The user's password was changed.
    PasswordChanged,
    /// The user took a link that gives another password.
    PasswordReset,
    /// A used refresh token came back.
    Reuse,
}

impl SessionEnd {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::SignedOut => "signed_out",
            Self::Revoked => "revoked",
            Self::PasswordChanged => "password_changed",
            Self::PasswordReset => "password_reset",
            Self::Reuse => "reuse",
        }
    }
}

/// A statement about the sessions of user `$2` that have expired by `$3`, and about the oldest beyond `$4`. Those of programs go with their time
/// only: who signs in often does not lose the programs that act for them.
macro_rules! of_old_sessions {
    ($statement:literal) => {
        concat!(
            $statement,
            " (SELECT id FROM sessions WHERE tenant_id = $1 AND user_id = $2 AND expires_at <= $3
                UNION
               SELECT id FROM (SELECT id FROM sessions WHERE tenant_id = $1 AND user_id = $2 AND method <> 'program'
                                ORDER BY created_at DESC, id DESC LIMIT 1000000 OFFSET $4) oldest)"
        )
    };
}

impl TenantStore<'_> {
    /// Begins a session.
    pub async fn begin_session(&self, new: NewSession<'_>) -> Result<SessionId> {
        let mut tx = self.begin().await?;
        self.forget_old_sessions(&mut tx, new.user).await?;
        let id = self.insert_session(&mut tx, &new).await?;
        self.audit(&mut tx, "session.begin", &format!("session:{id}"), json!({ "method": new.method })).await?;
        tx.commit().await?;
        Ok(id)
    }

    pub async fn session_standing(&self, id: SessionId) -> Result<Option<SessionStanding>> {
        let found = query_as::<(Uuid, String, i64, Option<i64>)>(
            "SELECT sessions.user_id, users.role, sessions.expires_at, sessions.ended_at
               FROM sessions
               JOIN users ON users.tenant_id = sessions.tenant_id AND users.id = sessions.user_id
              WHERE sessions.tenant_id = $1 AND sessions.id = $2",
        )
        .bind(self.id())
        .bind(id.0)
        .fetch_optional(self.reader())
        .await?;
        let standing = |(user, role, expires_at, ended_at): (Uuid, String, i64, Option<i64>)| {
            let role = from_word(role, "users", "role", user)?;
            let ended = ended_at.is_some();
            Ok(SessionStanding { user: UserId(user), role, expires_at: time(expires_at), ended })
        };
        found.map(standing).transpose()
    }

    /// Takes a session's refresh token and gives it the next one.
    ///
    /// A token that was used within `grace` gets another next one, and the one before that is good no more: the answer that carried it
    /// may have been lost, or two tabs may have asked at once. A thief gains nothing by it, because whoever of the two comes
    /// second after that time is seen. A token that was used earlier ends the session; without a grace, every second use does.
    pub async fn renew_session(
        &self,
        id: SessionId,
        digest: &str,
        next_digest: &str,
        grace: Duration,
    ) -> Result<Renewal> {
        let now = self.now();
        let mut tx = self.begin().await?;
        // Holds the session's row, so that renewals of one session take turns.
        let held = query(
            "UPDATE sessions SET renewed_at = $3, renewals = renewals + 1
              WHERE tenant_id = $1 AND id = $2 AND ended_at IS NULL AND expires_at > $3 AND renewals < $4",
        )
        .bind(self.id())
        .bind(id.0)
        .bind(now)
        .bind(RENEWALS_MAX)
        .execute(&mut tx)
        .await?;
        let known = query_as::<(Option<i64>, i64)>(
            "SELECT refresh_tokens.used_at, sessions.expires_at
               FROM refresh_tokens
               JOIN sessions ON sessions.tenant_id = refresh_tokens.tenant_id AND sessions.id = refresh_tokens.session_id
              WHERE refresh_tokens.tenant_id = $1 AND refresh_tokens.digest = $2 AND refresh_tokens.session_id = $3",
        )
        .bind(self.id())
        .bind(digest)
        .bind(id.0)
        .fetch_optional(&mut tx)
        .await?;
        let (Some((used_at, expires_at)), true) = (known, held == 1) else { return Ok(Renewal::Over) };
        let grace = i64::try_from(grace.as_micros()).unwrap_or(i64::MAX);
        if used_at.is_some_and(|used_at| now.saturating_sub(used_at) >= grace) {
            self.end_in(&mut tx, id, SessionEnd::Reuse).await?;
            tx.commit().await?;
            return Ok(Renewal::Reused);
        }
        query("UPDATE refresh_tokens SET used_at = $3 WHERE tenant_id = $1 AND session_id = $2 AND used_at IS NULL")
            .bind(self.id())
            .bind(id.0)
            .bind(now)
            .execute(&mut tx)
            .await?;
        self.insert_refresh_token(&mut tx, id, next_digest).await?;
        let again = used_at.is_some();
        self.audit(&mut tx, "session.renew", &format!("session:{id}"), json!({ "again": again })).await?;
        tx.commit().await?;
        Ok(Renewal::Renewed { expires_at: time(expires_at) })
    }

    /// Ends a session; one that has ended already stays as it is.
    pub async fn end_session(&self, id: SessionId, why: SessionEnd) -> Result<()> {
        let mut tx = self.begin().await?;
        self.end_in(&mut tx, id, why).await?;
        tx.commit().await
    }

    /// Ends one of a user's own sessions.
    pub async fn end_session_of(&self, user: UserId, id: SessionId) -> Result<()> {
        let mut tx = self.begin().await?;
        let owned = query_as::<(Uuid,)>(
            "SELECT id FROM sessions WHERE tenant_id = $1 AND id = $2 AND user_id = $3 AND ended_at IS NULL",
        )
        .bind(self.id())
        .bind(id.0)
        .bind(user.0)
        .fetch_optional(&mut tx)
        .await?;
        if owned.is_none() {
            return Err(Error::NotFound(Resource::Session(id.to_string())));
        }
        self.end_in(&mut tx, id, SessionEnd::Revoked).await?;
        tx.commit().await
    }

    /// Lists the sessions that a user began, and that stand, newest first; there are at most a hundred. Those of programs are listed apart.
    pub async fn list_sessions(&self, user: UserId) -> Result<Vec<Session>> {
        let rows = query_as::<(Uuid, String, i64, i64, i64)>(
            "SELECT id, method, created_at, renewed_at, expires_at
               FROM sessions
              WHERE tenant_id = $1 AND user_id = $2 AND ended_at IS NULL AND expires_at > $3 AND method <> $5
              ORDER BY created_at DESC, id DESC LIMIT $4",
        )
        .bind(self.id())
        .bind(user.0)
        .bind(self.now())
        .bind(SESSIONS_MAX)
        .bind(METHOD)
        .fetch_all(self.reader())
        .await?;
        let session = |(id, method, created_at, renewed_at, expires_at): (Uuid, String, i64, i64, i64)| Session {
            id: SessionId(id),
            user,
            method,
            created_at: time(created_at),
            renewed_at: time(renewed_at),
            expires_at: time(expires_at),
        };
        Ok(rows.into_iter().map(session).collect())
    }

    /// Ends every session of a user but one.
    pub(crate) async fn end_other_sessions(
        &self,
        tx: &mut Tx,
        user: UserId,
        kept: SessionId,
        why: SessionEnd,
    ) -> Result<u64> {
        query(
            "UPDATE sessions SET ended_at = $4, ended_by = $5
              WHERE tenant_id = $1 AND user_id = $2 AND id <> $3 AND ended_at IS NULL",
        )
        .bind(self.id())
        .bind(user.0)
        .bind(kept.0)
        .bind(self.now())
        .bind(why.as_str())
        .execute(tx)
        .await
    }

    /// Ends every session of a user. Returns how many there were.
    pub(crate) async fn end_sessions_of(&self, tx: &mut Tx, user: UserId, why: SessionEnd) -> Result<u64> {
        query(
            "UPDATE sessions SET ended_at = $3, ended_by = $4
              WHERE tenant_id = $1 AND user_id = $2 AND ended_at IS NULL",
        )
        .bind(self.id())
        .bind(user.0)
        .bind(self.now())
        .bind(why.as_str())
        .execute(tx)
        .await
    }

    /// Takes every session of a user away with its tokens, when the user goes.
    pub(crate) async fn forget_sessions(&self, tx: &mut Tx, user: UserId) -> Result<()> {
        query(
            "DELETE FROM refresh_tokens
              WHERE tenant_id = $1 AND session_id IN (SELECT id FROM sessions WHERE tenant_id = $1 AND user_id = $2)",
        )
        .bind(self.id())
        .bind(user.0)
        .execute(&mut *tx)
        .await?;
        for sql in [
            "DELETE FROM program_grants
              WHERE tenant_id = $1 AND session_id IN (SELECT id FROM sessions WHERE tenant_id = $1 AND user_id = $2)",
            "DELETE FROM program_codes WHERE tenant_id = $1 AND user_id = $2",
            "DELETE FROM sessions WHERE tenant_id = $1 AND user_id = $2",
        ] {
            query(sql).bind(self.id()).bind(user.0).execute(&mut *tx).await?;
        }
        Ok(())
    }

    /// Forgets a user's sessions that have expired, and the oldest beyond the limit. One that was ended is kept until it would have
    /// expired, so that its tokens are told from unknown ones.
    pub(crate) async fn forget_old_sessions(&self, tx: &mut Tx, user: UserId) -> Result<()> {
        for sql in [
            of_old_sessions!("DELETE FROM refresh_tokens WHERE tenant_id = $1 AND session_id IN"),
            of_old_sessions!("DELETE FROM program_grants WHERE tenant_id = $1 AND session_id IN"),
            of_old_sessions!("DELETE FROM sessions WHERE tenant_id = $1 AND id IN"),
        ] {
            query(sql).bind(self.id()).bind(user.0).bind(self.now()).bind(SESSIONS_MAX - 1).execute(&mut *tx).await?;
        }
        Ok(())
    }

    /// Writes a session down, with its first refresh token where it has one.
    pub(crate) async fn insert_session(&self, tx: &mut Tx, new: &NewSession<'_>) -> Result<SessionId> {
        let id = SessionId::new();
        query(
            "INSERT INTO sessions (tenant_id, id, user_id, method, created_at, renewed_at, expires_at)
             VALUES ($1, $2, $3, $4, $5, $5, $6)",
        )
        .bind(self.id())
        .bind(id.0)
        .bind(new.user.0)
        .bind(new.method)
        .bind(self.now())
        .bind(micros(new.expires_at))
        .execute(&mut *tx)
        .await?;
        if let Some(digest) = new.refresh_digest {
            self.insert_refresh_token(tx, id, digest).await?;
        }
        Ok(id)
    }

    pub(crate) async fn end_in(&self, tx: &mut Tx, id: SessionId, why: SessionEnd) -> Result<()> {
        let ended = query(
            "UPDATE sessions SET ended_at = $3, ended_by = $4 WHERE tenant_id = $1 AND id = $2 AND ended_at IS NULL",
        )
        .bind(self.id())
        .bind(id.0)
        .bind(self.now())
        .bind(why.as_str())
        .execute(&mut *tx)
        .await?;
        if ended == 0 {
            return Ok(());
        }
        self.audit(tx, "session.end", &format!("session:{id}"), json!({ "why": why.as_str() })).await
    }

    async fn insert_refresh_token(&self, tx: &mut Tx, session: SessionId, digest: &str) -> Result<()> {
        query("INSERT INTO refresh_tokens (tenant_id, digest, session_id, issued_at) VALUES ($1, $2, $3, $4)")
            .bind(self.id())
            .bind(digest)
            .bind(session.0)
            .bind(self.now())
            .execute(tx)
            .await?;
        Ok(())
    }
}
