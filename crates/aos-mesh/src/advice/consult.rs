//! Asking the tenant's model which fields the uncertain columns are. What leaves are names, labels, types and forms of columns and the fields of
//! the ontology; no value of a record does. A model's own confidence is not asked for.

use super::Advice;
use super::weigh::{Answers, Place};
use crate::Result;
use crate::sync::Sync;
use aos_ai::models::{Ask, ModelError, Used};
use aos_core::Ontology;
use aos_core::shape::StreamShape;
use aos_store::{MappingCheckEnd, Portrait};
use serde::Deserialize;
use serde_json::{Value, json};
use std::fmt::Write as _;

const FEATURE: &str = "mapping";
/// Columns of one question.
pub(crate) const COLUMNS_PER_CALL: usize = 40;
/// Tokens of an answer, for each column and altogether.
const TOKENS_PER_COLUMN: u32 = 40;
const TOKENS_AROUND: u32 = 200;
/// Other columns of a table that are named beside those in question.
const NEIGHBOURS_MAX: usize = 60;
const TASK: &str = "You match columns of source tables to the fields of an ontology. For each numbered column name the one entity and field that \
    its values are, or null for both when no field is exactly that. Use only entities and fields that are listed. A table is mostly about one \
    entity. Names may be abbreviated, foreign or a system's own codes. Do not guess: a wrong field is worse than none.";

/// One line of the answer.
#[derive(Debug, Deserialize)]
struct Line {
    column: usize,
    entity: Option<String>,
    field: Option<String>,
}

impl Sync<'_> {
    /// Asks about columns, as many at a time as fit. What went wrong is noted, and what was answered before it stands.
    pub(super) async fn consult(
        &self,
        advice: &Advice,
        shapes: &[StreamShape],
        asked: &[Place],
        end: &mut MappingCheckEnd,
    ) -> Result<Answers> {
        let models = advice.models.tenant(self.scope);
        let ontology = self.vocabulary.ontology;
        let system = system(ontology);
        let mut answers = Answers::default();
        for part in asked.chunks(COLUMNS_PER_CALL) {
            let ask = Ask::json(FEATURE, system.clone(), question(shapes, part), "fields", schema());
            let ask = Ask { tokens_out_max: TOKENS_AROUND + TOKENS_PER_COLUMN * part.len() as u32, ..ask };
            let answer = match models.ask(ask).await {
                Ok(answer) => answer,
                Err(ModelError::Store(error)) => return Err(error.into()),
                Err(error) => {
                    end.note = Some(format!("the model gave no answer: {error}"));
                    break;
                }
            };
            end.calls += u64::from(answer.attempts);
            end.asked += part.len() as u64;
            add(end, answer.used);
            answers.model = answer.model;
            let lines = answer.value.map(|mut value| value["columns"].take());
            let lines: Vec<Line> = lines.and_then(|lines| serde_json::from_value(lines).ok()).unwrap_or_default();
            for line in lines {
                let (Some(place), Some(entity), Some(field)) = (part.get(line.column), line.entity, line.field) else {
                    continue;
                };
                // What the ontology does not have was made up.
                if ontology.field(&entity, &field).is_some() {
                    answers.said.insert(*place, (entity, field));
                }
            }
        }
        end.answered = answers.said.len() as u64;
        Ok(answers)
    }
}

/// Estimates what asking takes: calls, and tokens in and out.
pub(super) fn estimate(ontology: &Ontology, shapes: &[StreamShape], asked: &[Place]) -> (u64, u64, u64) {
    // Four bytes are a token of most models and languages, more or less.
    let tokens = |text: &str| text.len() as u64 / 4;
    let around = tokens(&system(ontology));
    let parts = asked.chunks(COLUMNS_PER_CALL);
    let tokens_in = parts.clone().map(|part| around + tokens(&question(shapes, part))).sum();
    let tokens_out = asked.len() as u64 * u64::from(TOKENS_PER_COLUMN) / 2;
    (parts.len() as u64, tokens_in, tokens_out)
}

fn add(end: &mut MappingCheckEnd, used: Used) {
    let first = end.asked <= COLUMNS_PER_CALL as u64 && end.tokens_in.is_none();
    let sum = |known: Option<u64>, new: Option<u64>| match first {
        true => new,
        false => Some(known? + new?),
    };
    end.tokens_in = sum(end.tokens_in, used.tokens_in);
    end.tokens_out = sum(end.tokens_out, used.tokens_out);
    end.micros = sum(end.micros, used.micros);
}

fn system(ontology: &Ontology) -> String {
    let mut text = format!("{TASK}\n");
    for (name, entity) in &ontology.entities {
        let _written = writeln!(text, "{name} (key {}): {}", entity.key, entity.description);
        for (field, known) in &entity.fields {
            let leads = known.references.as_deref().map(|to| format!(", leads to {to}")).unwrap_or_default();
            let _written = writeln!(text, "  {field} ({}{leads}): {}", known.kind, known.description);
        }
    }
    text
}

/// Describes columns by what they are called and what form their values have.
fn question(shapes: &[StreamShape], part: &[Place]) -> String {
    let mut text = String::new();
    let mut last = None;
    for (number, (table, column)) in part.iter().enumerate() {
        let shape = &shapes[*table];
        if last != Some(table) {
            let names: Vec<&str> =
                shape.columns.iter().take(NEIGHBOURS_MAX).map(|column| column.path.as_str()).collect();
            let _written = writeln!(text, "Table {} with the columns {}", shape.stream, names.join(", "));
            last = Some(table);
        }
        let column = &shape.columns[*column];
        let label = column.label.as_deref().map(|label| format!(" (\"{label}\")")).unwrap_or_default();
        let Portrait { forms, unique, lengths, .. } = Portrait::of(column);
        let forms: Vec<String> = forms
            .iter()
            .map(|(form, share)| format!("{:.0} % {}", share * 100.0, json!(form).as_str().unwrap_or_default()))
            .collect();
        let unique = if unique { ", all different" } else { "" };
        let _written = writeln!(
            text,
            "{number}: {}{label}, {}, {} to {} characters{unique} {}",
            column.path,
            column.kind,
            lengths.0,
            lengths.1,
            forms.join(", ")
        );
    }
    text
}

fn schema() -> Value {
    let name = json!({ "type": ["string", "null"] });
    json!({
        "type": "object",
        "additionalProperties": false,
        "required": ["columns"],
        "properties": {
            "columns": {
                "type": "array",
                "items": {
                    "type": "object",
                    "additionalProperties": false,
                    "required": ["column", "entity", "field"],
                    "properties": { "column": { "type": "integer" }, "entity": name, "field": name },
                },
            },
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use aos_core::record::{Record, RecordBatch};
    use aos_core::shape::Shaper;
    use aos_core::value::Value;

    #[test]
    fn a_model_is_shown_names_and_forms_and_no_value() {
        let mut shaper = Shaper::new("Account", "crm");
        let cells = |id: &str, mail: &str| vec![Some(Value::text(id)), Some(Value::text(mail))];
        let records = [("A-1", "anna@cedar.example"), ("A-2", "bo@granite.example")];
        let records = records.iter().enumerate();
        let records =
            records.map(|(at, (id, mail))| Record { position: at as u64 + 1, cells: cells(id, mail) }).collect();
        shaper.observe(&RecordBatch { columns: ["Id", "XQ7"].into_iter().map(Into::into).collect(), records });
        let shape = shaper.finish();
        let told = question(&[shape], &[(0, 1)]);
        assert!(told.contains("Table Account with the columns Id, XQ7") && told.contains("100 % email"), "{told}");
        assert!(!told.contains("anna") && !told.contains("cedar") && !told.contains("A-1"), "{told}");
    }

    #[test]
    fn what_asking_takes_grows_with_what_is_asked() {
        let shape = StreamShape::of_names("T", (0..90).map(|at| format!("column_{at}")));
        let places: Vec<Place> = (0..90).map(|at| (0, at)).collect();
        let ontology = Ontology::shipped();
        let (calls, tokens_in, _) = estimate(&ontology, std::slice::from_ref(&shape), &places);
        assert_eq!(calls, 3);
        let (one, fewer, _) = estimate(&ontology, &[shape], &places[..10]);
        assert!(one == 1 && fewer * 2 < tokens_in, "{fewer} of {tokens_in}");
    }
}
