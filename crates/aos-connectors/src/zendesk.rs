//! Zendesk Support: tickets, users and organizations through the incremental exports, which also tell what was deleted; other lists
//! page by page; custom objects with their records. Custom ticket fields become members by their id, with their title as label.
//!
//! After the Zendesk API reference (<https://developer.zendesk.com/api-reference/>).

mod access;
mod fields;
mod pages;
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
use streams::{STREAMS, StreamKind};

pub const NAME: &str = "zendesk";
/// The limit that incremental exports count against, beside that of all requests.
const EXPORT: &str = "export";
const MINUTE: Duration = Duration::from_secs(60);

pub(crate) const DECLARATION: Declaration = Declaration {
    name: NAME,
    title: "Zendesk Support",
    about: "Reads tickets, users and organizations through the incremental exports, deleted ones included, and groups, brands, forms, metrics and custom objects.",
    settings: &[
        Setting {
            name: "base_url",
            title: "Address",
            kind: SettingKind::Url,
            required: true,
            help: "the account's address, e.g. https://example.zendesk.com",
        },
        Setting {
            name: "auth",
            title: "How to sign in",
            kind: SettingKind::Choice(&["api_token", "authorization_code", "token"]),
            required: false,
            help: "api_token (default): an administrator's address and an API token; authorization_code: an administrator gives leave in the browser; token: an OAuth access token",
        },
        Setting {
            name: "email",
            title: "Address of the administrator",
            kind: SettingKind::Text,
            required: false,
            help: "whose API token it is; the exports are for administrators only",
        },
        Setting {
            name: "api_token",
            title: "API token",
            kind: SettingKind::Secret,
            required: false,
            help: "Admin Center, Apps and integrations, Zendesk API",
        },
        Setting {
            name: "access_token",
            title: "Access token",
            kind: SettingKind::Secret,
            required: false,
            help: "an OAuth access token with the scope read, for auth = token",
        },
        Setting {
            name: "client_id",
            title: "OAuth client",
            kind: SettingKind::Text,
            required: false,
            help: "the OAuth client's identifier, for authorization_code",
        },
        Setting {
            name: "client_secret",
            title: "OAuth client secret",
            kind: SettingKind::Secret,
            required: false,
            help: "the OAuth client's secret, for authorization_code",
        },
        Setting {
            name: "streams",
            title: "Streams",
            kind: SettingKind::List,
            required: false,
            help: "which to read, e.g. tickets, users, custom_objects.asset; all of them by default",
        },
    ],
    auth: &[AuthKind::Token, AuthKind::AuthorizationCode],
    documentation: "https://developer.zendesk.com/api-reference/ticketing/ticket-management/incremental_exports/",
    open,
    consent: Some(consent),
};

#[derive(Debug, Clone, Deserialize)]
pub(crate) struct ZendeskSettings {
    base_url: String,
    #[serde(default)]
    auth: Auth,
    email: Option<String>,
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
    Token,
}

pub use access::{SCOPES, provider};

/// A Zendesk account.
pub struct Zendesk {
    system: String,
    base: String,
    settings: ZendeskSettings,
}

fn open(system: &str, settings: &Settings, _operator: &Operator) -> Result<Arc<dyn Connector>, Error> {
    let settings: ZendeskSettings = rest::read_settings(settings)?;
    let base = rest::base_url("base_url", &settings.base_url)?;
    Ok(Arc::new(Zendesk { system: system.to_owned(), base, settings }))
}

/// Says what an administrator is asked for, and where.
fn consent(settings: &Settings) -> Result<Asking, Error> {
    let settings: ZendeskSettings = rest::read_settings(settings)?;
    let base = rest::base_url("base_url", &settings.base_url)?;
    Asking::new(provider(&base), settings.client_id, SCOPES.iter().copied())
}

impl Connector for Zendesk {
    fn system(&self) -> &str {
        &self.system
    }

    fn budget(&self) -> Option<Budget> {
        // What the smallest plan allows; answers above it are waited for as they ask.
        let limits = vec![Limit::new("all", 200, MINUTE), Limit::new(EXPORT, 10, MINUTE)];
        Some(Budget { account: self.base.clone(), limits })
    }

    fn check<'a>(&'a self, context: &'a Context) -> Answer<'a, CheckReport> {
        Box::pin(async move {
            let account = Account::open(self, context)?;
            let identity = Some(account.identity().await?);
            Ok(CheckReport { streams: self.kinds(&account).await?.len(), identity, ..CheckReport::default() })
        })
    }

    fn discover<'a>(&'a self, context: &'a Context) -> Answer<'a, Vec<Stream>> {
        Box::pin(async move {
            let account = Account::open(self, context)?;
            let mut streams = Vec::new();
            for kind in self.kinds(&account).await? {
                let fields = fields::of(&account, &kind).await?;
                streams.push(kind.stream(&self.system, fields));
            }
            Ok(streams)
        })
    }

    fn read<'a>(&'a self, request: ReadRequest, context: &'a Context) -> Answer<'a, Pages> {
        Box::pin(async move {
            let account = Account::open(self, context)?;
            let kind = StreamKind::of_name(&request.stream).ok_or_else(|| Error::UnknownStream {
                source_name: self.system.clone(),
                stream: request.stream.clone(),
                known: STREAMS.map(|stream| stream.name).join(", "),
            })?;
            Ok(rest::pages(pages::ZendeskPages::start(account, kind, request)?))
        })
    }
}

impl Zendesk {
    /// Lists what this connection reads: what its settings name, or all there is.
    async fn kinds(&self, account: &Account) -> Result<Vec<StreamKind>, Error> {
        if !self.settings.streams.is_empty() {
            let unknown = |name: &String| Error::Config {
                field: "streams".to_owned(),
                reason: format!("there is no stream {name}; give custom objects as custom_objects.<key>"),
            };
            let kind = |name: &String| StreamKind::of_name(name).ok_or_else(|| unknown(name));
            return self.settings.streams.iter().map(kind).collect();
        }
        let standard = STREAMS.iter().map(StreamKind::Standard);
        Ok(standard.chain(account.custom_objects().await?).collect())
    }
}
