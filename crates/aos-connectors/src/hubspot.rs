//! HubSpot: every CRM object, standard and custom, with all its properties and what it is associated with. A first read goes through
//! the list of objects, which is complete; later reads go through the search by time of change, and through the list of archived objects.
//!
//! After the CRM API reference (<https://developers.hubspot.com/docs/api/crm/understanding-the-crm>). The search shows changes some
//! moments late and no more than 10,000 results of one query: each page is a query of its own, behind the last id.

mod access;
mod associations;
mod describe;
mod list;
mod objects;
mod pages;
mod refusal;
mod search;

use crate::connector::{Answer, CheckReport, Connector, Pages, ReadRequest};
use crate::consent::Asking;
use crate::context::Context;
use crate::declaration::{AuthKind, Declaration, Operator, Setting, SettingKind, Settings};
use crate::error::Error;
use crate::oauth::Provider;
use crate::pace::{Budget, Limit};
use crate::rest;
use crate::stream::Stream;
use access::Portal;
use objects::ObjectType;
use serde::Deserialize;
use std::sync::Arc;
use std::time::Duration;

pub use access::{SCOPES, provider};

pub const NAME: &str = "hubspot";
/// The limit that searches count against, beside that of all requests.
const SEARCH: &str = "search";
/// How long a change may take until the search finds it.
const LAG: Duration = Duration::from_secs(5 * 60);

pub(crate) const DECLARATION: Declaration = Declaration {
    name: NAME,
    title: "HubSpot",
    about: "Reads contacts, companies, deals, tickets, products, engagements, custom objects and owners with all their properties and associations.",
    settings: &[
        Setting {
            name: "auth",
            title: "How to sign in",
            kind: SettingKind::Choice(&["private_app", "authorization_code"]),
            required: false,
            help: "private_app (default): a private app's access token; authorization_code: a user gives leave in the browser",
        },
        Setting {
            name: "access_token",
            title: "Access token",
            kind: SettingKind::Secret,
            required: false,
            help: "the private app's token, with read scopes such as crm.objects.contacts.read and crm.schemas.contacts.read",
        },
        Setting {
            name: "client_id",
            title: "Client id",
            kind: SettingKind::Text,
            required: false,
            help: "the public app's client id, for authorization_code",
        },
        Setting {
            name: "client_secret",
            title: "Client secret",
            kind: SettingKind::Secret,
            required: false,
            help: "the public app's client secret, for authorization_code",
        },
        Setting {
            name: "base_url",
            title: "API address",
            kind: SettingKind::Url,
            required: false,
            help: "https://api.hubapi.com by default",
        },
        Setting {
            name: "app_url",
            title: "App address",
            kind: SettingKind::Url,
            required: false,
            help: "where users give leave: https://app.hubspot.com by default, https://app-eu1.hubspot.com for accounts kept in Europe",
        },
        Setting {
            name: "objects",
            title: "Objects",
            kind: SettingKind::List,
            required: false,
            help: "which to read, e.g. contacts, deals, or a custom object's name; by default the usual ones and all custom ones",
        },
        Setting {
            name: "archived",
            title: "Archived objects",
            kind: SettingKind::Choice(&["tombstone", "sweep"]),
            required: false,
            help: "tombstone (default): each later read goes through all archived objects, which is how deletes become known at once; sweep: it does not, and only full reads tell",
        },
    ],
    auth: &[AuthKind::Token, AuthKind::AuthorizationCode],
    documentation: "https://developers.hubspot.com/docs/api/crm/understanding-the-crm",
    open,
    consent: Some(consent),
};

#[derive(Debug, Clone, Deserialize)]
pub(crate) struct HubspotSettings {
    #[serde(default)]
    auth: Auth,
    client_id: Option<String>,
    base_url: Option<String>,
    app_url: Option<String>,
    #[serde(default)]
    objects: Vec<String>,
    #[serde(default)]
    archived: Archived,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Auth {
    #[default]
    PrivateApp,
    AuthorizationCode,
}

/// How deletes become known.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Archived {
    #[default]
    Tombstone,
    Sweep,
}

/// A HubSpot account.
pub struct Hubspot {
    system: String,
    base: String,
    settings: HubspotSettings,
}

fn open(system: &str, settings: &Settings, _operator: &Operator) -> Result<Arc<dyn Connector>, Error> {
    let settings: HubspotSettings = rest::read_settings(settings)?;
    let base = rest::base_url("base_url", settings.base_url.as_deref().unwrap_or(access::BASE_URL))?;
    Ok(Arc::new(Hubspot { system: system.to_owned(), base, settings }))
}

/// Says what a user is asked for, and where.
fn consent(settings: &Settings) -> Result<Asking, Error> {
    let settings: HubspotSettings = rest::read_settings(settings)?;
    let asked = provider(settings.base_url.as_deref());
    let asked = match &settings.app_url {
        Some(app) => {
            Provider { authorize_url: format!("{}/oauth/authorize", rest::base_url("app_url", app)?), ..asked }
        }
        None => asked,
    };
    Asking::new(asked, settings.client_id, SCOPES.iter().copied())
}

impl Connector for Hubspot {
    fn system(&self) -> &str {
        &self.system
    }

    fn budget(&self) -> Option<Budget> {
        let app = self.settings.client_id.as_deref().unwrap_or("private app");
        // What the smallest plan allows one app.
        let limits =
            vec![Limit::new("all", 100, Duration::from_secs(10)), Limit::new(SEARCH, 5, Duration::from_secs(1))];
        Some(Budget { account: format!("{} {app}", self.base), limits })
    }

    fn check<'a>(&'a self, context: &'a Context) -> Answer<'a, CheckReport> {
        Box::pin(async move {
            let portal = Portal::open(self, context)?;
            let identity = Some(portal.identity().await?);
            let streams = portal.objects(&self.settings.objects).await?.len();
            Ok(CheckReport { streams, identity, ..CheckReport::default() })
        })
    }

    fn discover<'a>(&'a self, context: &'a Context) -> Answer<'a, Vec<Stream>> {
        Box::pin(async move {
            let portal = Portal::open(self, context)?;
            let mut streams = Vec::new();
            for object in portal.objects(&self.settings.objects).await? {
                match portal.properties(&object).await {
                    Ok(properties) => {
                        streams.push(describe::stream(&object, &properties, self.settings.archived, &self.system));
                    }
                    // Of the usual objects, an account has those of the products it has.
                    Err(Error::Gone { .. }) if self.settings.objects.is_empty() => {
                        context.note(&format!("the account has no {}", object.stream));
                    }
                    Err(error @ (Error::MissingScope { .. } | Error::Gone { .. })) => {
                        streams.push(Stream::unreadable(object.stream, &self.system, error));
                    }
                    Err(error) => return Err(error),
                }
            }
            Ok(streams)
        })
    }

    fn read<'a>(&'a self, request: ReadRequest, context: &'a Context) -> Answer<'a, Pages> {
        Box::pin(async move {
            let portal = Portal::open(self, context)?;
            let objects = portal.objects(std::slice::from_ref(&request.stream)).await?;
            let object: ObjectType = objects.into_iter().next().ok_or_else(|| Error::UnknownStream {
                source_name: self.system.clone(),
                stream: request.stream.clone(),
                known: objects::known(),
            })?;
            let properties = portal.properties(&object).await?;
            Ok(rest::pages(pages::HubspotPages::start(portal, object, &properties, self.settings.archived, request)?))
        })
    }
}
