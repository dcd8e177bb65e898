//! The configuration that a connector gave itself, mostly because a token was renewed that works once only. It is kept where grants are,
//! sealed like them, and laid over the connection's own configuration from then on.

use crate::context::{Context, Secret};
use crate::error::Error;
use crate::grant::{Grant, GrantState};
use serde_json::Value;

/// Returns what was kept.
pub(super) async fn load(context: &Context) -> Result<Option<Value>, Error> {
    let Some(store) = &context.grants else { return Ok(None) };
    let kept = store.load().await?.and_then(|grant| grant.access_token);
    Ok(kept.and_then(|secret| serde_json::from_str(secret.expose()).ok()).filter(Value::is_object))
}

/// Keeps a configuration.
///
/// # Errors
/// [`Error::Refused`] when the connection has no place to keep it: going on would lose a token that works once only.
pub(super) async fn keep(config: String, context: &Context) -> Result<(), Error> {
    let Some(store) = &context.grants else {
        let said = "the connector renewed its own configuration, and this connection has no place to keep it; give it credentials that stay valid";
        return Err(Error::Refused { said: said.to_owned() });
    };
    let known = store.load().await?;
    let version = known.as_ref().map_or(0, |grant| grant.version);
    let grant = Grant {
        version,
        state: GrantState::Valid,
        access_token: Some(Secret::new(config)),
        refresh_token: None,
        expires_at: None,
        scopes: Vec::new(),
        api_base: None,
        message: String::new(),
        changed_at: context.clock.now(),
    };
    if store.replace(version, &grant).await? {
        return Ok(());
    }
    Err(Error::Transient { said: "another run of the connector renewed the configuration at the same time".to_owned() })
}
