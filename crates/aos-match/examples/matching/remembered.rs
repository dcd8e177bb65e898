//! What the mapping memory brings: each system is matched by a model that has not seen it, without and with what was decided about all other
//! systems. Then each table is matched as a second connection to the same system, whose first one people have decided about, one decision in
//! 33 wrongly.

use crate::Report;
use crate::case::{Case, View};
use crate::measure::Score;
use aos_core::shape::StreamShape;
use aos_match::memory::{Decided, Recollection, Verdict};
use aos_match::{Matcher, TableMatch};
use indexmap::IndexMap;

/// Of so many decisions of people one is wrong.
pub const ONE_WRONG_OF: usize = 33;

pub(crate) fn measure(cases: &[Case], matchers: &IndexMap<String, Matcher>, report: &mut Report) {
    for view in [View::Full, View::NamesOnly] {
        let without: Vec<(String, Score)> = cases
            .iter()
            .map(|case| (case.id.clone(), Score::of(case, &matchers[case.group()].match_table(&case.shape(view)))))
            .collect();
        let with: Vec<(String, Score)> = cases
            .iter()
            .map(|case| {
                let others: Vec<&Case> = cases.iter().filter(|other| other.group() != case.group()).collect();
                let found = match_with(&matchers[case.group()], &case.shape(view), decided(&others, view));
                (case.id.clone(), Score::of(case, &found))
            })
            .collect();
        let second: Vec<(String, Score)> = cases
            .iter()
            .enumerate()
            .map(|(at, case)| {
                let found =
                    match_with(&matchers[case.group()], &case.shape(view), with_mistakes(decided(&[case], view), at));
                (case.id.clone(), Score::of(case, &found))
            })
            .collect();
        report.print(&format!("{view:?}, without memory"), &without);
        report.print(&format!("{view:?}, with what was decided of other systems"), &with);
        report.print(
            &format!("{view:?}, second connection to the same system, one decision in {ONE_WRONG_OF} wrong"),
            &second,
        );
        compare(&without, &with);
    }
}

/// Says which tables got better and which worse.
fn compare(without: &[(String, Score)], with: &[(String, Score)]) {
    let (mut better, mut worse) = (Vec::new(), Vec::new());
    for ((name, before), (_, after)) in without.iter().zip(with) {
        let sum = |score: &Score| score.top1 as i64 - score.wrong as i64 - score.traps_taken as i64;
        match sum(after) - sum(before) {
            0 => {}
            gain if gain > 0 => better.push(format!("{name} +{gain}")),
            loss => worse.push(format!("{name} {loss}")),
        }
    }
    println!(
        "better: {}; worse: {}",
        better.join(", "),
        if worse.is_empty() { "none".to_owned() } else { worse.join(", ") }
    );
}

pub fn match_with(matcher: &Matcher, shape: &StreamShape, decided: Vec<Decided>) -> TableMatch {
    let memory = Recollection::new(matcher, decided);
    let hints = memory.hints(shape, &memory.by_names(shape));
    matcher.match_source_with(std::slice::from_ref(shape), &[hints]).remove(0)
}

/// What people would have decided of cases: the right columns, and that look-alikes are not.
pub fn decided(cases: &[&Case], view: View) -> Vec<Decided> {
    let mut decided = Vec::new();
    for case in cases {
        let shape = case.shape(view);
        let mut add = |field: &str, column: &str, verdict| {
            decided.push(Decided {
                system: case.system.clone(),
                stream: case.object.clone(),
                column: column.to_owned(),
                kind: shape.column(column).map_or(aos_core::shape::ValueKind::Unknown, |column| column.kind),
                entity: case.canonical_entity.clone(),
                field: field.to_owned(),
                verdict,
            });
        };
        for (field, column) in &case.gold {
            add(field, column, Verdict::Right);
        }
        for (field, traps) in &case.traps {
            traps.iter().for_each(|column| add(field, column, Verdict::Wrong));
        }
    }
    decided
}

/// Makes some decisions wrong: their field is the one of the decision after them. Which ones, depends on where one begins to count.
pub fn with_mistakes(mut decided: Vec<Decided>, from: usize) -> Vec<Decided> {
    let fields: Vec<String> = decided.iter().map(|one| one.field.clone()).collect();
    for at in (0..decided.len()).filter(|at| (at + from * 7).is_multiple_of(ONE_WRONG_OF)) {
        decided[at].field.clone_from(&fields[(at + 1) % fields.len()]);
    }
    decided
}
