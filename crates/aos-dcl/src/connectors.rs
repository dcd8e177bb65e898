//! The connectors there are, as people see them before they have a connection: what they read, which settings they need.

use aos_connectors::{AuthKind, DECLARATIONS, SettingKind};
use serde::Serialize;
use utoipa::ToSchema;

#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ConnectorInfo {
    /// As connections name it.
    #[schema(example = "salesforce")]
    pub name: &'static str,
    pub title: &'static str,
    /// What it reads, in a sentence.
    pub about: &'static str,
    pub settings: Vec<SettingInfo>,
    /// How it can prove who it is: `none`, `token`, `password`, `authorization_code`, `client_credentials`, `jwt_bearer`.
    #[schema(value_type = Vec<String>)]
    pub auth: &'static [AuthKind],
    /// The vendor's documentation of what is read.
    pub documentation: &'static str,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct SettingInfo {
    pub name: &'static str,
    pub title: &'static str,
    /// `text`, `url`, `integer`, `boolean`, `list`, `choice` or `secret`.
    pub kind: &'static str,
    /// What can be chosen.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    pub choices: &'static [&'static str],
    pub required: bool,
    pub help: &'static str,
}

/// Lists every connector.
pub fn list() -> Vec<ConnectorInfo> {
    let setting = |setting: &aos_connectors::Setting| {
        let (kind, choices): (_, &'static [&'static str]) = match setting.kind {
            SettingKind::Text => ("text", &[]),
            SettingKind::Url => ("url", &[]),
            SettingKind::Integer => ("integer", &[]),
            SettingKind::Boolean => ("boolean", &[]),
            SettingKind::List => ("list", &[]),
            SettingKind::Choice(choices) => ("choice", choices),
            SettingKind::Secret => ("secret", &[]),
        };
        SettingInfo {
            name: setting.name,
            title: setting.title,
            kind,
            choices,
            required: setting.required,
            help: setting.help,
        }
    };
    let connector = |known: &aos_connectors::Declaration| ConnectorInfo {
        name: known.name,
        title: known.title,
        about: known.about,
        settings: known.settings.iter().map(setting).collect(),
        auth: known.auth,
        documentation: known.documentation,
    };
    DECLARATIONS.iter().map(connector).collect()
}
