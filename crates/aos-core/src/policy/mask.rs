//! How personal data looks to those who may not see it.
//!
//! A masked value of any type is the text `[masked:<class>]`. A null stays null, so that one still sees how complete the data is; and
//! since the values themselves are gone, nothing about them can be found out by filtering, sorting or joining.

use super::{Permission, Resource, decide};
use crate::kind;
use crate::mapping::StreamMapping;
use crate::ontology::{Field, Ontology, Pii};
use crate::tenant::TenantScope;
use serde::{Serialize, Serializer};

/// What a value may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Sensitivity {
    /// Nothing that is personal, by the ontology.
    Open,
    /// Personal data of this class, by the ontology.
    Personal(Pii),
    /// A raw value of which the ontology says nothing, so that it may be anything.
    Unclassified,
}

/// Through which someone sees values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Lens {
    Clear,
    Masking,
}

impl Sensitivity {
    pub fn of(field: &Field) -> Self {
        field.pii.map_or(Self::Open, Self::Personal)
    }

    /// Says what a column of a source holds, by the fields it feeds. What feeds none may be anything, and so may the rest of a
    /// column of which only parts are read.
    pub fn of_column(ontology: &Ontology, mapping: Option<&StreamMapping>, column: &str) -> Self {
        let mut fed = Vec::new();
        for entity in mapping.iter().flat_map(|mapping| &mapping.entities) {
            let field = |name: &str| ontology.field(&entity.entity, name).map_or(Self::Unclassified, Self::of);
            let rules = entity.fields.iter().filter(|rule| rule.sources.iter().any(|source| source == column));
            fed.extend(rules.map(|rule| field(&rule.target)));
            let Some(pivot) = &entity.pivot else { continue };
            if pivot.value_source == column {
                fed.extend(pivot.fields.values().map(|name| field(name)));
            } else if pivot.key_source == column {
                fed.extend(ontology.entity(&entity.entity).map(|definition| field(&definition.key)));
            } else if pivot.name_source == column || pivot.time_source.as_deref() == Some(column) {
                fed.push(Self::Open);
            }
        }
        let personal = fed.iter().find(|of| matches!(of, Self::Personal(_)));
        let unclassified = fed.iter().find(|of| **of == Self::Unclassified);
        personal.or(unclassified).or(fed.first()).copied().unwrap_or(Self::Unclassified)
    }

    /// Says what a member of a task's payload holds. Texts that people write may say anything of anyone.
    fn of_payload(task_kind: &str, member: &str) -> Self {
        match (task_kind, member) {
            (kind::SLACK, "text") | (kind::DISCOVER, "nlp_query") => Self::Personal(Pii::FreeText),
            (kind::SLACK, "channel") => Self::Open,
            (kind::DISCOVER, "discovery_types" | "max_results" | "min_confidence") => Self::Open,
            (kind::REMAP | kind::REVIEW_DUE | kind::REVIEW_TOLD | kind::RUN_AGENT, _) => Self::Open,
            (
                kind::NOOP | kind::UNIFY | kind::CONNECT | kind::SYNC | kind::RESET | kind::PROD_MODE | kind::CALLBACK,
                _,
            ) => Self::Open,
            (kind::EMBED_DOCUMENT, _) => Self::Open,
            _ => Self::Unclassified,
        }
    }

    /// Says what a task's result holds: counts and names of ours, or what another service has said.
    fn of_result(task_kind: &str) -> Self {
        match task_kind {
            kind::REMAP | kind::REVIEW_DUE | kind::REVIEW_TOLD | kind::RUN_AGENT => Self::Open,
            kind::NOOP
            | kind::UNIFY
            | kind::CONNECT
            | kind::SYNC
            | kind::RESET
            | kind::PROD_MODE
            | kind::CALLBACK
            | kind::SLACK
            | kind::INGEST_DOCUMENT
            | kind::EMBED_DOCUMENT => Self::Open,
            _ => Self::Unclassified,
        }
    }

    /// Returns the class as masks name it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Personal(pii) => pii.as_str(),
            Self::Unclassified => "unclassified",
        }
    }

    fn mask(self) -> &'static str {
        match self {
            Self::Open => "[masked]",
            Self::Personal(Pii::Email) => "[masked:email]",
            Self::Personal(Pii::Phone) => "[masked:phone]",
            Self::Personal(Pii::PersonName) => "[masked:person_name]",
            Self::Personal(Pii::Address) => "[masked:address]",
            Self::Personal(Pii::FreeText) => "[masked:free_text]",
            Self::Unclassified => "[masked:unclassified]",
        }
    }
}

impl Serialize for Sensitivity {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl Lens {
    /// Says how someone sees what may be personal.
    pub fn of(scope: &TenantScope) -> Self {
        let personal = decide(scope, Permission::ReadPersonal, Resource::Any);
        if personal.allowed { Self::Clear } else { Self::Masking }
    }

    /// Returns what stands in the place of values of this sensitivity; nothing when they are shown.
    pub fn mask(self, of: Sensitivity) -> Option<&'static str> {
        (self == Self::Masking && of != Sensitivity::Open).then(|| of.mask())
    }

    /// Shows a value, or what stands in its place.
    pub fn value(self, of: Sensitivity, value: serde_json::Value) -> serde_json::Value {
        match self.mask(of) {
            Some(mask) if !value.is_null() => mask.into(),
            _ => value,
        }
    }

    /// Shows an address that somebody gave to be called, or of it only where it leads: a path and a query may hold what lets one in.
    pub fn address(self, url: String) -> String {
        let Some(mask) = self.mask(Sensitivity::Unclassified) else { return url };
        let Some((scheme, rest)) = url.split_once("://") else { return mask.to_owned() };
        let (authority, rest) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
        let host = authority.rsplit('@').next().unwrap_or_default();
        let rest = if matches!(rest, "" | "/") { "" } else { mask };
        format!("{scheme}://{host}/{rest}")
    }

    /// Shows what a task of this kind is to do, member by member.
    pub fn payload(self, kind: &str, payload: serde_json::Value) -> serde_json::Value {
        self.members(payload, |member| Sensitivity::of_payload(kind, member))
    }

    /// Shows what a task of this kind has brought.
    pub fn result(self, kind: &str, result: serde_json::Value) -> serde_json::Value {
        self.members(result, |_| Sensitivity::of_result(kind))
    }

    fn members(self, value: serde_json::Value, of: impl Fn(&str) -> Sensitivity) -> serde_json::Value {
        match value {
            serde_json::Value::Object(members) => members
                .into_iter()
                .map(|(name, value)| {
                    let value = self.value(of(&name), value);
                    (name, value)
                })
                .collect(),
            // Only an object says what each part of it is.
            other => self.value(of(""), other),
        }
    }

    /// Shows a text, or what stands in its place.
    pub fn text(self, of: Sensitivity, text: String) -> String {
        self.mask(of).map_or(text, str::to_owned)
    }
}
