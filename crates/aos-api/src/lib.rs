//! The HTTP API: authentication, routes, live events, the documentation and the web interface.
//!
//! What the routes do is done elsewhere: durable rows in `aos-store`, ephemeral ones in `aos-broker`, the data connection layer in
//! `aos-dcl`. The API opens no database, no file of a tenant, and no DuckDB.

mod auth;
mod errors;
mod extract;
pub mod guard;
pub mod listener;
mod mcp;
mod metrics;
mod middleware;
mod multipart;
mod oauth;
mod openapi;
mod page;
mod problem;
mod readiness;
mod realtime;
mod router;
mod routes;
mod state;
mod strict_json;

pub use auth::oidc::{Oidc, OidcError, OidcSettings};
pub use auth::password::{PasswordCost, Passwords};
pub use auth::signing::{JwtKeys, KeyNote, SECRET_BYTES_MIN, SecretTooShort};
pub use mcp::serve_stdio;
pub use middleware::denied::Denials;
pub use middleware::rate::{Rate, RateSettings};
pub use middleware::tracing::w3c_id;
pub use problem::Problem;
pub use readiness::{BuildInfo, Readiness, WorkerState};
pub use router::{openapi, router};
pub use routes::ui::is_embedded as ui_is_embedded;
pub use state::{ApiSettings, ApiState, DemoLogin, SocketSettings, ThrottleSettings};

/// Returns the description of the API as the text that is committed as `openapi.json`, with no line end.
pub fn openapi_json() -> String {
    openapi().to_pretty_json().expect("a description is always JSON")
}

/// Hashes a password at the full cost, for users that local commands make.
pub async fn hash_password(password: &str) -> Result<String, Problem> {
    Passwords::new(PasswordCost::default()).hash(password).await
}
