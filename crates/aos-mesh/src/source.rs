//! From a connection to an open source: its connector, and what that connector is given to work with.

use crate::grants::StoredGrants;
use crate::pace::SharedPace;
use crate::secrets::{Holder, Locator, SecretPlaces, refused};
use crate::{Error, Result};
use aos_broker::Broker;
use aos_connectors::oauth::Application;
use aos_connectors::{
    Alone, Asking, AuthKind, Connector, Context, Declaration, Notes, Operator, Secret, Secrets, SettingKind, Settings,
    declaration,
};
use aos_core::{Clock, ConnectionId, TenantScope};
use aos_store::{Connection, Store};
use std::collections::BTreeMap;
use std::sync::Arc;
use tokio_util::sync::CancellationToken;

/// Opens the sources of connections.
#[derive(Clone)]
pub struct Sources {
    pub store: Store,
    pub broker: Broker,
    pub net: aos_net::Client,
    pub clock: Clock,
    pub operator: Operator,
    pub secrets: SecretPlaces,
}

/// A source that is open: nothing has been asked of it yet.
pub struct Source {
    pub connector: Arc<dyn Connector>,
    pub context: Context,
    /// None for a source that nobody has to spare, such as files.
    pub(crate) pace: Option<Arc<SharedPace>>,
}

impl Source {
    /// A source that nobody else reads, with whatever its connector is given to work with.
    pub fn alone(connector: Arc<dyn Connector>, context: Context) -> Self {
        Self { connector, context, pace: None }
    }
}

impl Sources {
    /// Opens the source of a connection. Its reads stop when `cancel` is set.
    ///
    /// # Errors
    /// [`Error::UnknownConnector`], [`Error::Config`], or [`Error::Source`] when the settings do not fit or a secret is not where they say.
    pub async fn open(
        &self,
        scope: &TenantScope,
        connection: &Connection,
        notes: Notes,
        cancel: CancellationToken,
    ) -> Result<Source> {
        // A read that ends must not end whatever else hangs on the caller's word.
        let cancel = cancel.child_token();
        let declaration = declared(&connection.connector)?;
        let Credentials { settings, secrets, grant_of } = self.credentials(scope, connection, declaration).await?;
        let system = if connection.system.is_empty() { &connection.connector } else { &connection.system };
        // Opening files looks into folders.
        let (open, operator, system) = (declaration.open, self.operator.clone(), system.clone());
        let connector = tokio::task::spawn_blocking(move || open(&system, &settings, &operator))
            .await
            .map_err(|_| Error::Stopped)??;
        let pace = match connector.budget() {
            Some(budget) => {
                let pace = SharedPace::open(&self.store, &self.broker, scope, budget, notes.clone(), cancel.clone());
                Some(Arc::new(pace.await?))
            }
            None => None,
        };
        let context = Context {
            net: self.net.tenant(scope),
            secrets: Secrets::new(secrets),
            grants: declaration
                .auth
                .contains(&AuthKind::AuthorizationCode)
                .then(|| StoredGrants::of(&self.store, scope, grant_of)),
            pace: match &pace {
                Some(pace) => pace.clone(),
                None => Arc::new(Alone::new(self.clock.clone())),
            },
            cancel,
            clock: self.clock.clone(),
            notes,
        };
        Ok(Source { connector, context, pace })
    }

    /// Says how the owner of a connection's account is asked for leave, and as which application.
    ///
    /// # Errors
    /// [`Error::Source`] when the connector takes nobody's leave, or the settings do not name what is needed.
    pub async fn asking(&self, scope: &TenantScope, connection: &Connection) -> Result<(Asking, Application)> {
        let declaration = declared(&connection.connector)?;
        let consent = declaration.consent.ok_or_else(|| {
            let reason = format!("{} asks no owner for leave; give its credentials in the settings", declaration.title);
            aos_connectors::Error::Config { field: "auth".to_owned(), reason }
        })?;
        let credentials = self.credentials(scope, connection, declaration).await?;
        if credentials.grant_of != connection.id {
            let reason = "it reads with the grant of another connection; let the owner authorise that one".to_owned();
            return Err(refused("credential_locator", reason).into());
        }
        let asking = consent(&credentials.settings)?;
        let client_secret = credentials.secrets.get("client_secret").cloned();
        let application = Application { client_id: asking.client_id.clone(), client_secret };
        Ok((asking, application))
    }

    /// Parts settings from secrets, and looks up where the secrets are: those of the connection itself first, then what its locator says.
    async fn credentials(
        &self,
        scope: &TenantScope,
        connection: &Connection,
        declaration: &Declaration,
    ) -> Result<Credentials> {
        let mut own = self.own_credentials(scope, connection, declaration).await?;
        let Some(text) = &connection.credential_locator else { return Ok(own) };
        let locator = Locator::parse(text).map_err(|error| refused("credential_locator", error.to_string()))?;
        if let Locator::Consent { connection: Some(lender) } = &locator {
            let lent = self.lent(scope, connection, declaration, lender).await?;
            own.grant_of = lent.grant_of;
            for (name, value) in lent.settings {
                own.settings.entry(name).or_insert(value);
            }
            for (name, secret) in lent.secrets {
                own.secrets.entry(name).or_insert(secret);
            }
        }
        let holder = Holder { store: &self.store, scope, connection: connection.id };
        self.secrets.fill(holder, declaration, &locator, &mut own.settings, &mut own.secrets).await?;
        Ok(own)
    }

    async fn own_credentials(
        &self,
        scope: &TenantScope,
        connection: &Connection,
        declaration: &Declaration,
    ) -> Result<Credentials> {
        let holder = Holder { store: &self.store, scope, connection: connection.id };
        let (mut settings, mut secrets) = (settings(&connection.config)?, BTreeMap::new());
        for setting in declaration.secrets() {
            if let Some(serde_json::Value::String(reference)) = settings.remove(setting.name) {
                let secret = self.secrets.resolve(holder, setting.name, &reference).await?;
                secrets.insert(setting.name.to_owned(), secret);
            }
        }
        Ok(Credentials { settings, secrets, grant_of: connection.id })
    }

    /// Returns what another connection to the same account lends: its grant, and how it is signed in to.
    async fn lent(
        &self,
        scope: &TenantScope,
        borrower: &Connection,
        declaration: &Declaration,
        name: &str,
    ) -> Result<Credentials> {
        let store = self.store.tenant(scope);
        let found = match name.parse::<ConnectionId>() {
            Ok(id) => store.connection(id).await?,
            Err(_) => store.find_connection(name).await?,
        };
        let lender = found.filter(|lender| lender.connector == borrower.connector && lender.id != borrower.id);
        let lender = lender.ok_or_else(|| {
            let reason = format!(
                "there is no other connection {name} to {}; name one that an owner has authorised",
                declaration.title
            );
            refused("credential_locator", reason)
        })?;
        if lender
            .credential_locator
            .as_deref()
            .is_some_and(|locator| locator.starts_with("consent:") && locator != "consent:")
        {
            return Err(refused(
                "credential_locator",
                format!("{name} borrows its own grant; name the connection that has it"),
            )
            .into());
        }
        let mut lent = self.own_credentials(scope, &lender, declaration).await?;
        let is_of_account = |name: &str| {
            let kind = declaration.settings.iter().find(|setting| setting.name == name).map(|setting| setting.kind);
            !matches!(kind, Some(SettingKind::List | SettingKind::Integer | SettingKind::Boolean))
        };
        lent.settings.retain(|name, _| is_of_account(name));
        Ok(lent)
    }
}

/// What a connection's source is opened with.
struct Credentials {
    settings: Settings,
    secrets: BTreeMap<String, Secret>,
    /// Whose grant it reads with: its own, or the one of the connection that lends it.
    grant_of: ConnectionId,
}

/// Finds the declaration of a connector.
///
/// # Errors
/// [`Error::UnknownConnector`].
pub fn declared(connector: &str) -> Result<&'static Declaration> {
    declaration(connector).ok_or_else(|| Error::UnknownConnector(connector.to_owned()))
}

/// Reads a connection's settings.
///
/// # Errors
/// [`Error::Config`] when they are no JSON object.
pub fn settings(config: &serde_json::Value) -> Result<Settings> {
    config.as_object().cloned().ok_or_else(|| Error::Config("they are no JSON object".to_owned()))
}
