//! From what the matcher decided to mapping rules: each decision becomes a rule, with the transforms that the column's shape calls for.

use aos_core::mapping::{EntityMapping, FieldRule, Origin, Pivot, StreamMapping, Transform};
use aos_core::ontology::{FieldType, Ontology};
use aos_core::shape::{ColumnShape, Pattern, StreamShape, ValueKind};
use aos_match::{Decision, TableMatch};
use rust_decimal::Decimal;

/// Builds the mapping of a stream, or `None` when it feeds no entity. The version is given when the mapping is kept.
pub fn mapping_from_match(ontology: &Ontology, shape: &StreamShape, matched: &TableMatch) -> Option<StreamMapping> {
    if let Some(pivot) = &matched.pivot {
        let confidence =
            pivot.fields.iter().map(|field| field.confidence).sum::<f64>() / pivot.fields.len().max(1) as f64;
        let pivot_rule = Pivot {
            key_source: pivot.key_column.clone(),
            name_source: pivot.name_column.clone(),
            value_source: pivot.value_column.clone(),
            time_source: pivot.time_column.clone(),
            fields: pivot.fields.iter().map(|field| (field.metric.clone(), field.field.clone())).collect(),
            confidence,
        };
        // What each row says beside its metric, e.g. when it was taken; the key is the pivot's own.
        let mut entity = entity_mapping(ontology, shape, matched, &pivot.entity, None);
        entity.fields.retain(|rule| {
            rule.sources != [pivot.key_column.clone()] && !pivot.fields.iter().any(|field| field.field == rule.target)
        });
        entity.pivot = Some(pivot_rule);
        return Some(StreamMapping { version: 0, stream: shape.stream.clone(), entities: vec![entity] });
    }
    let main = matched.entity.as_ref()?;
    let mut entities = vec![entity_mapping(ontology, shape, matched, &main.entity, None)];
    for further in &matched.further {
        let mapping = entity_mapping(ontology, shape, matched, &further.entity, Some(&further.key_column));
        // The key alone says nothing that the foreign key of the main entity does not say already.
        if mapping.fields.len() > 1 {
            entities.push(mapping);
        }
    }
    (!entities[0].fields.is_empty()).then_some(StreamMapping { version: 0, stream: shape.stream.clone(), entities })
}

/// Takes over what a person decided: reviewed rules win over what the matcher says of the same field, as long as the stream still has their
/// columns. What the matcher finds for fields that nobody decided is added.
pub fn keep_reviewed(
    matched: StreamMapping,
    active: &StreamMapping,
    ontology: &Ontology,
    columns: &[compact_str::CompactString],
) -> StreamMapping {
    let reviewed = |rule: &&FieldRule| rule.origin == Origin::Reviewed;
    let readable = |rule: &&FieldRule| {
        rule.sources.iter().all(|source| aos_core::record::Path::resolve(source, columns).is_some())
    };
    let mut mapping = matched;
    for decided in &active.entities {
        let Some(entity) = ontology.entity(&decided.entity) else { continue };
        let rules: Vec<FieldRule> = decided
            .fields
            .iter()
            .filter(reviewed)
            .filter(readable)
            .filter(|rule| entity.fields.contains_key(&rule.target))
            .cloned()
            .collect();
        if rules.is_empty() {
            continue;
        }
        let at = match mapping.entities.iter().position(|known| known.entity == decided.entity) {
            Some(at) => at,
            None => {
                let (entity, pivot) = (decided.entity.clone(), decided.pivot.clone());
                mapping.entities.push(EntityMapping { entity, fields: Vec::new(), pivot });
                mapping.entities.len() - 1
            }
        };
        let fields = &mut mapping.entities[at].fields;
        fields.retain(|rule| !rules.iter().any(|decided| decided.target == rule.target));
        fields.extend(rules);
    }
    // The main entity is the one that a person chose first.
    if let Some(main) = active.main().filter(|main| main.fields.iter().any(|rule| rule.origin == Origin::Reviewed))
        && let Some(at) = mapping.entities.iter().position(|known| known.entity == main.entity)
    {
        mapping.entities[..=at].rotate_right(1);
    }
    mapping
}

/// Tells whether raw records that were read already hold every column that one mapping reads and the other did not: then what is held can be
/// mapped anew from the lake, and the source need not be asked again.
pub fn is_in_lake(mapping: &StreamMapping, before: &StreamMapping, accepted: Option<&StreamShape>) -> bool {
    let Some(accepted) = accepted else { return false };
    let met = accepted.columns.iter().filter(|column| column.present + column.nulls > 0);
    let columns: Vec<compact_str::CompactString> = met.map(|column| column.path.as_str().into()).collect();
    let known: Vec<&str> = before.entities.iter().flat_map(EntityMapping::sources).collect();
    let mut sources = mapping.entities.iter().flat_map(EntityMapping::sources);
    sources.all(|source| known.contains(&source) || aos_core::record::Path::resolve(source, &columns).is_some())
}

/// Adds to a mapping what the matcher says of fields that it does not have yet. What it has stays as it is.
pub fn extended(active: &StreamMapping, matched: &StreamMapping, ontology: &Ontology) -> StreamMapping {
    let mut mapping = active.clone();
    // Fields that the ontology has no more cannot be kept.
    for entity in &mut mapping.entities {
        let known = |target: &String| ontology.field(&entity.entity, target).is_some();
        entity.fields.retain(|rule| known(&rule.target));
    }
    mapping.entities.retain(|entity| ontology.entity(&entity.entity).is_some());
    for further in &matched.entities {
        let nothing = mapping.entities.is_empty();
        match mapping.entities.iter_mut().find(|known| known.entity == further.entity) {
            Some(known) => {
                let read: Vec<String> = known.fields.iter().flat_map(|rule| rule.sources.clone()).collect();
                let new = |rule: &&FieldRule| {
                    known.rule(&rule.target).is_none() && !rule.sources.iter().any(|source| read.contains(source))
                };
                let new: Vec<FieldRule> = further.fields.iter().filter(new).cloned().collect();
                known.fields.extend(new);
            }
            None if nothing => mapping.entities.push(further.clone()),
            None => {}
        }
    }
    mapping
}

fn entity_mapping(
    ontology: &Ontology,
    shape: &StreamShape,
    matched: &TableMatch,
    entity: &str,
    key_column: Option<&str>,
) -> EntityMapping {
    let decided = matched.columns.iter().filter_map(|column| Some((column.column.as_str(), column.decision.as_ref()?)));
    let mut fields: Vec<FieldRule> = decided
        .filter(|(_, decision)| decision.entity == entity)
        .map(|(column, decision)| rule(ontology, shape, column, decision))
        .collect();
    if let (Some(column), Some(definition)) = (key_column, ontology.entity(entity))
        && !fields.iter().any(|rule| rule.target == definition.key)
    {
        let main =
            matched.columns.iter().find(|known| known.column == column).and_then(|known| known.decision.as_ref());
        let decision = Decision {
            entity: entity.to_owned(),
            field: definition.key.clone(),
            confidence: main.map_or(0.5, |decision| decision.confidence),
            evidence: vec![format!("carries the key of {entity}")],
        };
        fields.insert(0, rule(ontology, shape, column, &decision));
    }
    EntityMapping { entity: entity.to_owned(), fields, pivot: None }
}

fn rule(ontology: &Ontology, shape: &StreamShape, column: &str, decision: &Decision) -> FieldRule {
    let kind = ontology.field(&decision.entity, &decision.field).map_or(FieldType::String, |field| field.kind);
    let unit = ontology.field(&decision.entity, &decision.field).and_then(|field| field.unit.as_deref());
    let transforms =
        shape.column(column).map(|column| transforms(column, kind, &decision.field, unit)).unwrap_or_default();
    let mut evidence = decision.evidence.clone();
    if shape.column(column).is_some_and(day_and_month_are_not_told_apart) {
        evidence.push("day and month order not certain in the sample: read month first".to_owned());
    }
    FieldRule {
        target: decision.field.clone(),
        sources: vec![column.to_owned()],
        transforms,
        confidence: decision.confidence,
        evidence,
        origin: Origin::Matched,
    }
}

/// Chooses the transforms without which this column's values would be read wrongly.
fn transforms(column: &ColumnShape, kind: FieldType, field: &str, unit: Option<&str>) -> Vec<Transform> {
    let mut transforms = Vec::new();
    let temporal = matches!(kind, FieldType::Date | FieldType::Datetime);
    // `false` among texts or numbers is how some systems write null.
    let says = |word: &str| column.samples.iter().any(|sample| sample == word);
    let never_null = column.nulls == 0 && column.absent == 0 && column.present >= 10;
    let mixed_false =
        column.kind != ValueKind::Boolean && kind != FieldType::Boolean && never_null && says("false") && !says("true");
    if mixed_false {
        transforms.push(Transform::NullIf { values: vec!["false".into()] });
    }
    if temporal && let Some(format) = &column.date_format {
        transforms.push(Transform::DateFormat { format: format.clone() });
    } else if temporal && column.kind == ValueKind::Integer && column.follows(Pattern::Epoch) > 0.9 {
        let millis = column.max.is_some_and(|max| max > 1e11);
        transforms.push(Transform::DateFormat { format: if millis { "epoch_ms" } else { "epoch_s" }.into() });
    }
    if let Some(factor) = unit_factor(&column.path, unit) {
        transforms.push(Transform::Scale { factor });
    }
    // An availability zone is its region and a letter.
    if field == "region" && column.follows(Pattern::AwsAvailabilityZone) > 0.9 {
        transforms.push(Transform::Expression { expression: "value[:-1]".into() });
    }
    transforms
}

/// Tells whether every sampled date reads day first as well as month first.
fn day_and_month_are_not_told_apart(column: &ColumnShape) -> bool {
    let month_first =
        column.date_format.as_deref().is_some_and(|format| format.starts_with("%m/%d") || format.starts_with("%m-%d"));
    let day_first = |sample: &String| {
        sample.split(['/', '-']).next().and_then(|day| day.parse::<u8>().ok()).is_some_and(|day| day <= 12)
    };
    let month_second = |sample: &String| {
        sample.split(['/', '-']).nth(1).and_then(|month| month.parse::<u8>().ok()).is_some_and(|month| month <= 12)
    };
    month_first && column.samples.iter().all(|sample| day_first(sample) && month_second(sample))
}

/// Returns by what to multiply when a column says in its name that it counts in another unit than the field.
fn unit_factor(column: &str, unit: Option<&str>) -> Option<Decimal> {
    // Decimal multiples, as clouds bill them: exponent of ten over the base unit of each family.
    const UNITS: [(&str, &str, i32); 12] = [
        ("bytes", "size", 0),
        ("kb", "size", 3),
        ("mb", "size", 6),
        ("gb", "size", 9),
        ("tb", "size", 12),
        ("us", "time", -6),
        ("ms", "time", -3),
        ("millis", "time", -3),
        ("seconds", "time", 0),
        ("sec", "time", 0),
        ("cents", "money", -2),
        ("money", "money", 0),
    ];
    let find = |word: &str| UNITS.iter().find(|(name, _, _)| *name == word);
    let (_, family, wanted) = find(&unit?.to_lowercase())?;
    let words = column.to_lowercase();
    let last = words.rsplit(|c: char| !c.is_ascii_alphanumeric()).next()?;
    let (_, named, stated) = find(last)?;
    let exponent = stated - wanted;
    if named != family || exponent == 0 {
        return None;
    }
    let power = Decimal::from(10u64.checked_pow(exponent.unsigned_abs())?);
    Some(if exponent > 0 { power } else { Decimal::ONE / power })
}

#[cfg(test)]
mod tests {
    use super::*;
    use aos_match::{ColumnMatch, EntityChoice, FurtherEntity};

    fn decided(column: &str, entity: &str, field: &str) -> ColumnMatch {
        let decision =
            Decision { entity: entity.into(), field: field.into(), confidence: 0.9, evidence: vec!["name".into()] };
        ColumnMatch {
            column: column.into(),
            kind: ValueKind::String,
            decision: Some(decision),
            candidates: vec![],
            reason: None,
        }
    }

    fn deals() -> TableMatch {
        TableMatch {
            stream: "Deals".into(),
            entity: Some(EntityChoice {
                entity: "opportunity".into(),
                confidence: 0.9,
                evidence: vec![],
                key_column: Some("deal_id".into()),
            }),
            further: vec![FurtherEntity { entity: "account".into(), key_column: "company_id".into() }],
            columns: vec![
                decided("deal_id", "opportunity", "opportunity_id"),
                decided("company_id", "opportunity", "account_id"),
                decided("company_name", "account", "name"),
                decided("close", "opportunity", "close_date"),
            ],
            pivot: None,
        }
    }

    #[test]
    fn a_further_entity_gets_the_key_that_the_main_one_refers_to_it_by() {
        let shape = StreamShape::of_names("Deals", ["deal_id", "company_id", "company_name", "close"]);
        let mapping = mapping_from_match(&Ontology::shipped(), &shape, &deals()).unwrap();
        let account = &mapping.entities[1];
        assert_eq!(account.rule("account_id").unwrap().sources, ["company_id"]);
        assert_eq!(account.rule("name").unwrap().sources, ["company_name"]);
        assert_eq!(mapping.entities[0].rule("account_id").unwrap().sources, ["company_id"]);
    }

    #[test]
    fn a_further_entity_of_which_only_the_key_is_known_is_left_out() {
        let mut matched = deals();
        matched.columns.remove(2);
        let shape = StreamShape::of_names("Deals", ["deal_id", "company_id", "close"]);
        assert_eq!(mapping_from_match(&Ontology::shipped(), &shape, &matched).unwrap().entities.len(), 1);
    }

    #[test]
    fn a_column_that_names_another_unit_is_rescaled() {
        let factor = |column, unit| unit_factor(column, Some(unit)).map(|factor| factor.to_string());
        assert_eq!(factor("BUCKET_SIZE_BYTES", "GB").as_deref(), Some("0.000000001"));
        assert_eq!(factor("amount_cents", "money").as_deref(), Some("0.01"));
        assert_eq!(factor("MEMORY_GB", "GB"), None);
        assert_eq!(factor("latency_seconds", "ms").as_deref(), Some("1000"));
        assert_eq!(factor("clicks", "GB"), None);
    }

    #[test]
    fn dates_that_read_both_ways_say_so_in_their_evidence() {
        let mut column = ColumnShape::unseen("d".into());
        column.date_format = Some("%m/%d/%Y".into());
        column.samples = vec!["01/02/2026".into(), "03/04/2026".into()];
        assert!(day_and_month_are_not_told_apart(&column));
        column.samples.push("03/25/2026".into());
        assert!(!day_and_month_are_not_told_apart(&column));
    }

    #[test]
    fn the_way_a_column_writes_dates_becomes_part_of_its_rule() {
        let mut shape = StreamShape::of_names("Deals", ["deal_id", "company_id", "company_name", "close"]);
        shape.columns[3].date_format = Some("%d/%m/%Y".into());
        let mapping = mapping_from_match(&Ontology::shipped(), &shape, &deals()).unwrap();
        assert_eq!(
            mapping.entities[0].rule("close_date").unwrap().transforms,
            [Transform::DateFormat { format: "%d/%m/%Y".into() }]
        );
    }
}
