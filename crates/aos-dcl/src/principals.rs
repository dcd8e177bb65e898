//! Service principals of a tenant: applications that act for themselves at a vendor. Connections name them as `sp:NAME`.

use crate::service::TenantDcl;
use crate::{Error, Result};
use aos_core::vault::Secret;
use aos_mesh::{Locator, PRINCIPALS, ServicePrincipal};
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

/// A service principal, without its secret.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PrincipalInfo {
    #[schema(example = "crm-reader")]
    pub name: String,
    /// Grows with every change.
    pub version: u64,
    pub created_at: DateTime<Utc>,
    pub changed_at: DateTime<Utc>,
    /// Who put it.
    pub changed_by: Option<String>,
}

impl TenantDcl {
    pub async fn service_principals(&self) -> Result<Vec<PrincipalInfo>> {
        let secrets = self.store().list_secrets().await?;
        let own = secrets.into_iter().filter(|secret| secret.purpose == PRINCIPALS);
        let info = own.map(|secret| PrincipalInfo {
            name: secret.name,
            version: secret.version,
            created_at: secret.created_at,
            changed_at: secret.updated_at,
            changed_by: secret.changed_by,
        });
        Ok(info.collect())
    }

    /// Keeps a service principal, in place of the one of that name. Connections that name it use it from their next read on.
    pub async fn put_service_principal(&self, name: &str, principal: &ServicePrincipal) -> Result<PrincipalInfo> {
        if !matches!(Locator::parse(&format!("sp:{name}")), Ok(Locator::ServicePrincipal { .. })) {
            let reason = "use letters, digits, - and _".to_owned();
            return Err(aos_connectors::Error::Config { field: "name".to_owned(), reason }.into());
        }
        let secret = Secret::new(serde_json::to_vec(principal).expect("texts are always JSON"));
        self.store().put_secret(PRINCIPALS, name, &secret).await?;
        let kept = self.service_principals().await?.into_iter().find(|kept| kept.name == name);
        kept.ok_or(Error::NotFound("service_principal"))
    }

    pub async fn delete_service_principal(&self, name: &str) -> Result<()> {
        if !self.store().delete_secret(PRINCIPALS, name).await? {
            return Err(Error::NotFound("service_principal"));
        }
        Ok(())
    }
}
