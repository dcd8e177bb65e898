//! The key of a tenant's tokens for personal data, and who had tokens opened.

use crate::error::Result;
use crate::tenant::TenantStore;
use aos_core::vault::Secret;
use serde_json::json;

const PURPOSE: &str = "pii";
const NAME: &str = "tokens";
const KEY_BYTES: usize = 32;

impl TenantStore<'_> {
    /// Returns the secret that the tenant's tokens are derived from, making it where there is none yet. It goes with the tenant, and all
    /// tokens with it.
    ///
    /// # Errors
    /// [`crate::Error::NoMasterKey`] where the store was opened without master keys.
    pub async fn pii_token_key(&self) -> Result<Secret> {
        if let Some(key) = self.reveal(PURPOSE, NAME).await? {
            return Ok(key);
        }
        let mut bytes = [0; KEY_BYTES];
        rand::fill(&mut bytes);
        self.ensure_secret(PURPOSE, NAME, &Secret::new(bytes)).await
    }

    /// Writes down that tokens were opened, and for what. To be called before anybody is shown what they hold.
    pub async fn record_pii_reveal(&self, opened: usize, unopened: usize, purpose: &str) -> Result<()> {
        let detail = json!({ "opened": opened, "unopened": unopened, "purpose": purpose });
        self.record_audit("pii.reveal", "pii_tokens", detail).await
    }
}
