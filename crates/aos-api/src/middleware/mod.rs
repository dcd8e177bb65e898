//! What happens around every handler, one file per concern. `router.rs` stacks them, from the outside in: tracing, address, headers,
//! panics, limits, denied; then on the protected routes rate (of addresses), auth, timing, rate (of tenants), idempotency, audit.

pub mod address;
pub mod audit;
pub mod auth;
pub mod denied;
pub mod headers;
pub mod idempotency;
pub mod limits;
pub mod panics;
pub mod rate;
pub mod timing;
pub mod tracing;
