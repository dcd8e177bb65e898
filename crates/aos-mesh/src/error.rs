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
    /// The read waits: it has spent so many requests, and is thought to take so many in all, of which it may spend `max` unasked.
    #[error(
        "the read takes {} and may spend {max} without asking; confirm it with POST on the connection's /confirm, or raise its requests_max",
        taken(*.spent, *.requests)
    )]
    AwaitsConfirmation { spent: u64, requests: Option<u64>, max: u64 },
    #[error("the read was stopped")]
    Stopped,
}

fn taken(spent: u64, requests: Option<u64>) -> String {
    match requests {
        Some(requests) => format!("about {requests} requests"),
        None => format!("more than the {spent} requests that it has spent"),
    }
}
