//! Drift as people look at it: which streams are not as they were accepted, what was seen of them, what is agreed about them, and how far
//! repairs may go.

use crate::fresh::Portion;
use crate::service::TenantDcl;
use crate::{Error, Result};
use aos_core::ConnectionId;
use aos_core::flag::Flag;
use aos_drift::{Contract, Reliability, Threshold, brief};
use aos_mesh::drift::{DriftPolicy, POLICY_SETTING, RemapEnd, RemapStep};
use aos_store::{MappingPlace, Observation, Page, PageOf, Remap};
use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;
use uuid::Uuid;

const REMAPS_SHOWN: u32 = 20;
/// A stream that is not as it was accepted.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Drifting {
    pub connection_id: Uuid,
    pub source: String,
    pub stream: String,
    /// Counts the changes of the stream's shape.
    pub epoch: i64,
    /// Whether records of the new shape are kept meanwhile; otherwise the stream is not read on.
    pub goes_on: bool,
    /// How many paths differ.
    pub changes: usize,
    pub since: DateTime<Utc>,
}

/// What is known of one stream's shape.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct StreamDrift {
    pub connection_id: Uuid,
    pub stream: String,
    pub epoch: i64,
    /// What is accepted, column by column: path, kind, share of nulls, distinct values, bounds.
    #[schema(value_type = Vec<Object>)]
    pub accepted: Value,
    /// How what is seen differs from it; null while it does not.
    #[schema(value_type = Option<Object>)]
    pub drift: Option<Value>,
    pub contract: Contract,
    /// The versions of its mapping, the oldest first.
    pub versions: Vec<VersionInfo>,
    /// What was mapped anew, the latest first.
    pub remaps: Vec<RemapInfo>,
}

/// One version of a mapping.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
pub struct VersionInfo {
    pub version: u32,
    pub active: bool,
    /// It is for records that were read in this epoch of the stream's shape, or later.
    pub epoch: i64,
    /// The version it was made from.
    pub base_version: Option<u32>,
}

/// One re-mapping of raw records.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct RemapInfo {
    pub id: Uuid,
    pub version: u32,
    /// `running`, `done` or `superseded`.
    pub state: String,
    pub segments: u64,
    pub segments_done: u64,
    /// Raw records that were mapped, and those that say something else now.
    pub records: u64,
    pub landed: u64,
    /// Rows that the mapping gives no more, and those for which an earlier record holds again.
    pub removed: u64,
    pub restored: u64,
    pub created_at: DateTime<Utc>,
    pub finished_at: Option<DateTime<Utc>>,
}

/// What a run saw of a stream.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ObservationInfo {
    pub run_id: Uuid,
    pub at: DateTime<Utc>,
    pub epoch: i64,
    pub fingerprint: String,
    /// How many records were looked at.
    pub sampled: u64,
    #[schema(value_type = Vec<Object>)]
    pub shape: Value,
    #[schema(value_type = Vec<Object>)]
    pub changes: Value,
}

/// How far repairs may go, and what the decisions so far prove.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PolicyInfo {
    #[serde(flatten)]
    pub policy: DriftPolicy,
    /// Whether the flag FEATURE_DRIFT_AUTOFIX is on.
    pub autofix: bool,
    /// From which probability repairs are applied by themselves now; null when nothing is.
    pub auto_from_now: Option<f64>,
    /// What the stated limit comes to; null while none is stated.
    pub risk: Option<Threshold>,
    /// With this probability the bound on wrong repairs holds.
    pub risk_confidence: f64,
    /// How true the probabilities were that people decided on.
    pub reliability: Reliability,
}

impl TenantDcl {
    /// Lists the streams that are not as they were accepted.
    pub async fn drifting(&self) -> Result<Vec<Drifting>> {
        let names = self.connection_names().await?;
        let found = self.store().list_drifting().await?.into_iter().filter_map(|found| {
            Some(Drifting {
                source: names.get(&found.connection_id)?.clone(),
                connection_id: found.connection_id.0,
                stream: found.stream,
                epoch: found.epoch,
                goes_on: found.drift["goes_on"] == true,
                changes: found.drift["changes"].as_array().map_or(0, Vec::len),
                since: found.updated_at,
            })
        });
        Ok(found.collect())
    }

    /// Returns what is known of one stream's shape.
    pub async fn stream_drift(&self, id: ConnectionId, stream: &str) -> Result<StreamDrift> {
        self.known_stream(id, stream).await?;
        let profile = self.store().stream_profile(id, stream).await?;
        let versions = self.store().mapping_places(id, stream).await?;
        let remaps = self.store().list_remaps(id, stream, REMAPS_SHOWN).await?;
        Ok(StreamDrift {
            connection_id: id.0,
            stream: stream.to_owned(),
            epoch: profile.epoch,
            accepted: profile.accepted.as_ref().map_or_else(|| json!([]), brief),
            drift: profile.drift.map(|drift| self.seen_by_caller(drift)),
            contract: contract(profile.contract),
            versions: versions.into_iter().map(VersionInfo::from).collect(),
            remaps: remaps.into_iter().map(RemapInfo::from).collect(),
        })
    }

    /// Lists what was seen of a stream, the newest first.
    pub async fn observations(&self, id: ConnectionId, stream: &str, page: Page) -> Result<PageOf<ObservationInfo>> {
        self.known_stream(id, stream).await?;
        let found = self.store().list_observations(id, stream, page).await?;
        let info = |seen: Observation| ObservationInfo {
            run_id: seen.run_id.0,
            at: seen.at,
            epoch: seen.epoch,
            fingerprint: seen.fingerprint,
            sampled: seen.sampled,
            shape: seen.shape,
            changes: self.seen_by_caller(json!({ "changes": seen.changes }))["changes"].take(),
        };
        Ok(PageOf { items: found.items.into_iter().map(info).collect(), next_cursor: found.next_cursor })
    }

    /// Returns what is agreed about a stream.
    pub async fn contract(&self, id: ConnectionId, stream: &str) -> Result<Contract> {
        self.known_stream(id, stream).await?;
        Ok(contract(self.store().stream_profile(id, stream).await?.contract))
    }

    /// Says what becomes of a stream's records when it changes.
    pub async fn set_contract(&self, id: ConnectionId, stream: &str, new: &Contract) -> Result<()> {
        self.known_stream(id, stream).await?;
        if let Some(problem) = new.problem() {
            return Err(Error::Contract(problem));
        }
        let body = (!new.rules.is_empty()).then(|| json!(new));
        Ok(self.store().put_contract(id, stream, body.as_ref()).await?)
    }

    /// Returns how far repairs may go, and what the decisions so far prove.
    pub async fn drift_policy(&self) -> Result<PolicyInfo> {
        let operator = self.inner.flags.operator(Flag::FeatureDriftAutofix);
        let standing = DriftPolicy::load(&self.store()).await?.standing(&self.store(), operator).await?;
        let lens = aos_core::policy::Lens::of(&self.scope);
        let mut policy = standing.policy;
        // What stands behind the host may be a secret of the receiver.
        policy.escalate_url = policy.escalate_url.map(|url| lens.address(url));
        Ok(PolicyInfo {
            policy,
            autofix: standing.autofix,
            auto_from_now: standing.auto_from,
            risk: standing.threshold,
            risk_confidence: aos_drift::DECISIONS_CONFIDENCE,
            reliability: standing.reliability,
        })
    }

    /// Says how far repairs may go.
    pub async fn set_drift_policy(&self, policy: &DriftPolicy) -> Result<PolicyInfo> {
        if let Some(problem) = policy.problem() {
            return Err(Error::DriftPolicy(problem));
        }
        self.store().put_setting(POLICY_SETTING, &json!(policy)).await?;
        self.drift_policy().await
    }

    /// Maps raw records anew, as far as that is left to do, and shows what came of it. The engine follows meanwhile.
    pub async fn remap(&self, id: Uuid, mut on_step: impl FnMut(RemapStep) + Send) -> Result<RemapInfo> {
        let ontology = self.ontology().await?;
        let epoch = self.store().head().await?.epoch;
        // While the engine takes one portion another one waits, and no more: what finds no room is read from the store.
        let (portions, mut waiting) = tokio::sync::mpsc::channel(1);
        let mapping = async move {
            let mut portion = Portion::default();
            let told = |mut step: RemapStep| {
                if let Some(whole) = portion.add(std::mem::take(&mut step.changes), step.records) {
                    portions.try_send(whole).ok();
                }
                on_step(step);
            };
            // The channel ends with this, and the following with the channel.
            self.inner.mesh.remap(&self.scope, id, &ontology, told).await
        };
        let following = async {
            while let Some(portion) = waiting.recv().await {
                self.follow_portion(portion, epoch).await?;
            }
            Ok::<_, Error>(())
        };
        let (end, followed) = tokio::join!(mapping, following);
        let end = end?;
        followed?;
        self.refresh_engine().await?;
        self.touch().await?;
        Ok(match end {
            RemapEnd::Done(remap) | RemapEnd::Superseded(remap) => remap.into(),
        })
    }

    /// Does what is left of every re-mapping, and shows what came of each. For whoever has the store alone: elsewhere tasks do it.
    pub async fn finish_remaps(&self) -> Result<Vec<RemapInfo>> {
        let mut done = Vec::new();
        for id in self.store().running_remaps().await? {
            done.push(self.remap(id, |_| {}).await?);
        }
        Ok(done)
    }

    async fn known_stream(&self, id: ConnectionId, stream: &str) -> Result<()> {
        self.store().connection(id).await?.ok_or(Error::NotFound("connection"))?;
        self.store().stream(id, stream).await?.map(|_| ()).ok_or(Error::NotFound("stream"))
    }

    /// Hides evidence, which quotes values of the source, from those who may not see them.
    fn seen_by_caller(&self, mut drift: Value) -> Value {
        let lens = aos_core::policy::Lens::of(&self.scope);
        for change in drift["changes"].as_array_mut().into_iter().flatten() {
            for said in change["evidence"].as_array_mut().into_iter().flatten() {
                *said = lens.value(aos_core::policy::Sensitivity::Unclassified, said.take());
            }
        }
        drift
    }
}

fn contract(stored: Option<Value>) -> Contract {
    stored.and_then(|contract| serde_json::from_value(contract).ok()).unwrap_or_default()
}

impl From<MappingPlace> for VersionInfo {
    fn from(place: MappingPlace) -> Self {
        let MappingPlace { version, active, epoch, base_version, .. } = place;
        Self { version, active, epoch, base_version }
    }
}

impl From<Remap> for RemapInfo {
    fn from(remap: Remap) -> Self {
        Self {
            id: remap.id,
            version: remap.version,
            state: remap.state,
            segments: remap.segments,
            segments_done: remap.segments_done,
            records: remap.records,
            landed: remap.landed,
            removed: remap.removed,
            restored: remap.restored,
            created_at: remap.created_at,
            finished_at: remap.finished_at,
        }
    }
}
