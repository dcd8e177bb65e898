//! Owners of accounts give leave: where they are sent, and what is kept of what they come back with.

use crate::service::TenantDcl;
use crate::{Error, Result};
use aos_connectors::oauth::{self, Application, Exchange};
use aos_connectors::{Asking, Secret};
use aos_core::{ConnectionId, UserId};
use aos_store::{Connection, Grant, NewConsent};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::time::Duration;
use utoipa::ToSchema;

/// How long an owner may take at the vendor.
const CONSENT_TTL: Duration = Duration::from_secs(15 * 60);

/// What is needed to take the owner's answer. It is sealed while they are away.
#[derive(Serialize, Deserialize)]
pub struct ConsentBody {
    verifier: Option<String>,
    redirect_uri: String,
    /// Of the mark that the browser got when it was sent off.
    pub browser_digest: String,
    /// The page to come back to.
    pub return_to: String,
}

/// A consent that is to begin.
pub struct ConsentRequest<'a> {
    pub user: UserId,
    /// Comes back with the owner; nobody can guess it.
    pub state: &'a str,
    pub state_digest: &'a str,
    pub browser_digest: String,
    pub redirect_uri: String,
    pub return_to: String,
}

/// Where to send the owner's browser.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ConsentStarted {
    #[schema(example = "https://login.salesforce.com/services/oauth2/authorize?response_type=code&…")]
    pub authorization_url: String,
    /// Until when the owner has to be back.
    pub expires_at: DateTime<Utc>,
}

/// How a grant stands. Its tokens are shown to nobody.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct GrantInfo {
    /// `active`, `transient` (renewing it failed in a way that may pass), `permanent` (the vendor refuses the application), or `revoked`.
    #[schema(example = "active")]
    pub state: &'static str,
    /// As the vendor wrote them.
    pub scopes: Vec<String>,
    /// Until when the present access token is good; it is renewed by itself.
    pub expires_at: Option<DateTime<Utc>>,
    /// What the last attempt to renew it was told; empty when it went well.
    pub message: String,
    pub given_by: String,
    pub given_at: DateTime<Utc>,
    pub changed_at: DateTime<Utc>,
}

impl TenantDcl {
    /// Begins to ask the owner of a connection's account for leave.
    pub async fn begin_consent(&self, id: ConnectionId, request: ConsentRequest<'_>) -> Result<ConsentStarted> {
        let connection = self.store().connection(id).await?.ok_or(Error::NotFound("connection"))?;
        let (asking, _) = self.inner.sources.asking(&self.scope, &connection).await?;
        let begun = begin(&asking, &request)?;
        let body = ConsentBody {
            verifier: begun.verifier.map(|verifier| verifier.expose().to_owned()),
            redirect_uri: request.redirect_uri,
            browser_digest: request.browser_digest,
            return_to: request.return_to,
        };
        let body = serde_json::to_vec(&body).expect("texts are always JSON");
        let expires_at = self.inner.clock.now() + CONSENT_TTL;
        let consent = NewConsent {
            digest: request.state_digest,
            connection: id,
            user: request.user,
            body: &aos_core::vault::Secret::new(body),
            expires_at,
        };
        self.store().begin_consent(consent).await?;
        Ok(ConsentStarted { authorization_url: begun.address, expires_at })
    }

    /// Exchanges the code that an owner came back with, and keeps the grant.
    pub async fn finish_consent(&self, id: ConnectionId, body: &ConsentBody, code: String) -> Result<()> {
        let connection = self.store().connection(id).await?.ok_or(Error::NotFound("connection"))?;
        let sources = &self.inner.sources;
        let (asking, application) = sources.asking(&self.scope, &connection).await?;
        let exchange = Exchange::Code {
            code: Secret::new(code),
            redirect_uri: body.redirect_uri.clone(),
            verifier: body.verifier.as_ref().map(Secret::new),
        };
        let net = sources.net.tenant(&self.scope);
        let tokens = oauth::request(&net, &sources.clock, &asking.provider, &application, &exchange).await;
        let tokens = tokens.map_err(aos_connectors::Error::from)?;
        let grant = aos_mesh::kept_grant(&tokens.into_grant(None, sources.clock.now()));
        self.store().give_grant(id, &grant).await?;
        let message = format!("{} gave leave to read", asking.provider.vendor);
        self.store().add_connection_event(id, "", "authorized", &message, &serde_json::json!({})).await?;
        Ok(())
    }

    /// Forgets the grant of a connection, which then cannot be read before its owner gives leave again, and tells the vendor that it is given
    /// back, where the vendor has a way to be told.
    pub async fn forget_grant(&self, id: ConnectionId) -> Result<()> {
        let connection = self.store().connection(id).await?.ok_or(Error::NotFound("connection"))?;
        let given = self.given_grant(&connection).await;
        if !self.store().delete_grant(id).await? {
            return Err(Error::NotFound("grant"));
        }
        let tenant = self.clone();
        aos_store::after_commit(async move {
            let Some(given) = given else { return };
            let (kind, message) = given.give_back(&tenant).await;
            let kept = tenant.store().add_connection_event(id, "", kind, &message, &serde_json::json!({})).await;
            if let Err(error) = kept {
                tracing::warn!(connection.id = %id, %error, "what became of a grant could not be written down: {error}");
            }
        })
        .await;
        Ok(())
    }

    /// Opens a grant that is about to be forgotten, with what it takes to tell its vendor; none where there is nothing to tell.
    pub(crate) async fn given_grant(&self, connection: &Connection) -> Option<GivenGrant> {
        let (asking, application) = self.inner.sources.asking(&self.scope, connection).await.ok()?;
        let (grant, tokens) = self.store().open_grant(connection.id).await.ok()??;
        Some(GivenGrant { asking, application, grant: aos_mesh::opened_grant(grant, tokens) })
    }

    /// Begins to ask for leave in a browser on this machine: returns where to send it, and what finishing takes. The state comes back with the
    /// owner; who calls makes it of randomness, and compares it.
    pub async fn begin_consent_here(
        &self,
        id: ConnectionId,
        redirect_uri: &str,
        state: &str,
    ) -> Result<(String, ConsentBody)> {
        let connection = self.store().connection(id).await?.ok_or(Error::NotFound("connection"))?;
        let (asking, _) = self.inner.sources.asking(&self.scope, &connection).await?;
        let begun = oauth::begin(&asking, redirect_uri, Secret::new(state));
        let begun = begun.map_err(aos_connectors::Error::from)?;
        let body = ConsentBody {
            verifier: begun.verifier.map(|verifier| verifier.expose().to_owned()),
            redirect_uri: redirect_uri.to_owned(),
            browser_digest: String::new(),
            return_to: String::new(),
        };
        Ok((begun.address, body))
    }
}

/// A grant that is forgotten, and how its vendor is told.
pub(crate) struct GivenGrant {
    asking: Asking,
    application: Application,
    grant: aos_connectors::Grant,
}

impl GivenGrant {
    /// Tells the vendor, and returns the kind of event and its message.
    pub async fn give_back(&self, tenant: &TenantDcl) -> (&'static str, String) {
        let net = tenant.inner.sources.net.tenant(&tenant.scope);
        let vendor = self.asking.provider.vendor;
        match oauth::revoke(&net, &self.asking.provider, &self.application, &self.grant).await {
            Ok(true) => ("grant_given_back", format!("the grant was forgotten, and {vendor} was told")),
            Ok(false) => (
                "grant_forgotten",
                format!("the grant was forgotten; {vendor} has no way to be told, so its owner takes it back there"),
            ),
            Err(refusal) => (
                "grant_forgotten",
                format!(
                    "the grant was forgotten, and {vendor} could not be told ({refusal}); its owner takes it back there"
                ),
            ),
        }
    }
}

fn begin(asking: &Asking, request: &ConsentRequest<'_>) -> Result<oauth::Begun> {
    let begun = oauth::begin(asking, &request.redirect_uri, Secret::new(request.state));
    begun.map_err(|error| aos_connectors::Error::from(error).into())
}

impl From<Grant> for GrantInfo {
    fn from(grant: Grant) -> Self {
        Self {
            state: grant.state.as_str(),
            scopes: grant.scopes,
            expires_at: grant.expires_at,
            message: grant.message,
            given_by: grant.given_by,
            given_at: grant.given_at,
            changed_at: grant.changed_at,
        }
    }
}
