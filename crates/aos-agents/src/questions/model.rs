//! A planner that asks the tenant's language model. It only proposes: what it makes is checked like every other plan, and the answer says who
//! made it. What leaves is the question without personal data, and the names and meanings of the ontology's fields; no record does.

use super::plan::{Plan, SCHEMA};
use super::planner::{Planner, Proposed};
use super::refusal::{Refusal, RefusalCode};
use crate::registry;
use aos_ai::models::{Ask, ModelError, Models};
use aos_core::tenant::Principal;
use aos_core::{Ontology, TenantScope};
use aos_store::{ModelPayer, Store};
use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::pin::Pin;

const FEATURE: &str = "questions";
const TOKENS_MAX: u32 = 2_000;
const TASK: &str = "You turn a question about business records into a plan: which records of one entity, filtered, listed or measured. \
    Use only the entities and fields that are listed. Dates in filters are days such as 2025-01-31; `between` includes both ends; compare text \
    with `in` or `contains`. Use every condition of the question. When the fields do not hold what is asked for, or the question can be meant \
    in several ways, set answerable to false and say in why_not what is missing; do not guess.";

/// Asks the model that the tenant has chosen.
pub struct ModelPlanner {
    models: Models,
    store: Store,
}

impl ModelPlanner {
    pub fn new(models: Models, store: Store) -> Self {
        Self { models, store }
    }

    /// Returns on whose account the model is asked, where an agent asks.
    async fn payer(&self, scope: &TenantScope) -> Result<Option<ModelPayer>, registry::Error> {
        let Principal::ApiKey(key) = scope.principal() else { return Ok(None) };
        Ok(registry::of_key(&self.store, scope, key).await?.map(|agent| agent.payer()))
    }

    async fn propose(
        &self,
        scope: &TenantScope,
        question: &str,
        ontology: &Ontology,
        today: DateTime<Utc>,
    ) -> Result<Proposed, Refusal> {
        let system = format!("{TASK}\nToday is {}.\n{}", today.date_naive(), catalogue(ontology));
        let ask = Ask::json(FEATURE, system, question, "plan", answer_schema());
        let refused = |reason: String| Refusal::new(RefusalCode::NotUnderstood, reason);
        let payer = self.payer(scope).await.map_err(|error| refused(format!("the model was not asked: {error}")))?;
        let ask = Ask { tokens_out_max: TOKENS_MAX, payer, ..ask };
        let answer = self.models.tenant(scope).ask(ask).await.map_err(|error| match error {
            // Whoever has chosen no model was not promised one.
            ModelError::ProductionMode | ModelError::NotConfigured | ModelError::NoKey(_) => refused(String::new()),
            error => refused(format!("the model was asked as well, without success: {error}")),
        })?;
        let value = answer.value.unwrap_or_default();
        if value["answerable"] != Value::Bool(true) {
            let why = value["why_not"].as_str().filter(|why| !why.is_empty()).unwrap_or("it does not say why");
            return Err(refused(format!("the model does not find an answer in the fields there are: {why}")));
        }
        let plan: Plan = serde_json::from_value(value["plan"].clone())
            .map_err(|_| refused("the model says that it has a plan, and gives none".into()))?;
        if names_what_was_taken_out(&plan) {
            return Err(refused(
                "a condition names a person or other personal data, which is not sent to a model".into(),
            ));
        }
        Ok(Proposed { plan, by: answer.model })
    }
}

impl Planner for ModelPlanner {
    fn plan<'a>(
        &'a self,
        scope: &'a TenantScope,
        question: &'a str,
        ontology: &'a Ontology,
        today: DateTime<Utc>,
    ) -> Pin<Box<dyn Future<Output = Result<Proposed, Refusal>> + Send + 'a>> {
        Box::pin(self.propose(scope, question, ontology, today))
    }

    fn spared<'a>(&'a self, scope: &'a TenantScope) -> Pin<Box<dyn Future<Output = ()> + Send + 'a>> {
        Box::pin(async move {
            // A count that is missing spoils no answer.
            let _counted = self.models.tenant(scope).note_spared().await;
        })
    }
}

/// The plan's own schema inside one in which the model may also decline.
fn answer_schema() -> Value {
    let mut plan: Value = serde_json::from_str(SCHEMA).unwrap_or_default();
    let parts = plan.as_object_mut().and_then(|plan| {
        plan.remove("$schema");
        plan.remove("$defs")
    });
    json!({
        "type": "object",
        "additionalProperties": false,
        "required": ["answerable"],
        "properties": {
            "answerable": { "type": "boolean" },
            "why_not": { "type": "string" },
            "plan": plan,
        },
        "$defs": parts,
    })
}

/// What there is to ask about, a line for each field.
fn catalogue(ontology: &Ontology) -> String {
    let mut text = String::new();
    for (name, entity) in &ontology.entities {
        let _written = writeln!(text, "{name} (key {}): {}", entity.key, entity.description);
        for (field, known) in &entity.fields {
            let unit = known.unit.as_deref().map(|unit| format!(", {unit}")).unwrap_or_default();
            let leads = known.references.as_deref().map(|to| format!(", leads to {to}")).unwrap_or_default();
            let _written = writeln!(text, "  {field} ({}{unit}{leads}): {}", known.kind, known.description);
        }
    }
    text
}

/// Whether a condition is about a label that stands for personal data, such as `<PERSON_NAME>`.
fn names_what_was_taken_out(plan: &Plan) -> bool {
    let shares = plan.measures.iter().flat_map(|measure| &measure.of);
    let values = plan.filters.iter().chain(shares).flat_map(|filter| &filter.values);
    values
        .into_iter()
        .any(|value| aos_ai::pii::Class::ALL.iter().any(|class| value.contains(&format!("<{}>", class.label()))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_schema_that_a_model_gets_takes_plans_and_refusals_and_nothing_else() {
        let schema = jsonschema::validator_for(&answer_schema()).unwrap();
        assert!(schema.is_valid(&json!({ "answerable": false, "why_not": "there is no weather" })));
        let plan = json!({ "entity": "account", "measures": [{ "op": "count" }],
            "filters": [{ "field": "industry", "op": "in", "values": ["Retail"] }] });
        assert!(schema.is_valid(&json!({ "answerable": true, "plan": plan })));
        assert!(
            !schema.is_valid(&json!({ "answerable": true, "plan": { "entity": "account", "sql": "DROP TABLE x" } }))
        );
        assert!(!schema.is_valid(&json!({ "plan": plan })));
    }

    #[test]
    fn a_model_is_told_every_field_and_no_record() {
        let ontology = Ontology::shipped();
        let told = catalogue(&ontology);
        for (name, entity) in &ontology.entities {
            assert!(told.contains(&format!("{name} (key {})", entity.key)));
            assert!(entity.fields.keys().all(|field| told.contains(&format!("  {field} ("))), "{name}");
        }
    }
}
