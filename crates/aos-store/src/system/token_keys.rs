//! The keys that sign tokens, as one secret of the installation: every process signs with the newest and verifies with all, and a change
//! is seen whole or not at all.

use crate::convert::{from_json, micros, to_json};
use crate::db::{Actor, Tx, query};
use crate::error::{Error, Result};
use crate::secrets;
use crate::system::SystemStore;
use aos_core::vault::Secret;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

const PURPOSE: &str = "token_keys";
const NAME: &str = "all";

/// A key that signs tokens, or signed those that are still good.
#[derive(Clone)]
pub struct TokenKey {
    pub secret: Secret,
    /// When it begins to sign; it verifies before that, so that every process knows it by then.
    pub signs_from: DateTime<Utc>,
    /// When the last token that it signed has ended; none for the newest key.
    pub expires_at: Option<DateTime<Utc>>,
}

#[derive(Serialize, Deserialize)]
struct Kept {
    secret: String,
    signs_from: DateTime<Utc>,
    expires_at: Option<DateTime<Utc>>,
}

impl SystemStore<'_> {
    /// Returns the keys, the newest first. Where there is none yet, the given one becomes the first: processes that begin at the same
    /// moment agree on one.
    pub async fn token_keys(&self, first: TokenKey) -> Result<Vec<TokenKey>> {
        read(&self.ensure_secret(PURPOSE, NAME, &written(&[first])).await?)
    }

    /// Lets another key sign from now on. The ones before verify until `old_end` at most; those that have ended are forgotten.
    pub async fn rotate_token_keys(&self, new: TokenKey, old_end: DateTime<Utc>) -> Result<Vec<TokenKey>> {
        // There is something to change, so that the row can be held.
        self.token_keys(new.clone()).await?;
        let now = self.store.clock.now();
        let mut tx = self.store.pool.begin(Actor::Tenant(Uuid::nil())).await?;
        let mut before = read(&self.hold(&mut tx).await?)?;
        before.retain(|key| key.secret.expose() != new.secret.expose());
        let mut keys = vec![new];
        keys.extend(
            before.into_iter().map(|key| TokenKey {
                expires_at: Some(key.expires_at.map_or(old_end, |end| end.min(old_end))),
                ..key
            }),
        );
        keys.retain(|key| key.expires_at.is_none_or(|end| end > now));
        secrets::put(self.store, &mut tx, Uuid::nil(), PURPOSE, NAME, &written(&keys)).await?;
        tx.commit().await?;
        Ok(keys)
    }

    /// Holds the row until the end of the transaction, so that two rotations at once each see the other's key.
    async fn hold(&self, tx: &mut Tx) -> Result<Secret> {
        query("UPDATE secrets SET updated_at = $4 WHERE tenant_id = $1 AND purpose = $2 AND name = $3")
            .bind(Uuid::nil())
            .bind(PURPOSE)
            .bind(NAME)
            .bind(micros(self.store.clock.now()))
            .execute(&mut *tx)
            .await?;
        let held = secrets::reveal(self.store, tx, Uuid::nil(), PURPOSE, NAME).await?;
        held.ok_or(Error::Contended(sqlx::Error::RowNotFound))
    }
}

fn written(keys: &[TokenKey]) -> Secret {
    let kept: Vec<Kept> = keys
        .iter()
        .map(|key| Kept {
            secret: STANDARD.encode(key.secret.expose()),
            signs_from: key.signs_from,
            expires_at: key.expires_at,
        })
        .collect();
    Secret::new(to_json(&kept))
}

fn read(secret: &Secret) -> Result<Vec<TokenKey>> {
    let text = secret.expose_text().unwrap_or_default();
    let kept: Vec<Kept> = from_json(text, "secrets", "sealed", PURPOSE)?;
    let key = |kept: Kept| {
        let secret = STANDARD.decode(&kept.secret).map_err(|error| Error::Corrupt {
            table: "secrets",
            column: "sealed",
            id: PURPOSE.to_owned(),
            source: error.into(),
        })?;
        Ok(TokenKey { secret: Secret::new(secret), signs_from: kept.signs_from, expires_at: kept.expires_at })
    };
    kept.into_iter().map(key).collect()
}
