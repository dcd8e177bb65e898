//! OAuth 2.0 as a client: the authorisation-code flow with PKCE, refreshing, client credentials, JWT bearer; and one connection's grant,
//! renewed by one process at a time. Where a grant is kept is the caller's: see [`crate::GrantStore`].

mod assertion;
mod authorize;
mod keeper;
mod memory;
mod provider;
mod refusal;
mod revocation;
mod token;

pub use assertion::{Claims, KeyError, SigningKey};
pub use authorize::{Begun, begin};
pub use keeper::{Access, Keeper, Source};
pub use memory::MemoryGrants;
pub use provider::{Application, ClientProof, Provider};
pub use refusal::Refusal;
pub use revocation::{Revocation, revoke};
pub use token::{Exchange, Tokens, request};
