//! How a portal is signed in to, and what it says about its objects.

use super::describe::Property;
use super::objects::{self, ObjectType, Schema};
use super::{Auth, Hubspot, refusal};
use crate::context::Context;
use crate::error::Error;
use crate::oauth::{Application, ClientProof, Keeper, Provider, Revocation, Source};
use crate::rest::{Authorization, Session, envelope};
use aos_net::Request;
use serde::Deserialize;

pub(super) const BASE_URL: &str = "https://api.hubapi.com";

pub(super) struct Portal {
    pub session: Session,
    base: String,
}

/// Returns where HubSpot gives leave and tokens; `base_url` is the API's.
pub fn provider(base_url: Option<&str>) -> Provider {
    let base = base_url.unwrap_or(BASE_URL).trim_end_matches('/');
    Provider {
        vendor: "HubSpot",
        authorize_url: "https://app.hubspot.com/oauth/authorize".to_owned(),
        token_url: format!("{base}/oauth/v1/token"),
        pkce: false,
        client_proof: ClientProof::Form,
        revocation: Revocation::DeleteRefreshToken(format!("{base}/oauth/v1/refresh-tokens")),
    }
}

/// What reading asks the user for; HubSpot refuses an account that lacks one of them.
pub const SCOPES: &[&str] = &[
    "oauth",
    "crm.objects.contacts.read",
    "crm.objects.companies.read",
    "crm.objects.deals.read",
    "crm.objects.owners.read",
    "crm.schemas.contacts.read",
    "crm.schemas.companies.read",
    "crm.schemas.deals.read",
    "tickets",
];

#[derive(Deserialize)]
struct Listed<T> {
    results: Vec<T>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct AccountDetails {
    portal_id: u64,
}

impl Portal {
    pub fn open(hubspot: &Hubspot, context: &Context) -> Result<Self, Error> {
        let settings = &hubspot.settings;
        let missing = |field: &str, why: &str| Error::Config { field: field.to_owned(), reason: why.to_owned() };
        let authorization = match settings.auth {
            Auth::PrivateApp => Authorization::bearer(context.secrets.require("access_token")?),
            Auth::AuthorizationCode => {
                let client_id = settings.client_id.clone();
                let client_id = client_id.ok_or_else(|| missing("client_id", "it is missing: it names the app"))?;
                let store = context.grants.clone();
                let store = store.ok_or_else(|| missing("auth", "nobody keeps this connection's grant"))?;
                let application =
                    Application { client_id, client_secret: context.secrets.get("client_secret").cloned() };
                let provider = provider(Some(&hubspot.base));
                Authorization::grant(Keeper::new(context, provider, application, Source::Refresh, store))
            }
        };
        Ok(Self { session: Session::new(context, authorization, refusal::judge), base: hubspot.base.clone() })
    }

    pub fn get(&self, path: &str) -> Result<Request, Error> {
        Ok(Request::get(&format!("{}/{path}", self.base))?.header("accept", "application/json")?)
    }

    pub fn post(&self, path: &str, body: &serde_json::Value) -> Result<Request, Error> {
        Ok(Request::post(&format!("{}/{path}", self.base))?.header("accept", "application/json")?.json(body)?)
    }

    pub async fn identity(&self) -> Result<String, Error> {
        let request = self.get("account-info/v3/details")?;
        let details: AccountDetails = self.session.ask(&request, &[], |reply| envelope(reply.body().text())).await?;
        Ok(format!("portal {}", details.portal_id))
    }

    /// Lists the objects to read: those that were named, or the usual ones and all custom ones. Accounts without custom objects, and
    /// apps that may not see them, have none.
    pub async fn objects(&self, named: &[String]) -> Result<Vec<ObjectType>, Error> {
        if let Some(standard) = named.iter().map(|name| ObjectType::standard(name)).collect::<Option<Vec<_>>>()
            && !standard.is_empty()
        {
            return Ok(standard);
        }
        let request = self.get("crm/v3/schemas")?;
        let asked = self.session.ask(&request, &[], |reply| envelope::<Listed<Schema>>(reply.body().text())).await;
        let custom: Vec<ObjectType> = match asked {
            Ok(listed) => listed.results.into_iter().map(ObjectType::custom).collect(),
            Err(Error::MissingScope { said, .. }) if named.is_empty() => {
                self.session.context.note(&format!("custom objects are left out: {said}"));
                Vec::new()
            }
            Err(error) => return Err(error),
        };
        if named.is_empty() {
            return Ok(objects::usual().chain(custom).collect());
        }
        let find = |name: &String| {
            let custom = custom.iter().find(|object| object.is_called(name)).cloned();
            custom.or_else(|| ObjectType::standard(name)).ok_or_else(|| Error::Gone {
                what: format!("the object {name}"),
                said: "the account has none of that name".to_owned(),
            })
        };
        named.iter().map(find).collect()
    }

    /// Lists an object's properties; owners are no objects and have none.
    pub async fn properties(&self, object: &ObjectType) -> Result<Vec<Property>, Error> {
        if object.is_owners() {
            return Ok(Vec::new());
        }
        let request = self.get(&format!("crm/v3/properties/{}", object.path))?;
        let listed: Listed<Property> = self.session.ask(&request, &[], |reply| envelope(reply.body().text())).await?;
        Ok(listed.results)
    }
}
