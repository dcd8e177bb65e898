//! What lets a connection in at its source: its secrets in the vault, each under the connection and the setting it belongs to. They are put
//! and forgotten with the row of the connection, in one transaction.

use crate::convert::time;
use crate::db::{Tx, query, query_as};
use crate::error::Result;
use crate::tenant::TenantStore;
use aos_core::vault::Secret;
use aos_core::{ConnectionId, IntentId};
use chrono::{DateTime, Utc};
use std::collections::BTreeMap;

const PURPOSE: &str = "connection";

/// What lets a new connection in.
#[derive(Default)]
pub struct NewAccess {
    /// By setting.
    pub secrets: BTreeMap<String, Secret>,
    /// Where the credentials of the whole connection are.
    pub credential_locator: Option<String>,
    /// The intent it is made for: it begins in Safe Mode, and leaves it when the intent is promoted.
    pub intent: Option<IntentId>,
}

/// What is to be other than it is; what is left out stays.
#[derive(Default)]
pub struct AccessChange {
    /// By setting; none forgets one.
    pub secrets: BTreeMap<String, Option<Secret>>,
    pub credential_locator: Option<Option<String>>,
}

/// A secret of a connection, without what it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConnectionSecret {
    pub connection_id: String,
    pub setting: String,
    pub changed_at: DateTime<Utc>,
    /// Who put it; none for one from before that was written down.
    pub changed_by: Option<String>,
}

impl TenantStore<'_> {
    /// Opens a secret of a connection.
    pub async fn connection_secret(&self, connection: ConnectionId, setting: &str) -> Result<Option<Secret>> {
        self.reveal(PURPOSE, &name(connection, setting)).await
    }

    /// Lists which secrets connections have, without their contents.
    pub async fn list_connection_secrets(&self) -> Result<Vec<ConnectionSecret>> {
        let rows = query_as::<(String, i64, Option<String>)>(
            "SELECT name, updated_at, changed_by FROM secrets WHERE tenant_id = $1 AND purpose = $2 ORDER BY name",
        );
        let rows = rows.bind(self.id()).bind(PURPOSE).fetch_all(self.reader()).await?;
        let entry = |(name, changed_at, changed_by): (String, i64, Option<String>)| {
            let (connection_id, setting) = name.split_once('/')?;
            let (connection_id, setting) = (connection_id.to_owned(), setting.to_owned());
            Some(ConnectionSecret { connection_id, setting, changed_at: time(changed_at), changed_by })
        };
        Ok(rows.into_iter().filter_map(entry).collect())
    }

    pub(crate) async fn change_connection_secrets<'c>(
        &self,
        tx: &mut Tx,
        connection: ConnectionId,
        changes: impl Iterator<Item = (&'c String, Option<&'c Secret>)> + Send,
    ) -> Result<()> {
        for (setting, secret) in changes {
            let name = name(connection, setting);
            match secret {
                Some(secret) => drop(self.put_secret_in(tx, PURPOSE, &name, secret).await?),
                None => drop(self.delete_secret_in(tx, PURPOSE, &name).await?),
            }
        }
        Ok(())
    }

    pub(crate) async fn delete_connection_secrets(&self, tx: &mut Tx, connection: ConnectionId) -> Result<()> {
        let deleted = query("DELETE FROM secrets WHERE tenant_id = $1 AND purpose = $2 AND substr(name, 1, 36) = $3");
        deleted.bind(self.id()).bind(PURPOSE).bind(connection.to_string()).execute(tx).await.map(|_| ())
    }
}

fn name(connection: ConnectionId, setting: &str) -> String {
    format!("{connection}/{setting}")
}
