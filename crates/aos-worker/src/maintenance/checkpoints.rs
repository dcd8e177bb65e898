//! Heads of the audit chains, signed now and then, so that between two exports not only the links hold what was written down. Each signed
//! head is also logged: whoever keeps the log elsewhere holds what the database's owner cannot take back.

use super::Pause;
use aos_core::audit::Signer;
use aos_store::{Looked, SignedAgain, Store};
use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use uuid::Uuid;

const LOOK_EVERY: Duration = Duration::from_secs(60);
const AGAIN: SignedAgain = SignedAgain { entries: 1000, after: Duration::from_secs(15 * 60) };
const AT_ONCE: u32 = 200;
/// Purpose and name under which the vault keeps what signs. It is made by the first process that signs for somebody who asks.
const SIGNING: (&str, &str) = ("audit", "signing");

/// Chains that were found broken and told of.
pub(super) type Told = Mutex<HashSet<Uuid>>;

pub(super) async fn sign(store: &Store, told: &Told) -> (Pause, aos_store::Result<()>) {
    (LOOK_EVERY, sign_due(store, told).await)
}

async fn sign_due(store: &Store, told: &Told) -> aos_store::Result<()> {
    let system = store.system();
    let seed = system.reveal(SIGNING.0, SIGNING.1).await?;
    let Some(seed) = seed.as_ref().and_then(|seed| seed.expose().try_into().ok()) else { return Ok(()) };
    for looked in system.sign_audit_heads(&Signer::of_seed(seed), AGAIN, AT_ONCE).await? {
        match looked {
            Looked::Signed(signed) => {
                let (chain, seq, link) = (signed.head.chain, signed.head.seq, signed.head.link);
                let signature = signed.signature;
                tracing::info!(%chain, seq, %link, signature, "the audit chain {chain} was signed at entry {seq}");
            }
            Looked::Broken { chain, seq } => {
                let new = told.lock().unwrap_or_else(PoisonError::into_inner).insert(chain);
                if new {
                    tracing::error!(%chain, seq, "the audit chain {chain} is not whole at entry {seq}; export and verify it");
                }
            }
        }
    }
    Ok(())
}
