//! An object that has become one of its values, and a value that has become an object: the name stays, the path does not.

use super::finding::{Fix, Proof, Repair};
use super::relation::{Related, Relation, relate};
use super::story::{Story, Taken};
use aos_core::drift::{ChangeKind, Evidence, Signal};
use aos_core::shape::ValueKind;

/// What the member that stands for its object is called, the surest first.
const STANDS_FOR: [&str; 7] = ["id", "value", "key", "code", "uuid", "name", "displayName"];

pub(crate) fn turned(story: &Story<'_>) -> Vec<Taken> {
    let scalar = |kind: ValueKind| !matches!(kind, ValueKind::Object | ValueKind::List);
    let mut found = Vec::new();
    for (then, now) in story.open() {
        let (was, is) = (story.then(then), story.now(now));
        if was.kind == ValueKind::Object && scalar(is.kind) {
            let members: Vec<usize> =
                story.gone.iter().copied().filter(|at| is_member(&story.then(*at).path, &was.path)).collect();
            let best = best_member(story, &members, |at| (at, now));
            found.extend(best.map(|(member, fix, evidence)| Taken {
                then: member,
                now,
                kind: ChangeKind::Flattened,
                fix,
                evidence,
                to: None,
            }));
        } else if scalar(was.kind) && is.kind == ValueKind::Object {
            let members: Vec<usize> =
                story.come.iter().copied().filter(|at| is_member(&story.now(*at).path, &is.path)).collect();
            let best = best_member(story, &members, |at| (then, at));
            found.extend(best.map(|(member, fix, evidence)| {
                let fix = Fix { repair: Repair::Nest, ..fix };
                Taken { then, now: member, kind: ChangeKind::Nested, fix, evidence, to: None }
            }));
        }
    }
    found
}

/// Whether the member's value is the other side's, and not only found in it.
fn is_same_value(related: &Related) -> bool {
    !matches!(related.relation, Relation::Table(_) | Relation::Affixed(..) | Relation::Truncated(_))
}

fn is_member(path: &str, object: &str) -> bool {
    path.strip_prefix(object).is_some_and(|rest| rest.starts_with('.') && !rest[1..].contains('.'))
}

/// The member whose values are the other side's, or the one that is called like an identifier.
fn best_member(
    story: &Story<'_>,
    members: &[usize],
    pair: impl Fn(usize) -> (usize, usize),
) -> Option<(usize, Fix, Vec<Evidence>)> {
    let related = |at: usize| -> Option<Related> {
        let (then, now) = pair(at);
        let (was, is) = (story.then(then), story.now(now));
        let rows = story.aligned.filter(|rows| !rows.reused)?;
        relate(was, is, &rows.cells(&was.path, &is.path)?).filter(|related| related.holds() && is_same_value(related))
    };
    let proved = members
        .iter()
        .filter_map(|at| Some((*at, related(*at)?)))
        .max_by(|x, y| x.1.strength().total_cmp(&y.1.strength()));
    let fix = |confidence, proof, held: Option<&str>| {
        let held = held.map(str::to_owned);
        Fix { repair: Repair::Flatten, transforms: Vec::new(), confidence, proof, held }
    };
    if let Some((at, related)) = proved {
        let says = format!("{:.0} % of {} rows agree", related.agree * 100.0, related.rows);
        return Some((at, fix(related.trust(), Proof::Rows, None), vec![Evidence::new(Signal::Rows, says)]));
    }
    let leaf = |at: usize| {
        let (then, now) = pair(at);
        let longer =
            if story.then(then).path.len() > story.now(now).path.len() { story.then(then) } else { story.now(now) };
        longer.path.rsplit('.').next().unwrap_or_default().to_owned()
    };
    STANDS_FOR.iter().find_map(|name| {
        let at = members.iter().copied().find(|at| leaf(*at).eq_ignore_ascii_case(name))?;
        // Both an id and a value: which one it is, only values tell.
        let rivals = members.iter().filter(|at| STANDS_FOR[..4].contains(&leaf(**at).as_str())).count();
        let confidence = if rivals <= 1 { 0.8 } else { 0.65 };
        let says = format!("`{name}` is what stands for an object");
        Some((
            at,
            fix(confidence, Proof::Names, Some("no row shows which member the value is")),
            vec![Evidence::new(Signal::Name, says)],
        ))
    })
}
