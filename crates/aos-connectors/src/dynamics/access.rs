//! How an environment is signed in to, and what it says about its tables.

use super::describe::{ATTRIBUTE, Attribute, DEFINITION, Definition, Table};
use super::{Auth, Dynamics, tables};
use crate::context::Context;
use crate::error::Error;
use crate::oauth::{Application, ClientProof, Keeper, Provider, Revocation, Source};
use crate::rest::{Authorization, Session, Trail, envelope, same_origin, standard};
use aos_net::Request;
use serde::Deserialize;
use serde::de::DeserializeOwned;

const LOGIN_URL: &str = "https://login.microsoftonline.com";
const API_VERSION: &str = "9.2";

pub(super) struct Environment {
    pub session: Session,
    pub base: String,
    /// `/api/data/v9.2`
    path: String,
}

/// Returns where Entra gives leave and tokens to users of a tenant.
pub fn provider(login_url: Option<&str>, tenant_id: &str) -> Provider {
    let login = login_url.unwrap_or(LOGIN_URL).trim_end_matches('/');
    Provider {
        vendor: "Microsoft Entra",
        authorize_url: format!("{login}/{tenant_id}/oauth2/v2.0/authorize"),
        token_url: format!("{login}/{tenant_id}/oauth2/v2.0/token"),
        pkce: true,
        client_proof: ClientProof::Form,
        revocation: Revocation::Nowhere,
    }
}

/// What reading asks a user for: to act as they may in the environment, and to go on when they are away.
pub fn scopes(environment_url: &str) -> Vec<String> {
    vec![format!("{}/user_impersonation", environment_url.trim_end_matches('/')), "offline_access".to_owned()]
}

#[derive(Deserialize)]
struct Listed<T> {
    value: Vec<T>,
    #[serde(rename = "@odata.nextLink")]
    next: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct WhoAmI {
    user_id: String,
    organization_id: String,
}

impl Environment {
    pub fn open(dynamics: &Dynamics, context: &Context) -> Result<Self, Error> {
        let settings = &dynamics.settings;
        let client_secret = Some(context.secrets.require("client_secret")?.clone());
        let application = Application { client_id: settings.client_id.clone(), client_secret };
        let provider = provider(settings.login_url.as_deref(), &settings.tenant_id);
        let keeper = match (settings.auth, context.grants.clone()) {
            (Auth::ClientCredentials, _) => {
                let source = Source::ClientCredentials { scope: format!("{}/.default", dynamics.base) };
                Keeper::new(context, provider, application, source, dynamics.tokens.clone())
            }
            (Auth::AuthorizationCode, Some(store)) => {
                Keeper::new(context, provider, application, Source::Refresh, store)
            }
            (Auth::AuthorizationCode, None) => {
                let reason = "nobody keeps this connection's grant".to_owned();
                return Err(Error::Config { field: "auth".to_owned(), reason });
            }
        };
        let session = Session::new(context, Authorization::grant(keeper), standard);
        let version = settings.api_version.as_deref().unwrap_or(API_VERSION).trim_start_matches('v');
        Ok(Self { session, base: dynamics.base.clone(), path: format!("/api/data/v{version}") })
    }

    pub fn get(&self, path: &str) -> Result<Request, Error> {
        self.follow(&format!("{}{}/{path}", self.base, self.path))
    }

    /// Asks for a link that the environment gave.
    pub fn follow(&self, link: &str) -> Result<Request, Error> {
        Ok(Request::get(link)?
            .header("accept", "application/json")?
            .header("odata-version", "4.0")?
            .header("odata-maxversion", "4.0")?)
    }

    pub async fn identity(&self) -> Result<String, Error> {
        let request = self.get("WhoAmI")?;
        let who: WhoAmI = self.session.ask(&request, &[], |reply| envelope(reply.body().text())).await?;
        Ok(format!("user {} of organization {}", who.user_id, who.organization_id))
    }

    /// Lists the tables to read: those that were named, or the usual and all custom ones.
    pub async fn tables(&self, named: &[String]) -> Result<Vec<Definition>, Error> {
        let request = self.get("EntityDefinitions")?.query([("$select", DEFINITION)]);
        let all: Vec<Definition> = self.list(request).await?;
        if named.is_empty() {
            return Ok(all.into_iter().filter(tables::is_usual).collect());
        }
        let find = |name: &String| {
            let found = all.iter().find(|table| table.logical_name == *name && table.is_readable());
            found.cloned().ok_or_else(|| no_table(name))
        };
        named.iter().map(find).collect()
    }

    pub async fn definition(&self, name: &str) -> Result<Definition, Error> {
        if !name.bytes().all(|letter| letter.is_ascii_alphanumeric() || letter == b'_') {
            return Err(no_table(name));
        }
        let request = self.get(&format!("EntityDefinitions(LogicalName='{name}')"))?.query([("$select", DEFINITION)]);
        self.session.ask(&request, &[], |reply| envelope(reply.body().text())).await
    }

    pub async fn describe(&self, definition: Definition) -> Result<Table, Error> {
        let name = definition.logical_name.clone();
        let path = format!("EntityDefinitions(LogicalName='{name}')/Attributes");
        let attributes: Vec<Attribute> = self.list(self.get(&path)?.query([("$select", ATTRIBUTE)])).await?;
        Table::new(definition, &attributes).ok_or_else(|| no_table(&name))
    }

    /// Reads a short list whole.
    async fn list<T: DeserializeOwned + Send>(&self, mut request: Request) -> Result<Vec<T>, Error> {
        let (mut items, mut trail) = (Vec::new(), Trail::default());
        loop {
            let listed: Listed<T> = self
                .session
                .ask(&request, &[], |reply| {
                    let listed: Listed<T> = envelope(reply.body().text())?;
                    listed.next.as_deref().map_or(Ok(()), |next| trail.check(next))?;
                    Ok(listed)
                })
                .await?;
            items.extend(listed.value);
            let Some(next) = listed.next else { return Ok(items) };
            if !same_origin(&self.base, &next) {
                return Err(Error::Contract { what: "a list leads to another host".to_owned() });
            }
            trail.follow(&next);
            request = self.follow(&next)?;
        }
    }
}

fn no_table(name: &str) -> Error {
    Error::Gone { what: format!("the table {name}"), said: "the environment has none of that name to read".to_owned() }
}
