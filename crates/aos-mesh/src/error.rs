//! What can stop a sync. A bad record never does.

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("{0}")]
    Source(#[from] aos_connectors::Error),
    #[error(transparent)]
    Store(#[from] aos_store::Error),
    #[error(transparent)]
    Lake(#[from] aos_lake::Error),
    #[error(transparent)]
    Mapping(#[from] aos_core::mapping::MappingError),
    #[error("the connection's settings cannot be read: {0}; remove the connection and add it again")]
    Config(String),
    #[error("there is no connector named {0}; GET /api/v1/connectors lists those there are")]
    UnknownConnector(String),
    #[error(transparent)]
    Edit(#[from] aos_drift::EditError),
    #[error(
        "there is no repair that could be applied; give rules of your own, accept what is seen, or reject the item"
    )]
    NothingToApply,
    #[error("the tenant lets nobody apply repairs (autonomy `{0}`); change the drift policy first")]
    NotAllowed(&'static str),
    #[error("the read was stopped")]
    Stopped,
}
