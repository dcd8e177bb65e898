//! The HTTP API: authentication, routes, live events, the documentation and the web interface.
//!
//! What the routes do is done elsewhere: durable rows in `aos-store`, ephemeral ones in `aos-broker`, the data connection layer in
//! `aos-dcl`. The API opens no database, no file of a tenant, and no DuckDB.

mod auth;
mod errors;
mod extract;
mod middleware;
mod openapi;
mod page;
mod problem;
mod realtime;
mod router;
mod routes;
mod serve;
mod state;

pub use auth::password::{PasswordCost, Passwords};
pub use auth::token::{JwtKeys, SECRET_BYTES_MIN, SecretTooShort};
pub use problem::Problem;
pub use router::{openapi, router};
pub use serve::serve;
pub use state::{ApiSettings, ApiState, DemoLogin, SocketSettings, ThrottleSettings};
