//! How a company is signed in to.

use super::{Auth, Pipedrive, refusal};
use crate::context::Context;
use crate::error::Error;
use crate::oauth::{Application, ClientProof, Keeper, Provider, Revocation, Source};
use crate::rest::{Authorization, Session, base_url, envelope};
use aos_net::Request;
use serde::Deserialize;

const OAUTH_URL: &str = "https://oauth.pipedrive.com";

pub(super) struct Account {
    pub session: Session,
    base: String,
}

/// Returns where Pipedrive gives leave and tokens.
pub fn provider(oauth_url: Option<&str>) -> Provider {
    let base = oauth_url.unwrap_or(OAUTH_URL).trim_end_matches('/');
    Provider {
        vendor: "Pipedrive",
        authorize_url: format!("{base}/oauth/authorize"),
        token_url: format!("{base}/oauth/token"),
        pkce: false,
        client_proof: ClientProof::Basic,
        revocation: Revocation::Post(format!("{base}/oauth/revoke")),
    }
}

/// What reading asks for is what the marketplace app was registered with; the address carries none.
pub const SCOPES: &[&str] = &[];

#[derive(Deserialize)]
struct Me {
    data: MyUser,
}

#[derive(Deserialize)]
struct MyUser {
    email: Option<String>,
    company_name: Option<String>,
}

impl Account {
    pub async fn open(pipedrive: &Pipedrive, context: &Context) -> Result<Self, Error> {
        let settings = &pipedrive.settings;
        let missing = |field: &str, why: &str| Error::Config { field: field.to_owned(), reason: why.to_owned() };
        let authorization = match settings.auth {
            Auth::ApiToken => {
                let token = context.secrets.require("api_token")?;
                Authorization::header("x-api-token", token.expose().to_owned(), token)
            }
            Auth::AuthorizationCode => {
                let client_id = settings.client_id.clone();
                let client_id = client_id.ok_or_else(|| missing("client_id", "it is missing: it names the app"))?;
                let store = context.grants.clone();
                let store = store.ok_or_else(|| missing("auth", "nobody keeps this connection's grant"))?;
                let application =
                    Application { client_id, client_secret: context.secrets.get("client_secret").cloned() };
                let provider = provider(settings.oauth_url.as_deref());
                Authorization::grant(Keeper::new(context, provider, application, Source::Refresh, store))
            }
        };
        let session = Session::new(context, authorization, refusal::judge);
        let base = match &settings.base_url {
            Some(base) => Some(base.clone()),
            None => session.api_base().await?,
        };
        let base = base.ok_or_else(|| missing("base_url", "it is missing: it is the company's address"))?;
        Ok(Self { session, base: base_url("base_url", &base)? })
    }

    /// `path` begins with its version, e.g. `v2/deals`.
    pub fn get(&self, path: &str) -> Result<Request, Error> {
        Ok(Request::get(&format!("{}/api/{path}", self.base))?.header("accept", "application/json")?)
    }

    pub async fn identity(&self) -> Result<String, Error> {
        let request = self.get("v1/users/me")?;
        let me: Me = self.session.ask(&request, &[], |reply| envelope(reply.body().text())).await?;
        Ok([me.data.company_name, me.data.email].into_iter().flatten().collect::<Vec<_>>().join(", "))
    }
}
