//! Secrets and how they are sealed: envelope encryption with XChaCha20-Poly1305 (draft-irtf-cfrg-xchacha-03, on RFC 8439).
//!
//! A tenant's secrets are sealed with its *data key*; data keys are wrapped with the *master key*, which is never stored. What is
//! sealed is bound to its place (tenant, purpose, name, version), so that it opens nowhere else. Where keys and sealed bytes are kept is the
//! store's business; where the master key comes from, the binary's. Nonces of 24 bytes are random: they do not meet.

mod key;
mod master;
mod secret;

pub use key::{Key, Place, seal, unseal};
pub use master::{MasterKey, MasterKeys};
pub use secret::Secret;

/// Why something could not be opened, or a key not read. Says nothing of what was inside.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    #[error("what was sealed cannot be opened: it was changed, moved to another place, or sealed with another key")]
    Unopened,
    #[error(
        "what was sealed has the form {0}, which this version of the program does not know; use the one that wrote it"
    )]
    UnknownForm(u8),
    #[error(
        "line {line} is no master key; write 32 random bytes in hexadecimal or base64, for example from `autonomos secrets new-key`"
    )]
    NoMasterKey { line: usize },
    #[error(
        "there is no master key; write 32 random bytes in hexadecimal or base64, for example from `autonomos secrets new-key`"
    )]
    Empty,
}
