//! How an org is signed in to, and where its resources are.

use super::describe::{Described, Global, ObjectName};
use super::{Auth, Limits, Salesforce, SalesforceSettings, refusal};
use crate::connector::Allowance;
use crate::context::Context;
use crate::error::Error;
use crate::grant::GrantStore;
use crate::oauth::{Application, Claims, ClientProof, Keeper, Provider, Revocation, SigningKey, Source};
use crate::rest::{Authorization, Session, base_url, envelope};
use aos_net::Request;
use std::sync::Arc;

const LOGIN_URL: &str = "https://login.salesforce.com";
const API_VERSION: &str = "62.0";

/// An org we are signed in to.
pub(super) struct Org {
    pub session: Session,
    /// Scheme and host.
    pub base: String,
    /// `/services/data/v62.0`
    pub path: String,
}

/// Returns where Salesforce gives leave and tokens; `login_url` may be a sandbox's or an org's own.
pub fn provider(login_url: Option<&str>) -> Provider {
    let login = login_url.unwrap_or(LOGIN_URL).trim_end_matches('/');
    Provider {
        vendor: "Salesforce",
        authorize_url: format!("{login}/services/oauth2/authorize"),
        token_url: format!("{login}/services/oauth2/token"),
        pkce: true,
        client_proof: ClientProof::Form,
        revocation: Revocation::Post(format!("{login}/services/oauth2/revoke")),
    }
}

/// What reading asks the owner for.
pub const SCOPES: &[&str] = &["api", "refresh_token"];

impl Org {
    pub async fn open(salesforce: &Salesforce, context: &Context) -> Result<Self, Error> {
        let settings = &salesforce.settings;
        let authorization = authorization(settings, salesforce.tokens.clone(), context)?;
        let session = Session::new(context, authorization, refusal::judge);
        let base = match &settings.instance_url {
            Some(base) => base_url("instance_url", base)?,
            None => {
                let missing = || missing("instance_url", "signing in did not tell it");
                base_url("instance_url", &session.api_base().await?.ok_or_else(missing)?)?
            }
        };
        let version = settings.api_version.as_deref().unwrap_or(API_VERSION).trim_start_matches('v');
        Ok(Self { session, base, path: format!("/services/data/v{version}") })
    }

    pub fn get(&self, path: &str) -> Result<Request, Error> {
        Ok(Request::get(&format!("{}{path}", self.base))?.header("accept", "application/json")?)
    }

    pub async fn limits(&self) -> Result<Allowance, Error> {
        let request = self.get(&format!("{}/limits", self.path))?;
        self.session.ask(&request, &[], |reply| Ok(envelope::<Limits>(reply.body().text())?.into())).await
    }

    /// Lists all objects of the org, also those that cannot be read.
    pub async fn all_objects(&self) -> Result<Vec<ObjectName>, Error> {
        let request = self.get(&format!("{}/sobjects", self.path))?;
        let global: Global = self.session.ask(&request, &[], |reply| envelope(reply.body().text())).await?;
        Ok(global.sobjects)
    }

    pub async fn describe(&self, object: &str) -> Result<Described, Error> {
        if !object.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_') {
            let (what, said) = (format!("the object {object}"), "that is no API name of an object".to_owned());
            return Err(Error::Gone { what, said });
        }
        let request = self.get(&format!("{}/sobjects/{object}/describe", self.path))?;
        self.session.ask(&request, &[], |reply| envelope(reply.body().text())).await
    }
}

/// Lists the objects to read: those that were named, or all that hold records of their own.
pub(super) fn wanted(all: &[ObjectName], named: &[String]) -> Vec<ObjectName> {
    if named.is_empty() {
        return all.iter().filter(|object| object.is_wanted()).cloned().collect();
    }
    let known = |name: &String| {
        let found = all.iter().find(|object| object.name.eq_ignore_ascii_case(name));
        found.cloned().unwrap_or_else(|| ObjectName::unknown(name))
    };
    named.iter().map(known).collect()
}

fn authorization(
    settings: &SalesforceSettings,
    tokens: Arc<dyn GrantStore>,
    context: &Context,
) -> Result<Authorization, Error> {
    if settings.auth == Auth::Token {
        return Ok(Authorization::bearer(context.secrets.require("access_token")?));
    }
    let client_id = settings.client_id.clone().ok_or_else(|| missing("client_id", "it is the app's consumer key"))?;
    let client_secret = context.secrets.get("client_secret").cloned();
    let provider = provider(settings.login_url.as_deref());
    let (source, store) = match settings.auth {
        Auth::AuthorizationCode => {
            let granted = context.grants.clone();
            (Source::Refresh, granted.ok_or_else(|| missing("auth", "nobody keeps this connection's grant"))?)
        }
        Auth::ClientCredentials => (Source::ClientCredentials { scope: String::new() }, tokens),
        Auth::JwtBearer | Auth::Token => {
            let pem = context.secrets.require("private_key")?;
            let key = SigningKey::of_pem(pem.expose())
                .map_err(|error| Error::Config { field: "private_key".to_owned(), reason: error.to_string() })?;
            let subject = settings.username.clone().ok_or_else(|| missing("username", "a key signs for a user"))?;
            // The audience is the login server's name, whichever address leads there.
            let audience = settings.login_url.as_deref().unwrap_or(LOGIN_URL).trim_end_matches('/').to_owned();
            (Source::Assertion { key, claims: Claims { issuer: client_id.clone(), subject, audience } }, tokens)
        }
    };
    let application = Application { client_id, client_secret };
    Ok(Authorization::grant(Keeper::new(context, provider, application, source, store)))
}

fn missing(field: &str, why: &str) -> Error {
    Error::Config { field: field.to_owned(), reason: format!("it is missing: {why}") }
}
