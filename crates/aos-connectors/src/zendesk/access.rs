//! How an account is signed in to, and what is asked of it beside records.

use super::streams::{LIST_RECORDS, StreamKind};
use super::{Auth, Zendesk};
use crate::context::Context;
use crate::error::Error;
use crate::oauth::{Application, ClientProof, Keeper, Provider, Revocation, Source};
use crate::rest::{Authorization, Parts, Session, Trail, envelope, standard};
use aos_net::Request;
use serde::Deserialize;
use serde::de::DeserializeOwned;

pub(super) struct Account {
    pub session: Session,
    base: String,
}

/// Returns where an account gives leave and tokens.
pub fn provider(base_url: &str) -> Provider {
    let base = base_url.trim_end_matches('/');
    Provider {
        vendor: "Zendesk",
        authorize_url: format!("{base}/oauth/authorizations/new"),
        token_url: format!("{base}/oauth/tokens"),
        pkce: true,
        client_proof: ClientProof::Form,
        revocation: Revocation::DeleteAsBearer(format!("{base}/api/v2/oauth/tokens/current.json")),
    }
}

/// What reading asks the administrator for.
pub const SCOPES: &[&str] = &["read"];

#[derive(Deserialize)]
struct Me {
    user: MyUser,
}

#[derive(Deserialize)]
struct MyUser {
    /// Null for callers that are nobody.
    id: Option<u64>,
    email: Option<String>,
    #[serde(default)]
    role: String,
}

#[derive(Deserialize)]
struct CustomObject {
    key: String,
    title: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct Meta {
    pub has_more: bool,
    pub after_cursor: Option<String>,
}

impl Account {
    pub fn open(zendesk: &Zendesk, context: &Context) -> Result<Self, Error> {
        let missing = |field: &str, why: &str| Error::Config { field: field.to_owned(), reason: why.to_owned() };
        let settings = &zendesk.settings;
        let authorization = match settings.auth {
            Auth::Token => Authorization::bearer(context.secrets.require("access_token")?),
            Auth::ApiToken => {
                let token = context.secrets.require("api_token")?;
                let email = settings.email.as_ref();
                let email =
                    email.ok_or_else(|| missing("email", "it is missing: an API token goes with an address"))?;
                Authorization::basic(&format!("{email}/token"), token)
            }
            Auth::AuthorizationCode => {
                let client_id = settings.client_id.clone();
                let client_id =
                    client_id.ok_or_else(|| missing("client_id", "it is missing: it names the OAuth client"))?;
                let store = context.grants.clone();
                let store = store.ok_or_else(|| missing("auth", "nobody keeps this connection's grant"))?;
                let application =
                    Application { client_id, client_secret: context.secrets.get("client_secret").cloned() };
                let provider = provider(&zendesk.base);
                Authorization::grant(Keeper::new(context, provider, application, Source::Refresh, store))
            }
        };
        Ok(Self { session: Session::new(context, authorization, standard), base: zendesk.base.clone() })
    }

    pub fn get(&self, path: &str) -> Result<Request, Error> {
        Ok(Request::get(&format!("{}/api/v2/{path}", self.base))?.header("accept", "application/json")?)
    }

    /// Says as whom the account knows us, and refuses those who may not export.
    pub async fn identity(&self) -> Result<String, Error> {
        let request = self.get("users/me.json")?;
        let me: Me = self.session.ask(&request, &[], |reply| envelope(reply.body().text())).await?;
        let MyUser { id, email, role } = me.user;
        if id.is_none() {
            return Err(Error::Unauthorized { said: "the account answers as to somebody unknown".to_owned() });
        }
        if role != "admin" {
            let said = format!("we are known as {role}, and exports are for administrators");
            return Err(Error::MissingScope { what: "tickets, users and organizations".to_owned(), said });
        }
        Ok(email.unwrap_or_else(|| self.base.clone()))
    }

    /// Lists the account's custom objects; plans without them have none.
    pub async fn custom_objects(&self) -> Result<Vec<StreamKind>, Error> {
        let objects: Vec<CustomObject> = match self.list("custom_objects", "custom_objects").await {
            Err(Error::Gone { .. } | Error::MissingScope { .. }) => return Ok(Vec::new()),
            objects => objects?,
        };
        Ok(objects.into_iter().map(|CustomObject { key, title }| StreamKind::Custom { key, title }).collect())
    }

    /// Reads a short list whole.
    pub async fn list<T: DeserializeOwned + Send>(&self, path: &str, name: &str) -> Result<Vec<T>, Error> {
        let (mut items, mut after, mut trail) = (Vec::new(), None::<String>, Trail::default());
        loop {
            let mut request = self.get(path)?.query([("page[size]", LIST_RECORDS.to_string().as_str())]);
            if let Some(after) = &after {
                request = request.query([("page[after]", after.as_str())]);
            }
            let (page, meta): (Vec<T>, Option<Meta>) = self
                .session
                .ask(&request, &[], |reply| {
                    let body = reply.body();
                    let parts = Parts::of(body.text())?;
                    let list =
                        parts.list(name)?.into_iter().map(|raw| envelope(raw.get())).collect::<Result<_, _>>()?;
                    let meta: Option<Meta> = parts.find("meta")?;
                    if let Some(after) = meta.as_ref().and_then(|meta| meta.after_cursor.as_deref()) {
                        trail.check(after)?;
                    }
                    Ok((list, meta))
                })
                .await?;
            items.extend(page);
            match meta.filter(|meta| meta.has_more).and_then(|meta| meta.after_cursor) {
                Some(next) => {
                    trail.follow(&next);
                    after = Some(next);
                }
                None => return Ok(items),
            }
        }
    }
}
