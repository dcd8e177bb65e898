//! The broker as its users meet it. Everything in `conformance/` runs twice: with a broker in this process, and with two brokers, as
//! two processes would have them, on a private Redis.

mod conformance;
mod failure;
mod healing;
mod relay;
mod tls;
mod world;
