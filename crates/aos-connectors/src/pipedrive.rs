//! Pipedrive: deals, persons, organizations, activities, products, pipelines and stages through API v2, and what v2 does not have (leads,
//! notes, users) through v1. Custom fields keep the hash that names them, with the name people gave them as label.
//!
//! After the API reference (<https://developers.pipedrive.com/docs/api/v1>) and the guide to API v2
//! (<https://pipedrive.readme.io/docs/pipedrive-api-v2>).

mod access;
mod fields;
mod pages;
mod refusal;
mod streams;

use crate::connector::{Answer, CheckReport, Connector, Pages, ReadRequest};
use crate::consent::Asking;
use crate::context::Context;
use crate::declaration::{AuthKind, Declaration, Operator, Setting, SettingKind, Settings};
use crate::error::Error;
use crate::pace::{Budget, Limit};
use crate::rest;
use crate::stream::Stream;
use access::Account;
use serde::Deserialize;
use std::sync::Arc;
use std::time::Duration;
use streams::{STREAMS, Standard};

pub use access::{SCOPES, provider};

pub const NAME: &str = "pipedrive";

pub(crate) const DECLARATION: Declaration = Declaration {
    name: NAME,
    title: "Pipedrive",
    about: "Reads deals (deleted and archived ones too), persons, organizations, activities, products, leads, notes, users, pipelines and stages, with all custom fields.",
    settings: &[
        Setting {
            name: "base_url",
            title: "Address",
            kind: SettingKind::Url,
            required: false,
            help: "the company's address, e.g. https://example.pipedrive.com; needed with an API token, otherwise signing in tells it",
        },
        Setting {
            name: "auth",
            title: "How to sign in",
            kind: SettingKind::Choice(&["api_token", "authorization_code"]),
            required: false,
            help: "api_token (default): a user's personal API token; authorization_code: the user gives leave in the browser",
        },
        Setting {
            name: "api_token",
            title: "API token",
            kind: SettingKind::Secret,
            required: false,
            help: "Personal preferences, API; what this user may see is what is read",
        },
        Setting {
            name: "oauth_url",
            title: "OAuth address",
            kind: SettingKind::Url,
            required: false,
            help: "https://oauth.pipedrive.com by default",
        },
        Setting {
            name: "client_id",
            title: "Client id",
            kind: SettingKind::Text,
            required: false,
            help: "the marketplace app's client id, for authorization_code",
        },
        Setting {
            name: "client_secret",
            title: "Client secret",
            kind: SettingKind::Secret,
            required: false,
            help: "the marketplace app's client secret, for authorization_code",
        },
        Setting {
            name: "streams",
            title: "Streams",
            kind: SettingKind::List,
            required: false,
            help: "which to read, e.g. deals, persons; all of them by default",
        },
    ],
    auth: &[AuthKind::Token, AuthKind::AuthorizationCode],
    documentation: "https://developers.pipedrive.com/docs/api/v1",
    open,
    consent: Some(consent),
};

#[derive(Debug, Clone, Deserialize)]
pub(crate) struct PipedriveSettings {
    base_url: Option<String>,
    #[serde(default)]
    auth: Auth,
    oauth_url: Option<String>,
    client_id: Option<String>,
    #[serde(default)]
    streams: Vec<String>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Auth {
    #[default]
    ApiToken,
    AuthorizationCode,
}

/// A Pipedrive company.
pub struct Pipedrive {
    system: String,
    settings: PipedriveSettings,
}

fn open(system: &str, settings: &Settings, _operator: &Operator) -> Result<Arc<dyn Connector>, Error> {
    let settings = rest::read_settings(settings)?;
    Ok(Arc::new(Pipedrive { system: system.to_owned(), settings }))
}

/// Says what a user is asked for, and where.
fn consent(settings: &Settings) -> Result<Asking, Error> {
    let settings: PipedriveSettings = rest::read_settings(settings)?;
    Asking::new(provider(settings.oauth_url.as_deref()), settings.client_id, SCOPES.iter().copied())
}

impl Connector for Pipedrive {
    fn system(&self) -> &str {
        &self.system
    }

    fn budget(&self) -> Option<Budget> {
        let PipedriveSettings { base_url, client_id, .. } = &self.settings;
        let account = base_url.iter().chain(client_id).map(String::as_str).collect::<Vec<_>>().join(" ");
        // The burst limit of the smallest plan; the day's tokens are told by the answers.
        Some(Budget { account, limits: vec![Limit::new("all", 20, Duration::from_secs(2))] })
    }

    fn check<'a>(&'a self, context: &'a Context) -> Answer<'a, CheckReport> {
        Box::pin(async move {
            let account = Account::open(self, context).await?;
            let identity = Some(account.identity().await?);
            Ok(CheckReport { streams: self.streams()?.len(), identity, ..CheckReport::default() })
        })
    }

    fn discover<'a>(&'a self, context: &'a Context) -> Answer<'a, Vec<Stream>> {
        Box::pin(async move {
            let account = Account::open(self, context).await?;
            let mut streams = Vec::new();
            for standard in self.streams()? {
                streams.push(match fields::of(&account, standard).await {
                    Ok(fields) => standard.stream(&self.system, fields),
                    Err(error @ (Error::MissingScope { .. } | Error::Gone { .. })) => {
                        Stream::unreadable(standard.name, &self.system, error)
                    }
                    Err(error) => return Err(error),
                });
            }
            Ok(streams)
        })
    }

    fn read<'a>(&'a self, request: ReadRequest, context: &'a Context) -> Answer<'a, Pages> {
        Box::pin(async move {
            let account = Account::open(self, context).await?;
            let standard = Standard::find(&request.stream).ok_or_else(|| Error::UnknownStream {
                source_name: self.system.clone(),
                stream: request.stream.clone(),
                known: STREAMS.map(|stream| stream.name).join(", "),
            })?;
            Ok(rest::pages(pages::PipedrivePages::start(account, standard, request)?))
        })
    }
}

impl Pipedrive {
    fn streams(&self) -> Result<Vec<&'static Standard>, Error> {
        if self.settings.streams.is_empty() {
            return Ok(STREAMS.iter().collect());
        }
        let unknown = |name: &String| Error::Config {
            field: "streams".to_owned(),
            reason: format!("there is no stream {name}; there are {}", STREAMS.map(|stream| stream.name).join(", ")),
        };
        self.settings.streams.iter().map(|name| Standard::find(name).ok_or_else(|| unknown(name))).collect()
    }
}
