//! Everything a tenant has in the store, row by row as JSON, as of one moment. Which tables and columns there are is asked of the database;
//! what must not leave it is named here.

use crate::db::Snapshot;
use crate::error::{Error, Result};
use crate::tenant::TenantStore;

/// Tables that are secrets, or answers that may hold some, and why they are left out.
const LEFT_OUT: &[(&str, &str)] = &[
    ("credentials", "password digests"),
    ("idempotency_keys", "answers of the last day, some of which show a secret once"),
    ("identities", "who signs in through which provider; the directory of the whole installation"),
    ("program_codes", "digests of codes, which are good for a minute"),
    ("refresh_tokens", "digests of tokens"),
    ("secrets", "sealed secrets, which open only here"),
    ("sign_in_directory", "the directory of the whole installation; the addresses are in `users`"),
    ("tenant_keys", "wrapped keys"),
    ("unsealed_secrets", "where secrets lie that are not sealed yet"),
];
/// Columns of other tables that are made of secrets.
const COLUMNS_LEFT_OUT: &[&str] = &["digest", "password_hash", "secret"];

/// A piece of an export, in order: a table, then its rows.
#[derive(Debug, Clone, Copy)]
pub enum Exported<'a> {
    Table(&'a str),
    /// A row as one JSON object without line breaks.
    Row(&'a str),
}

/// What an export leaves out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeftOut {
    /// A table, or `table.column`.
    pub what: String,
    pub why: &'static str,
}

impl TenantStore<'_> {
    /// Visits every row that the tenant has, as of one moment, except secrets. Returns what was left out.
    ///
    /// # Errors
    /// [`Error::Export`] with what the visitor said.
    pub async fn export(
        &self,
        visit: &mut (dyn FnMut(Exported<'_>) -> std::io::Result<()> + Send),
    ) -> Result<Vec<LeftOut>> {
        let mut snapshot = Snapshot::begin(&self.store.pool, self.id()).await?;
        let mut left_out = Vec::new();
        for (table, columns) in snapshot.tables().await? {
            if let Some((_, why)) = LEFT_OUT.iter().find(|(name, _)| *name == table) {
                left_out.push(LeftOut { what: table, why });
                continue;
            }
            let secret = |column: &&String| COLUMNS_LEFT_OUT.contains(&column.as_str());
            for column in columns.iter().filter(secret) {
                left_out.push(LeftOut { what: format!("{table}.{column}"), why: "made of a secret" });
            }
            let columns: Vec<_> = columns.iter().filter(|column| !secret(column)).map(String::as_str).collect();
            visit(Exported::Table(&table)).map_err(Error::Export)?;
            snapshot.rows(&table, &columns, &mut |row| visit(Exported::Row(row)).map_err(Error::Export)).await?;
        }
        Ok(left_out)
    }
}
