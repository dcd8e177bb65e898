//! The grant of a connection, kept in the store, so that every process has the same.
//!
//! What changes a grant is done in a task of its own: it belongs to no transaction of whoever asks, and is finished when they give up.

use aos_connectors::{Answer, Error, Grant, GrantState, GrantStore, Secret};
use aos_core::{ConnectionId, TenantScope};
use aos_store::{GrantChange, GrantTokens, Store};
use std::future::Future;
use std::sync::Arc;

#[derive(Clone)]
pub(crate) struct StoredGrants {
    store: Store,
    scope: TenantScope,
    connection: ConnectionId,
}

impl StoredGrants {
    pub fn of(store: &Store, scope: &TenantScope, connection: ConnectionId) -> Arc<dyn GrantStore> {
        Arc::new(Self { store: store.clone(), scope: scope.clone(), connection })
    }
}

impl GrantStore for StoredGrants {
    fn load(&self) -> Answer<'_, Option<Grant>> {
        Box::pin(async move {
            let kept = self.store.tenant(&self.scope).open_grant(self.connection).await.map_err(unkept)?;
            Ok(kept.map(|(grant, tokens)| opened(grant, tokens)))
        })
    }

    fn replace<'a>(&'a self, version: i64, grant: &'a Grant) -> Answer<'a, bool> {
        let (own, change) = (self.clone(), change(grant));
        apart(async move { own.store.tenant(&own.scope).replace_grant(own.connection, version, &change).await })
    }

    fn may_renew(&self, version: i64) -> Answer<'_, bool> {
        let own = self.clone();
        apart(async move { own.store.tenant(&own.scope).may_renew_grant(own.connection, version).await })
    }
}

/// Returns a grant as the store keeps it.
pub fn change(grant: &Grant) -> GrantChange {
    let sealed = |token: &Option<Secret>| token.as_ref().map(|token| aos_core::vault::Secret::new(token.expose()));
    GrantChange {
        state: match grant.state {
            GrantState::Valid => aos_store::GrantState::Active,
            GrantState::Transient => aos_store::GrantState::Transient,
            GrantState::Permanent => aos_store::GrantState::Permanent,
            GrantState::Revoked => aos_store::GrantState::Revoked,
        },
        expires_at: grant.expires_at,
        scopes: grant.scopes.clone(),
        api_base: grant.api_base.clone(),
        message: grant.message.clone(),
        tokens: GrantTokens { access: sealed(&grant.access_token), refresh: sealed(&grant.refresh_token) },
    }
}

/// Returns a grant as connectors have it.
pub fn opened(kept: aos_store::Grant, tokens: GrantTokens) -> Grant {
    let text = |token: Option<aos_core::vault::Secret>| token.as_ref().and_then(|t| t.expose_text()).map(Secret::new);
    Grant {
        version: kept.version,
        state: match kept.state {
            aos_store::GrantState::Active => GrantState::Valid,
            aos_store::GrantState::Transient => GrantState::Transient,
            aos_store::GrantState::Permanent => GrantState::Permanent,
            aos_store::GrantState::Revoked => GrantState::Revoked,
        },
        access_token: text(tokens.access),
        refresh_token: text(tokens.refresh),
        expires_at: kept.expires_at,
        scopes: kept.scopes,
        api_base: kept.api_base,
        message: kept.message,
        changed_at: kept.changed_at,
    }
}

fn apart(work: impl Future<Output = aos_store::Result<bool>> + Send + 'static) -> Answer<'static, bool> {
    let working = tokio::spawn(work);
    Box::pin(async move { working.await.map_err(|_| Error::Canceled)?.map_err(unkept) })
}

fn unkept(error: aos_store::Error) -> Error {
    tracing::warn!(%error, "a grant could not be read or kept: {error}");
    Error::Transient { said: "the grant cannot be read or kept at this moment".to_owned() }
}
