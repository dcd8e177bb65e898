//! What people let programs do for them: the code that a program exchanges once, and what the session that comes of it is narrowed to. That
//! session begins, is renewed and ends as every other does, in `sessions.rs`.

use crate::convert::{count, from_json, micros, time, to_json};
use crate::db::{query, query_as, query_scalar};
use crate::error::{Error, Resource, Result};
use crate::sessions::{NewSession, SessionEnd};
use crate::system::KnownUser;
use crate::tenant::TenantStore;
use aos_core::tenant::Scopes;
use aos_core::{SessionId, UserId};
use chrono::{DateTime, Duration, Utc};
use serde_json::json;
use uuid::Uuid;

/// The method of a program's session.
pub(crate) const METHOD: &str = "program";
/// Programs of one user at the same time, and codes of one user that are kept.
const PROGRAMS_MAX: usize = 100;
/// How long a code is kept after its end, so that a second use of it is noticed.
const CODES_KEPT: Duration = Duration::hours(1);

/// A code that is to be given to a program.
#[derive(Debug, Clone, Copy)]
pub struct NewProgramCode<'a> {
    pub user: UserId,
    pub digest: &'a str,
    pub client_digest: &'a str,
    pub client_name: &'a str,
    pub redirect_uri: &'a str,
    /// The digest of the program's secret of this one exchange (RFC 7636, S256).
    pub challenge: &'a str,
    pub scopes: &'a Scopes,
    pub resource: &'a str,
    pub expires_at: DateTime<Utc>,
}

/// A code as it is found. Whether it is still good is found out by using it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProgramCode {
    pub known: KnownUser,
    pub digest: String,
    pub client_digest: String,
    pub client_name: String,
    pub redirect_uri: String,
    pub challenge: String,
    pub scopes: Vec<String>,
    pub resource: String,
    pub expires_at: DateTime<Utc>,
}

/// A program that acts for a user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProgramGrant {
    pub session: SessionId,
    pub client_digest: String,
    pub client_name: String,
    pub redirect_uri: String,
    pub scopes: Vec<String>,
    pub resource: String,
    pub created_at: DateTime<Utc>,
    /// When its token was last renewed.
    pub renewed_at: DateTime<Utc>,
    pub expires_at: DateTime<Utc>,
}

type Row = (Uuid, String, String, String, String, String, i64, i64, i64);

impl TenantStore<'_> {
    /// Keeps a code for a program that a user lets act for them.
    ///
    /// # Errors
    /// [`Error::TooMany`] when the user lets as many programs act as anybody may.
    pub async fn allow_program(&self, new: NewProgramCode<'_>) -> Result<()> {
        let now = self.now();
        let mut tx = self.begin().await?;
        query("DELETE FROM program_codes WHERE tenant_id = $1 AND expires_at < $2")
            .bind(self.id())
            .bind(now - CODES_KEPT.num_microseconds().unwrap_or(i64::MAX))
            .execute(&mut tx)
            .await?;
        let held = query_scalar::<i64>(
            "SELECT (SELECT count(*) FROM sessions
                      WHERE tenant_id = $1 AND user_id = $2 AND method = $3 AND ended_at IS NULL AND expires_at > $4)
                  + (SELECT count(*) FROM program_codes WHERE tenant_id = $1 AND user_id = $2 AND session_id IS NULL)",
        );
        let held = held.bind(self.id()).bind(new.user.0).bind(METHOD).bind(now).fetch_one(&mut tx).await?;
        if held >= count(PROGRAMS_MAX as u64) {
            return Err(Error::TooMany { what: "programs that act for you", limit: PROGRAMS_MAX });
        }
        let scopes: Vec<&str> = new.scopes.iter().collect();
        query(
            "INSERT INTO program_codes
                (tenant_id, digest, user_id, client_digest, client_name, redirect_uri, challenge, scopes, resource, expires_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        )
        .bind(self.id())
        .bind(new.digest)
        .bind(new.user.0)
        .bind(new.client_digest)
        .bind(new.client_name)
        .bind(new.redirect_uri)
        .bind(new.challenge)
        .bind(to_json(&scopes))
        .bind(new.resource)
        .bind(micros(new.expires_at))
        .execute(&mut tx)
        .await?;
        let detail = json!({ "program": new.client_name, "redirect_uri": new.redirect_uri, "scopes": scopes });
        self.audit(&mut tx, "program.allow", &format!("user:{}", new.user), detail).await?;
        tx.commit().await
    }

    /// Takes a code and begins the session of the program that it was given to. None when it was used before: then somebody has it who should
    /// not, and the session that came of it is ended (RFC 6749, section 4.1.2).
    pub async fn begin_program_session(
        &self,
        code: &ProgramCode,
        expires_at: DateTime<Utc>,
        refresh_digest: &str,
    ) -> Result<Option<SessionId>> {
        let user = code.known.user;
        let mut tx = self.begin().await?;
        // Of two that come at the same moment one waits here for the other.
        query("UPDATE program_codes SET challenge = challenge WHERE tenant_id = $1 AND digest = $2")
            .bind(self.id())
            .bind(&code.digest)
            .execute(&mut tx)
            .await?;
        let used =
            query_as::<(Option<Uuid>,)>("SELECT session_id FROM program_codes WHERE tenant_id = $1 AND digest = $2");
        match used.bind(self.id()).bind(&code.digest).fetch_optional(&mut tx).await? {
            Some((None,)) => {}
            Some((Some(session),)) => {
                self.end_in(&mut tx, SessionId(session), SessionEnd::Reuse).await?;
                tx.commit().await?;
                return Ok(None);
            }
            None => return Ok(None),
        }
        self.forget_old_sessions(&mut tx, user).await?;
        let new = NewSession { user, method: METHOD, expires_at, refresh_digest: Some(refresh_digest) };
        let id = self.insert_session(&mut tx, &new).await?;
        query("UPDATE program_codes SET session_id = $3 WHERE tenant_id = $1 AND digest = $2")
            .bind(self.id())
            .bind(&code.digest)
            .bind(id.0)
            .execute(&mut tx)
            .await?;
        query(
            "INSERT INTO program_grants
                (tenant_id, session_id, client_digest, client_name, redirect_uri, scopes, resource)
             VALUES ($1, $2, $3, $4, $5, $6, $7)",
        )
        .bind(self.id())
        .bind(id.0)
        .bind(&code.client_digest)
        .bind(&code.client_name)
        .bind(&code.redirect_uri)
        .bind(to_json(&code.scopes))
        .bind(&code.resource)
        .execute(&mut tx)
        .await?;
        let detail = json!({ "method": METHOD, "program": code.client_name, "scopes": code.scopes });
        self.audit(&mut tx, "session.begin", &format!("session:{id}"), detail).await?;
        tx.commit().await?;
        Ok(Some(id))
    }

    /// Returns what a session is narrowed to; none for the session of a person.
    pub async fn program_grant(&self, session: SessionId) -> Result<Option<ProgramGrant>> {
        let found = query_as::<Row>(
            "SELECT program_grants.session_id, client_digest, client_name, redirect_uri, scopes, resource,
                    created_at, renewed_at, expires_at
               FROM program_grants
               JOIN sessions ON sessions.tenant_id = program_grants.tenant_id AND sessions.id = program_grants.session_id
              WHERE program_grants.tenant_id = $1 AND program_grants.session_id = $2",
        );
        found.bind(self.id()).bind(session.0).fetch_optional(self.reader()).await?.map(grant).transpose()
    }

    /// Stops a program from acting for a user.
    ///
    /// # Errors
    /// [`Error::NotFound`] when it does not act for them.
    pub async fn end_program(&self, user: UserId, session: SessionId) -> Result<()> {
        let mut tx = self.begin().await?;
        let acts = query_scalar::<Uuid>(
            "SELECT id FROM sessions
              WHERE tenant_id = $1 AND id = $2 AND user_id = $3 AND method = $4 AND ended_at IS NULL",
        );
        let acts = acts.bind(self.id()).bind(session.0).bind(user.0).bind(METHOD).fetch_optional(&mut tx).await?;
        if acts.is_none() {
            return Err(Error::NotFound(Resource::Program(session.to_string())));
        }
        self.end_in(&mut tx, session, SessionEnd::Revoked).await?;
        tx.commit().await
    }

    /// Lists the programs that act for a user, newest first; there are at most a hundred.
    pub async fn list_program_grants(&self, user: UserId) -> Result<Vec<ProgramGrant>> {
        let rows = query_as::<Row>(
            "SELECT program_grants.session_id, client_digest, client_name, redirect_uri, scopes, resource,
                    created_at, renewed_at, expires_at
               FROM program_grants
               JOIN sessions ON sessions.tenant_id = program_grants.tenant_id AND sessions.id = program_grants.session_id
              WHERE program_grants.tenant_id = $1 AND sessions.user_id = $2 AND ended_at IS NULL AND expires_at > $3
              ORDER BY created_at DESC, program_grants.session_id DESC LIMIT $4",
        );
        let rows = rows.bind(self.id()).bind(user.0).bind(self.now()).bind(count(PROGRAMS_MAX as u64));
        rows.fetch_all(self.reader()).await?.into_iter().map(grant).collect()
    }
}

fn grant(row: Row) -> Result<ProgramGrant> {
    let (session, client_digest, client_name, redirect_uri, scopes, resource, created_at, renewed_at, expires_at) = row;
    Ok(ProgramGrant {
        session: SessionId(session),
        client_digest,
        client_name,
        redirect_uri,
        scopes: from_json(&scopes, "program_grants", "scopes", session)?,
        resource,
        created_at: time(created_at),
        renewed_at: time(renewed_at),
        expires_at: time(expires_at),
    })
}
