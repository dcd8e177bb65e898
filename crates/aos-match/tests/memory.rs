//! What was decided before is evidence: it finds columns that no name would, gives way to values, and harms no table of other systems.

#[path = "../examples/matching/case.rs"]
#[allow(dead_code)]
mod case;
#[path = "../examples/matching/measure.rs"]
#[allow(dead_code)]
mod measure;

use aos_core::Ontology;
use aos_core::record::{Record, RecordBatch};
use aos_core::shape::{Shaper, StreamShape, ValueKind};
use aos_core::value::Value;
use aos_match::memory::{Decided, Recollection, Verdict, covered};
use aos_match::{Hint, Matcher, TableMatch};
use case::{Case, View, read_cases};
use measure::Score;
use std::path::Path;

fn table(system: &str, name: &str, columns: &[&str], rows: &[&[&str]]) -> StreamShape {
    let mut shaper = Shaper::new(name, system);
    let record = |(at, row): (usize, &&[&str])| Record {
        position: at as u64 + 1,
        cells: row.iter().map(|cell| Some(Value::text(cell))).collect(),
    };
    let records = rows.iter().enumerate().map(record).collect();
    shaper.observe(&RecordBatch { columns: columns.iter().map(|name| (*name).into()).collect(), records });
    shaper.finish()
}

/// Accounts with a column whose name says nothing.
fn accounts(system: &str, xq7: [&str; 4]) -> StreamShape {
    table(
        system,
        "Account",
        &["AccountId", "Name", "XQ7", "Phone"],
        &[
            &["A-100", "Cedar Peak Software Inc", xq7[0], "+1 312 555 0182"],
            &["A-101", "Granite Bank AG", xq7[1], "+1 763 555 0199"],
            &["A-102", "Vantage Foods Ltd", xq7[2], "+1 206 555 0170"],
            &["A-103", "Kestrel Robotics", xq7[3], "+1 914 555 0111"],
        ],
    )
}

const TRADES: [&str; 4] = ["Zeta", "Omega", "Kappa", "Sigma"];

fn decided(column: &str, kind: ValueKind, field: &str, verdict: Verdict) -> Decided {
    Decided {
        system: "erp".into(),
        stream: "Account".into(),
        column: column.into(),
        kind,
        entity: "account".into(),
        field: field.into(),
        verdict,
    }
}

fn matcher() -> Matcher {
    Matcher::new(&Ontology::shipped())
}

fn matched(shape: &StreamShape, decided: Vec<Decided>) -> TableMatch {
    let matcher = matcher();
    let memory = Recollection::new(&matcher, decided);
    let hints = memory.hints(shape, &memory.by_names(shape));
    matcher.match_source_with(std::slice::from_ref(shape), &[hints]).remove(0)
}

fn target(found: &TableMatch, column: &str) -> Option<(String, f64, Vec<String>)> {
    let column = found.columns.iter().find(|known| known.column == column).unwrap();
    column.decision.as_ref().map(|one| (one.field.clone(), one.confidence, one.evidence.clone()))
}

#[test]
fn a_column_that_a_person_decided_about_is_found_again_and_the_answer_names_the_decision() {
    let shape = accounts("erp", TRADES);
    assert!(target(&matched(&shape, vec![]), "XQ7").is_none(), "its name says nothing");
    let (field, confidence, evidence) =
        target(&matched(&shape, vec![decided("XQ7", ValueKind::String, "industry", Verdict::Right)]), "XQ7").unwrap();
    assert_eq!(field, "industry");
    assert!(confidence >= 0.85, "{confidence}");
    assert!(evidence.iter().any(|said| said == "decided before: erp Account.XQ7 is account.industry"), "{evidence:?}");
}

#[test]
fn values_that_contradict_what_was_decided_go_before_it() {
    let mails = ["anna@cedar.example", "bo@granite.example", "cy@vantage.example", "di@kestrel.example"];
    let found = matched(&accounts("erp", mails), vec![decided("XQ7", ValueKind::String, "industry", Verdict::Right)]);
    assert!(target(&found, "XQ7").is_none_or(|(field, ..)| field != "industry"));
    let yes_or_no = accounts("erp", ["true", "false", "true", "false"]);
    let found = matched(&yes_or_no, vec![decided("XQ7", ValueKind::Boolean, "annual_revenue", Verdict::Right)]);
    assert!(target(&found, "XQ7").is_none_or(|(field, ..)| field != "annual_revenue"), "yes is no sum of money");
}

#[test]
fn what_was_rejected_is_not_proposed_again() {
    let shape = accounts("erp", TRADES);
    let before = target(&matched(&shape, vec![]), "Phone").unwrap();
    assert_eq!(before.0, "phone");
    let rejected = vec![decided("Phone", ValueKind::String, "phone", Verdict::Wrong)];
    let after = target(&matched(&shape, rejected), "Phone");
    assert!(after.is_none_or(|(_, confidence, _)| confidence < before.1), "it is less sure than {}", before.1);
}

#[test]
fn what_nobody_looked_at_is_known_and_teaches_nothing() {
    let shape = accounts("erp", TRADES);
    let unseen = vec![decided("XQ7", ValueKind::String, "industry", Verdict::Unseen)];
    assert_eq!(matched(&shape, unseen.clone()), matched(&shape, vec![]));
    let memory = Recollection::new(&matcher(), unseen);
    let alike = memory.by_names(&shape);
    let (known, missing) = covered(&shape, &alike, &memory);
    assert_eq!((known, missing), (1, vec!["AccountId", "Name", "Phone"]));
}

#[test]
fn a_bare_name_is_like_another_only_in_a_table_of_the_same_kind() {
    let memory = Recollection::new(&matcher(), vec![decided("Id", ValueKind::String, "account_id", Verdict::Right)]);
    let alike = |stream: &str| {
        let shape = StreamShape::of_names(stream, ["Id"]);
        memory.by_names(&shape)[0].first().map_or(0.0, |one| one.similarity)
    };
    assert!(alike("Accounts") > 0.9);
    assert!(alike("Invoices") <= 0.8);
}

#[test]
fn what_is_said_from_elsewhere_moves_the_odds_and_is_told() {
    let shape = accounts("erp", TRADES);
    let hint = |log_odds: f64| Hint {
        column: 2,
        entity: "account".into(),
        field: "industry".into(),
        log_odds,
        alone: if log_odds > 5.0 { 0.8 } else { 0.1 },
        said: "a model says so".into(),
    };
    let with = |hint: Hint| matcher().match_source_with(std::slice::from_ref(&shape), &[vec![hint]]).remove(0);
    assert!(target(&with(hint(1.0)), "XQ7").is_none(), "a little is not enough");
    let (field, _, evidence) = target(&with(hint(7.0)), "XQ7").unwrap();
    assert_eq!(field, "industry");
    assert!(evidence.contains(&"a model says so".to_owned()));
    let unknown = Hint { field: "no_such_field".into(), ..hint(9.0) };
    assert_eq!(with(unknown), matcher().match_table(&shape), "what the ontology does not have is nothing");
}

/// The shipped model has seen these cases; how it does on systems it has not seen is measured by `bench/matching/run`.
#[test]
fn what_was_decided_of_other_systems_makes_nothing_worse() {
    let cases = read_cases(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../bench/matching/cases")).unwrap();
    let matcher = matcher();
    for view in [View::Full, View::NamesOnly] {
        let (mut without, mut with) = (Score::default(), Score::default());
        // A part of them is enough to notice breakage.
        for case in cases.iter().step_by(5) {
            let others: Vec<&Case> = cases.iter().filter(|other| other.group() != case.group()).collect();
            let shape = case.shape(view);
            let memory = Recollection::new(&matcher, gold(&others, view));
            let hints = memory.hints(&shape, &memory.by_names(&shape));
            without.add(&Score::of(case, &matcher.match_table(&shape)));
            with.add(&Score::of(case, &matcher.match_source_with(std::slice::from_ref(&shape), &[hints]).remove(0)));
        }
        assert!(with.top1 >= without.top1, "{view:?}: {} of {} instead of {}", with.top1, with.gold, without.top1);
        assert!(with.wrong <= without.wrong, "{view:?}: {} wrong instead of {}", with.wrong, without.wrong);
        assert!(with.traps_taken <= without.traps_taken, "{view:?}");
        assert!(with.ece() <= 0.05, "{view:?}: calibration error {:.3}", with.ece());
    }
}

fn gold(cases: &[&Case], view: View) -> Vec<Decided> {
    let mut decided = Vec::new();
    for case in cases {
        let shape = case.shape(view);
        for (field, column) in &case.gold {
            decided.push(Decided {
                system: case.system.clone(),
                stream: case.object.clone(),
                column: column.clone(),
                kind: shape.column(column).map_or(ValueKind::Unknown, |column| column.kind),
                entity: case.canonical_entity.clone(),
                field: field.clone(),
                verdict: Verdict::Right,
            });
        }
    }
    decided
}
