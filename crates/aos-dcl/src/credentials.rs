//! Secrets among a connection's settings: taken out before the settings are kept, and shown as what is known of them, never as what they are.

use crate::{Error, Result};
use aos_connectors::{Declaration, SettingKind};
use aos_core::vault::Secret;
use aos_mesh::{KEPT, Locator, is_like_a_locator};
use aos_store::{Connection, ConnectionSecret};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// What is to become of secrets in the vault, by setting; none forgets one.
pub(crate) type Changes = BTreeMap<String, Option<Secret>>;

/// Takes secrets out of settings and leaves references in their place. A secret that is given as it is shown stays as it is in `before`.
pub(crate) fn part(declared: &Declaration, config: &mut Map<String, Value>, before: &Value) -> Result<Changes> {
    let mut changes = Changes::new();
    for setting in declared.secrets() {
        let name = setting.name;
        let kept_before = before[name] == KEPT;
        let reference = match config.remove(name).unwrap_or_default() {
            Value::Null => None,
            Value::String(text) if is_like_a_locator(&text) => Some(reference(name, text)?),
            Value::String(text) => {
                changes.insert(name.to_owned(), Some(Secret::new(text)));
                Some(KEPT.to_owned())
            }
            Value::Object(mut members) => match (members.remove("secret"), members.get("set")) {
                (Some(Value::String(text)), None) if members.is_empty() => {
                    changes.insert(name.to_owned(), Some(Secret::new(text)));
                    Some(KEPT.to_owned())
                }
                (None, Some(Value::Bool(true))) if kept_before => Some(KEPT.to_owned()),
                _ => return Err(unfit(name)),
            },
            _ => return Err(unfit(name)),
        };
        if changes.get(name).is_some_and(|secret| secret.as_ref().is_some_and(|secret| secret.expose().is_empty())) {
            return Err(unfit(name));
        }
        if kept_before && reference.as_deref() != Some(KEPT) {
            changes.insert(name.to_owned(), None);
        }
        if let Some(reference) = reference {
            config.insert(name.to_owned(), reference.into());
        }
    }
    Ok(changes)
}

/// Checks the locator of a whole connection; an empty one is none.
pub(crate) fn locator(text: &str) -> Result<Option<String>> {
    if text.is_empty() {
        return Ok(None);
    }
    match Locator::parse(text) {
        Ok(Locator::Kept) | Err(_) => {
            let reason =
                Locator::parse(text).err().map_or_else(|| "kept: is no locator".to_owned(), |error| error.to_string());
            Err(aos_connectors::Error::Credentials { field: "credential_locator".to_owned(), reason }.into())
        }
        Ok(_) => Ok(Some(text.to_owned())),
    }
}

/// Returns settings as they are shown: of a secret only that it is set, when and by whom.
pub(crate) fn shown(connection: &Connection, secrets: &[ConnectionSecret]) -> Value {
    let mut config = connection.config.clone();
    let Some(members) = config.as_object_mut() else { return config };
    let id = connection.id.to_string();
    let declared = aos_connectors::declaration(&connection.connector);
    let settings = declared.into_iter().flat_map(|declared| declared.settings);
    for setting in settings.filter(|setting| setting.kind == SettingKind::Secret) {
        let Some(value) = members.get_mut(setting.name) else { continue };
        if *value == KEPT {
            let kept = secrets.iter().find(|secret| secret.connection_id == id && secret.setting == setting.name);
            *value = match kept {
                Some(kept) => json!({ "set": true, "changed_at": kept.changed_at, "changed_by": kept.changed_by }),
                None => json!({ "set": false }),
            };
        }
    }
    config
}

fn reference(name: &str, text: String) -> Result<String> {
    let refuse = |reason: String| -> Error {
        let reason = format!("{reason}; a secret that is written like that is given as {{\"secret\": \"…\"}}");
        aos_connectors::Error::Credentials { field: name.to_owned(), reason }.into()
    };
    match Locator::parse(&text) {
        Ok(Locator::Kept) => Err(refuse("it is the program's own mark for a secret that is kept".to_owned())),
        Ok(locator) if locator.is_of_one_secret() => Ok(text),
        Ok(Locator::Vault { path, .. }) => {
            Err(refuse(format!("vault:{path} names no field; write vault:{path}#FIELD")))
        }
        Ok(_) => {
            Err(refuse("it stands for a whole connection; give it as the connection's credential_locator".to_owned()))
        }
        Err(error) => Err(refuse(error.to_string())),
    }
}

fn unfit(name: &str) -> Error {
    let reason =
        "it is to be the secret itself, {\"secret\": \"…\"}, or where it is kept: env:NAME or vault:PATH#FIELD"
            .to_owned();
    aos_connectors::Error::Config { field: name.to_owned(), reason }.into()
}
