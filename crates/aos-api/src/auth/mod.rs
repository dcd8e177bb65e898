//! Who someone is: passwords, tokens, sessions, throttling. The routes that use them are in `routes/auth.rs`, the door that every
//! protected request passes is `middleware/auth.rs`.

pub mod password;
pub mod session;
pub mod throttle;
pub mod token;
