//! What is said of an agent.

use super::{Budgets, Error, Result};
use aos_core::ApiKeyId;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub const NAME_CHARS_MAX: usize = 100;
const DESCRIPTION_CHARS_MAX: usize = 1_000;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = AgentKind)]
#[serde(rename_all = "snake_case")]
pub enum AgentKind {
    /// Ships with the product and runs as a task.
    Pilot,
    /// Acts with an API key, over MCP or the API.
    Custom,
}

/// How far an agent may go by itself. Each may also do what those before it may.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[schema(as = AgentMode)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// It looks, and tells nobody unasked.
    Observe,
    /// It proposes mappings for review, and tells what it finds.
    #[default]
    Recommend,
    /// It proposes tasks, which run once a person has approved them.
    ApproveToAct,
    /// It enqueues tasks itself, where its key may and within its budget; what its key may not, it proposes.
    Auto,
}

impl Mode {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Observe => "observe",
            Self::Recommend => "recommend",
            Self::ApproveToAct => "approve_to_act",
            Self::Auto => "auto",
        }
    }

    /// Whether others are told what it finds.
    pub fn may_tell(self) -> bool {
        self >= Self::Recommend
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = AgentSettings, example = json!({
    "name": "Support copilot", "description": "Answers questions about accounts.", "mode": "recommend",
    "api_key": "0199c0de-0000-7000-8000-000000000000", "budgets": { "rows_per_day": 20000, "writes_per_day": 20 }
}))]
#[serde(deny_unknown_fields)]
pub struct AgentSettings {
    /// A pilot keeps the name that it ships with.
    #[serde(default)]
    #[schema(max_length = 100)]
    pub name: String,
    #[serde(default)]
    #[schema(max_length = 1000)]
    pub description: String,
    #[serde(default)]
    pub mode: Mode,
    /// Off, it stops at its next step.
    #[serde(default = "yes")]
    #[schema(default = true)]
    pub enabled: bool,
    /// The API key that it acts with, of the role `agent`, or of the role `member` where it is to run tasks by itself. A pilot has none.
    #[serde(default)]
    #[schema(value_type = Option<uuid::Uuid>)]
    pub api_key: Option<ApiKeyId>,
    #[serde(default)]
    pub budgets: Budgets,
    /// Whether the tenant's language model words the first lines of a pilot's digest. Its figures are never a model's.
    #[serde(default)]
    pub worded_by_model: bool,
}

impl Default for AgentSettings {
    fn default() -> Self {
        Self {
            name: String::new(),
            description: String::new(),
            mode: Mode::default(),
            enabled: true,
            api_key: None,
            budgets: Budgets::default(),
            worded_by_model: false,
        }
    }
}

impl AgentSettings {
    pub(super) fn check(&self, pilot: bool) -> Result<()> {
        if pilot && self.api_key.is_some() {
            return Err(Error::invalid("a pilot runs as a task and has no API key; leave `api_key` out"));
        }
        if !pilot && !(1..=NAME_CHARS_MAX).contains(&self.name.trim().chars().count()) {
            return Err(Error::invalid(format!("`name` has 1 to {NAME_CHARS_MAX} characters")));
        }
        if !pilot && self.api_key.is_none() {
            return Err(Error::invalid(
                "`api_key` names the key that the agent acts with; make one of the role `agent`",
            ));
        }
        if !pilot && self.worded_by_model {
            return Err(Error::invalid("only a pilot has a digest that could be worded; leave `worded_by_model` out"));
        }
        if self.description.chars().count() > DESCRIPTION_CHARS_MAX {
            return Err(Error::invalid(format!("`description` has at most {DESCRIPTION_CHARS_MAX} characters")));
        }
        Ok(())
    }
}

fn yes() -> bool {
    true
}
