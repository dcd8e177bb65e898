//! Whoever makes plans where the grammar does not understand.

use super::plan::Plan;
use super::refusal::Refusal;
use aos_core::{Ontology, TenantScope};
use chrono::{DateTime, Utc};
use std::future::Future;
use std::pin::Pin;

/// A plan, and who has made it.
#[derive(Debug, Clone, PartialEq)]
pub struct Proposed {
    pub plan: Plan,
    /// Such as `openai/gpt-4.1-mini`.
    pub by: String,
}

/// Makes a plan of a question. What it makes is checked like any other plan, so that a model can only propose.
pub trait Planner: Send + Sync {
    /// Returns a plan in the form of [`super::SCHEMA`], or why there is none. `ontology` is what it may name.
    fn plan<'a>(
        &'a self,
        scope: &'a TenantScope,
        question: &'a str,
        ontology: &'a Ontology,
        today: DateTime<Utc>,
    ) -> Pin<Box<dyn Future<Output = Result<Proposed, Refusal>> + Send + 'a>>;

    /// Notes that a question was understood without this planner.
    fn spared<'a>(&'a self, scope: &'a TenantScope) -> Pin<Box<dyn Future<Output = ()> + Send + 'a>>;
}
