//! Feature flags: what they are called, what kind of value they take, and what holds while nobody has said anything.
//!
//! The operator's word (an environment variable of the flag's name) goes before the tenant's, and the tenant's before the default.

use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Flag {
    /// Whether the picture shows live connections instead of files.
    UseAamAsSource,
    /// Whether files are read as sources.
    FeatureUseFilesource,
    /// Whether repairs of drift that are sure enough are applied without a person.
    FeatureDriftAutofix,
    /// Whether answers say what they cost, and the debug routes are there.
    DevDebug,
    /// Whether agents may act at all. Off, every one of them stops within a second.
    AgentsEnabled,
}

/// Where a flag's value comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum FlagSource {
    /// The operator's environment; a tenant cannot change it.
    Environment,
    Stored,
    Default,
}

/// A flag as it holds for one tenant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct FlagState {
    pub name: Flag,
    pub value: bool,
    pub source: FlagSource,
}

impl Flag {
    pub const ALL: [Self; 5] = [
        Self::UseAamAsSource,
        Self::FeatureUseFilesource,
        Self::FeatureDriftAutofix,
        Self::DevDebug,
        Self::AgentsEnabled,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::UseAamAsSource => "USE_AAM_AS_SOURCE",
            Self::FeatureUseFilesource => "FEATURE_USE_FILESOURCE",
            Self::FeatureDriftAutofix => "FEATURE_DRIFT_AUTOFIX",
            Self::DevDebug => "DEV_DEBUG",
            Self::AgentsEnabled => "AGENTS_ENABLED",
        }
    }

    /// Finds a flag by its name.
    pub fn of(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|flag| flag.as_str() == name)
    }

    pub fn default_value(self) -> bool {
        match self {
            Self::UseAamAsSource | Self::FeatureDriftAutofix | Self::DevDebug => false,
            Self::FeatureUseFilesource | Self::AgentsEnabled => true,
        }
    }

    pub fn description(self) -> &'static str {
        match self {
            Self::UseAamAsSource => {
                "The picture shows live connections, under one parent \"from AAM\", instead of those to files"
            }
            Self::FeatureUseFilesource => "Connections to files are read by a connect, and new ones may be added",
            Self::FeatureDriftAutofix => "Repairs of drift that are sure enough are applied without a person",
            Self::DevDebug => "Answers say in the header Server-Timing how long they took, and /api/v1/debug answers",
            Self::AgentsEnabled => {
                "Agents may act; off, pilots do not run and the keys of agents reach nothing over MCP"
            }
        }
    }

    /// Says what holds, given what the operator and the tenant have said.
    pub fn resolve(self, environment: Option<bool>, stored: Option<bool>) -> FlagState {
        let (value, source) = match (environment, stored) {
            (Some(value), _) => (value, FlagSource::Environment),
            (None, Some(value)) => (value, FlagSource::Stored),
            (None, None) => (self.default_value(), FlagSource::Default),
        };
        FlagState { name: self, value, source }
    }
}

/// Reads a truth value as people write it into an environment.
pub fn parse_bool(text: &str) -> Option<bool> {
    match text.trim().to_ascii_lowercase().as_str() {
        "1" | "true" | "yes" | "on" => Some(true),
        "0" | "false" | "no" | "off" => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_operator_goes_before_the_tenant_and_the_tenant_before_the_default() {
        let flag = Flag::UseAamAsSource;
        assert_eq!(flag.resolve(Some(true), Some(false)).source, FlagSource::Environment);
        assert!(flag.resolve(Some(true), Some(false)).value && flag.resolve(None, Some(true)).value);
        assert_eq!(flag.resolve(None, None), FlagState { name: flag, value: false, source: FlagSource::Default });
    }

    #[test]
    fn a_flag_is_found_by_its_name_and_by_no_other() {
        for flag in Flag::ALL {
            assert_eq!(Flag::of(flag.as_str()), Some(flag));
            assert_eq!(serde_json::to_value(flag).unwrap(), flag.as_str());
        }
        assert_eq!(Flag::of("use_aam_as_source"), None);
    }
}
