//! The first half of the authorisation-code flow (RFC 6749, section 4.1) with PKCE (RFC 7636, S256): the address the account's owner
//! is sent to, and what has to be remembered until the vendor sends them back.

use crate::consent::Asking;
use crate::context::Secret;
use aos_net::Url;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use sha2::{Digest, Sha256};
use std::fmt;

const RANDOM_BYTES: usize = 32;

/// An authorisation that was begun. `address` goes to the browser; the rest is kept where only the server can read it, for the
/// few minutes until the vendor answers. `Debug` shows neither.
#[derive(Clone)]
pub struct Begun {
    pub address: String,
    /// Proves that who exchanges the code is who began; nothing for vendors that take no PKCE.
    pub verifier: Option<Secret>,
}

impl fmt::Debug for Begun {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Begun")
    }
}

/// Begins an authorisation: what is asked for, the address the vendor sends the owner back to, and the state it sends along, which nobody
/// can guess.
///
/// # Errors
/// What is wrong with the provider's address.
pub fn begin(asking: &Asking, redirect_uri: &str, state: Secret) -> Result<Begun, aos_net::Error> {
    let Asking { provider, client_id, scopes } = asking;
    let mut address = Url::parse(&provider.authorize_url).map_err(|error| aos_net::Error::Url(error.to_string()))?;
    let verifier = provider.pkce.then(random);
    {
        let mut query = address.query_pairs_mut();
        query
            .append_pair("response_type", "code")
            .append_pair("client_id", client_id)
            .append_pair("redirect_uri", redirect_uri)
            .append_pair("state", state.expose());
        if !scopes.is_empty() {
            query.append_pair("scope", &scopes.join(" "));
        }
        if let Some(verifier) = &verifier {
            query.append_pair("code_challenge", &challenge(verifier)).append_pair("code_challenge_method", "S256");
        }
    }
    Ok(Begun { address: address.into(), verifier: verifier.map(Secret::new) })
}

fn random() -> String {
    let mut bytes = [0; RANDOM_BYTES];
    rand::fill(&mut bytes[..]);
    BASE64.encode(bytes)
}

fn challenge(verifier: &str) -> String {
    BASE64.encode(Sha256::digest(verifier))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::oauth::{ClientProof, Provider};

    #[test]
    fn the_challenge_is_that_of_rfc_7636_appendix_b() {
        assert_eq!(
            challenge("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"),
            "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
        );
    }

    #[test]
    fn the_address_asks_for_what_was_wanted_and_keeps_the_verifier_back() {
        let provider = Provider {
            vendor: "example",
            authorize_url: "https://login.example.com/authorize?prompt=consent".into(),
            token_url: String::new(),
            pkce: true,
            client_proof: ClientProof::Form,
            revocation: crate::oauth::Revocation::Nowhere,
        };
        let asking = Asking::new(provider, Some("our app".to_owned()), ["read", "offline_access"]).unwrap();
        let begun = begin(&asking, "https://here/back", Secret::new("our state")).unwrap();
        let verifier = begun.verifier.as_ref().unwrap().expose();
        assert!(
            begun
                .address
                .starts_with("https://login.example.com/authorize?prompt=consent&response_type=code&client_id=our+app")
        );
        assert!(begun.address.contains("scope=read+offline_access"));
        assert!(begun.address.contains(&format!("code_challenge={}", challenge(verifier))));
        assert!(!begun.address.contains(verifier) && begun.address.contains("state=our+state"));
        assert!(verifier.len() >= 43);
    }
}
