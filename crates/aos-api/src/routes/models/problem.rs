//! Why a model gave no answer, as problems.

use crate::problem::Problem;
use aos_ai::embeddings::EmbeddingError;
use aos_ai::models::ModelError;
use axum::http::StatusCode;

/// Waited for when a provider does not say how long.
const RETRY_AFTER_S: u64 = 30;

impl From<ModelError> for Problem {
    fn from(error: ModelError) -> Self {
        let said = error.to_string();
        let (detail, next_step) =
            said.rsplit_once("; ").unwrap_or((&said, "look at the model settings, then try again"));
        let problem = |status: StatusCode, code: &'static str| Self::new(status, code, detail, next_step.to_owned());
        match error {
            ModelError::Store(error) => error.into(),
            ModelError::ProductionMode => problem(StatusCode::CONFLICT, "production_mode"),
            ModelError::NotConfigured | ModelError::NoKey(_) => problem(StatusCode::CONFLICT, "model_not_configured"),
            ModelError::PriceUnknown(_) => problem(StatusCode::CONFLICT, "model_price_unknown"),
            ModelError::Invalid(_) => problem(StatusCode::UNPROCESSABLE_ENTITY, "invalid_model_settings"),
            ModelError::TooLong { .. } => problem(StatusCode::UNPROCESSABLE_ENTITY, "too_large"),
            ModelError::Redaction(_) => problem(StatusCode::UNPROCESSABLE_ENTITY, "redaction_failed"),
            ModelError::BudgetSpent(_) => problem(StatusCode::TOO_MANY_REQUESTS, "model_budget_spent"),
            ModelError::AgentBudgetSpent { .. } => problem(StatusCode::TOO_MANY_REQUESTS, "agent_budget_used_up"),
            ModelError::RateLimited { retry_after, .. } => {
                let seconds = retry_after.map_or(RETRY_AFTER_S, |wait| wait.as_secs());
                problem(StatusCode::SERVICE_UNAVAILABLE, "model_rate_limited").retry_after(seconds)
            }
            ModelError::QuotaSpent { .. } => problem(StatusCode::BAD_GATEWAY, "model_quota_spent"),
            ModelError::Refused { .. } => problem(StatusCode::BAD_GATEWAY, "model_refused"),
            ModelError::Failing { .. } => problem(StatusCode::BAD_GATEWAY, "model_failing"),
            ModelError::Net(aos_net::Error::Blocked { .. } | aos_net::Error::Url(_)) => {
                problem(StatusCode::UNPROCESSABLE_ENTITY, "model_address_refused")
            }
            ModelError::Net(_) => problem(StatusCode::BAD_GATEWAY, "model_unreachable"),
            ModelError::Unreadable { .. } => problem(StatusCode::BAD_GATEWAY, "model_unreadable"),
            ModelError::Declined(_) => problem(StatusCode::BAD_GATEWAY, "model_declined"),
            ModelError::NotInSchema(_) => problem(StatusCode::BAD_GATEWAY, "model_not_in_schema"),
        }
    }
}

impl From<EmbeddingError> for Problem {
    fn from(error: EmbeddingError) -> Self {
        let said = error.to_string();
        let (detail, next_step) =
            said.rsplit_once("; ").unwrap_or((&said, "look at the model settings, then try again"));
        match error {
            EmbeddingError::Provider(error) => (*error).into(),
            EmbeddingError::NotConfigured => Self::conflict("no_embedding_model", detail, next_step.to_owned()),
            EmbeddingError::TooMany { .. } => Self::unprocessable("too_large", detail, next_step.to_owned()),
            EmbeddingError::Model { .. } | EmbeddingError::Unusable { .. } => {
                Self::new(StatusCode::BAD_GATEWAY, "embedding_failed", detail, next_step.to_owned())
            }
        }
    }
}
