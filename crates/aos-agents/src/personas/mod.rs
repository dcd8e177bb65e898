//! Who asks: personas, how a question is told to be one's, and what each looks at first. They are data, in `ontology/personas.yaml`.

mod classify;
mod summary;

pub use classify::{Classification, Evidence, classify};
pub use summary::{Amount, Summary, SummaryTable, Tile, TileStatus, summary};

use serde::{Deserialize, Serialize};
use std::sync::OnceLock;
use utoipa::ToSchema;

/// The personas that ship with the product, as text.
const SHIPPED: &str = include_str!("../../../../ontology/personas.yaml");

static PERSONAS: OnceLock<Vec<Persona>> = OnceLock::new();

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Persona {
    pub id: String,
    pub name: String,
    pub description: String,
    pub(crate) words: Vec<String>,
    #[serde(default)]
    pub pilot: Option<String>,
    pub questions: Vec<String>,
    tiles: Vec<TilePlan>,
    table: TablePlan,
}

/// A number to be found out: by a statement over the views, or among what the platform itself knows. `empty` says what to do where a statement
/// counts nothing.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct TilePlan {
    key: String,
    title: String,
    #[serde(default)]
    needs: Vec<String>,
    #[serde(default)]
    sql: Option<String>,
    #[serde(default)]
    fact: Option<String>,
    #[serde(default)]
    empty: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct TablePlan {
    title: String,
    #[serde(default)]
    needs: Vec<String>,
    sql: String,
    empty: String,
}

/// A persona as it is shown.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = Persona)]
pub struct PersonaInfo {
    #[schema(example = "cro")]
    pub id: String,
    #[schema(example = "CRO")]
    pub name: String,
    pub description: String,
    /// The pilot whose findings it looks at.
    pub pilot: Option<String>,
    /// Questions to begin with.
    pub questions: Vec<String>,
}

#[derive(Deserialize)]
struct File {
    personas: Vec<Persona>,
}

impl Persona {
    pub fn info(&self) -> PersonaInfo {
        PersonaInfo {
            id: self.id.clone(),
            name: self.name.clone(),
            description: self.description.clone(),
            pilot: self.pilot.clone(),
            questions: self.questions.clone(),
        }
    }
}

/// Returns the personas there are.
pub fn all() -> &'static [Persona] {
    PERSONAS.get_or_init(|| {
        let file: File = serde_saphyr::from_str(SHIPPED).expect("the shipped personas are checked by a test");
        file.personas
    })
}

pub fn find(id: &str) -> Option<&'static Persona> {
    all().iter().find(|persona| persona.id == id)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pilots::Pilot;
    use aos_core::Ontology;

    #[test]
    fn the_shipped_personas_look_at_what_there_is() {
        let ontology = Ontology::shipped();
        let ids: Vec<&str> = all().iter().map(|persona| persona.id.as_str()).collect();
        assert_eq!(ids, ["cto", "cro", "coo", "cfo", "data_engineer", "revops", "finops"]);
        for persona in all() {
            assert!(persona.pilot.as_deref().is_none_or(|id| Pilot::of(id).is_some()), "{}", persona.id);
            assert_eq!(persona.questions.len(), 4, "{}", persona.id);
            let table = (&persona.table.title, &persona.table.needs);
            for (name, needs) in persona.tiles.iter().map(|tile| (&tile.title, &tile.needs)).chain([table]) {
                for path in needs {
                    let (entity, field) = path.split_once('.').expect("entity.field");
                    assert!(ontology.field(entity, field).is_some(), "{name} needs {path}");
                }
            }
            for tile in &persona.tiles {
                assert_ne!(tile.sql.is_some(), tile.fact.is_some(), "{} is either SQL or a fact", tile.key);
                assert_eq!(tile.sql.is_some(), tile.empty.is_some(), "{} says what to do when it is empty", tile.key);
                assert!(tile.fact.is_some() || !tile.needs.is_empty(), "{} says what it needs", tile.key);
                let kind = tile.fact.as_deref().and_then(|fact| fact.strip_prefix("findings."));
                let known = |kind: &str| Pilot::ALL.iter().flat_map(|pilot| pilot.kinds()).any(|(own, _)| own == kind);
                assert!(kind.is_none_or(known), "{} counts findings that no pilot looks for", tile.key);
            }
        }
    }
}
