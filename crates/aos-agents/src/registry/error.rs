//! Why an agent may not, in words that say whom to ask.

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("there is no agent `{agent}`; list the agents there are")]
    Unknown { agent: String },
    #[error("agents are switched off for this tenant; an admin switches them on with the flag AGENTS_ENABLED")]
    AgentsOff,
    #[error("the agent `{agent}` was stopped; an admin starts it again by saving it with `enabled`")]
    Stopped { agent: String },
    #[error(
        "the agent `{agent}` is in the mode `{mode}`, which does not let it {deed}; an admin may give it the mode `{needed}`"
    )]
    Mode { agent: String, mode: &'static str, needed: &'static str, deed: &'static str },
    #[error(
        "the agent `{agent}` may use {limit} {meter} a day, of which {left} are left; wait for the next day (UTC), or let an admin raise it"
    )]
    OverBudget { agent: String, meter: &'static str, limit: u64, left: u64 },
    #[error("the agent cannot be kept: {why}")]
    Invalid { why: String },
    #[error("what is stored of the agent `{agent}` cannot be read; save it again")]
    Corrupt {
        agent: String,
        #[source]
        source: serde_json::Error,
    },
    #[error(transparent)]
    Store(#[from] aos_store::Error),
    #[error(transparent)]
    Dcl(#[from] aos_dcl::Error),
}

pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    pub(super) fn invalid(why: impl Into<String>) -> Self {
        Self::Invalid { why: why.into() }
    }
}
