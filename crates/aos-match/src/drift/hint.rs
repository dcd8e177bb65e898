//! What two versions say of a pair of columns beside their likeness: that both have the same role, that the same words took the place of
//! others in a pair that is sure, that one value has become a list of them, that objects have become what stood for them, that one name
//! holds the other where nothing else does. A hint raises a pair above its rivals and never against what values say; whether a repair is
//! applied is decided as ever.

use super::family::{Rule, rule};
use super::likeness::Likeness;
use super::story::Story;
use crate::words::{split_words, stem};
use aos_core::drift::{Change, ChangeKind, Declared, Evidence, Signal};
use aos_core::shape::{ColumnShape, ValueKind};
use std::collections::{HashMap, HashSet};

/// How likely a pair is at least that has the same role, and one that follows another's example.
const SAME_ROLE: f64 = 0.8;
const SAME_RULE: f64 = 0.75;
const LIST_OF_IT: f64 = 0.75;
const SAME_TURN: f64 = 0.75;
const HOLDING_IT: f64 = 0.65;
/// How likely the only lost column is the only new one of its kind: at the same place, or with values that look alike, and otherwise.
const ONLY_ONE_BESIDE: f64 = 0.66;
const ONLY_ONE: f64 = 0.54;
/// How alike ways of writing, choices and sizes are at least.
const LOOKS_ALIKE: f64 = 0.6;
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
    hints.extend(by_turn(story, gone, come));
    hints.extend(by_holding(story, (gone, come), likely));
    hints.extend(by_standing(story, (gone, come), likely));
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

/// An object that is gone, where others have become one of their members: `org.value` is `org`, so `user_id.value` may be the new `owner_id`.
fn by_turn(story: &Story<'_>, gone: &[usize], come: &[usize]) -> Vec<Hint> {
    let turned = |change: &Change| -> Option<(String, String)> {
        let (object, member) = change.path.rsplit_once('.')?;
        (change.kind == ChangeKind::Flattened && change.to.as_deref() == Some(object))
            .then(|| (member.to_owned(), change.path.clone()))
    };
    let all: Vec<(String, String)> = story.drift.changes.iter().filter_map(turned).collect();
    let examples: HashMap<&str, &str> = all.iter().map(|(member, path)| (member.as_str(), path.as_str())).collect();
    // Of an object's members, the one that stood for most of the others.
    let times = |member: &str| all.iter().filter(|(known, _)| known == member).count();
    let lost: Vec<(&str, &str)> = gone.iter().filter_map(|at| story.then(*at).path.rsplit_once('.')).collect();
    let is_outdone =
        |object: &str, member: &str| lost.iter().any(|(other, rival)| *other == object && times(rival) > times(member));
    let single = |kind: ValueKind| !matches!(kind, ValueKind::List | ValueKind::Object);
    let last_word = |path: &str| split_words(path).pop();
    let is_lost = |path: &str| story.diff.removed.iter().any(|at| story.then(*at).path == path);
    let mut found = Vec::new();
    for (b, then) in gone.iter().enumerate() {
        let Some((object, member)) = story.then(*then).path.rsplit_once('.') else { continue };
        let Some(example) = examples.get(member).filter(|_| is_lost(object) && !is_outdone(object, member)) else {
            continue;
        };
        let was = story.then(*then);
        let same_kind = |at: &usize| story.now(*at).kind == was.kind;
        let beside = |is: &ColumnShape| depth(&is.path) == depth(object) && last_word(&is.path) == last_word(object);
        let only_same = was.kind != ValueKind::Unknown && come.iter().any(|at| same_kind(at) && beside(story.now(*at)));
        for (a, now) in come.iter().enumerate() {
            let is = story.now(*now);
            if single(is.kind) && beside(is) && (!only_same || same_kind(now)) {
                let says = format!("as {example}: the member took the place of its object");
                found.push(Hint { at: (b, a), least: SAME_TURN, evidence: Evidence::new(Signal::Name, says) });
            }
        }
    }
    once_each(found)
}

/// A new column whose name holds a lost one's, where nothing else can be either of them, or where others have moved into the same object:
/// `time_in` and `latest_time_in`; `cost` and `metrics.cost_micros` beside `clicks` and `metrics.clicks`.
fn by_holding(story: &Story<'_>, (gone, come): (&[usize], &[usize]), likely: &[Vec<Likeness>]) -> Vec<Hint> {
    let nested = story.drift.changes.iter().filter(|change| change.kind == ChangeKind::Nested);
    let moved: HashSet<&str> =
        nested.flat_map(|change| &change.covers).filter_map(|pair| Some(pair.to.rsplit_once('.')?.0)).collect();
    let is_beside = |path: &str| path.rsplit_once('.').is_some_and(|(object, _)| moved.contains(object));
    let hint = |((b, a), one): ((usize, usize), &Likeness)| {
        let (from, to) = (&story.then(gone[b]).path, &story.now(come[a]).path);
        let names_alone = one.features[18] == 0.0 && one.features[30] == 0.0;
        let says = match () {
            () if !names_alone || one.features[8] == 0.0 || one.features[13] > 0.0 => return None,
            () if is_beside(to) => "others have moved there as well",
            () if one.features[15] >= 0.99 && one.features[11] > 0.0 => "nothing else can be either",
            () => return None,
        };
        let says = format!("one of {from} and {to} is within the other, and {says}");
        Some(Hint { at: (b, a), least: HOLDING_IT, evidence: Evidence::new(Signal::Name, says) })
    };
    let places =
        likely.iter().enumerate().flat_map(|(b, row)| row.iter().enumerate().map(move |(a, one)| ((b, a), one)));
    once_each(places.filter_map(hint).collect())
}

/// The only lost column and the only new one of its kind, where no value speaks against it: likelier the same than that one went and another
/// came with the same release.
fn by_standing(story: &Story<'_>, (gone, come): (&[usize], &[usize]), likely: &[Vec<Likeness>]) -> Option<Hint> {
    let ([_], [_]) = (gone, come) else { return None };
    let one = &likely[0][0];
    let features = &one.features;
    let (was, is) = (story.then(gone[0]), story.now(come[0]));
    let same_kind = features[11] > 0.0 || was.kind == ValueKind::Unknown && is.kind == ValueKind::Unknown;
    let role = |snapshot: &aos_core::drift::Snapshot, path: &str| {
        snapshot.declared(path).is_some_and(|said| said.key || said.cursor)
    };
    if !same_kind || role(story.before, &was.path) != role(story.after, &is.path) {
        return None;
    }
    let alike = |at: &[usize]| at.iter().any(|at| features[*at] >= LOOKS_ALIKE);
    let beside = features[14] >= 1.0;
    // Values that were seen and have nothing in common are those of something else.
    if features[18] > 0.0 && !alike(&[22, 23, 25]) {
        return None;
    }
    // Many numbers are of one size, and many codes are written in one way; choices are not the same by chance.
    let least = if beside || alike(&[22]) { ONLY_ONE_BESIDE } else { ONLY_ONE };
    let says = match beside {
        true => "the only lost column and the only new one, at the same place",
        false => "the only lost column and the only new one, of the same type",
    };
    Some(Hint { at: (0, 0), least, evidence: Evidence::new(Signal::Position, says) })
}

fn depth(path: &str) -> usize {
    path.matches('.').count()
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
