//! The durable store: everything AutonomOS must not lose, except raw segments (the lake's).
//!
//! Two doors: [`Store::tenant`] for one tenant's rows, [`Store::system`] for the few queries that cross tenants.
//! No other crate knows the database; this one knows no source, no mapping rule and no HTTP.

mod again;
mod agent_proposals;
mod agent_runs;
mod agents;
mod api_keys;
mod as_of;
mod audit;
mod callbacks;
mod connect_runs;
mod connection_access;
mod connection_checks;
mod connection_events;
mod connections;
mod consents;
mod convert;
mod data_dir;
mod data_keys;
mod db;
mod demands;
mod derived;
#[cfg(feature = "fault-points")]
mod effects;
mod error;
mod events;
mod export;
mod finding_groups;
mod findings;
mod flags;
mod golden;
mod golden_rulings;
mod grants;
mod held_reads;
mod idempotency;
mod ingest;
mod intents;
mod invitations;
mod keyring;
mod knowledge;
mod live_places;
mod mappings;
mod materialized;
mod members;
mod memory;
mod models;
mod notifications;
mod observations;
mod ontology;
mod page;
mod password_resets;
mod pii_tokens;
mod probe;
mod profiles;
mod program_grants;
mod questions;
mod rejections;
mod remaps;
mod repairs;
mod resolutions;
mod review_comments;
mod review_decisions;
mod review_lists;
mod reviews;
mod runs;
mod secrets;
mod segments;
mod separation;
mod sessions;
mod settings;
mod source_accounts;
mod standing;
mod streams;
mod system;
mod tasks;
mod tenant;
mod unit;
mod users;

pub use agent_proposals::{AgentProposal, ProposalState};
pub use agent_runs::AgentRun;
pub use agents::{DOLLARS_METER, StoredAgent, TOKENS_METER};
pub use api_keys::{ApiKey, NewApiKey};
pub use as_of::{EarlierFragment, EarlierRecord};
pub use audit::{AuditEntry, AuditFilter, Looked, traced};
pub use callbacks::{CallbackEndpoint, CallbackResult, CallbackSecrets, PreviousSecret};
pub use connect_runs::{ConnectRun, ConnectStatus};
pub use connection_access::{AccessChange, ConnectionSecret, NewAccess};
pub use connection_checks::{ConnectionCheck, NewCheck};
pub use connection_events::{Alert, AlertKind, ConnectionEvent};
pub use connections::{Connection, ConnectionChange, DeletedConnection, NewConnection, Paused};
pub use consents::NewConsent;
pub use data_dir::DataDir;
pub use data_keys::KeyRotation;
pub use db::{
    DatabaseError, MigrateOptions, Migrated, MigrationState, Pooler, PostgresOptions, RoleProblem, migrate,
    migration_states, schema_version,
};
pub use error::{BoxError, Error, Resource, Result};
pub use events::StoredEvent;
pub use export::{Exported, LeftOut};
pub use finding_groups::FindingGroup;
pub use findings::{
    FindingCounts, FindingFeedback, FindingFilter, FindingState, FindingVerdict, NotedFindings, SeenFinding,
    StoredFinding,
};
pub use flags::StoredFlag;
pub use golden::{GoldenRecord, NewGolden, RecordPlace, ResolutionChange, ResolutionModel};
pub use golden_rulings::{GoldenRuling, NewRuling, RulingVerdict};
pub use grants::{Grant, GrantChange, GrantState, GrantTokens};
pub use held_reads::{HeldRead, NewHeldRead};
pub use idempotency::{Claimed, KeptAnswer, KeyedRequest, RequestClaim};
pub use ingest::{PageCommit, Remapped, RemappedPage, StreamDone};
pub use intents::{Intent, IntentFilter, IntentSample, IntentStep, IntentTransition, NewIntent};
pub use invitations::Invitation;
pub use keyring::Keyring;
pub use knowledge::{
    ChunkPlace, KnowledgeChunk, KnowledgeDocument, KnowledgeFeedback, KnowledgeIndexEntry, KnowledgeQuery,
    KnowledgeRedaction, NewKnowledgeChunk, NewKnowledgeDocument, NewKnowledgeFeedback, NewKnowledgeVectors,
};
pub use live_places::LivePlace;
pub use mappings::StoredMapping;
pub use materialized::{Change, EntityCount, Head, LiveRow, MaterializedRow};
pub use members::{Identity, NewMember, Proof};
pub use memory::{
    MappingCheck, MappingCheckEnd, Memory, MemoryAccuracy, MemoryFilter, MemoryOutcome, NearMemory, NewMappingCheck,
    NextStep, Portrait,
};
pub use models::{ModelBudget, ModelCall, ModelCallEnd, ModelDay, ModelHold, ModelPayer, ModelTotals, ModelUsage};
pub use notifications::SlackWebhook;
pub use observations::{NewObservation, Observation};
pub use ontology::OntologyExtension;
pub use page::{DEFAULT_LIMIT, MAX_LIMIT, Page, PageOf};
pub use password_resets::PasswordReset;
pub use profiles::{DriftingStream, SeenDrift, StreamProfile};
pub use program_grants::{NewProgramCode, ProgramCode, ProgramGrant};
pub use questions::{NewQuestion, Rating, StoredQuestion};
pub use rejections::{RejectionFilter, StoredRejection};
pub use remaps::{Remap, UngivenRow};
pub use repairs::{Accept, ChangedMapping, MappingCause, MappingChange, MappingPlace};
pub use resolutions::{ComparedPairs, Resolution};
pub use review_comments::{ReviewComment, ReviewDue};
pub use review_decisions::{DecidedReview, ReviewDecision};
pub use review_lists::{ReviewFilter, ReviewOrder};
pub use reviews::{NewReview, Review, ReviewState};
pub use runs::{PageFacts, Run, RunFilter, RunStream, RunStreamEnd, RunTotals};
pub use secrets::SecretEntry;
pub use segments::{SegmentRow, StoredSegment};
pub use separation::RowSecurity;
pub use sessions::{NewSession, Renewal, Session, SessionEnd, SessionStanding};
pub use source_accounts::SourceAccount;
pub use standing::Standing;
pub use streams::{StreamReading, StreamState};
pub use system::{
    Connections, Consent, KnownUser, MasterRotation, OidcAttempt, QueueDepth, RefreshHolder, SignIn, SignedAgain,
    SystemStore, TenantDeletion, TenantTable, TokenKey,
};
pub use tasks::{
    Cancel, Claim, ClaimOptions, Enqueued, Finish, FinishedTask, NewSchedule, Progress, QueueStats, Renewed, Rotation,
    Schedule, Task, TaskFilter, TaskLog, TaskSettings, WorkerRow,
};
pub use tenant::TenantStore;
pub use unit::{UnitOfWork, after_commit, after_end, apart};
pub use users::{Tenant, User};

use aos_core::{Clock, TenantScope};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// How long [`Store::ping`] waits for an answer.
const PING_MAX: Duration = Duration::from_secs(5);

/// The store. Cloning it is cheap and gives the same store.
#[derive(Debug, Clone)]
pub struct Store {
    pool: Arc<db::Pool>,
    clock: Clock,
    keyring: Option<Keyring>,
}

impl Store {
    /// Opens the database file and brings it to this version of the program.
    pub async fn open(path: impl AsRef<Path>, clock: Clock) -> Result<Self> {
        Ok(Self { pool: Arc::new(db::Pool::open_sqlite(path.as_ref()).await?), clock, keyring: None })
    }

    /// Opens a PostgreSQL database that [`migrate`] has brought to this version of the program.
    ///
    /// Refuses a database or a role on which one tenant would not be kept from another's rows.
    pub async fn open_postgres(options: &PostgresOptions, clock: Clock) -> Result<Self> {
        Ok(Self { pool: Arc::new(db::Pool::open_postgres(options).await?), clock, keyring: None })
    }

    /// Gives the store the master keys, without which it keeps and opens no secret.
    pub fn with_keyring(self, keyring: Keyring) -> Self {
        Self { keyring: Some(keyring), ..self }
    }

    /// Names the master key that data keys are wrapped with now; none where the store was opened without one.
    pub fn master_key_id(&self) -> Option<String> {
        self.keyring.as_ref().map(|keyring| keyring.known().current().id().to_owned())
    }

    /// Opens one tenant's part of the store: the only door to it.
    pub fn tenant(&self, scope: &TenantScope) -> TenantStore<'_> {
        TenantStore::new(self, scope)
    }

    pub fn system(&self) -> SystemStore<'_> {
        SystemStore::new(self)
    }

    /// Returns the same store with connections of its own, for a thread with a runtime of its own: a connection waits for the runtime that
    /// made it, and for whoever uses it. To be called within that runtime.
    pub fn apart(&self) -> Self {
        Self { pool: self.pool.apart(), clock: self.clock.clone(), keyring: self.keyring.clone() }
    }

    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// Answers whether the database can be read now, within a few seconds.
    pub async fn ping(&self) -> Result<()> {
        let asked =
            tokio::time::timeout(PING_MAX, db::query_scalar::<bool>("SELECT TRUE").fetch_one(self.system().reader()));
        match asked.await {
            Ok(answer) => answer.map(|_| ()),
            Err(_) => Err(Error::Unavailable(sqlx::Error::PoolTimedOut)),
        }
    }

    /// Tidies up after a large load, so that its log does not stay on disk. Nothing depends on it; it may run beside other work.
    pub async fn finish_bulk(&self) -> Result<()> {
        self.pool.finish_bulk().await
    }

    /// Waits for running statements and closes every connection.
    pub async fn close(&self) {
        self.pool.close().await;
    }
}
