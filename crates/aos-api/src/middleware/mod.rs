//! What happens around every handler, one file per concern, listed from the outside in. `router.rs` stacks them in this order:
//! tracing, headers, panics, limits; then, on the protected routes only, auth.

pub mod auth;
pub mod headers;
pub mod limits;
pub mod panics;
pub mod tracing;
