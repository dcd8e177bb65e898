//! Who someone is: passwords, tokens, sessions, throttling, sign-in through other providers. The routes that use them are in
//! `routes/auth/`, the door that every protected request passes is `middleware/auth.rs`.

pub mod cookie;
pub mod oidc;
pub mod opaque;
pub mod password;
pub mod session;
pub mod sign_in;
pub mod signing;
pub mod throttle;
pub mod token;
