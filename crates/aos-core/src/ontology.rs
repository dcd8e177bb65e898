//! The ontology: entities, fields and relations as data. Loading validates; a loaded [`Ontology`] is always sound.

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

/// The ontology that ships with the product, as text.
pub const SHIPPED: &str = include_str!("../../../ontology/ontology.yaml");

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ontology {
    pub version: u32,
    pub entities: IndexMap<String, Entity>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entity {
    #[serde(default)]
    pub label: String,
    #[serde(default)]
    pub description: String,
    /// The field that identifies a record within one connection.
    pub key: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub aliases: Vec<String>,
    pub fields: IndexMap<String, Field>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Field {
    #[serde(rename = "type")]
    pub kind: FieldType,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub required: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// The least and greatest sensible value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub range: Option<(f64, f64)>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pii: Option<Pii>,
    /// The entity whose key this field holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub references: Option<String>,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub aliases: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FieldType {
    String,
    Integer,
    Decimal,
    Boolean,
    Date,
    Datetime,
}

impl FieldType {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::String => "string",
            Self::Integer => "integer",
            Self::Decimal => "decimal",
            Self::Boolean => "boolean",
            Self::Date => "date",
            Self::Datetime => "datetime",
        }
    }
}

impl std::fmt::Display for FieldType {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Pii {
    Email,
    Phone,
    PersonName,
    Address,
    FreeText,
}

impl Pii {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::Phone => "phone",
            Self::PersonName => "person_name",
            Self::Address => "address",
            Self::FreeText => "free_text",
        }
    }
}

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("the ontology is not valid YAML: {0}")]
    Syntax(String),
    /// Every problem found, each with the path of the entity or field it is about.
    #[error("the ontology is not sound:\n{}", .0.join("\n"))]
    Unsound(Vec<String>),
}

impl Ontology {
    /// Returns the ontology that ships with the product.
    pub fn shipped() -> Self {
        Self::parse(SHIPPED).expect("the shipped ontology is checked by a test")
    }

    /// Reads and validates an ontology, reporting every problem at once.
    pub fn parse(yaml: &str) -> Result<Self, Error> {
        let ontology: Self = serde_saphyr::from_str(yaml).map_err(|error| Error::Syntax(error.to_string()))?;
        let problems = ontology.problems();
        if problems.is_empty() { Ok(ontology) } else { Err(Error::Unsound(problems)) }
    }

    pub fn entity(&self, name: &str) -> Option<&Entity> {
        self.entities.get(name)
    }

    pub fn field(&self, entity: &str, field: &str) -> Option<&Field> {
        self.entity(entity)?.fields.get(field)
    }

    /// Returns this ontology with the extension's entities and fields added; an extension never changes what is there.
    pub fn extended(&self, extension: &Extension) -> Result<Self, Error> {
        let mut extended = self.clone();
        extended.version = extended.version.saturating_add(extension.version);
        let mut problems = Vec::new();
        for (name, entity) in &extension.entities {
            if extended.entities.insert(name.clone(), entity.clone()).is_some() {
                problems.push(format!("{name}: exists already; add its new fields under `fields` instead"));
            }
        }
        for (name, fields) in &extension.fields {
            let Some(entity) = extended.entities.get_mut(name) else {
                problems.push(format!("{name}: no such entity to add fields to"));
                continue;
            };
            for (field, definition) in fields {
                if entity.fields.insert(field.clone(), definition.clone()).is_some() {
                    problems.push(format!("{name}.{field}: exists already and cannot be redefined"));
                }
            }
        }
        problems.extend(extended.problems());
        if problems.is_empty() { Ok(extended) } else { Err(Error::Unsound(problems)) }
    }

    fn problems(&self) -> Vec<String> {
        let mut problems = Vec::new();
        if self.entities.is_empty() {
            problems.push("entities: at least one is needed".to_owned());
        }
        for (name, entity) in &self.entities {
            check_name(name, name, &mut problems);
            match entity.fields.get(&entity.key) {
                None => problems.push(format!("{name}.key: names `{}`, which is not a field of it", entity.key)),
                Some(key) if key.kind != FieldType::String => {
                    problems.push(format!("{name}.{}: a key must be of type string, not {}", entity.key, key.kind));
                }
                Some(_) => {}
            }
            for (field_name, field) in &entity.fields {
                let path = format!("{name}.{field_name}");
                check_name(&path, field_name, &mut problems);
                if let Some(target) = &field.references
                    && !self.entities.contains_key(target)
                {
                    problems.push(format!("{path}.references: there is no entity `{target}`"));
                }
                if let Some((low, high)) = field.range
                    && low > high
                {
                    problems.push(format!("{path}.range: {low} is greater than {high}"));
                }
            }
        }
        problems
    }
}

/// What a tenant adds to the shipped ontology.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Extension {
    /// Counted by the store; whatever is written here is not used.
    #[serde(default, skip_serializing)]
    pub version: u32,
    /// New entities.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub entities: IndexMap<String, Entity>,
    /// New fields of entities that exist: entity -> field -> definition.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub fields: IndexMap<String, IndexMap<String, Field>>,
}

impl Extension {
    /// Reads an extension; whether it fits an ontology is [`Ontology::extended`]'s to say.
    pub fn parse(yaml: &str) -> Result<Self, Error> {
        serde_saphyr::from_str(yaml).map_err(|error| Error::Syntax(error.to_string()))
    }
}

/// Names become SQL identifiers, paths and JSON keys, so they are kept to one plain alphabet.
fn check_name(path: &str, name: &str, problems: &mut Vec<String>) {
    let plain = name.len() <= 63
        && name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
    if !plain {
        problems
            .push(format!("{path}: `{name}` must be a lower-case letter, then letters, digits or `_` (at most 63)"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_ontology_is_sound() {
        let ontology = Ontology::parse(SHIPPED).unwrap();
        assert_eq!(ontology.entity("account").unwrap().key, "account_id");
        assert_eq!(ontology.field("opportunity", "amount").unwrap().kind, FieldType::Decimal);
    }

    #[test]
    fn every_problem_is_named_with_its_path() {
        let yaml = "version: 1\nentities:\n  a:\n    key: id\n    fields:\n      Bad-Name: { type: string }\n      b: { type: string, references: nowhere }\n";
        let Err(Error::Unsound(problems)) = Ontology::parse(yaml) else { panic!("must be refused") };
        assert_eq!(problems.len(), 3, "{problems:?}");
        assert!(problems[0].starts_with("a.key: names `id`"));
    }

    #[test]
    fn a_misspelt_word_is_refused_with_its_place() {
        let error = Ontology::parse("version: 1\nentities:\n  a:\n    kee: id\n    fields: {}\n").unwrap_err();
        assert!(error.to_string().contains("kee"), "{error}");
    }

    #[test]
    fn an_extension_adds_and_never_redefines() {
        let base = Ontology::shipped();
        let tier = Field {
            kind: FieldType::String,
            required: false,
            unit: None,
            range: None,
            pii: None,
            references: None,
            description: String::new(),
            aliases: vec![],
        };
        let added = Extension {
            version: 1,
            fields: [("account".to_owned(), [("tier".to_owned(), tier.clone())].into())].into(),
            ..Default::default()
        };
        assert!(base.extended(&added).unwrap().field("account", "tier").is_some());
        let changed = Extension {
            version: 1,
            fields: [("account".to_owned(), [("name".to_owned(), tier)].into())].into(),
            ..Default::default()
        };
        assert!(base.extended(&changed).unwrap_err().to_string().contains("account.name: exists already"));
    }
}
