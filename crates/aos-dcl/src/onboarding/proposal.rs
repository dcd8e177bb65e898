//! A proposal as it is made, and what of it can be checked without asking anybody.

use super::source_type::{self, SOURCE_TYPES};
use crate::connections::ConnectionRequest;
use crate::{Error, Result};
use aos_core::onboarding::Risk;
use aos_mesh::Locator;
use aos_store::{Intent, NewIntent};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use utoipa::ToSchema;

const NAME_CHARS_MAX: usize = 100;
const RESOURCES_MAX: usize = 1000;

/// A proposal to connect a source.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "source_type": "salesforce", "name": "crm", "credential_locator": "sp:crm-reader", "resource_ids": ["Account", "Opportunity"],
    "config": { "login_url": "https://example.my.salesforce.com" }, "risk_level": "low"
}))]
pub struct IntentRequest {
    /// What kind of source it is, e.g. `salesforce`. Kinds that are known and not read here are counted as such.
    #[schema(max_length = 50)]
    pub source_type: String,
    /// What its connection will be called; the source type when left out.
    #[serde(default)]
    #[schema(max_length = 100)]
    pub name: Option<String>,
    /// The streams that matter, by the source's own names; all of them when left out.
    #[serde(default)]
    pub resource_ids: Vec<String>,
    #[serde(default)]
    pub scopes_mode: ScopesMode,
    /// Where the credentials are: `consent:`, `sp:NAME`, `vault:PATH` or `env:NAME`.
    #[serde(default)]
    #[schema(max_length = 500)]
    pub credential_locator: Option<String>,
    /// Further settings of its connector. Secrets are references here, never the secrets themselves.
    #[serde(default)]
    #[schema(value_type = Object)]
    pub config: Map<String, Value>,
    #[serde(default)]
    pub namespace: Namespace,
    #[serde(default)]
    pub risk_level: Risk,
    /// How whoever proposes it knows of it.
    #[serde(default)]
    pub evidence: Option<Evidence>,
    /// Whose it is, by the word of whoever proposes it.
    #[serde(default)]
    pub owner: Option<Owner>,
}

/// What may be asked of the source.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ScopesMode {
    /// Reading, and nothing else. No connector can do more.
    #[default]
    SafeReadonly,
}

/// Which funnel it counts in.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Namespace {
    #[default]
    Autonomy,
    Demo,
}

#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Evidence {
    #[schema(max_length = 100)]
    pub status: String,
    #[schema(max_length = 200)]
    pub source: String,
    pub ts: DateTime<Utc>,
}

#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Owner {
    #[schema(max_length = 200)]
    pub user: String,
    /// How sure that is, from 0 to 1.
    #[schema(minimum = 0, maximum = 1)]
    pub confidence: f64,
    #[serde(default)]
    #[schema(max_length = 500)]
    pub why: String,
}

/// Checks a proposal as far as that goes without asking anybody.
pub(super) fn new_intent(request: IntentRequest) -> Result<NewIntent> {
    let refuse = |why: String| Err(Error::Intent(why));
    if !SOURCE_TYPES.contains(&request.source_type.as_str()) {
        return refuse(format!(
            "there is no source type `{}`; use one of {}",
            request.source_type,
            SOURCE_TYPES.join(", ")
        ));
    }
    let name = request.name.clone().unwrap_or_else(|| request.source_type.clone());
    let fits = (1..=NAME_CHARS_MAX).contains(&name.chars().count()) && name.trim() == name;
    if !fits || name.chars().any(|letter| letter.is_control() || letter == '/') {
        return refuse(format!(
            "a name has 1 to {NAME_CHARS_MAX} visible characters, no `/`, and no space at its ends"
        ));
    }
    if request.resource_ids.len() > RESOURCES_MAX {
        return refuse(format!("at most {RESOURCES_MAX} resource_ids can be named"));
    }
    if request.owner.as_ref().is_some_and(|owner| !(0.0..=1.0).contains(&owner.confidence)) {
        return refuse("owner.confidence is 0 to 1".to_owned());
    }
    crate::credentials::locator(request.credential_locator.as_deref().unwrap_or_default())?;
    if let Some(secret) = secret_given(&request) {
        return refuse(format!(
            "`{secret}` is a secret, and an intent carries none; say where it is kept, e.g. as env:NAME, or use credential_locator"
        ));
    }
    let namespace = request.namespace.word();
    let source_type = request.source_type.clone();
    // Settings of what nothing here reads are not looked at, so they are not kept either.
    let config = if source_type::connector(&source_type).is_some() { request.config.clone() } else { Map::new() };
    let body = json!(IntentRequest { config, ..request });
    Ok(NewIntent { name, source_type, namespace, body })
}

/// Finds a setting that holds a secret itself.
fn secret_given(request: &IntentRequest) -> Option<&'static str> {
    let connector = source_type::connector(&request.source_type)?;
    let declared = aos_connectors::declaration(connector)?;
    let is_reference = |value: &Value| {
        value.as_str().is_some_and(|text| Locator::parse(text).is_ok_and(|locator| locator.is_of_one_secret()))
    };
    let given = |name: &str| request.config.get(name).is_some_and(|value| !value.is_null() && !is_reference(value));
    declared.secrets().map(|setting| setting.name).find(|name| given(name))
}

/// Makes the request for the connection of an intent.
pub(super) fn connection_of(intent: &Intent, connector: &str) -> Result<ConnectionRequest> {
    let request: IntentRequest =
        serde_json::from_value(intent.body.clone()).map_err(|error| Error::Intent(error.to_string()))?;
    Ok(ConnectionRequest {
        name: intent.name.clone(),
        connector: connector.to_owned(),
        system: Some(connector.to_owned()),
        config: request.config,
        stale_after_s: None,
        credential_locator: request.credential_locator,
    })
}

impl Namespace {
    /// Returns the name that the store keeps.
    pub fn word(self) -> String {
        match self {
            Self::Autonomy => "autonomy".to_owned(),
            Self::Demo => "demo".to_owned(),
        }
    }
}
