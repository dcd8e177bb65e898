//! What holds of clusters whatever the records are.

use aos_resolve::{Class, Field, Model, Record, RecordKey, Resolver, Ruling, Verdict, fit};
use proptest::prelude::*;
use std::sync::LazyLock;

const FIRST: [&str; 12] =
    ["anna", "bruno", "carla", "dario", "elena", "felix", "greta", "hugo", "irene", "jonas", "klara", "lukas"];
const LAST: [&str; 10] =
    ["berger", "conti", "dumas", "eriksen", "fischer", "gruber", "horvat", "ivanov", "jansen", "kowalski"];

fn fields() -> Vec<Field> {
    [
        ("first", Class::Person),
        ("last", Class::Person),
        ("email", Class::Email),
        ("phone", Class::Phone),
        ("company", Class::Code),
    ]
    .map(|(name, class)| Field { name: name.to_owned(), class })
    .into()
}

fn record(source: &str, id: usize, values: [String; 5]) -> Record {
    let values = values.into_iter().map(|value| (!value.is_empty()).then_some(value)).collect();
    Record { key: RecordKey::new(source, id.to_string()), values }
}

/// Persons of companies with one switchboard each. The second source writes each third one another way, and leaves something out.
fn people(count: usize) -> Vec<Record> {
    let mut records = Vec::new();
    for at in 0..count {
        let company = at / 8;
        // No two colleagues have a name in common, and the same names are found in other companies.
        let first = FIRST[(at * 5 + company * 7) % FIRST.len()];
        let last = LAST[(at * 3 + company * company) % LAST.len()];
        let email = format!("{first}.{last}@company{company}.example");
        let phone = format!("+49 89 55{company:04}00");
        records.push(record(
            "crm",
            at,
            [first.into(), last.into(), email.clone(), phone.clone(), format!("c{company}")],
        ));
        if at % 3 == 0 {
            let email = if at % 2 == 0 { email } else { String::new() };
            let last = if at % 9 == 0 { last.replacen('e', "ee", 1) } else { last.to_uppercase() };
            records.push(record("desk", at, [first.to_uppercase(), last, email, phone, format!("c{company}")]));
        }
    }
    records
}

fn sets(resolver: &Resolver) -> Vec<Vec<RecordKey>> {
    resolver.clusters().into_iter().map(|cluster| cluster.records).collect()
}

fn model() -> Model {
    static MODEL: LazyLock<Model> = LazyLock::new(|| fit(&fields(), &people(360)));
    MODEL.clone()
}

#[test]
fn colleagues_with_one_switchboard_stay_several_persons() {
    let records = people(360);
    let resolver = Resolver::new(fit(&fields(), &records), records);
    let clusters = resolver.clusters();
    let (mut right, mut wrong) = (0, 0);
    for cluster in clusters.iter().filter(|cluster| cluster.records.len() > 1) {
        let ids: Vec<&str> = cluster.records.iter().map(|record| record.id.as_str()).collect();
        if ids.iter().all(|id| *id == ids[0]) { right += 1 } else { wrong += 1 }
    }
    assert_eq!(wrong, 0, "strangers were glued together");
    assert!(right >= 110, "of 120 persons in both sources {right} were found");
}

#[test]
fn the_order_of_the_records_matters_neither_for_the_model_nor_for_the_clusters() {
    let records = people(240);
    let mut reversed = records.clone();
    reversed.reverse();
    let (model, other) = (fit(&fields(), &records), fit(&fields(), &reversed));
    assert_eq!(model, other);
    assert_eq!(sets(&Resolver::new(model, records)), sets(&Resolver::new(other, reversed)));
}

#[test]
fn a_person_rules_over_the_evidence_and_an_undone_ruling_leaves_no_trace() {
    let records = people(120);
    let mut resolver = Resolver::new(fit(&fields(), &records), records);
    let before = sets(&resolver);
    let together = before.iter().find(|records| records.len() == 2).unwrap().clone();
    let alone: Vec<&Vec<RecordKey>> = before.iter().filter(|records| records.len() == 1).take(2).collect();
    let ruling =
        |left: &RecordKey, right: &RecordKey, verdict| Ruling { left: left.clone(), right: right.clone(), verdict };
    resolver.rule(&[
        ruling(&together[0], &together[1], Verdict::Different),
        ruling(&alone[0][0], &alone[1][0], Verdict::Same),
    ]);
    let ruled = sets(&resolver);
    assert!(!ruled.contains(&together), "{together:?}");
    let mut joined = vec![alone[0][0].clone(), alone[1][0].clone()];
    joined.sort();
    assert!(ruled.contains(&joined), "{joined:?}");
    resolver.rule(&[]);
    assert_eq!(sets(&resolver), before);
}

#[test]
fn a_model_that_was_written_down_and_read_gives_the_same_clusters() {
    let (records, model) = (people(240), model());
    let text = serde_json::to_string(&model).unwrap();
    let read: Model = serde_json::from_str(&text).unwrap();
    assert_eq!(sets(&Resolver::new(read, records.clone())), sets(&Resolver::new(model, records)));
}

#[test]
fn an_explanation_adds_up_to_the_probability() {
    let records = people(240);
    let resolver = Resolver::new(fit(&fields(), &records), records);
    let pair = resolver.pairs(0.5).into_iter().next().unwrap();
    let why = resolver.explain(&pair.left, &pair.right).unwrap();
    let bits = why.prior_bits + why.rivals_bits + why.fields.iter().map(|field| field.bits).sum::<f64>();
    let probability = resolver.model().calibration.probability(bits * std::f64::consts::LN_2);
    assert!((probability - pair.probability).abs() < 1e-9, "{why:?}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    /// Records come, change and go in any order: in the end it is as if all had been there from the start, and each step told of every cluster
    /// that it changed.
    #[test]
    fn one_by_one_gives_what_all_at_once_gives(steps in proptest::collection::vec((0usize..90, any::<bool>(), any::<bool>()), 1..60)) {
        let all = people(72);
        let mut resolver = Resolver::new(model(), Vec::new());
        let mut held: std::collections::BTreeMap<RecordKey, Record> = Default::default();
        let mut known: std::collections::BTreeMap<RecordKey, Vec<RecordKey>> = Default::default();
        for (at, stays, changed) in steps {
            let mut record = all[at % all.len()].clone();
            if changed {
                record.values[1] = Some("conti".to_owned());
            }
            if stays {
                held.insert(record.key.clone(), record.clone());
                resolver.put(record);
            } else {
                held.remove(&record.key);
                known.remove(&record.key);
                resolver.remove(&record.key);
            }
            for cluster in resolver.take_touched() {
                for record in &cluster.records {
                    known.insert(record.clone(), cluster.records.clone());
                }
            }
        }
        let whole = Resolver::new(model(), held.into_values().collect());
        prop_assert_eq!(sets(&resolver), sets(&whole));
        let told: std::collections::BTreeSet<Vec<RecordKey>> = known.into_values().collect();
        prop_assert_eq!(told, sets(&whole).into_iter().collect());
    }
}
