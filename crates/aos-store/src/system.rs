//! Every query that crosses tenants, in one file to be looked at: sign-in, registration, the list of tenants, and what a
//! start has to tidy up.

use crate::Store;
use crate::convert::{from_word, micros, role_word, time};
use crate::db::{Actor, Reader, Tx, query, query_as};
use crate::error::{Error, Result};
use crate::users::{Tenant, User};
use aos_core::{Role, TenantId, UserId};
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
        let user = self.insert_user(&mut tx, tenant.id, owner_name, email, password_hash, Role::Owner).await?;
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
        let user = self.insert_user(&mut tx, tenant, name, email, password_hash, role).await?;
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
        Ok(Tenant { id, name: name.to_owned(), created_at: time(now) })
    }

    async fn insert_user(
        &self,
        tx: &mut Tx,
        tenant: TenantId,
        name: &str,
        email: &str,
        password_hash: &str,
        role: Role,
    ) -> Result<User> {
        let (id, now) = (UserId::new(), micros(self.store.clock.now()));
        let claimed = query(
            "INSERT INTO sign_in_directory (email_normalized, tenant_id, user_id) VALUES ($1, $2, $3)
             ON CONFLICT (email_normalized) DO NOTHING",
        )
        .bind(normalized(email))
        .bind(tenant.0)
        .bind(id.0)
        .execute(&mut *tx)
        .await?;
        if claimed == 0 {
            return Err(Error::EmailTaken);
        }
        query("INSERT INTO credentials (user_id, tenant_id, password_hash) VALUES ($1, $2, $3)")
            .bind(id.0)
            .bind(tenant.0)
            .bind(password_hash)
            .execute(&mut *tx)
            .await?;
        query("INSERT INTO users (tenant_id, id, email, name, role, created_at) VALUES ($1, $2, $3, $4, $5, $6)")
            .bind(tenant.0)
            .bind(id.0)
            .bind(email.trim())
            .bind(name)
            .bind(role_word(role))
            .bind(now)
            .execute(&mut *tx)
            .await?;
        Ok(User { id, email: email.trim().to_owned(), name: name.to_owned(), role, created_at: time(now) })
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
