//! Every query that crosses tenants, in one file to be looked at: sign-in, registration, the list of tenants, and what a
//! start has to tidy up.

mod attempts;
mod checkpoints;
mod consents;
mod deletions;
mod doors;
mod look;
mod stale;
mod token_keys;
mod vault;
mod watched;

pub use attempts::OidcAttempt;
pub use checkpoints::SignedAgain;
pub use consents::Consent;
pub use deletions::{TenantDeletion, TenantTable};
pub use doors::{KnownUser, RefreshHolder};
pub use look::{Connections, QueueDepth};
pub use token_keys::TokenKey;
pub use vault::MasterRotation;

use crate::Store;
use crate::audit::Draft;
use crate::convert::{from_word, micros, time};
use crate::db::{Actor, Reader, Tx, query, query_as};
use crate::error::Result;
use crate::members::{Identity, NewMember, Proof, insert};
use crate::users::{Tenant, User};
use aos_core::{Role, TenantId, UserId};
use serde_json::{Value, json};
use uuid::Uuid;

#[derive(Debug)]
pub struct SystemStore<'s> {
    pub(crate) store: &'s Store,
}

/// What is needed to check a password and let someone in.
#[derive(Clone)]
pub struct SignIn {
    pub tenant: TenantId,
    pub user: UserId,
    pub password_hash: String,
    pub role: Role,
    pub email: String,
    pub name: String,
}

type TenantRow = (Uuid, String, i64);

impl<'s> SystemStore<'s> {
    pub(crate) fn new(store: &'s Store) -> Self {
        Self { store }
    }

    pub(crate) fn reader(&self) -> Reader<'s> {
        Reader { pool: &self.store.pool, actor: Actor::System }
    }

    pub(crate) async fn begin(&self) -> Result<Tx> {
        self.store.pool.begin(Actor::System).await
    }

    fn now(&self) -> i64 {
        micros(self.store.clock.now())
    }

    /// Writes into a tenant's audit trail what is done before anyone of the tenant is known to do it.
    fn audit(&self, tx: &mut Tx, tenant: TenantId, action: &str, resource: &str, detail: Value) -> Result<()> {
        let draft = Draft::new(tenant.0, self.now(), ("system".to_owned(), None), action, resource, detail)?;
        tx.trail().push(draft);
        Ok(())
    }

    /// Creates a tenant with its owner, both or neither.
    pub async fn register(
        &self,
        tenant_name: &str,
        owner_name: &str,
        email: &str,
        password_hash: &str,
    ) -> Result<(Tenant, User)> {
        let mut tx = self.begin().await?;
        let tenant = self.insert_tenant(&mut tx, tenant_name).await?;
        let owner = NewMember { user: UserId::new(), name: owner_name, proof: Proof::PasswordHash(password_hash) };
        let user = insert(&mut tx, tenant.id.0, self.now(), (email, Role::Owner), owner).await?;
        self.audit(&mut tx, tenant.id, "member.add", &format!("user:{}", user.id), json!({ "role": Role::Owner }))?;
        tx.commit().await?;
        Ok((tenant, user))
    }

    /// The same for an owner who signs in through a provider that vouches for the e-mail address.
    pub async fn register_identity(&self, name: &str, email: &str, identity: Identity<'_>) -> Result<(Tenant, User)> {
        let mut tx = self.begin().await?;
        let tenant = self.insert_tenant(&mut tx, name).await?;
        let owner = NewMember { user: UserId::new(), name, proof: Proof::Identity(identity) };
        let user = insert(&mut tx, tenant.id.0, self.now(), (email, Role::Owner), owner).await?;
        self.audit(&mut tx, tenant.id, "member.add", &format!("user:{}", user.id), json!({ "role": Role::Owner }))?;
        tx.commit().await?;
        Ok((tenant, user))
    }

    /// Adds a user to a tenant there is.
    pub async fn add_user(
        &self,
        tenant: TenantId,
        name: &str,
        email: &str,
        password_hash: &str,
        role: Role,
    ) -> Result<User> {
        let mut tx = self.begin().await?;
        let new = NewMember { user: UserId::new(), name, proof: Proof::PasswordHash(password_hash) };
        let user = insert(&mut tx, tenant.0, self.now(), (email, role), new).await?;
        self.audit(&mut tx, tenant, "member.add", &format!("user:{}", user.id), json!({ "role": role }))?;
        tx.commit().await?;
        Ok(user)
    }

    /// Finds who signs in with an e-mail address, however it is capitalised.
    pub async fn find_sign_in(&self, email: &str) -> Result<Option<SignIn>> {
        let found = query_as::<(Uuid, Uuid, String)>(
            "SELECT sign_in_directory.tenant_id, sign_in_directory.user_id, credentials.password_hash
               FROM sign_in_directory
               JOIN credentials ON credentials.user_id = sign_in_directory.user_id
              WHERE sign_in_directory.email_normalized = $1",
        )
        .bind(normalized(email))
        .fetch_optional(self.reader())
        .await?;
        let Some((tenant, user, password_hash)) = found else { return Ok(None) };
        // Now that the tenant is known, the rest is read as it: this side never looks into a tenant's users.
        let as_tenant = Reader { pool: &self.store.pool, actor: Actor::Tenant(tenant) };
        let known = query_as::<(String, String, String)>(
            "SELECT role, email, name FROM users WHERE tenant_id = $1 AND id = $2",
        )
        .bind(tenant)
        .bind(user)
        .fetch_optional(as_tenant)
        .await?;
        let Some((role, email, name)) = known else { return Ok(None) };
        let role = from_word(role, "users", "role", user)?;
        Ok(Some(SignIn { tenant: TenantId(tenant), user: UserId(user), password_hash, role, email, name }))
    }

    pub async fn tenant(&self, id: TenantId) -> Result<Option<Tenant>> {
        let found = query_as::<TenantRow>("SELECT id, name, created_at FROM tenants WHERE id = $1")
            .bind(id.0)
            .fetch_optional(self.reader())
            .await?;
        Ok(found.map(tenant))
    }

    /// Finds a tenant by its name; of several, the oldest. For the operator's commands on this machine.
    pub async fn find_tenant_by_name(&self, name: &str) -> Result<Option<Tenant>> {
        let found = query_as::<TenantRow>(
            "SELECT id, name, created_at FROM tenants WHERE name = $1 ORDER BY created_at, id LIMIT 1",
        )
        .bind(name)
        .fetch_optional(self.reader())
        .await?;
        Ok(found.map(tenant))
    }

    /// Returns the tenant of this name, creating it where needed. For the operator's commands on this machine.
    pub async fn ensure_tenant(&self, name: &str) -> Result<Tenant> {
        let mut tx = self.begin().await?;
        let found = query_as::<TenantRow>(
            "SELECT id, name, created_at FROM tenants WHERE name = $1 ORDER BY created_at, id LIMIT 1",
        )
        .bind(name)
        .fetch_optional(&mut tx)
        .await?;
        if let Some(row) = found {
            return Ok(tenant(row));
        }
        let created = self.insert_tenant(&mut tx, name).await?;
        tx.commit().await?;
        Ok(created)
    }

    /// Lists every tenant, oldest first.
    pub async fn list_tenants(&self) -> Result<Vec<Tenant>> {
        let rows = query_as::<TenantRow>("SELECT id, name, created_at FROM tenants ORDER BY created_at, id")
            .fetch_all(self.reader())
            .await?;
        Ok(rows.into_iter().map(tenant).collect())
    }

    /// Ends the runs that a process left open when it died. To be called once, before work begins; returns how many there were.
    ///
    /// On PostgreSQL it ends none: what is open there may belong to another process that lives. There a run belongs to an
    /// attempt at a task, and is ended when the attempt is lost; see [`TenantStore::close_abandoned_runs`].
    ///
    /// [`TenantStore::close_abandoned_runs`]: crate::TenantStore::close_abandoned_runs
    pub async fn close_interrupted(&self) -> Result<u64> {
        if !self.store.pool.is_this_process_alone() {
            return Ok(0);
        }
        let now = micros(self.store.clock.now());
        let mut tx = self.begin().await?;
        let runs = query(
            "UPDATE runs SET finished_at = $1, outcome = 'failed', error = 'interrupted: the process ended during this run'
              WHERE finished_at IS NULL",
        )
        .bind(now)
        .execute(&mut tx)
        .await?;
        let connects = query(
            "UPDATE connect_runs SET finished_at = $1, status = 'failed', error = 'interrupted: the process ended during this run'
              WHERE status = 'running'",
        )
        .bind(now)
        .execute(&mut tx)
        .await?;
        tx.commit().await?;
        Ok(runs + connects)
    }

    async fn insert_tenant(&self, tx: &mut Tx, name: &str) -> Result<Tenant> {
        let (id, now) = (TenantId::new(), micros(self.store.clock.now()));
        query("INSERT INTO tenants (id, name, created_at) VALUES ($1, $2, $3)")
            .bind(id.0)
            .bind(name)
            .bind(now)
            .execute(&mut *tx)
            .await?;
        query("INSERT INTO stream_heads (tenant_id, position, epoch) VALUES ($1, 0, 0)")
            .bind(id.0)
            .execute(&mut *tx)
            .await?;
        self.audit(tx, id, "tenant.create", "tenant", json!({ "name": name }))?;
        Ok(Tenant { id, name: name.to_owned(), created_at: time(now) })
    }
}

fn tenant((id, name, created_at): TenantRow) -> Tenant {
    Tenant { id: TenantId(id), name, created_at: time(created_at) }
}

fn normalized(email: &str) -> String {
    email.trim().to_lowercase()
}

// The password hash stays out of logs.
impl std::fmt::Debug for SignIn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SignIn").field("tenant", &self.tenant).field("user", &self.user).finish_non_exhaustive()
    }
}
