//! Who someone is, asked before anybody is let in: by a refresh token, an API key, an invitation, or a provider's word. What is asked
//! of a tenant's own rows is asked as that tenant, which the token names.

use crate::api_keys::{self, ApiKey};
use crate::convert::{from_json, from_word, micros, time};
use crate::db::{Actor, Reader, query_as, query_scalar};
use crate::error::Result;
use crate::invitations::{self, Invitation};
use crate::members::Identity;
use crate::password_resets::{self, PasswordReset};
use crate::program_grants::ProgramCode;
use crate::system::{SystemStore, normalized};
use aos_core::{Role, SessionId, TenantId, UserId};
use uuid::Uuid;

/// Someone who is known, and may be let in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KnownUser {
    pub tenant: TenantId,
    pub user: UserId,
    pub role: Role,
}

/// Whom a refresh token belongs to. Whether it is still good is found out by using it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RefreshHolder {
    pub known: KnownUser,
    pub session: SessionId,
}

impl<'s> SystemStore<'s> {
    pub async fn find_refresh_token(&self, tenant: TenantId, digest: &str) -> Result<Option<RefreshHolder>> {
        let found = query_as::<(Uuid, Uuid, String)>(
            "SELECT sessions.id, users.id, users.role
               FROM refresh_tokens
               JOIN sessions ON sessions.tenant_id = refresh_tokens.tenant_id AND sessions.id = refresh_tokens.session_id
               JOIN users ON users.tenant_id = sessions.tenant_id AND users.id = sessions.user_id
              WHERE refresh_tokens.tenant_id = $1 AND refresh_tokens.digest = $2",
        )
        .bind(tenant.0)
        .bind(digest)
        .fetch_optional(self.reader_of(tenant))
        .await?;
        let holder = |(session, user, role): (Uuid, Uuid, String)| {
            let role = from_word(role, "users", "role", user)?;
            Ok(RefreshHolder { known: KnownUser { tenant, user: UserId(user), role }, session: SessionId(session) })
        };
        found.map(holder).transpose()
    }

    pub async fn find_program_code(&self, tenant: TenantId, digest: &str) -> Result<Option<ProgramCode>> {
        let found = query_as::<(Uuid, String, String, String, String, String, String, String, i64)>(
            "SELECT users.id, users.role, client_digest, client_name, redirect_uri, challenge, scopes, resource, expires_at
               FROM program_codes
               JOIN users ON users.tenant_id = program_codes.tenant_id AND users.id = program_codes.user_id
              WHERE program_codes.tenant_id = $1 AND program_codes.digest = $2",
        );
        let found = found.bind(tenant.0).bind(digest).fetch_optional(self.reader_of(tenant)).await?;
        let Some((user, role, client_digest, client_name, redirect_uri, challenge, scopes, resource, expires_at)) =
            found
        else {
            return Ok(None);
        };
        let role = from_word(role, "users", "role", user)?;
        Ok(Some(ProgramCode {
            known: KnownUser { tenant, user: UserId(user), role },
            digest: digest.to_owned(),
            client_digest,
            client_name,
            redirect_uri,
            challenge,
            scopes: from_json(&scopes, "program_codes", "scopes", user)?,
            resource,
            expires_at: time(expires_at),
        }))
    }

    pub async fn find_api_key(&self, tenant: TenantId, digest: &str) -> Result<Option<ApiKey>> {
        let found = query_as::<api_keys::Row>(
            "SELECT id, name, ending, role, scopes, created_by, created_at, expires_at, last_used_at, revoked_at
               FROM api_keys
              WHERE tenant_id = $1 AND digest = $2",
        )
        .bind(tenant.0)
        .bind(digest)
        .fetch_optional(self.reader_of(tenant))
        .await?;
        found.map(api_keys::api_key).transpose()
    }

    pub async fn find_invitation(&self, tenant: TenantId, digest: &str) -> Result<Option<Invitation>> {
        let found = query_as::<invitations::Row>(
            "SELECT id, email, role, created_by, created_at, expires_at, accepted_at, revoked_at
               FROM invitations
              WHERE tenant_id = $1 AND digest = $2",
        )
        .bind(tenant.0)
        .bind(digest)
        .fetch_optional(self.reader_of(tenant))
        .await?;
        found.map(invitations::invitation).transpose()
    }

    /// Finds the link by which someone is to be given another password, if it can still be used at this time.
    pub async fn find_password_reset(&self, tenant: TenantId, digest: &str) -> Result<Option<PasswordReset>> {
        let found = query_as::<password_resets::Row>(
            "SELECT password_resets.id, users.id, users.role, users.email, password_resets.expires_at
               FROM password_resets
               JOIN users ON users.tenant_id = password_resets.tenant_id AND users.id = password_resets.user_id
              WHERE password_resets.tenant_id = $1 AND password_resets.digest = $2
                AND password_resets.used_at IS NULL AND password_resets.expires_at > $3",
        )
        .bind(tenant.0)
        .bind(digest)
        .bind(micros(self.store.clock.now()))
        .fetch_optional(self.reader_of(tenant))
        .await?;
        found.map(password_resets::password_reset).transpose()
    }

    /// Finds the user that a provider's subject was linked to.
    pub async fn find_identity(&self, identity: Identity<'_>) -> Result<Option<KnownUser>> {
        let found =
            query_as::<(Uuid, Uuid)>("SELECT tenant_id, user_id FROM identities WHERE issuer = $1 AND subject = $2")
                .bind(identity.issuer)
                .bind(identity.subject)
                .fetch_optional(self.reader())
                .await?;
        let Some((tenant, user)) = found else { return Ok(None) };
        Ok(self.known_user(TenantId(tenant), user).await?.map(|(known, _)| known))
    }

    /// Finds the user of an e-mail address, and whether a provider has vouched for that address before.
    pub async fn find_user_by_email(&self, email: &str) -> Result<Option<(KnownUser, bool)>> {
        let found =
            query_as::<(Uuid, Uuid)>("SELECT tenant_id, user_id FROM sign_in_directory WHERE email_normalized = $1")
                .bind(normalized(email))
                .fetch_optional(self.reader())
                .await?;
        let Some((tenant, user)) = found else { return Ok(None) };
        self.known_user(TenantId(tenant), user).await
    }

    /// Returns the hash of a user's password; none when they sign in by other means.
    pub async fn password_hash(&self, tenant: TenantId, user: UserId) -> Result<Option<String>> {
        query_scalar::<String>("SELECT password_hash FROM credentials WHERE tenant_id = $1 AND user_id = $2")
            .bind(tenant.0)
            .bind(user.0)
            .fetch_optional(self.reader())
            .await
    }

    async fn known_user(&self, tenant: TenantId, user: Uuid) -> Result<Option<(KnownUser, bool)>> {
        let found = query_as::<(String, Option<i64>)>(
            "SELECT role, email_verified_at FROM users WHERE tenant_id = $1 AND id = $2",
        )
        .bind(tenant.0)
        .bind(user)
        .fetch_optional(self.reader_of(tenant))
        .await?;
        let Some((role, verified_at)) = found else { return Ok(None) };
        let role = from_word(role, "users", "role", user)?;
        Ok(Some((KnownUser { tenant, user: UserId(user), role }, verified_at.is_some())))
    }

    fn reader_of(&self, tenant: TenantId) -> Reader<'s> {
        Reader { pool: &self.store.pool, actor: Actor::Tenant(tenant.0) }
    }
}
