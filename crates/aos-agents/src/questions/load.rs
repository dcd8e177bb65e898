//! Reads of the data what words can mean: which fields have values, which values there are, and which references lead somewhere.

use super::lexicon::{Facts, Lexicon, VALUES_MAX};
use super::plan::{Filter, FilterOp, Measure, Plan};
use super::{Result, sql};
use aos_core::Ontology;
use aos_core::ontology::{Entity, FieldType};
use aos_core::policy::{Lens, Sensitivity};
use aos_dcl::TenantDcl;
use serde_json::Value;
use std::sync::Arc;

/// Rows that values of all fields of an entity may take.
const ROWS_MAX: usize = 100_000;
/// A longer text is no word of a question.
const VALUE_CHARS_MAX: usize = 80;

pub(super) async fn lexicon(tenant: &TenantDcl, ontology: &Arc<Ontology>) -> Result<Lexicon> {
    let mut facts = Facts::default();
    for (name, entity) in &ontology.entities {
        counts(tenant, name, entity, &mut facts).await?;
        if facts.records.get(name).is_some_and(|records| *records > 0) {
            values(tenant, name, entity, &mut facts).await?;
        }
    }
    for (name, entity) in &ontology.entities {
        references(tenant, ontology, name, entity, &mut facts).await?;
    }
    facts.sources.sort_unstable();
    facts.sources.dedup();
    Ok(Lexicon::new(ontology.clone(), facts))
}

/// Counts records, and those that state each field, source by source.
async fn counts(tenant: &TenantDcl, name: &str, entity: &Entity, facts: &mut Facts) -> Result<()> {
    let fields: String = entity.fields.keys().map(|field| format!(", count(\"{field}\")")).collect();
    let sql = format!("SELECT _source, count(*){fields} FROM \"{name}\" GROUP BY 1");
    *facts.records.entry(name.to_owned()).or_default() += 0;
    for row in tenant.query(&sql, ROWS_MAX).await?.rows {
        let mut numbers = row.iter().skip(1).map(|value| value.as_u64().unwrap_or(0));
        let source = row.first().and_then(Value::as_str).unwrap_or_default();
        let records = numbers.next().unwrap_or(0);
        *facts.records.entry(name.to_owned()).or_default() += records;
        facts.records_in.insert((name.to_owned(), source.to_owned()), records);
        for (field, count) in entity.fields.keys().zip(numbers) {
            *facts.given.entry((name.to_owned(), field.clone())).or_default() += count;
            facts.given_in.insert((name.to_owned(), source.to_owned(), field.clone()), count);
        }
    }
    Ok(())
}

/// Looks up the values of texts that are no keys, no references and no personal data, as far as they are few.
async fn values(tenant: &TenantDcl, name: &str, entity: &Entity, facts: &mut Facts) -> Result<()> {
    let is_word = |field: &&String| {
        let definition = &entity.fields[field.as_str()];
        definition.kind == FieldType::String
            && **field != entity.key
            && !field.ends_with("_id")
            && definition.references.is_none()
            && Lens::Masking.mask(Sensitivity::of(definition)).is_none()
            && facts.given.get(&(name.to_owned(), (*field).clone())).is_some_and(|given| *given > 0)
    };
    let part = |field: &str| {
        format!(
            "(SELECT '{field}' AS field, \"{field}\" AS value FROM \"{name}\" WHERE length(\"{field}\") <= {VALUE_CHARS_MAX} \
             GROUP BY 2 ORDER BY 2 LIMIT {})",
            VALUES_MAX + 1
        )
    };
    let sources = format!("(SELECT '' AS field, _source AS value FROM \"{name}\" GROUP BY 2)");
    let parts: Vec<String> =
        [sources].into_iter().chain(entity.fields.keys().filter(is_word).map(|field| part(field))).collect();
    for row in tenant.query(&parts.join(" UNION ALL "), ROWS_MAX).await?.rows {
        if let [Value::String(field), Value::String(value)] = row.as_slice() {
            match field.as_str() {
                "" => facts.sources.push(value.clone()),
                field => facts.values.entry((name.to_owned(), field.to_owned())).or_default().push(value.clone()),
            }
        }
    }
    // A field with more values than can be looked up is no list of words; a part of them would be a wrong one.
    facts.values.retain(|(of, _), values| of != name || values.len() <= VALUES_MAX);
    Ok(())
}

/// Counts how many references of each kind lead to a record, in the way in which plans follow them.
async fn references(
    tenant: &TenantDcl,
    ontology: &Ontology,
    name: &str,
    entity: &Entity,
    facts: &mut Facts,
) -> Result<()> {
    for (field, definition) in &entity.fields {
        let Some(target) = definition.references.as_deref().and_then(|target| ontology.entity(target)) else {
            continue;
        };
        let plan = Plan {
            entity: name.to_owned(),
            measures: vec![Measure::count()],
            filters: vec![Filter::of(&format!("{field}.{}", target.key), FilterOp::NotNull, [])],
            ..Plan::default()
        };
        let Some(sql) = sql::write(&plan, ontology, &sql::Things::new()) else { continue };
        let counted = tenant.query(&sql, 1).await?;
        let count = counted.rows.first().and_then(|row| row.first()?.as_u64()).unwrap_or(0);
        facts.found.insert((name.to_owned(), field.clone()), count);
    }
    Ok(())
}
