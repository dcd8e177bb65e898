//! Secrets of a HashiCorp Vault: its key-value store, version 2, over HTTP.
//!
//! After <https://developer.hashicorp.com/vault/api-docs/secret/kv/kv-v2>: `GET /v1/{mount}/data/{path}` answers with
//! `{"data": {"data": {…}, "metadata": {…}}}`, with 404 where there is nothing or the latest version was deleted, and with
//! `{"errors": […]}` otherwise. Which part of the store a tenant can name is the operator's word, put before every path.

use aos_connectors::{Error, Secret};
use aos_core::TenantId;
use aos_net::{Client, Method, Request};
use serde::Deserialize;
use serde_json::{Map, Value};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

const ANSWER_BYTES_MAX: u64 = 1 << 20;
/// Stands in the prefix for the tenant's id.
const TENANT: &str = "{tenant}";

/// A Vault, and what connections may read of it. `Debug` does not show the token.
#[derive(Clone)]
pub struct Vault {
    inner: Arc<Inner>,
}

struct Inner {
    client: Client,
    settings: VaultSettings,
}

/// How the operator's Vault is asked.
#[derive(Clone)]
pub struct VaultSettings {
    /// E.g. `https://vault.example.com:8200`.
    pub address: String,
    pub token: String,
    /// For Vault Enterprise; empty otherwise.
    pub namespace: String,
    /// Where the key-value store is mounted, e.g. `secret`.
    pub mount: String,
    /// Before every path; `{tenant}` in it is the tenant's id, without which every tenant reads what the others have there.
    pub prefix: String,
    pub timeout: Duration,
}

/// The fields of one secret.
pub type Fields = Map<String, Value>;

#[derive(Deserialize)]
struct Answer {
    data: Option<Versioned>,
    #[serde(default)]
    errors: Vec<String>,
    #[serde(default)]
    warnings: Option<Vec<String>>,
}

#[derive(Deserialize)]
struct Versioned {
    data: Option<Fields>,
}

impl Vault {
    /// Nothing is asked yet.
    pub fn new(client: Client, settings: VaultSettings) -> Self {
        Self { inner: Arc::new(Inner { client, settings }) }
    }

    /// Returns a request to the Vault's API.
    pub(super) fn request(&self, method: Method, path: &str) -> Result<Request, Error> {
        let settings = &self.inner.settings;
        let address = settings.address.trim_end_matches('/');
        let request = Request::new(method, &format!("{address}/v1/{path}"))?
            .header("accept", "application/json")?
            .header("x-vault-request", "true")?
            .secret_header("x-vault-token", &settings.token)?;
        let request = match settings.namespace.as_str() {
            "" => request,
            namespace => request.header("x-vault-namespace", namespace)?,
        };
        Ok(request.total_timeout(settings.timeout).body_bytes_max(ANSWER_BYTES_MAX))
    }

    /// Sends a request, and returns the status and what was answered.
    pub(super) async fn answer(&self, request: Request) -> Result<(u16, Vec<u8>), Error> {
        let response = self.inner.client.send(request).await?;
        let status = response.status().as_u16();
        Ok((status, response.bytes().await?.into()))
    }

    /// Reads the newest version of a secret.
    ///
    /// # Errors
    /// [`Error::Credentials`] where there is none or the Vault does not let us see it, [`Error::Unreachable`] and [`Error::Transient`]
    /// where it cannot answer now.
    pub async fn read(&self, tenant: TenantId, setting: &str, path: &str) -> Result<Fields, Error> {
        let settings = &self.inner.settings;
        let prefix = settings.prefix.replace(TENANT, &tenant.to_string());
        let prefix = prefix.trim_matches('/');
        let within = if prefix.is_empty() { path.to_owned() } else { format!("{prefix}/{path}") };
        let mount = settings.mount.trim_matches('/');
        let (status, body) = self.answer(self.request(Method::GET, &format!("{mount}/data/{within}"))?).await?;
        let answer: Option<Answer> = serde_json::from_slice(&body).ok();
        let refuse = |reason: String| Err(Error::Credentials { field: setting.to_owned(), reason });
        let said = answer.as_ref().map(Answer::said).unwrap_or_default();
        match status {
            200 => match answer.and_then(|answer| answer.data).and_then(|versioned| versioned.data) {
                Some(fields) => Ok(fields),
                None => Err(Error::Contract {
                    what: "the Vault's answer holds no secret of a key-value store, version 2".into(),
                }),
            },
            404 if said.contains("versioned") => refuse(
                "the Vault's mount is no key-value store of version 2; the operator names another in vault.mount"
                    .to_owned(),
            ),
            404 => {
                refuse(format!("the Vault has no secret vault:{path}, or its latest version was deleted; put it there"))
            }
            400 | 403 => refuse(format!(
                "the Vault does not let us read vault:{path}; the operator gives its token a policy that allows it"
            )),
            429 | 472 | 473 | 500..=599 => {
                Err(Error::Transient { said: format!("the Vault answers {status} {said}").trim().to_owned() })
            }
            _ => Err(Error::Contract { what: format!("the Vault answers {status}") }),
        }
    }
}

impl Answer {
    /// What the Vault says is wrong; never part of a secret.
    fn said(&self) -> String {
        let warnings = self.warnings.iter().flatten();
        self.errors
            .iter()
            .chain(warnings)
            .map(|line| line.trim())
            .collect::<Vec<_>>()
            .join("; ")
            .chars()
            .take(200)
            .collect()
    }
}

/// Returns one field of a secret as text.
///
/// # Errors
/// [`Error::Credentials`] where there is none, or it is no text.
pub fn field(fields: &Fields, setting: &str, path: &str, name: &str) -> Result<Secret, Error> {
    match fields.get(name) {
        Some(Value::String(text)) => Ok(Secret::new(text.clone())),
        Some(Value::Number(number)) => Ok(Secret::new(number.to_string())),
        Some(_) => Err(refused(setting, format!("the field {name} of vault:{path} is no text; write it as one"))),
        None => Err(refused(
            setting,
            format!("vault:{path} has no field {name}; put it there, or name another with #FIELD"),
        )),
    }
}

fn refused(setting: &str, reason: String) -> Error {
    Error::Credentials { field: setting.to_owned(), reason }
}

impl fmt::Debug for Vault {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Vault").field("address", &self.inner.settings.address).finish_non_exhaustive()
    }
}
