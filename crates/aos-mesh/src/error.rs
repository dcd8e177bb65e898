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
    #[error("the read was stopped")]
    Stopped,
}
