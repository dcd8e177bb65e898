//! What a project exposes, from the OpenAPI description (version 2.0) that PostgREST gives at its root.
//! <https://docs.postgrest.org/en/stable/references/api/openapi.html>

use super::Project;
use crate::error::Error;
use crate::rest::envelope;
use crate::stream::Field;
use aos_core::shape::ValueKind;
use serde::Deserialize;
use std::collections::BTreeMap;

/// How the description marks a column of the primary key.
const KEY_MARK: &str = "<pk/>";

#[derive(Debug, Clone)]
pub(super) struct Table {
    pub name: String,
    pub about: Option<String>,
    pub fields: Vec<Field>,
    pub key: Vec<String>,
}

#[derive(Deserialize)]
struct Description {
    #[serde(default)]
    definitions: BTreeMap<String, Definition>,
}

#[derive(Deserialize)]
struct Definition {
    #[serde(default)]
    description: Option<String>,
    #[serde(default)]
    required: Vec<String>,
    #[serde(default)]
    properties: indexmap::IndexMap<String, Property>,
}

#[derive(Deserialize)]
struct Property {
    /// The column's type in PostgreSQL's words.
    #[serde(default)]
    format: String,
    #[serde(default)]
    description: Option<String>,
}

pub(super) async fn tables(project: &Project) -> Result<Vec<Table>, Error> {
    let request = project.get("")?.header("accept", "application/openapi+json")?;
    let description: Description = project.session.ask(&request, &[], |reply| envelope(reply.body().text())).await?;
    Ok(description.definitions.into_iter().map(|(name, definition)| table(name, definition)).collect())
}

fn table(name: String, definition: Definition) -> Table {
    let is_key = |property: &Property| property.description.as_ref().is_some_and(|text| text.contains(KEY_MARK));
    let key = definition.properties.iter().filter(|(_, property)| is_key(property)).map(|(name, _)| name.clone());
    let key = key.collect();
    let field = |(name, property): (String, Property)| Field {
        kind: kind(&property.format),
        label: property.description.as_deref().map(without_notes).filter(|text| !text.is_empty()),
        nullable: !definition.required.contains(&name),
        declared: property.format,
        custom: false,
        name,
    };
    Table { name, about: definition.description, fields: definition.properties.into_iter().map(field).collect(), key }
}

/// What people wrote, without what PostgREST adds.
fn without_notes(text: &str) -> String {
    text.split("Note:").next().unwrap_or_default().trim().to_owned()
}

fn kind(format: &str) -> ValueKind {
    match format.split('(').next().unwrap_or_default().trim() {
        list if list.ends_with("[]") => ValueKind::List,
        "smallint" | "integer" | "bigint" => ValueKind::Integer,
        "numeric" | "real" | "double precision" | "money" => ValueKind::Decimal,
        "boolean" => ValueKind::Boolean,
        "date" => ValueKind::Date,
        time if time.starts_with("timestamp") => ValueKind::Datetime,
        "json" | "jsonb" => ValueKind::Object,
        _ => ValueKind::String,
    }
}
