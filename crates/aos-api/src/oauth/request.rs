//! What a program asks of a person: checked before anybody is asked, in an order that sends nobody anywhere until it is known where to.

use super::client::{self, Client};
use super::{redirect, scopes};
use crate::mcp;
use crate::problem::Problem;
use crate::state::App;
use aos_core::policy::Permission;
use aos_net::Url;
use axum::http::HeaderMap;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

const STATE_BYTES_MAX: usize = 2_000;
/// A SHA-256 in base64url without padding.
const CHALLENGE_CHARS: usize = 43;

/// The parameters with which a program sends a person here (OAuth 2.1, section 4.1.1).
#[derive(Debug, Clone, Deserialize, ToSchema, IntoParams)]
#[into_params(parameter_in = Query)]
#[schema(as = ProgramRequest)]
pub struct Asking {
    #[schema(example = "https://app.example.com/client.json")]
    #[param(example = "https://app.example.com/client.json")]
    client_id: String,
    /// May be left out by a program with one address.
    #[serde(default)]
    #[schema(example = "http://127.0.0.1:33418/")]
    #[param(example = "http://127.0.0.1:33418/")]
    redirect_uri: Option<String>,
    /// `code`.
    #[serde(default)]
    #[schema(example = "code")]
    #[param(example = "code")]
    response_type: Option<String>,
    /// Permissions with spaces between them; to read without personal data when left out.
    #[serde(default)]
    #[schema(example = "graph:read records:read")]
    #[param(example = "graph:read records:read")]
    scope: Option<String>,
    /// Given back to the program as it is.
    #[serde(default)]
    state: Option<String>,
    #[serde(default)]
    code_challenge: Option<String>,
    /// `S256`.
    #[serde(default)]
    #[schema(example = "S256")]
    #[param(example = "S256")]
    code_challenge_method: Option<String>,
    /// The address that the tokens are to be for (RFC 8707); there is one.
    #[serde(default)]
    #[schema(example = "https://autonomos.example.com/mcp")]
    #[param(example = "https://autonomos.example.com/mcp")]
    resource: Option<String>,
}

/// A request that a person may be asked about, or whose answer is known already.
pub(crate) enum Considered {
    Ask(Box<Sound>),
    /// Where the program is told what is wrong with its request.
    SendBack(String),
}

/// A request that is as it should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Sound {
    pub client: Client,
    pub redirect_uri: String,
    /// Where that leads, for people.
    pub leads_to: String,
    pub scopes: Vec<Permission>,
    pub challenge: String,
    pub resource: String,
    state: Option<String>,
    issuer: String,
}

/// Checks what a program asks.
///
/// # Errors
/// When it is not known who asks, or where an answer may be sent.
pub(crate) async fn consider(app: &App, headers: &HeaderMap, asking: &Asking) -> Result<Considered, Problem> {
    let client = client::find(app, &asking.client_id).await?;
    let redirect_uri = match (given(asking.redirect_uri.as_deref()), client.redirect_uris.as_slice()) {
        (None, [only]) => only.clone(),
        (Some(asked), registered) if registered.iter().any(|known| redirect::matches(known, asked)) => asked.to_owned(),
        _ => return Err(not_registered()),
    };
    let issuer = mcp::base(app, headers);
    let state = given(asking.state.as_deref()).map(str::to_owned);
    let resource = mcp::resource(app, headers);
    let wrong = |word, why| {
        let query = [("error", word), ("error_description", why)];
        let state = state.as_deref().filter(|state| state.len() <= STATE_BYTES_MAX);
        address(&redirect_uri, &query, state, &issuer).map(Considered::SendBack)
    };
    if state.as_ref().is_some_and(|state| state.len() > STATE_BYTES_MAX) {
        return wrong("invalid_request", "state is longer than 2000 bytes");
    }
    if given(asking.response_type.as_deref()) != Some("code") {
        return wrong("unsupported_response_type", "response_type is code");
    }
    let challenge = match (given(asking.code_challenge.as_deref()), given(asking.code_challenge_method.as_deref())) {
        (Some(challenge), Some("S256")) if is_challenge(challenge) => challenge.to_owned(),
        _ => return wrong("invalid_request", "a code_challenge of the method S256 is needed (RFC 7636)"),
    };
    if !is_for(given(asking.resource.as_deref()), &resource) {
        return wrong("invalid_target", "tokens are given for this server's own address of the protocol only");
    }
    let Some(scopes) = scopes::asked(given(asking.scope.as_deref())) else {
        return wrong("invalid_scope", "none of the scopes is one that is given to programs");
    };
    let leads_to = redirect::place(&redirect_uri);
    let sound = Sound { client, redirect_uri, leads_to, scopes, challenge, resource, state, issuer };
    Ok(Considered::Ask(Box::new(sound)))
}

/// Returns where a person goes who has decided, with what the program is told there.
pub(crate) fn sent_back(request: &Sound, told: &[(&str, &str)]) -> Result<String, Problem> {
    address(&request.redirect_uri, told, request.state.as_deref(), &request.issuer)
}

/// Whether what is asked for is this resource, which it is also when nothing else is asked for.
pub(super) fn is_for(asked: Option<&str>, resource: &str) -> bool {
    let plain = |text: &str| Url::parse(text).ok().map(|url| url.as_str().trim_end_matches('/').to_owned());
    asked.is_none_or(|asked| plain(asked).is_some() && plain(asked) == plain(resource))
}

fn address(redirect_uri: &str, query: &[(&str, &str)], state: Option<&str>, issuer: &str) -> Result<String, Problem> {
    let mut url = Url::parse(redirect_uri).map_err(|_| not_registered())?;
    url.query_pairs_mut()
        .extend_pairs(query)
        .extend_pairs(state.map(|state| ("state", state)))
        // So that a program that knows several servers cannot be made to take one's answer for another's (RFC 9207).
        .append_pair("iss", issuer);
    Ok(url.into())
}

fn is_challenge(text: &str) -> bool {
    let allowed = |letter: u8| letter.is_ascii_alphanumeric() || matches!(letter, b'-' | b'_');
    text.len() == CHALLENGE_CHARS && text.bytes().all(allowed)
}

fn given(text: Option<&str>) -> Option<&str> {
    text.filter(|text| !text.is_empty())
}

fn not_registered() -> Problem {
    Problem::unprocessable(
        "redirect_not_registered",
        "the program wants the answer sent to an address that it has not registered",
        "do not go on; connect the program anew, and tell whoever makes it when this comes again",
    )
}
