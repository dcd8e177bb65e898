//! Where the secrets of connections are kept. A connection carries references; what they stand for is looked up when its source is opened,
//! handed to its connector, and shown to nobody.

mod locator;
mod renewal;
mod vault;

pub use locator::{KEPT, Locator, LocatorError, is_like_a_locator};
pub use renewal::TokenLife;
pub use vault::{Vault, VaultSettings};

use aos_connectors::{AuthKind, Declaration, Error, Secret, SettingKind, Settings};
use aos_core::{ConnectionId, TenantScope};
use aos_store::Store;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::Arc;
use tokio_util::sync::CancellationToken;

/// Under which our own vault keeps service principals.
pub const PRINCIPALS: &str = "service_principal";

/// The places that references may name beside our own vault.
#[derive(Debug, Clone, Default)]
pub struct SecretPlaces {
    /// Variables of the environment that the operator allows connections to use, with their values.
    env: Arc<BTreeMap<String, Secret>>,
    vault: Option<Vault>,
}

/// Who a program is to a vendor: an application that acts for itself (OAuth 2.0 client credentials).
#[derive(Serialize, Deserialize)]
pub struct ServicePrincipal {
    pub client_id: String,
    pub client_secret: String,
}

/// Whose references are looked up.
#[derive(Clone, Copy)]
pub(crate) struct Holder<'h> {
    pub store: &'h Store,
    pub scope: &'h TenantScope,
    pub connection: ConnectionId,
}

impl SecretPlaces {
    /// Allows the variables of the environment that the operator listed; the others do not exist for connections.
    pub fn with_env(variables: impl IntoIterator<Item = (String, String)>) -> Self {
        let env = variables.into_iter().map(|(name, value)| (name, Secret::new(value))).collect();
        Self { env: Arc::new(env), vault: None }
    }

    /// Lets references name secrets of the operator's Vault.
    pub fn with_vault(self, vault: Option<Vault>) -> Self {
        Self { vault, ..self }
    }

    /// Keeps the token of the operator's Vault alive until told to stop, where there is a Vault.
    pub async fn keep_vault_token(&self, stop: CancellationToken) {
        if let Some(vault) = &self.vault {
            vault.keep_token(stop).await;
        }
    }

    /// Looks up what the reference of a setting stands for.
    ///
    /// # Errors
    /// [`Error::Credentials`] when it names no place that is allowed, or nothing is there. The message repeats nothing that may be a secret.
    pub(crate) async fn resolve(&self, holder: Holder<'_>, setting: &str, reference: &str) -> Result<Secret, Error> {
        let refuse = |reason: String| refused(setting, reason);
        match Locator::parse(reference).map_err(|error| refuse(error.to_string()))? {
            Locator::Env { name } => self.variable(setting, &name),
            Locator::Vault { path, field: Some(field) } => {
                let fields = self.vault(setting)?.read(holder.scope.tenant_id(), setting, &path).await?;
                vault::field(&fields, setting, &path, &field)
            }
            Locator::Vault { path, field: None } => {
                Err(refuse(format!("vault:{path} names no field; write vault:{path}#FIELD")))
            }
            Locator::Kept => {
                let kept = holder.store.tenant(holder.scope).connection_secret(holder.connection, setting).await;
                let kept = kept.map_err(|error| refuse(error.to_string()))?;
                let text = kept.as_ref().and_then(|secret| secret.expose_text()).map(Secret::new);
                text.ok_or_else(|| refuse("it is not kept any more; give it again".to_owned()))
            }
            Locator::Consent { .. } | Locator::ServicePrincipal { .. } => Err(refuse(
                "consent: and sp: stand for whole connections; give them as the connection's credential_locator"
                    .to_owned(),
            )),
        }
    }

    /// Fills in what a locator of a whole connection says: settings that are left out, and how to sign in. `consent:` is filled in by who
    /// knows the other connection.
    pub(crate) async fn fill(
        &self,
        holder: Holder<'_>,
        declaration: &Declaration,
        locator: &Locator,
        settings: &mut Settings,
        secrets: &mut BTreeMap<String, Secret>,
    ) -> Result<(), Error> {
        const FIELD: &str = "credential_locator";
        match locator {
            Locator::Env { name } => {
                let value = self.variable(FIELD, name)?;
                match serde_json::from_str::<Value>(value.expose()) {
                    Ok(Value::Object(fields)) => lend(declaration, &fields, settings, secrets),
                    _ => lend_one(declaration, value, settings, secrets)?,
                }
            }
            Locator::Vault { path, field: None } => {
                let fields = self.vault(FIELD)?.read(holder.scope.tenant_id(), FIELD, path).await?;
                lend(declaration, &fields, settings, secrets);
            }
            Locator::Vault { path, field: Some(field) } => {
                let fields = self.vault(FIELD)?.read(holder.scope.tenant_id(), FIELD, path).await?;
                lend_one(declaration, vault::field(&fields, FIELD, path, field)?, settings, secrets)?;
            }
            Locator::ServicePrincipal { name } => {
                let kept = holder.store.tenant(holder.scope).reveal(PRINCIPALS, name).await;
                let kept = kept.map_err(|error| refused(FIELD, error.to_string()))?;
                let kept = kept.ok_or_else(|| {
                    refused(
                        FIELD,
                        format!("there is no service principal {name}; PUT /api/v1/service-principals/{name} makes it"),
                    )
                })?;
                let principal: ServicePrincipal = serde_json::from_slice(kept.expose()).map_err(|_| {
                    refused(FIELD, format!("the service principal {name} cannot be read; put it again"))
                })?;
                sign_in(declaration, AuthKind::ClientCredentials, "client_credentials", settings)?;
                settings.entry("client_id").or_insert_with(|| principal.client_id.into());
                secrets.entry("client_secret".to_owned()).or_insert_with(|| Secret::new(principal.client_secret));
            }
            Locator::Consent { .. } => {
                sign_in(declaration, AuthKind::AuthorizationCode, "authorization_code", settings)?;
            }
            Locator::Kept => return Err(refused(FIELD, "kept: stands for single secrets; leave it out".to_owned())),
        }
        Ok(())
    }

    fn variable(&self, setting: &str, name: &str) -> Result<Secret, Error> {
        self.env.get(name).cloned().ok_or_else(|| {
            let reason =
                format!("the operator does not allow the variable {name}; add it to sources.allowed_env, and set it");
            refused(setting, reason)
        })
    }

    fn vault(&self, setting: &str) -> Result<&Vault, Error> {
        self.vault
            .as_ref()
            .ok_or_else(|| refused(setting, "there is no Vault here; the operator names one under [vault]".to_owned()))
    }
}

/// Takes over the fields whose names are settings that the connection leaves out.
fn lend(declaration: &Declaration, fields: &Settings, settings: &mut Settings, secrets: &mut BTreeMap<String, Secret>) {
    for setting in declaration.settings {
        let Some(value) = fields.get(setting.name).filter(|value| !value.is_null()) else { continue };
        if setting.kind != SettingKind::Secret {
            settings.entry(setting.name).or_insert_with(|| value.clone());
        } else if let Some(text) = value.as_str() {
            secrets.entry(setting.name.to_owned()).or_insert_with(|| Secret::new(text));
        }
    }
}

/// Takes over a text as the one secret that the connection needs.
fn lend_one(
    declaration: &Declaration,
    value: Secret,
    settings: &Settings,
    secrets: &mut BTreeMap<String, Secret>,
) -> Result<(), Error> {
    let known: Vec<&str> = declaration.secrets().map(|setting| setting.name).collect();
    let by_sign_in = match settings.get("auth").and_then(Value::as_str) {
        Some("token" | "private_app") => Some("access_token"),
        Some("api_token") => Some("api_token"),
        Some("jwt_bearer") => Some("private_key"),
        Some("authorization_code" | "client_credentials") => Some("client_secret"),
        _ => None,
    };
    let required: Vec<&str> =
        declaration.secrets().filter(|setting| setting.required).map(|setting| setting.name).collect();
    let name = match (by_sign_in.filter(|name| known.contains(name)), required.as_slice(), known.as_slice()) {
        (Some(name), _, _) => name,
        (None, [name], _) | (None, _, [name]) => *name,
        _ => {
            let reason = format!(
                "it holds one text, and {} has several secrets ({}); write a JSON object with their names, or say how to sign in with auth",
                declaration.title,
                known.join(", ")
            );
            return Err(refused("credential_locator", reason));
        }
    };
    secrets.entry(name.to_owned()).or_insert(value);
    Ok(())
}

/// Says how to sign in where the connection does not say it.
fn sign_in(declaration: &Declaration, kind: AuthKind, word: &str, settings: &mut Settings) -> Result<(), Error> {
    if !declaration.auth.contains(&kind) {
        let reason =
            format!("{} is not signed in to like that; GET /api/v1/connectors says how it is", declaration.title);
        return Err(refused("credential_locator", reason));
    }
    settings.entry("auth").or_insert_with(|| word.into());
    Ok(())
}

pub(crate) fn refused(field: &str, reason: String) -> Error {
    Error::Credentials { field: field.to_owned(), reason }
}
