//! What vendors do differently in OAuth 2.0: where to ask, how an application proves who it is, and whether the code flow takes PKCE.

use super::revocation::Revocation;
use crate::context::Secret;

/// A vendor's OAuth endpoints, as its documentation gives them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Provider {
    /// The vendor's name, for messages.
    pub vendor: &'static str,
    pub authorize_url: String,
    pub token_url: String,
    /// Whether the authorisation-code flow takes a PKCE challenge (RFC 7636).
    pub pkce: bool,
    pub client_proof: ClientProof,
    pub revocation: Revocation,
}

/// Where the application's id and secret go (RFC 6749, section 2.3.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClientProof {
    Basic,
    Form,
}

/// The application that was registered with the vendor.
#[derive(Debug, Clone)]
pub struct Application {
    pub client_id: String,
    pub client_secret: Option<Secret>,
}
