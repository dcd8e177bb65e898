//! Dynamics 365 (Dataverse): tables with all their columns, option sets and lookups with their labels. Tables with change tracking are
//! followed by delta links, which tell deletes too; the others by `modifiedon`.
//!
//! After the Dataverse Web API guide (<https://learn.microsoft.com/power-apps/developer/data-platform/webapi/overview>).

mod access;
mod describe;
mod pages;
mod tables;

use crate::connector::{Answer, CheckReport, Connector, Pages, ReadRequest};
use crate::consent::Asking;
use crate::context::Context;
use crate::declaration::{AuthKind, Declaration, Operator, Setting, SettingKind, Settings};
use crate::error::Error;
use crate::oauth::MemoryGrants;
use crate::pace::{Budget, Limit};
use crate::rest;
use crate::stream::Stream;
use access::Environment;
use describe::Table;
use serde::Deserialize;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

pub use access::{provider, scopes};

pub const NAME: &str = "dynamics365";

pub(crate) const DECLARATION: Declaration = Declaration {
    name: NAME,
    title: "Dynamics 365",
    about: "Reads Dataverse tables, standard and custom, with the labels of option sets and lookups; changes and deletes by delta links.",
    settings: &[
        Setting {
            name: "environment_url",
            title: "Environment",
            kind: SettingKind::Url,
            required: true,
            help: "the environment's address, e.g. https://example.crm.dynamics.com",
        },
        Setting {
            name: "auth",
            title: "How to sign in",
            kind: SettingKind::Choice(&["client_credentials", "authorization_code"]),
            required: false,
            help: "client_credentials (default): an app registration that is an application user of the environment; authorization_code: a user gives leave in the browser",
        },
        Setting {
            name: "tenant_id",
            title: "Entra tenant",
            kind: SettingKind::Text,
            required: true,
            help: "the directory (tenant) id of the app registration",
        },
        Setting {
            name: "client_id",
            title: "Application",
            kind: SettingKind::Text,
            required: true,
            help: "the application (client) id of the app registration",
        },
        Setting {
            name: "client_secret",
            title: "Client secret",
            kind: SettingKind::Secret,
            required: true,
            help: "a secret of the app registration",
        },
        Setting {
            name: "login_url",
            title: "Login address",
            kind: SettingKind::Url,
            required: false,
            help: "https://login.microsoftonline.com by default; another one for national clouds",
        },
        Setting {
            name: "api_version",
            title: "API version",
            kind: SettingKind::Text,
            required: false,
            help: "9.2 by default",
        },
        Setting {
            name: "tables",
            title: "Tables",
            kind: SettingKind::List,
            required: false,
            help: "logical names of the tables to read, e.g. account, new_invoice; by default the usual ones of sales and service, and all custom ones",
        },
    ],
    auth: &[AuthKind::ClientCredentials, AuthKind::AuthorizationCode],
    documentation: "https://learn.microsoft.com/power-apps/developer/data-platform/webapi/overview",
    open,
    consent: Some(consent),
};

#[derive(Debug, Clone, Deserialize)]
pub(crate) struct DynamicsSettings {
    environment_url: String,
    #[serde(default)]
    auth: Auth,
    tenant_id: String,
    client_id: String,
    login_url: Option<String>,
    api_version: Option<String>,
    #[serde(default)]
    tables: Vec<String>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Auth {
    #[default]
    ClientCredentials,
    AuthorizationCode,
}

/// A Dataverse environment.
pub struct Dynamics {
    system: String,
    base: String,
    settings: DynamicsSettings,
    tokens: Arc<MemoryGrants>,
    /// Tables this connector has asked for, so that reading what was just discovered does not ask again.
    described: Arc<Mutex<HashMap<String, Arc<Table>>>>,
}

fn open(system: &str, settings: &Settings, _operator: &Operator) -> Result<Arc<dyn Connector>, Error> {
    let settings: DynamicsSettings = rest::read_settings(settings)?;
    let base = rest::base_url("environment_url", &settings.environment_url)?;
    let (tokens, described) = (Arc::default(), Arc::default());
    Ok(Arc::new(Dynamics { system: system.to_owned(), base, settings, tokens, described }))
}

/// Says what a user is asked for, and where.
fn consent(settings: &Settings) -> Result<Asking, Error> {
    let settings: DynamicsSettings = rest::read_settings(settings)?;
    let asked = provider(settings.login_url.as_deref(), &settings.tenant_id);
    Asking::new(asked, Some(settings.client_id), scopes(&settings.environment_url))
}

impl Connector for Dynamics {
    fn system(&self) -> &str {
        &self.system
    }

    fn budget(&self) -> Option<Budget> {
        let account = format!("{} {}", self.base, self.settings.client_id);
        // The service protection limit of one user.
        Some(Budget { account, limits: vec![Limit::new("all", 6_000, Duration::from_secs(300))] })
    }

    fn check<'a>(&'a self, context: &'a Context) -> Answer<'a, CheckReport> {
        Box::pin(async move {
            let environment = Environment::open(self, context)?;
            let identity = Some(environment.identity().await?);
            let streams = environment.tables(&self.settings.tables).await?.len();
            Ok(CheckReport { streams, identity, ..CheckReport::default() })
        })
    }

    fn discover<'a>(&'a self, context: &'a Context) -> Answer<'a, Vec<Stream>> {
        Box::pin(async move {
            let environment = Environment::open(self, context)?;
            let mut streams = Vec::new();
            for definition in environment.tables(&self.settings.tables).await? {
                let name = definition.logical_name.clone();
                streams.push(match environment.describe(definition).await {
                    Ok(table) => self.keep(table).stream(&self.system),
                    Err(error @ (Error::MissingScope { .. } | Error::Gone { .. })) => {
                        Stream::unreadable(name, &self.system, error)
                    }
                    Err(error) => return Err(error),
                });
            }
            Ok(streams)
        })
    }

    fn read<'a>(&'a self, request: ReadRequest, context: &'a Context) -> Answer<'a, Pages> {
        Box::pin(async move {
            let environment = Environment::open(self, context)?;
            let known = self.described.lock().unwrap_or_else(PoisonError::into_inner).get(&request.stream).cloned();
            let table = match known {
                Some(table) => table,
                None => {
                    let definition = environment.definition(&request.stream).await?;
                    self.keep(environment.describe(definition).await?)
                }
            };
            Ok(rest::pages(pages::DynamicsPages::start(environment, table, request)?))
        })
    }
}

impl Dynamics {
    fn keep(&self, table: Table) -> Arc<Table> {
        let table = Arc::new(table);
        let mut known = self.described.lock().unwrap_or_else(PoisonError::into_inner);
        known.insert(table.definition.logical_name.clone(), table.clone());
        table
    }
}
