//! A whole application for tests: real store, lake, broker and engine in a folder of its own, two tenants (acme and globex) that
//! signed up over HTTP, and a clock that the test may hold. Only a dev-dependency; nothing that ships uses it.

mod app;
mod backend;
mod client;
mod files;
mod live;
mod provider;

pub use app::{DOCUMENT_BYTES_MAX, Process, SECRET, TestApp, TestAppBuilder};
pub use backend::Backend;
pub use client::{Client, PASSWORD, Reply};
pub use files::Files;
pub use live::TestServer;
pub use provider::{CLIENT_ID, CLIENT_SECRET, Fault, Person, Provider};
