//! Why a model was not asked, or gave no answer, by what somebody can do about it.

use std::time::Duration;

/// Which of a tenant's budgets of a day is spent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SpentBudget {
    /// In tokens.
    Tokens(u64),
    /// In millionths of a US dollar.
    Money(u64),
}

#[derive(Debug, thiserror::Error)]
pub enum ModelError {
    #[error("the tenant runs in production mode, in which no model is asked; switch it off to use one")]
    ProductionMode,
    #[error("no model is chosen; choose a provider and a model with PUT /api/v1/models/settings")]
    NotConfigured,
    #[error("the provider {0} has no key here; give one with PUT /api/v1/models/settings")]
    NoKey(&'static str),
    #[error("{0}")]
    Invalid(String),
    #[error("today's budget for models, {}, does not have enough left for this call; raise it, or wait for the next day (UTC)", budget(*.0))]
    BudgetSpent(SpentBudget),
    #[error("today's budget of the agent `{agent}` for models, {}, does not have enough left for this call; let an admin raise it, or wait for the next day (UTC)", budget(*.spent))]
    AgentBudgetSpent { agent: String, spent: SpentBudget },
    #[error(
        "there is a budget in money, but no price is known for {0}; state its price in the model settings, or budget tokens instead"
    )]
    PriceUnknown(String),
    #[error("the question has {size} bytes, and at most {limit} are sent; ask with less")]
    TooLong { size: usize, limit: usize },
    #[error("personal data could not be taken out of what was to be sent, so nothing was sent: {0}")]
    Redaction(#[from] crate::pii::Error),
    #[error(
        "{provider} refuses the call (status {status}): {said}; check the model's name, the key and what it may do"
    )]
    Refused { provider: &'static str, status: u16, said: String },
    #[error("{provider} says that its quota is used up: {said}; look at the account there")]
    QuotaSpent { provider: &'static str, said: String },
    #[error("{provider} takes no more calls at the moment; try again later")]
    RateLimited { provider: &'static str, retry_after: Option<Duration> },
    #[error("{provider} fails (status {status}): {said}; try again later")]
    Failing { provider: &'static str, status: u16, said: String },
    #[error("the model could not be reached: {0}")]
    Net(#[source] aos_net::Error),
    #[error("{provider} answers in a form that is not known: {why}; check the address and the kind of provider")]
    Unreadable { provider: &'static str, why: String },
    #[error("the model declined to answer: {0}")]
    Declined(String),
    #[error("the model did not give what the schema asks for, also when asked once more: {0}")]
    NotInSchema(String),
    #[error(transparent)]
    Store(#[from] aos_store::Error),
}

impl ModelError {
    /// A word for the usage log.
    pub(super) fn word(&self) -> &'static str {
        match self {
            Self::ProductionMode => "production_mode",
            Self::NotConfigured | Self::NoKey(_) | Self::Invalid(_) | Self::PriceUnknown(_) => "not_configured",
            Self::BudgetSpent(_) | Self::AgentBudgetSpent { .. } => "budget_spent",
            Self::TooLong { .. } => "too_long",
            Self::Redaction(_) => "redaction",
            Self::Refused { .. } => "refused",
            Self::QuotaSpent { .. } => "quota_spent",
            Self::RateLimited { .. } => "rate_limited",
            Self::Failing { .. } => "failing",
            Self::Net(_) => "unreachable",
            Self::Unreadable { .. } => "unreadable",
            Self::Declined(_) => "declined",
            Self::NotInSchema(_) => "not_in_schema",
            Self::Store(_) => "store",
        }
    }

    /// Whether the model may have worked all the same, so that the provider may charge for it.
    pub(super) fn may_have_used(&self) -> bool {
        use aos_net::{Error as Net, Phase};
        match self {
            Self::Net(Net::Timeout { phase, .. }) => !matches!(phase, Phase::Queue | Phase::Connect),
            Self::Net(Net::Interrupted { .. } | Net::TooLarge { .. } | Net::Decode { .. }) => true,
            Self::Unreadable { .. } | Self::Declined(_) | Self::NotInSchema(_) => true,
            _ => false,
        }
    }

    /// Whether it is worth another try, and how long the provider asks to wait before it.
    pub(super) fn passes(&self) -> Option<Option<Duration>> {
        use aos_net::{Error as Net, Phase};
        match self {
            Self::RateLimited { retry_after, .. } => Some(*retry_after),
            Self::Failing { .. } => Some(None),
            Self::Net(Net::Connect { .. } | Net::Interrupted { .. } | Net::Dns { .. }) => Some(None),
            Self::Net(Net::Timeout { phase: Phase::Connect, .. }) => Some(None),
            _ => None,
        }
    }
}

fn budget(spent: SpentBudget) -> String {
    match spent {
        SpentBudget::Tokens(tokens) => format!("{tokens} tokens"),
        SpentBudget::Money(micros) => format!("{}.{:02} US dollars", micros / 1_000_000, micros % 1_000_000 / 10_000),
    }
}
