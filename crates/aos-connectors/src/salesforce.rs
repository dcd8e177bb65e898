//! Salesforce: every object that can be queried, standard and custom, with all its fields. Small reads go through the REST query
//! resource, large ones through Bulk API 2.0; later reads ask for what changed since by `SystemModstamp`, deleted records included.
//!
//! After the REST API and Bulk API 2.0 developer guides (<https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest>).
//! Compound fields (addresses, locations) are read as their parts; fields of type `base64` are files, and are left out. What files are
//! attached to is read by their documents.

mod access;
mod bulk;
mod cursor;
mod describe;
mod links;
mod query;
mod refusal;
mod results;

use crate::connector::{Allowance, Answer, CheckReport, Connector, Pages, ReadRequest, Skipped};
use crate::consent::Asking;
use crate::context::Context;
use crate::declaration::{AuthKind, Declaration, Operator, Setting, SettingKind, Settings};
use crate::error::Error;
use crate::oauth::MemoryGrants;
use crate::pace::{Budget, Limit};
use crate::rest::{pages, read_settings};
use crate::stream::Stream;
use access::Org;
use describe::{Described, LeftOut, ObjectName};
use serde::Deserialize;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

pub use access::{SCOPES, provider};

pub const NAME: &str = "salesforce";

/// A transaction may stamp its records up to this long before it commits: ten minutes are its limit for synchronous work.
const LAG: Duration = Duration::from_secs(10 * 60);

pub(crate) const DECLARATION: Declaration = Declaration {
    name: NAME,
    title: "Salesforce",
    about: "Reads every standard and custom object of an org: what changed by SystemModstamp, deletes from the recycle bin, large objects through Bulk API 2.0.",
    settings: &[
        Setting {
            name: "auth",
            title: "How to sign in",
            kind: SettingKind::Choice(&["authorization_code", "jwt_bearer", "client_credentials", "token"]),
            required: false,
            help: "authorization_code (default): the owner gives leave in the browser; jwt_bearer: a key signs for a user; client_credentials: the connected app's own user; token: an access token",
        },
        Setting {
            name: "login_url",
            title: "Login address",
            kind: SettingKind::Url,
            required: false,
            help: "https://login.salesforce.com by default; https://test.salesforce.com for a sandbox, or the org's My Domain (needed for client_credentials)",
        },
        Setting {
            name: "instance_url",
            title: "Instance address",
            kind: SettingKind::Url,
            required: false,
            help: "where the org's API lives, e.g. https://example.my.salesforce.com; needed with a token, otherwise signing in tells it",
        },
        Setting {
            name: "client_id",
            title: "Consumer key",
            kind: SettingKind::Text,
            required: false,
            help: "the connected app's consumer key; needed for everything but a token",
        },
        Setting {
            name: "client_secret",
            title: "Consumer secret",
            kind: SettingKind::Secret,
            required: false,
            help: "the connected app's consumer secret; not needed for jwt_bearer",
        },
        Setting {
            name: "username",
            title: "User name",
            kind: SettingKind::Text,
            required: false,
            help: "the user that jwt_bearer signs for",
        },
        Setting {
            name: "private_key",
            title: "Private key",
            kind: SettingKind::Secret,
            required: false,
            help: "the PEM text of the key whose certificate the connected app has, for jwt_bearer",
        },
        Setting {
            name: "access_token",
            title: "Access token",
            kind: SettingKind::Secret,
            required: false,
            help: "for auth = token; it ends with its session and cannot be renewed",
        },
        Setting {
            name: "api_version",
            title: "API version",
            kind: SettingKind::Text,
            required: false,
            help: "62.0 by default",
        },
        Setting {
            name: "objects",
            title: "Objects",
            kind: SettingKind::List,
            required: false,
            help: "API names of the objects to read, e.g. Account, Invoice__c; by default all that can be queried, without histories, shares, feeds and change events",
        },
        Setting {
            name: "bulk",
            title: "Bulk API",
            kind: SettingKind::Choice(&["auto", "always", "never"]),
            required: false,
            help: "auto (default): Bulk API 2.0 from 50,000 records on, and for objects whose fields do not fit into an address",
        },
    ],
    auth: &[AuthKind::AuthorizationCode, AuthKind::JwtBearer, AuthKind::ClientCredentials, AuthKind::Token],
    documentation: "https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/intro_rest.htm",
    open,
    consent: Some(consent),
};

#[derive(Debug, Clone, Deserialize)]
pub(crate) struct SalesforceSettings {
    #[serde(default)]
    auth: Auth,
    login_url: Option<String>,
    instance_url: Option<String>,
    client_id: Option<String>,
    username: Option<String>,
    api_version: Option<String>,
    #[serde(default)]
    objects: Vec<String>,
    #[serde(default)]
    bulk: Bulk,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Auth {
    #[default]
    AuthorizationCode,
    JwtBearer,
    ClientCredentials,
    Token,
}

/// When a read goes through Bulk API 2.0.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Bulk {
    #[default]
    Auto,
    Always,
    Never,
}

/// A Salesforce org.
pub struct Salesforce {
    system: String,
    settings: SalesforceSettings,
    tokens: Arc<MemoryGrants>,
    /// Descriptions this connector has asked for, so that reading what was just discovered does not ask again.
    described: Arc<Mutex<HashMap<String, Arc<Described>>>>,
}

fn open(system: &str, settings: &Settings, _operator: &Operator) -> Result<Arc<dyn Connector>, Error> {
    let settings = read_settings(settings)?;
    let (tokens, described) = (Arc::default(), Arc::default());
    Ok(Arc::new(Salesforce { system: system.to_owned(), settings, tokens, described }))
}

/// Says what an owner is asked for, and where.
fn consent(settings: &Settings) -> Result<Asking, Error> {
    let settings: SalesforceSettings = read_settings(settings)?;
    Asking::new(provider(settings.login_url.as_deref()), settings.client_id, SCOPES.iter().copied())
}

impl Connector for Salesforce {
    fn system(&self) -> &str {
        &self.system
    }

    fn budget(&self) -> Option<Budget> {
        let SalesforceSettings { login_url, instance_url, client_id, username, .. } = &self.settings;
        let parts = [instance_url, login_url, client_id, username].into_iter().flatten();
        let account = parts.map(String::as_str).collect::<Vec<_>>().join(" ");
        // The vendor counts requests per day and long requests at once; this keeps bursts civil.
        Some(Budget { account, limits: vec![Limit::new("all", 20, Duration::from_secs(1))] })
    }

    fn check<'a>(&'a self, context: &'a Context) -> Answer<'a, CheckReport> {
        Box::pin(async move {
            let org = Org::open(self, context).await?;
            let allowance = org.limits().await?;
            let all = org.all_objects().await?;
            let streams = access::wanted(&all, &self.settings.objects).len();
            let skipped = if self.settings.objects.is_empty() { left_out(&all) } else { Vec::new() };
            let identity = Some(org.base.clone());
            Ok(CheckReport { streams, identity, allowance: Some(allowance), skipped, ..CheckReport::default() })
        })
    }

    fn discover<'a>(&'a self, context: &'a Context) -> Answer<'a, Vec<Stream>> {
        Box::pin(async move {
            let org = Org::open(self, context).await?;
            let mut streams = Vec::new();
            for object in access::wanted(&org.all_objects().await?, &self.settings.objects) {
                streams.push(match org.describe(&object.name).await {
                    Ok(described) => {
                        self.keep(&described);
                        described.stream(&self.system)
                    }
                    Err(error @ (Error::MissingScope { .. } | Error::Gone { .. } | Error::Refused { .. })) => {
                        Stream::unreadable(object.name, &self.system, error)
                    }
                    Err(error) => return Err(error),
                });
            }
            Ok(streams)
        })
    }

    fn read<'a>(&'a self, request: ReadRequest, context: &'a Context) -> Answer<'a, Pages> {
        Box::pin(async move {
            let org = Org::open(self, context).await?;
            let known = self.described.lock().unwrap_or_else(PoisonError::into_inner).get(&request.stream).cloned();
            let described = match known {
                Some(described) => described,
                None => Arc::new(org.describe(&request.stream).await?),
            };
            if described.name == links::OBJECT {
                return Ok(pages(links::LinkPages::start(org, described, request)?));
            }
            Ok(pages(query::QueryPages::start(org, described, request, self.settings.bulk)?))
        })
    }
}

/// Says which objects of an org are not read unless somebody names them, and why.
fn left_out(all: &[ObjectName]) -> Vec<Skipped> {
    let of = |why: LeftOut| all.iter().filter(move |object| object.left_out() == Some(why));
    let single = of(LeftOut::NotAsAWhole).map(|object| Skipped {
        path: object.name.clone().into(),
        reason: "Salesforce lets nobody query it as a whole, only by ids or by the name of an object".to_owned(),
    });
    let belonging = of(LeftOut::OfAnother).count();
    let others = (belonging > 0).then(|| Skipped {
        path: format!("{belonging} objects").into(),
        reason: "they are histories, shares, feeds and change events of other objects; those that are named in `objects` are read".to_owned(),
    });
    single.chain(others).collect()
}

impl Salesforce {
    fn keep(&self, described: &Described) {
        let mut known = self.described.lock().unwrap_or_else(PoisonError::into_inner);
        known.insert(described.name.clone(), Arc::new(described.clone()));
    }
}

/// What `limits` says of the requests of a day.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Limits {
    daily_api_requests: DailyRequests,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct DailyRequests {
    max: u64,
    remaining: u64,
}

impl From<Limits> for Allowance {
    fn from(limits: Limits) -> Self {
        let DailyRequests { max, remaining } = limits.daily_api_requests;
        Self { requests_max: max, requests_left: remaining, per: Duration::from_secs(24 * 60 * 60) }
    }
}
