//! A tenant's settings: small JSON values by key.

use crate::convert::{from_json, to_json};
use crate::db::{query, query_scalar};
use crate::error::{Error, Result};
use crate::tenant::TenantStore;
use serde_json::json;

const MAX_SETTING_BYTES: usize = 1024 * 1024;

impl TenantStore<'_> {
    pub async fn setting(&self, key: &str) -> Result<Option<serde_json::Value>> {
        let found = query_scalar::<String>("SELECT value FROM tenant_settings WHERE tenant_id = $1 AND key = $2")
            .bind(self.id())
            .bind(key)
            .fetch_optional(self.reader())
            .await?;
        found.map(|text| from_json(&text, "tenant_settings", "value", key)).transpose()
    }

    pub async fn put_setting(&self, key: &str, value: &serde_json::Value) -> Result<()> {
        let text = to_json(value);
        if text.len() > MAX_SETTING_BYTES {
            return Err(Error::TooLarge { what: "the setting", size: text.len(), limit: MAX_SETTING_BYTES });
        }
        let mut tx = self.begin().await?;
        query(
            "INSERT INTO tenant_settings (tenant_id, key, value) VALUES ($1, $2, $3)
             ON CONFLICT (tenant_id, key) DO UPDATE SET value = excluded.value",
        )
        .bind(self.id())
        .bind(key)
        .bind(text)
        .execute(&mut tx)
        .await?;
        self.audit(&mut tx, "setting.put", key, json!({})).await?;
        tx.commit().await
    }
}
