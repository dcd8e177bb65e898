//! Who a program says it is. Two ways are known, as the Model Context Protocol's authorization specification has them:
//!
//! - an https address, where a document says who it is (draft-ietf-oauth-client-id-metadata-document). It is read through the guarded way out;
//! - what was registered here (RFC 7591). The id that was given out then holds what was registered, signed, so that nothing is kept and nobody
//!   fills the store by registering (RFC 7591, appendix A.5.2).
//!
//! Either way a name is the program's own word; what can be relied on is where its codes go.

use super::redirect;
use crate::auth::opaque;
use crate::problem::Problem;
use crate::state::App;
use aos_core::audit::Signer;
use aos_net::{Request, Url};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// Keeps these signatures apart from those of other things.
const KIND: &str = "oauth client";
const PREFIX: &str = "aosm_";
/// Ids travel in addresses.
pub(super) const ID_BYTES_MAX: usize = 4_000;
const NAME_CHARS_MAX: usize = 80;
const REDIRECTS_MAX: usize = 8;
const DOCUMENT_BYTES_MAX: u64 = 64 * 1024;
const DOCUMENT_TIMEOUT: Duration = Duration::from_secs(10);

/// A program that may ask people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Client {
    /// The digest of its id.
    pub digest: String,
    pub name: String,
    pub redirect_uris: Vec<String>,
    /// The host whose owner vouches for it; none for what anybody may register.
    pub vouched_by: Option<String>,
}

/// What an id that was registered here holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Registered {
    #[serde(rename = "n")]
    pub name: String,
    #[serde(rename = "r")]
    pub redirect_uris: Vec<String>,
}

/// What a program's document says of it.
#[derive(Debug, Deserialize)]
struct Document {
    client_id: String,
    #[serde(default)]
    client_name: Option<String>,
    #[serde(default)]
    redirect_uris: Vec<String>,
    #[serde(default)]
    token_endpoint_auth_method: Option<String>,
}

/// Finds out who a program is.
pub(super) async fn find(app: &App, id: &str) -> Result<Client, Problem> {
    if id.len() > ID_BYTES_MAX {
        return Err(unknown("its id is longer than any that was given out here"));
    }
    if id.starts_with("https://") {
        return of_document(app, id).await;
    }
    let Registered { name, redirect_uris } =
        opened(&app.signer, id).ok_or_else(|| unknown("it was not registered here"))?;
    Ok(Client { digest: opaque::digest(id), name, redirect_uris, vouched_by: None })
}

/// Returns the id under which a program is known from now on.
pub(super) fn id_of(signer: &Signer, registered: &Registered) -> Result<String, Problem> {
    let text = serde_json::to_string(registered).map_err(|error| Problem::log_internal(&error))?;
    let text = URL_SAFE_NO_PAD.encode(text);
    let signature = signer.sign_text(KIND, &text);
    Ok(format!("{PREFIX}{text}.{signature}"))
}

fn opened(signer: &Signer, id: &str) -> Option<Registered> {
    let (text, signature) = id.strip_prefix(PREFIX)?.split_once('.')?;
    if !signer.verifier().signed_text(KIND, text, signature) {
        return None;
    }
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(text).ok()?).ok()
}

async fn of_document(app: &App, id: &str) -> Result<Client, Problem> {
    let url = Url::parse(id).map_err(|_| unknown("its id cannot be read as an address"))?;
    let host = url.host_str().map(str::to_owned).ok_or_else(|| unknown("its id names no host"))?;
    let plain = url.username().is_empty() && url.password().is_none() && url.fragment().is_none();
    if !plain || url.path() == "/" || url.as_str() != id {
        return Err(unknown("its id is an address with more or less than a host and a path"));
    }
    let request = Request::get(id).map_err(|error| unreadable(&error.to_string()))?;
    let request = request.total_timeout(DOCUMENT_TIMEOUT).body_bytes_max(DOCUMENT_BYTES_MAX);
    let document: Document = app.net.send_json(request).await.map_err(|error| unreadable(&error.to_string()))?;
    said(id, host, document).map_err(unreadable)
}

fn said(id: &str, host: String, document: Document) -> Result<Client, &'static str> {
    if document.client_id != id {
        return Err("the document names another id");
    }
    if document.token_endpoint_auth_method.is_some_and(|method| method != "none") {
        return Err("the document wants the program to prove itself with a key, which is not done here");
    }
    check_redirects(&document.redirect_uris)?;
    let name = document.client_name.as_deref().and_then(shown_name).unwrap_or_else(|| host.clone());
    let (digest, redirect_uris) = (opaque::digest(id), document.redirect_uris);
    Ok(Client { digest, name, redirect_uris, vouched_by: Some(host) })
}

pub(super) fn check_redirects(uris: &[String]) -> Result<(), &'static str> {
    if uris.is_empty() || uris.len() > REDIRECTS_MAX {
        return Err("there are 1 to 8 redirect URIs");
    }
    uris.iter().try_for_each(|uri| redirect::check(uri))
}

/// Returns a name as it can be shown, if it is one.
pub(super) fn shown_name(name: &str) -> Option<String> {
    let name = name.trim();
    let shows = (1..=NAME_CHARS_MAX).contains(&name.chars().count()) && !name.chars().any(is_deceiving);
    shows.then(|| name.to_owned())
}

/// Whether a character is not seen, or turns those around it about.
fn is_deceiving(letter: char) -> bool {
    letter.is_control()
        || matches!(letter, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

fn unknown(why: &str) -> Problem {
    let detail = format!("the program that asks is not known: {why}");
    Problem::unprocessable("unknown_program", detail, "let the program connect anew, so that it registers again")
}

fn unreadable(why: &str) -> Problem {
    let detail = format!("what the program says of itself cannot be used: {why}");
    Problem::unprocessable("unknown_program", detail, "tell whoever makes the program, or use an API key")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn registered() -> Registered {
        Registered { name: "Copilot".into(), redirect_uris: vec!["http://127.0.0.1/cb".into()] }
    }

    #[test]
    fn an_id_holds_what_was_registered_and_nothing_that_was_changed() {
        let (signer, other) = (Signer::of_seed(&[7; 32]), Signer::of_seed(&[8; 32]));
        let id = id_of(&signer, &registered()).unwrap();
        assert_eq!(opened(&signer, &id), Some(registered()));
        assert_eq!(opened(&other, &id), None);
        let (_, signature) = id.split_once('.').unwrap();
        let evil = Registered { redirect_uris: vec!["https://evil.example/".into()], ..registered() };
        let evil = URL_SAFE_NO_PAD.encode(serde_json::to_string(&evil).unwrap());
        assert_eq!(opened(&signer, &format!("{PREFIX}{evil}.{signature}")), None);
        for wrong in ["", "aosm_", "aosm_.", "x"] {
            assert_eq!(opened(&signer, wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_document_speaks_for_its_own_address_only() {
        let id = "https://app.example/client.json";
        let document = |client_id: &str, redirect: &str, method: Option<&str>| Document {
            client_id: client_id.into(),
            client_name: Some("App".into()),
            redirect_uris: vec![redirect.into()],
            token_endpoint_auth_method: method.map(str::to_owned),
        };
        let client = said(id, "app.example".into(), document(id, "https://app.example/cb", None)).unwrap();
        assert_eq!((client.name.as_str(), client.vouched_by.as_deref()), ("App", Some("app.example")));
        let other = document("https://other.example/c", "https://app.example/cb", None);
        assert!(said(id, "app.example".into(), other).is_err());
        assert!(said(id, "app.example".into(), document(id, "http://app.example/cb", None)).is_err());
        let keyed = document(id, "https://app.example/cb", Some("private_key_jwt"));
        assert!(said(id, "app.example".into(), keyed).is_err());
    }

    #[test]
    fn a_name_that_cannot_be_seen_is_none() {
        assert_eq!(shown_name("  Claude "), Some("Claude".into()));
        for name in ["", " ", "a\nb", "Cl\u{202e}aude", &"x".repeat(81)] {
            assert_eq!(shown_name(name), None, "{name}");
        }
    }
}
