//! What two versions say of a pair of columns beside their likeness: that both have the same role, that the same words took the place of
//! others in a pair that is sure, that one value has become a list of them. A hint raises a pair above its rivals and never against
//! what values say; whether a repair is applied is decided as ever.

use super::family::{Rule, rule};
use super::likeness::Likeness;
use super::story::Story;
use crate::words::{split_words, stem};
use aos_core::drift::{Declared, Evidence, Signal};
use aos_core::shape::{ColumnShape, ValueKind};
use std::collections::HashMap;

/// How likely a pair is at least that has the same role, and one that follows another's example.
const SAME_ROLE: f64 = 0.8;
const SAME_RULE: f64 = 0.75;
const LIST_OF_IT: f64 = 0.75;
/// From this probability a pair is an example for others.
const EXAMPLE_FROM: f64 = 0.85;
/// Words that say how a list holds things, and nothing of what they are.
const HOLDING: [&str; 5] = ["id", "ids", "list", "items", "values"];

/// Why a pair was raised, by its place.
pub(crate) type Hints = HashMap<(usize, usize), Evidence>;

struct Hint {
    at: (usize, usize),
    least: f64,
    evidence: Evidence,
}

/// Raises the pairs that something speaks for; `probabilities` and `likely` are by place in `gone` and `come`.
pub(crate) fn raise(
    story: &Story<'_>,
    (gone, come): (&[usize], &[usize]),
    likely: &[Vec<Likeness>],
    probabilities: &mut [Vec<f64>],
) -> Hints {
    let mut hints = Vec::new();
    hints.extend(by_role(story, gone, come, |said| said.key, "what identifies a record, before and after"));
    hints.extend(by_role(story, gone, come, |said| said.cursor, "what says which records are new, before and after"));
    hints.extend(by_example(story, gone, come, probabilities));
    hints.extend(by_number(story, gone, come));
    let mut taken = Hints::new();
    for Hint { at: (b, a), least, evidence } in hints {
        if probabilities[b][a] >= least || contradicted(&likely[b][a]) {
            continue;
        }
        // What is likelier for one is less likely for its rivals.
        for (other, row) in probabilities.iter_mut().enumerate() {
            for (place, p) in row.iter_mut().enumerate() {
                if (other == b) != (place == a) {
                    *p *= 1.0 - least;
                }
            }
        }
        probabilities[b][a] = least;
        taken.insert((b, a), evidence);
    }
    taken
}

/// Whether values or rows speak against the pair.
fn contradicted(likeness: &Likeness) -> bool {
    let features = &likeness.features;
    let rows_seen = features[30] > 0.0;
    let rows_agree = likeness.related.as_ref().is_some_and(super::relation::Related::holds);
    let apart = [21, 24, 26, 29].iter().any(|at| features[*at] > 0.0);
    (rows_seen && !rows_agree) || apart
}

/// The only lost column of a role is the only new one of that role.
fn by_role(
    story: &Story<'_>,
    gone: &[usize],
    come: &[usize],
    has: impl Fn(&Declared) -> bool,
    says: &str,
) -> Option<Hint> {
    let of_then = |at: &usize| story.before.declared(&story.then(*at).path).is_some_and(&has);
    let of_now = |at: &usize| story.after.declared(&story.now(*at).path).is_some_and(&has);
    let at = (only(gone, of_then)?, only(come, of_now)?);
    // Where one of several parts of a key has gone, another part does not take its place.
    let kept = story.diff.kept.iter().any(|(b, a)| of_then(b) || of_now(a));
    (!kept).then(|| Hint { at, least: SAME_ROLE, evidence: Evidence::new(Signal::Key, says) })
}

fn only(all: &[usize], is: impl Fn(&usize) -> bool) -> Option<usize> {
    let mut found = all.iter().enumerate().filter(|(_, at)| is(at));
    let (place, _) = found.next()?;
    found.next().is_none().then_some(place)
}

/// The same words that took the place of others in a pair that is sure: `usageQuantity` is `consumedQuantity`, so `usageUnit` is `consumedUnit`.
fn by_example(story: &Story<'_>, gone: &[usize], come: &[usize], probabilities: &[Vec<f64>]) -> Vec<Hint> {
    let then: Vec<Vec<String>> = gone.iter().map(|at| split_words(&story.then(*at).path)).collect();
    let now: Vec<Vec<String>> = come.iter().map(|at| split_words(&story.now(*at).path)).collect();
    let mut examples: HashMap<Rule, (usize, usize)> = HashMap::new();
    for (b, row) in probabilities.iter().enumerate() {
        for (a, _) in row.iter().enumerate().filter(|(_, p)| **p >= EXAMPLE_FROM) {
            if let Some(rule) = rule(&then[b], &now[a]).filter(|rule| !rule.out.is_empty() && !rule.into.is_empty()) {
                examples.insert(rule, (b, a));
            }
        }
    }
    if examples.is_empty() {
        return Vec::new();
    }
    let mut found = Vec::new();
    for (b, words) in then.iter().enumerate() {
        for (a, others) in now.iter().enumerate() {
            let Some((x, y)) = rule(words, others).and_then(|rule| examples.get(&rule)).copied() else { continue };
            if (x, y) == (b, a) {
                continue;
            }
            let (from, to) = (&story.then(gone[x]).path, &story.now(come[y]).path);
            let evidence = Evidence::new(Signal::Name, format!("as {from} → {to}: the same words instead of the same"));
            found.push(Hint { at: (b, a), least: SAME_RULE, evidence });
        }
    }
    once_each(found)
}

/// One value that is a list of them now, by their names: `label` is `label_ids`.
fn by_number(story: &Story<'_>, gone: &[usize], come: &[usize]) -> Vec<Hint> {
    let core = |column: &ColumnShape| -> Vec<String> {
        let words = split_words(&column.path);
        words.iter().filter(|word| !HOLDING.contains(&word.as_str())).map(|word| stem(word)).collect()
    };
    let single = |kind: ValueKind| !matches!(kind, ValueKind::List | ValueKind::Object | ValueKind::Unknown);
    let mut found = Vec::new();
    for (b, then) in gone.iter().enumerate() {
        let was = story.then(*then);
        let words = core(was);
        for (a, now) in come.iter().enumerate() {
            let is = story.now(*now);
            if single(was.kind) && is.kind == ValueKind::List && !words.is_empty() && words == core(is) {
                let evidence = Evidence::new(Signal::Name, format!("{} may be a list of {}", is.path, was.path));
                found.push(Hint { at: (b, a), least: LIST_OF_IT, evidence });
            }
        }
    }
    once_each(found)
}

/// Drops hints of which several speak of one column.
fn once_each(hints: Vec<Hint>) -> Vec<Hint> {
    let count = |is: &dyn Fn(&Hint) -> bool| hints.iter().filter(|hint| is(hint)).count();
    let alone: Vec<bool> = hints
        .iter()
        .map(|hint| count(&|other| other.at.0 == hint.at.0) == 1 && count(&|other| other.at.1 == hint.at.1) == 1)
        .collect();
    hints.into_iter().zip(alone).filter_map(|(hint, alone)| alone.then_some(hint)).collect()
}
