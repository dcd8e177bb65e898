//! Columns that have got another name, found by likeness: who is most likely who, all together, and what a person should look at.

use super::finding::{Fix, Proof, Repair};
use super::hint;
use super::likeness::{Field, Likeness, likenesses};
use super::model::DriftModel;
use super::proposal::{AUTO_FROM, REVIEW_FROM};
use super::relation::{Related, Relation};
use super::story::{Story, Taken};
use crate::assign::assign;
use crate::lexicon::{Lexicon, Role};
use crate::words::{canonical, segments};
use aos_core::drift::{ChangeKind, Evidence, Signal};
use aos_core::mapping::Transform;
use aos_core::shape::{ColumnShape, ValueKind};
use indexmap::IndexMap;

/// Pairs that are less likely are not shown as guesses.
const GUESS_MIN: f64 = 0.05;
const UNEXPLAINED_MIN: f64 = 0.1;
const GUESSES_MAX: usize = 3;
/// More pairs than this are chosen one by one, the likeliest first: the best total costs the cube of the columns.
const ASSIGNED_TOGETHER_MAX: usize = 90_000;
/// More pairs than this are not compared; so many new names are another table.
const PAIRS_MAX: usize = 250_000;

/// So many rows prove what names deny.
const PROOF_ROWS: usize = 30;

/// Pairs of words of which one means the other's opposite.
const OPPOSITES: [(&str, &str); 10] = [
    ("active", "archived"),
    ("active", "deleted"),
    ("active", "disabled"),
    ("active", "inactive"),
    ("enabled", "disabled"),
    ("open", "closed"),
    ("visible", "hidden"),
    ("public", "private"),
    ("included", "excluded"),
    ("valid", "invalid"),
];

/// Finds the columns that have moved; leaves guesses for those that may have.
pub(crate) fn moved(story: &mut Story<'_>, model: &DriftModel) -> Vec<Taken> {
    let (gone, come) = (story.gone.clone(), story.come.clone());
    if gone.is_empty() || come.is_empty() || gone.len() * come.len() > PAIRS_MAX {
        return Vec::new();
    }
    let field = Field { before: story.before, after: story.after, diff: story.diff, aligned: story.aligned };
    let likely = likenesses(&field, &gone, &come);
    let mut probabilities = model.probabilities(&likely);
    for (b, &then) in gone.iter().enumerate() {
        for (a, &now) in come.iter().enumerate() {
            let holds = likely[b][a].related.as_ref().is_some_and(Related::holds);
            if !holds && is_only_one_object(story.then(then), story.now(now)) {
                probabilities[b][a] = 0.0;
            }
        }
    }
    let hints = hint::raise(story, (&gone, &come), &likely, &mut probabilities);
    let chosen = choose(&probabilities);
    let mut taken: Vec<Taken> = Vec::new();
    let mut guessed = Vec::new();
    for (b, &then) in gone.iter().enumerate() {
        let holds = |one: &Likeness| one.related.as_ref().is_some_and(Related::holds);
        let one = |a: usize| {
            let rivals =
                likely[b].iter().filter(|one| holds(one)).count() + likely.iter().filter(|row| holds(&row[a])).count();
            let alone = if rivals <= 2 { 1.0 } else { 0.0 };
            let mut weighed = weigh(story, then, come[a], probabilities[b][a], &likely[b][a], alone);
            if let Some(hint) = hints.get(&(b, a)) {
                weighed.evidence.push(hint.clone());
                if weighed.fix.proof != Proof::Rows {
                    weighed
                        .fix
                        .held
                        .get_or_insert_with(|| "its probability is set by a rule and not learned".to_owned());
                }
            }
            weighed
        };
        if let Some(a) = chosen[b] {
            let best = one(a);
            if best.fix.confidence >= REVIEW_FROM {
                taken.push(best);
                continue;
            }
        }
        guessed.push((then, (0..come.len()).map(one).collect::<Vec<Taken>>()));
    }
    // What is surely another column is no guess.
    let is_sure = |fix: &Fix| fix.confidence >= AUTO_FROM && fix.held.is_none();
    let is_free = |now: usize| !taken.iter().any(|taken| taken.now == now && is_sure(&taken.fix));
    for (then, mut guesses) in guessed {
        guesses.retain(|guess| guess.fix.confidence >= GUESS_MIN && is_free(guess.now));
        // What nothing speaks for is no guess, only one of many columns.
        guesses.retain(|guess| !guess.evidence.is_empty() || guess.fix.confidence >= UNEXPLAINED_MIN);
        guesses.sort_by(|x, y| y.fix.confidence.total_cmp(&x.fix.confidence));
        guesses.truncate(GUESSES_MAX);
        if !guesses.is_empty() {
            story.guesses.push((then, guesses));
        }
    }
    taken
}

/// The chosen pair of each lost column with what its probability rests on; for learning.
pub(crate) fn weighed(story: &Story<'_>, model: &DriftModel) -> Vec<(String, String, &'static str, f64)> {
    if story.gone.is_empty() || story.come.is_empty() {
        return Vec::new();
    }
    let field = Field { before: story.before, after: story.after, diff: story.diff, aligned: story.aligned };
    let likely = likenesses(&field, &story.gone, &story.come);
    let probabilities = model.probabilities(&likely);
    let chosen = choose(&probabilities);
    let of = |(b, a): (usize, usize)| {
        let view = match () {
            () if likely[b][a].features[30] > 0.0 => "rows",
            () if likely[b][a].features[18] > 0.0 => "values",
            () => "names",
        };
        (story.then(story.gone[b]).path.clone(), story.now(story.come[a]).path.clone(), view, probabilities[b][a])
    };
    chosen.iter().enumerate().filter_map(|(b, a)| Some((b, (*a)?))).map(of).collect()
}

fn choose(probabilities: &[Vec<f64>]) -> Vec<Option<usize>> {
    let columns = probabilities.first().map_or(0, Vec::len);
    if probabilities.len() * columns <= ASSIGNED_TOGETHER_MAX {
        let gains: Vec<Vec<f64>> =
            probabilities.iter().map(|row| row.iter().map(|p| p - GUESS_MIN).collect()).collect();
        return assign(&gains);
    }
    let mut order: Vec<(usize, usize)> = (0..probabilities.len())
        .flat_map(|b| (0..columns).map(move |a| (b, a)))
        .filter(|(b, a)| probabilities[*b][*a] >= GUESS_MIN)
        .collect();
    order.sort_by(|x, y| probabilities[y.0][y.1].total_cmp(&probabilities[x.0][x.1]).then(x.cmp(y)));
    let (mut chosen, mut used) = (vec![None; probabilities.len()], vec![false; columns]);
    for (b, a) in order {
        if chosen[b].is_none() && !used[a] {
            (chosen[b], used[a]) = (Some(a), true);
        }
    }
    chosen
}

fn weigh(story: &Story<'_>, then: usize, now: usize, probability: f64, likeness: &Likeness, alone: f64) -> Taken {
    let (was, is) = (story.then(then), story.now(now));
    let proof = match () {
        () if likeness.related.as_ref().is_some_and(|related| related.holds()) => Proof::Rows,
        () if likeness.features[18] > 0.0 => Proof::Distribution,
        () => Proof::Names,
    };
    let depth = |path: &str| path.matches('.').count();
    let (kind, repair) = match depth(&is.path).cmp(&depth(&was.path)) {
        std::cmp::Ordering::Greater => (ChangeKind::Nested, Repair::Nest),
        std::cmp::Ordering::Less => (ChangeKind::Flattened, Repair::Flatten),
        std::cmp::Ordering::Equal => (ChangeKind::Renamed, Repair::Rename),
    };
    // Many rows that agree, where chance would not have it, outweigh names that do not.
    let proved = likeness
        .related
        .as_ref()
        .filter(|related| related.holds() && related.strength() >= 0.9 && related.rows >= PROOF_ROWS);
    let confidence = proved.map_or(probability, |related| probability.max(alone * related.trust()));
    let mut fix = Fix { repair, transforms: Vec::new(), confidence, proof, held: None };
    fix.held = held(story, was, is, likeness, proof);
    if proof != Proof::Rows && opposite(was, is) {
        let table = IndexMap::from([("true".to_owned(), "false".to_owned()), ("false".to_owned(), "true".to_owned())]);
        fix.repair = Repair::ValueTable;
        fix.transforms = vec![Transform::ValueTable { table, closed: true }];
        fix.confidence = fix.confidence.max(REVIEW_FROM + 0.02);
        fix.held = Some("the new name says the opposite".to_owned());
    }
    Taken { then, now, kind, fix, evidence: evidence(was, is, likeness), to: None }
}

/// Whether one is an object and the other is known to be none.
fn is_only_one_object(was: &ColumnShape, is: &ColumnShape) -> bool {
    let known = was.kind != ValueKind::Unknown && is.kind != ValueKind::Unknown;
    known && (was.kind == ValueKind::Object) != (is.kind == ValueKind::Object)
}

fn opposite(was: &ColumnShape, is: &ColumnShape) -> bool {
    let yes_or_no = |column: &ColumnShape| column.kind == ValueKind::Boolean;
    let words = |column: &ColumnShape| canonical(&segments(&column.path));
    let (then, now) = (words(was), words(is));
    let has = |words: &[String], word: &str| words.iter().any(|own| own == word);
    yes_or_no(was)
        && yes_or_no(is)
        && OPPOSITES.iter().any(|(x, y)| (has(&then, x) && has(&now, y)) || (has(&then, y) && has(&now, x)))
}

/// Whether each name says a form of the thing and the forms differ: an owner's name is not the owner's id.
fn other_form(was: &ColumnShape, is: &ColumnShape) -> bool {
    let forms = |column: &ColumnShape| -> Vec<String> {
        let is_form = |word: &String| Lexicon::get().role(word) == Role::Form;
        canonical(&segments(&column.path)).into_iter().filter(is_form).collect()
    };
    let (then, now) = (forms(was), forms(is));
    !then.is_empty() && !now.is_empty() && !then.iter().any(|form| now.contains(form))
}

/// Why a person should look before this is applied.
fn held(story: &Story<'_>, was: &ColumnShape, is: &ColumnShape, likeness: &Likeness, proof: Proof) -> Option<String> {
    let said = |path: &str| (story.before.declared(path), story.after.declared(path));
    let key = said(&was.path).0.is_some_and(|one| one.key) || said(&is.path).1.is_some_and(|one| one.key);
    let cursor = said(&was.path).0.is_some_and(|one| one.cursor) || said(&is.path).1.is_some_and(|one| one.cursor);
    let kinds_differ = was.kind != is.kind && was.kind != ValueKind::Unknown && is.kind != ValueKind::Unknown;
    let same_values = proof == Proof::Rows || likeness.features[20] > 0.0;
    let why = match () {
        () if cursor => "it says which records are new; the bookmark must be read again",
        () if is.path.contains("[]") && !was.path.contains("[]") => {
            "one value has become several; which one counts must be said"
        }
        () if is.kind == ValueKind::List && was.kind != ValueKind::List && proof != Proof::Rows => {
            "one value has become several; which one counts must be said"
        }
        () if key && !same_values => {
            "it identifies records; stored rows must be keyed again unless the values are the same"
        }
        () if key && kinds_differ && proof != Proof::Rows => "the key's type changes; stored rows must be keyed again",
        () if proof == Proof::Names && likeness.features[37] > 0.0 => "only synonyms say so; no value was seen",
        () if proof == Proof::Names && [2, 3, 4, 7, 9, 38].iter().all(|at| likeness.features[*at] == 0.0) => {
            "a word of the name came or went; no value was seen"
        }
        () if proof == Proof::Names && other_form(was, is) => {
            "one name says another form of it than the other; no value was seen"
        }
        () if other_form(was, is)
            && likeness.related.as_ref().is_some_and(|related| matches!(related.relation, Relation::Table(_))) =>
        {
            "one name says another form of it than the other, and a table knows only what was met"
        }
        () if likeness.features[30] == 0.0 && likeness.related.is_some() => {
            "the same records hold other numbers, as in every column of numbers"
        }
        () if likeness.features[10] > 0.0 && !same_values => "a word of the name that changes the meaning came or went",
        () if matches!(
            likeness.related.as_ref().map(|related| &related.relation),
            Some(Relation::Rounded | Relation::Truncated(_))
        ) =>
        {
            "a part of each value is gone"
        }
        () => return None,
    };
    Some(why.to_owned())
}

fn evidence(was: &ColumnShape, is: &ColumnShape, likeness: &Likeness) -> Vec<Evidence> {
    let mut said = Vec::new();
    let features = &likeness.features;
    let name = match () {
        () if features[2] > 0.0 => Some("the same letters"),
        () if features[4] > 0.0 => Some("the same words"),
        () if features[37] > 0.0 => Some("words that mean the same"),
        () if features[38] > 0.0 => Some("the same but for the stream's own name"),
        () if features[7] > 0.0 => Some("one abbreviates the other"),
        () if features[9] > 0.0 => Some("the same but for words like id, name, code"),
        () if features[8] > 0.0 => Some("one name is within the other"),
        () if features[5] >= 0.4 => Some("words in common"),
        () if features[6] >= 0.6 => Some("spelled alike"),
        () => None,
    };
    said.extend(name.map(|says| Evidence::new(Signal::Name, format!("{} ~ {}: {says}", was.path, is.path))));
    if let Some(related) = likeness.related.as_ref().filter(|related| related.holds()) {
        let says = format!("{:.0} % of {} rows agree", related.agree * 100.0, related.rows);
        said.push(Evidence::new(Signal::Rows, says));
    } else if features[32] > 0.0 {
        said.push(Evidence::new(Signal::Rows, "against: the same rows hold other values"));
    }
    if likeness.overlap > 0.05 {
        said.push(Evidence::new(Signal::Values, format!("about {:.0} % in common", likeness.overlap * 100.0)));
    }
    if features[22] >= 0.5 {
        said.push(Evidence::new(Signal::Distribution, format!("{:.0} % of the choices alike", features[22] * 100.0)));
    }
    if features[23] >= 0.8 {
        said.push(Evidence::new(Signal::Distribution, "numbers of the same size"));
    }
    if features[25] >= 0.8 {
        said.push(Evidence::new(Signal::Distribution, "written the same way"));
    }
    if features[13] > 0.0 || features[12] > 0.0 {
        let against = if features[13] > 0.0 { "against: " } else { "" };
        said.push(Evidence::new(Signal::Type, format!("{against}{} → {}", was.kind, is.kind)));
    }
    if features[14] >= 0.5 {
        said.push(Evidence::new(Signal::Position, "beside the same columns"));
    }
    if features[15] >= 0.99 {
        said.push(Evidence::new(Signal::Position, "the only lost column beside the only new one"));
    }
    said
}
