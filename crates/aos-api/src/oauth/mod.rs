//! Programs that people let act for them, over the Model Context Protocol: OAuth 2.1 (draft-ietf-oauth-v2-1) as that protocol's authorization
//! specification asks for it, with the authorization code flow, PKCE and nothing else. Programs are public clients; none has a secret.
//!
//! This is the part that programs speak with, in OAuth's words and errors. What people see and decide is in `routes/auth/programs.rs`; a
//! program's session is one like every other (`auth/sign_in.rs`), narrowed to what was allowed.

mod authorize;
mod client;
mod error;
mod metadata;
mod redirect;
mod register;
mod request;
mod revoke;
mod scopes;
mod token;

pub(crate) use authorize::authorize;
pub(crate) use metadata::authorization_server;
pub(crate) use register::register;
pub(crate) use request::{Asking, Considered, consider, sent_back};
pub(crate) use revoke::revoke;
pub(crate) use scopes::{OFFERED, UNASKED, names};
pub(crate) use token::token;

use std::time::Duration;

/// Where a program sends a person.
pub(crate) const AUTHORIZE: &str = "/oauth/authorize";
pub(crate) const TOKEN: &str = "/oauth/token";
pub(crate) const REVOKE: &str = "/oauth/revoke";
pub(crate) const REGISTER: &str = "/oauth/register";
/// How long a code waits to be exchanged.
pub(crate) const CODE_TTL: Duration = Duration::from_secs(60);
