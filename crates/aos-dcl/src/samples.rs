//! Sources to try with: files that travel in the program, and services that the operator has played. A tenant connects them in one go, reads
//! them like every other source, and removes them together.
//!
//! Whoever asks over the API names samples, never paths and addresses: where they are is the operator's and each process's own affair.

use crate::connections::ConnectionRequest;
use crate::service::TenantDcl;
use crate::{Error, Result};
use aos_connectors::file::{NAME as FILE, SAMPLE, Samples};
use aos_connectors::{Operator, Simulated, declaration};
use aos_core::ConnectionId;
use aos_core::flag::Flag;
use aos_store::{Connection, NewAccess};
use serde::Serialize;
use serde_json::{Value, json};
use std::path::Path;
use utoipa::ToSchema;
use uuid::Uuid;

/// What is put behind the name of a sample whose own name another connection has.
const SAMPLE_SUFFIX: &str = "-sample";
const SIMULATED_SUFFIX: &str = "-simulated";

/// What there is to try with, and which of it the tenant has connected.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct SamplesInfo {
    /// Whether samples can be connected: the operator offers them, and files are read as sources.
    pub offered: bool,
    pub samples: Vec<SampleSource>,
    /// Services that are played beside this installation, with invented records.
    pub simulated: Vec<SampleSource>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct SampleSource {
    /// The system it could come from, or the connector that reads it.
    #[schema(example = "salesforce")]
    pub name: String,
    /// As people call it.
    #[schema(example = "Salesforce")]
    pub title: String,
    /// Its connection; null while it has none.
    #[schema(required)]
    pub connection_id: Option<Uuid>,
}

/// Which of what there is to try with is to be connected.
#[derive(Debug, Clone, Copy)]
pub struct WantedSamples<'w> {
    /// None for all of them.
    pub samples: Option<&'w [String]>,
    pub simulated: &'w [String],
}

impl TenantDcl {
    pub async fn samples(&self) -> Result<SamplesInfo> {
        let connections = self.all_connections().await?;
        let operator = self.operator();
        let offered = operator.samples.is_some() && self.flag(Flag::FeatureUseFilesource).await?;
        let connected = |is: &dyn Fn(&Connection) -> bool| connections.iter().find(|one| is(one)).map(|one| one.id.0);
        let names = operator.samples.iter().flat_map(|known| known.names());
        let samples = names.map(|name| SampleSource {
            name: name.clone(),
            title: name.replace('_', " "),
            connection_id: connected(&|one| sample_of(operator.samples.as_ref(), one).as_ref() == Some(name)),
        });
        let simulated = operator.simulated.iter().map(|played| SampleSource {
            name: played.connector.to_owned(),
            title: declaration(played.connector).map_or(played.connector, |declared| declared.title).to_owned(),
            connection_id: connected(&|one| reads(one, played)),
        });
        Ok(SamplesInfo { offered, samples: samples.collect(), simulated: simulated.collect() })
    }

    /// Connects what is not connected yet, and returns the connections of everything that was asked for. Nothing is read yet.
    ///
    /// # Errors
    /// [`Error::NoSamples`], [`Error::FilesOff`], and [`Error::NotFound`] for a name that nothing here has.
    pub async fn add_samples(&self, wanted: WantedSamples<'_>) -> Result<Vec<ConnectionId>> {
        let connections = self.all_connections().await?;
        let mut ids = Vec::new();
        for name in self.chosen_samples(wanted.samples)? {
            if !self.flag(Flag::FeatureUseFilesource).await? {
                return Err(Error::FilesOff);
            }
            let is = |one: &&Connection| sample_of(self.operator().samples.as_ref(), one).as_deref() == Some(name);
            ids.push(match connections.iter().find(is) {
                Some(there) => there.id,
                None => self.add_sample(name, &connections).await?,
            });
        }
        for name in wanted.simulated {
            let played = self.operator().simulated.iter().find(|played| played.connector == name);
            let played = played.ok_or(Error::NotFound("sample"))?;
            ids.push(match connections.iter().find(|one| reads(one, played)) {
                Some(there) => there.id,
                None => self.add_simulated(played, &connections).await?,
            });
        }
        Ok(ids)
    }

    /// Removes the connections of everything there is to try with, and what was derived from them, and says how many there were.
    ///
    /// # Errors
    /// [`Error::ConnectRunning`] while a job of the tenant waits or runs.
    pub async fn remove_samples(&self) -> Result<usize> {
        let operator = self.operator();
        let mut removed = 0;
        for one in self.all_connections().await? {
            if sample_of(operator.samples.as_ref(), &one).is_some()
                || operator.simulated.iter().any(|played| reads(&one, played))
            {
                self.delete_connection(one.id).await?;
                removed += 1;
            }
        }
        Ok(removed)
    }

    fn operator(&self) -> &Operator {
        &self.inner.sources.operator
    }

    fn chosen_samples<'n>(&'n self, wanted: Option<&'n [String]>) -> Result<Vec<&'n str>> {
        let known = match (&self.operator().samples, wanted) {
            (_, Some([])) => return Ok(Vec::new()),
            (None, _) => return Err(Error::NoSamples),
            (Some(samples), _) => samples.names(),
        };
        let Some(wanted) = wanted else { return Ok(known.iter().map(String::as_str).collect()) };
        if wanted.iter().any(|name| !known.contains(name)) {
            return Err(Error::NotFound("sample"));
        }
        Ok(wanted.iter().map(String::as_str).collect())
    }

    async fn add_sample(&self, name: &str, connections: &[Connection]) -> Result<ConnectionId> {
        let own_name = free_name(name, SAMPLE_SUFFIX, connections);
        let (config, access) = (json!({ SAMPLE: name }), NewAccess::default());
        Ok(self.insert_connection(&own_name, name.to_owned(), FILE.to_owned(), config, &access).await?.id)
    }

    async fn add_simulated(&self, played: &Simulated, connections: &[Connection]) -> Result<ConnectionId> {
        let request = ConnectionRequest {
            name: free_name(played.connector, SIMULATED_SUFFIX, connections),
            connector: played.connector.to_owned(),
            system: Some(played.connector.to_owned()),
            config: played.settings.clone(),
            stale_after_s: None,
            credential_locator: None,
        };
        Ok(self.insert_requested(&request, None).await?.id)
    }
}

/// Returns a name for a connection: the system's own, unless another connection has it.
fn free_name(name: &str, suffix: &str, connections: &[Connection]) -> String {
    let is_taken = connections.iter().any(|one| one.name == name);
    if is_taken { format!("{name}{suffix}") } else { name.to_owned() }
}

/// Whether a connection reads this simulated service.
fn reads(connection: &Connection, played: &Simulated) -> bool {
    connection.connector == played.connector && played.is_read_by(&connection.config)
}

/// Returns the sample that a connection reads. Those of an older program name it by its path, which only an installation that offers it knows.
fn sample_of(known: Option<&Samples>, connection: &Connection) -> Option<String> {
    if connection.connector != FILE {
        return None;
    }
    if let Some(name) = connection.config[SAMPLE].as_str() {
        return Some(name.to_owned());
    }
    let path = Path::new(connection.config["path"].as_str()?);
    let has_all_files = connection.config.get("files").is_none_or(Value::is_null);
    known?.names().iter().find(|name| has_all_files && known.is_some_and(|known| known.is_at(name, path))).cloned()
}
