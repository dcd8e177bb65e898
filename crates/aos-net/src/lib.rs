//! The one way out: every URL that is called, whoever named it, is called from here. Where a call may go is judged at the
//! moment of connecting, every call has limits of time and size, and hosts that fail are left alone for a while.
//!
//! What is deliberately absent: proxies of the environment (they would look names up themselves), cookies, HTTP/2, retries (the
//! caller's task knows when), and a way past the guard. Database drivers speak for themselves, but connect to addresses that
//! [`Guard::resolve`] gave them.

mod address;
mod circuit;
mod client;
mod config;
pub mod delivery;
mod dns;
mod error;
mod guard;
mod host;
mod request;
mod response;
mod retry_after;
pub mod schedule;
pub mod slack;
mod tls;
pub mod webhook;

pub use address::AddressKind;
pub use circuit::CircuitState;
pub use client::Client;
pub use config::NetConfig;
pub use dns::Names;
pub use error::{Cause, Error, Phase, Result};
pub use guard::{Guard, Refusal};
pub use host::HostStatus;
pub use ipnet::IpNet;
pub use request::Request;
pub use reqwest::{Method, StatusCode, Url, header};
pub use response::Response;
