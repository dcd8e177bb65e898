//! What connectors there are: for each its settings, how it proves who it is, and how it is opened. One line per connector at the end.

use crate::airbyte::{self, Programs};
use crate::connector::Connector;
use crate::consent::Consent;
use crate::error::Error;
use crate::file::{self, AllowedRoots, Samples};
#[cfg(feature = "mongodb")]
use crate::mongodb;
use crate::postgres;
use crate::simulated::Simulated;
use crate::supabase;
use crate::{dynamics, hubspot, pipedrive, salesforce, zendesk};
use serde::Serialize;
use serde_json::{Map, Value};
use std::sync::Arc;

/// A connector as people see it before they have a connection of it.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Declaration {
    /// As connections name it, e.g. `salesforce`.
    pub name: &'static str,
    pub title: &'static str,
    /// What it reads, in a sentence.
    pub about: &'static str,
    pub settings: &'static [Setting],
    pub auth: &'static [AuthKind],
    /// The vendor's documentation of what is read.
    pub documentation: &'static str,
    /// Opens a source by its system's name (e.g. `salesforce`; what its streams' shapes carry) and the settings that are no secrets. Nothing is
    /// called yet: secrets and the way out come with the context.
    #[serde(skip)]
    pub open: Open,
    /// How an owner is asked for leave, where the vendor knows that.
    #[serde(skip)]
    pub consent: Option<Consent>,
}

/// Makes a connector of a system's name, its settings, and what the operator allows.
pub type Open = fn(&str, &Settings, &Operator) -> Result<Arc<dyn Connector>, Error>;

/// What the operator of this installation allows connectors, whoever the tenant is.
#[derive(Debug, Clone)]
pub struct Operator {
    /// Folders that connections made over the API may read files from.
    pub roots: AllowedRoots,
    /// Airbyte sources that connections may run.
    pub airbyte: Programs,
    /// Connectors that may be proposed. What is not listed is added by people, or not at all.
    pub proposable: Vec<String>,
    /// How many requests one read may spend without asking, where its connection says nothing; none for as many as it takes.
    pub requests_max: Option<u64>,
    /// Without a complete read for so many seconds a stream is stale, where its connection says nothing.
    pub stale_after_s: u64,
    /// The sources to try with that tenants are offered; none where none are.
    pub samples: Option<Samples>,
    /// Services that are played beside this installation.
    pub simulated: Vec<Simulated>,
}

/// Runs programs on the operator's machine, so the operator says whether it may be proposed.
const NOT_PROPOSED_UNASKED: &str = airbyte::NAME;
const STALE_AFTER_S: u64 = 2 * 24 * 60 * 60;

impl Operator {
    /// Allows files in some folders, no Airbyte source, and proposals of everything else.
    pub fn new(roots: AllowedRoots) -> Self {
        let names = DECLARATIONS.iter().map(|known| known.name.to_owned());
        let proposable = names.filter(|name| name != NOT_PROPOSED_UNASKED).collect();
        Self {
            roots,
            airbyte: Programs::default(),
            proposable,
            requests_max: None,
            stale_after_s: STALE_AFTER_S,
            samples: None,
            simulated: Vec::new(),
        }
    }

    /// Offers sources to try with.
    pub fn with_samples(self, samples: Samples) -> Self {
        Self { samples: Some(samples), ..self }
    }

    /// Offers services that are played beside this installation.
    pub fn with_simulated(self, simulated: Vec<Simulated>) -> Self {
        Self { simulated, ..self }
    }

    /// Says how many requests one read may spend without asking, where its connection says nothing; 0 for as many as it takes.
    pub fn with_requests_max(self, requests: u64) -> Self {
        Self { requests_max: (requests > 0).then_some(requests), ..self }
    }

    /// Says after how many seconds without a complete read a stream is stale, where its connection says nothing.
    pub fn with_stale_after_s(self, stale_after_s: u64) -> Self {
        Self { stale_after_s, ..self }
    }

    /// Says which connectors may be proposed.
    pub fn with_proposable(self, proposable: Vec<String>) -> Self {
        Self { proposable, ..self }
    }

    pub fn with_airbyte(self, airbyte: Programs) -> Self {
        Self { airbyte, ..self }
    }
}

/// A connection's settings, as its declaration lists them, without its secrets.
pub type Settings = Map<String, Value>;

/// One setting of a connector.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Setting {
    pub name: &'static str,
    pub title: &'static str,
    pub kind: SettingKind,
    pub required: bool,
    /// What it is for, where it is found, its unit and its default.
    pub help: &'static str,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", content = "choices", rename_all = "snake_case")]
pub enum SettingKind {
    Text,
    /// An http or https address.
    Url,
    Integer,
    Boolean,
    /// A list of texts.
    List,
    Choice(&'static [&'static str]),
    /// Kept apart from the settings: a connection carries a reference to where it is kept, e.g. `env:NAME`; given over the API it goes into
    /// the vault.
    Secret,
}

/// How a connector proves who it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum AuthKind {
    /// Nothing to prove: local files.
    None,
    /// A token that the vendor's settings page gives out.
    Token,
    Password,
    /// OAuth 2.0 authorisation code with PKCE: the owner gives leave in the browser.
    AuthorizationCode,
    ClientCredentials,
    /// OAuth 2.0 JWT bearer: a key signs for the account.
    JwtBearer,
}

/// Every connector there is.
pub const DECLARATIONS: &[Declaration] = &[
    file::DECLARATION,
    #[cfg(feature = "mongodb")]
    mongodb::DECLARATION,
    postgres::DECLARATION,
    airbyte::DECLARATION,
    dynamics::DECLARATION,
    hubspot::DECLARATION,
    pipedrive::DECLARATION,
    salesforce::DECLARATION,
    supabase::DECLARATION,
    zendesk::DECLARATION,
];

/// Finds a connector by its name.
pub fn declaration(name: &str) -> Option<&'static Declaration> {
    DECLARATIONS.iter().find(|known| known.name == name)
}

impl Declaration {
    /// Checks settings against the declaration: nothing unknown, nothing missing, each of its kind. Secrets are references here.
    ///
    /// # Errors
    /// [`Error::Config`] with the first setting that does not fit.
    pub fn check(&self, settings: &Settings) -> Result<(), Error> {
        self.check_all(settings, false)
    }

    /// The same for settings whose secrets and application are found elsewhere when the source is opened.
    ///
    /// # Errors
    /// As [`Declaration::check`].
    pub fn check_without_credentials(&self, settings: &Settings) -> Result<(), Error> {
        self.check_all(settings, true)
    }

    fn check_all(&self, settings: &Settings, credentials_elsewhere: bool) -> Result<(), Error> {
        let refuse = |field: &str, reason: String| Err(Error::Config { field: field.to_owned(), reason });
        for name in settings.keys() {
            if !self.settings.iter().any(|known| known.name == name) {
                let known = self.settings.iter().map(|known| known.name).collect::<Vec<_>>().join(", ");
                return refuse(name, format!("{} has no such setting; it has {known}", self.title));
            }
        }
        for setting in self.settings {
            match settings.get(setting.name) {
                None | Some(Value::Null) if credentials_elsewhere && setting.is_of_credentials() => {}
                None | Some(Value::Null) if setting.required => {
                    return refuse(setting.name, format!("it is missing: {}", setting.help));
                }
                None | Some(Value::Null) => {}
                Some(value) if setting.kind.fits(value) => {}
                Some(_) => return refuse(setting.name, format!("it is to be {}", setting.kind.words())),
            }
        }
        Ok(())
    }

    /// Returns the settings that are secrets.
    pub fn secrets(&self) -> impl Iterator<Item = &'static Setting> {
        self.settings.iter().filter(|setting| setting.kind == SettingKind::Secret)
    }
}

impl Setting {
    /// Whether it says who we are to the source, so that a place for credentials may hold it.
    pub fn is_of_credentials(&self) -> bool {
        self.kind == SettingKind::Secret || matches!(self.name, "client_id" | "user" | "username" | "email")
    }
}

impl SettingKind {
    fn fits(self, value: &Value) -> bool {
        match self {
            Self::Text => value.as_str().is_some_and(|text| !text.is_empty()),
            Self::Secret => value.as_str().is_some_and(|text| text.contains(':')),
            Self::Url => value.as_str().is_some_and(|text| text.starts_with("https://") || text.starts_with("http://")),
            Self::Integer => value.is_i64() || value.is_u64(),
            Self::Boolean => value.is_boolean(),
            Self::List => value.as_array().is_some_and(|items| items.iter().all(Value::is_string)),
            Self::Choice(choices) => value.as_str().is_some_and(|text| choices.contains(&text)),
        }
    }

    fn words(self) -> String {
        match self {
            Self::Text => "a text".to_owned(),
            Self::Url => "an address that begins with https:// or http://".to_owned(),
            Self::Integer => "a whole number".to_owned(),
            Self::Boolean => "true or false".to_owned(),
            Self::List => "a list of texts".to_owned(),
            Self::Choice(choices) => format!("one of {}", choices.join(", ")),
            Self::Secret => "the secret itself, or where it is kept: env:NAME or vault:PATH#FIELD".to_owned(),
        }
    }
}
