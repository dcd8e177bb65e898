//! What a caller can be told, by what the caller can do about it.

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("{0} not found")]
    NotFound(&'static str),
    #[error("a connection named {name} exists already; choose another name")]
    NameTaken { name: String },
    #[error("files are not read as sources for this tenant; switch the flag FEATURE_USE_FILESOURCE on")]
    FilesOff,
    #[error("this installation offers no samples; let the operator set [sources] samples = true")]
    NoSamples,
    #[error("the connection {name} is paused; resume it to read it")]
    Paused { name: String },
    #[error("the contract cannot be taken: {0}")]
    Contract(String),
    #[error("the drift policy cannot be taken: {0}")]
    DriftPolicy(String),
    #[error("the connection {name} is in Safe Mode; promote its intent to read it")]
    SafeMode { name: String },
    #[error("the intent is {is}; only one that is {wanted} can be {done}")]
    IntentState { is: &'static str, wanted: &'static str, done: &'static str },
    #[error("the intent does not fit: {0}")]
    Intent(String),
    #[error("the mappings cannot be taken: {0}")]
    MappingFile(String),
    #[error("nobody waits for this choice any more; the run followed its recommendation")]
    TooLate,
    #[error("a connect of this tenant is still running; wait for it to finish")]
    ConnectRunning,
    #[error(
        "{path} lies outside the folders that may be read; move the files there, or let the operator allow their folder"
    )]
    PathNotAllowed { path: String },
    #[error("there is no entity `{entity}`; the ontology has {known}")]
    UnknownEntity { entity: String, known: String },
    #[error("there is no agent `{agent}`; there are {known}")]
    UnknownAgent { agent: String, known: String },
    #[error(transparent)]
    Engine(#[from] crate::engine::Error),
    #[error(transparent)]
    Source(#[from] aos_connectors::Error),
    #[error(transparent)]
    Mesh(#[from] aos_mesh::Error),
    #[error(transparent)]
    Lake(#[from] aos_lake::Error),
    #[error(transparent)]
    Store(#[from] aos_store::Error),
    #[error("the ontology of this tenant is not sound: {0}")]
    Ontology(#[from] aos_core::ontology::Error),
    #[error("the tenant is not deleted yet ({what}); the deletion goes on by itself, or when it is asked for again")]
    TenantNotGone { what: String },
    #[error(transparent)]
    Archive(#[from] crate::tenancy::ArchiveError),
    #[error("the work was stopped before it finished; try again")]
    Stopped,
}
