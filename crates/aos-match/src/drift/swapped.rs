//! Two columns that have kept their names and exchanged what they hold.

use super::distribution;
use super::finding::Proof;
use super::relation::{Related, Relation, relate};
use super::story::Story;
use aos_core::drift::{Evidence, Signal};
use aos_core::shape::{ColumnShape, Sketch};

pub(crate) struct Swap {
    /// (before, after) indexes of the two names.
    pub one: (usize, usize),
    pub other: (usize, usize),
    pub confidence: f64,
    pub proof: Proof,
    /// Why a person should look.
    pub held: Option<&'static str>,
    pub evidence: Vec<Evidence>,
}

/// How alike a column must be to the other name's, and how unlike to its own.
const ALIKE: f64 = 0.7;
const UNLIKE: f64 = 0.25;
/// For values alone to prove it: how alike choices are crosswise, how far apart in size the numbers of the two columns are and how near
/// crosswise (natural logarithms), and of how many values.
const CHOICES_ALIKE: f64 = 0.8;
const SIZES_APART: f64 = 1.5;
const SIZES_ALIKE: f64 = 0.3;
const ROWS_MIN: u64 = 40;

pub(crate) fn swapped(story: &Story<'_>) -> Vec<Swap> {
    let open = story.open();
    let mut found: Vec<Swap> = Vec::new();
    let strange: Vec<(usize, usize)> = open.into_iter().filter(|pair| is_strange(story, *pair)).collect();
    for (at, &one) in strange.iter().enumerate() {
        for &other in &strange[at + 1..] {
            if found.iter().any(|known| [known.one, known.other].iter().any(|pair| *pair == one || *pair == other)) {
                continue;
            }
            found.extend(exchanged(story, one, other));
        }
    }
    found
}

fn related(story: &Story<'_>, then: usize, now: usize) -> Option<Related> {
    let (was, is) = (story.then(then), story.now(now));
    let rows = story.aligned.filter(|rows| !rows.reused)?;
    relate(was, is, &rows.cells(&was.path, &is.path)?)
}

/// A column that is not what its name was.
fn is_strange(story: &Story<'_>, (then, now): (usize, usize)) -> bool {
    match related(story, then, now) {
        // One may follow from the other, as a service does from its resource.
        Some(related) => matches!(related.relation, Relation::Table(_)) || !related.holds() && related.strength() < 0.3,
        None => alike(story.then(then), story.now(now)).is_some_and(|alike| alike < UNLIKE),
    }
}

fn exchanged(story: &Story<'_>, one: (usize, usize), other: (usize, usize)) -> Option<Swap> {
    let across = (related(story, one.0, other.1), related(story, other.0, one.1));
    if let (Some(x), Some(y)) = &across {
        let plain = |related: &Related| {
            related.holds() && matches!(related.relation, Relation::Same | Relation::Equal | Relation::Rewritten)
        };
        if !(plain(x) && plain(y)) {
            return None;
        }
        let says = format!(
            "each holds the other's values in {:.0} % of {} rows",
            x.agree.min(y.agree) * 100.0,
            x.rows.min(y.rows)
        );
        let confidence = x.trust().min(y.trust());
        return Some(Swap {
            one,
            other,
            confidence,
            proof: Proof::Rows,
            held: None,
            evidence: vec![Evidence::new(Signal::Rows, says)],
        });
    }
    let crosswise = alike(story.then(one.0), story.now(other.1))?.min(alike(story.then(other.0), story.now(one.1))?);
    (crosswise >= ALIKE).then(|| {
        let says = format!("each is like the other was ({:.0} %)", crosswise * 100.0);
        let columns = |(then, now): (usize, usize)| (story.then(then), story.now(now));
        let held = (!unmistakable(columns(one), columns(other))).then_some("no row could be compared");
        Swap {
            one,
            other,
            confidence: 0.95,
            proof: Proof::Distribution,
            held,
            evidence: vec![Evidence::new(Signal::Distribution, says)],
        }
    })
}

/// Whether values alone prove the exchange: two lists of choices without a word in common, or numbers of quite another size, each of
/// which is now what the other was.
fn unmistakable(one: (&ColumnShape, &ColumnShape), other: (&ColumnShape, &ColumnShape)) -> bool {
    let (Some((one_was, one_is)), Some((other_was, other_is))) = (sketches(one), sketches(other)) else { return false };
    let all = [one_was, one_is, other_was, other_is];
    let across = [(one_was, other_is), (other_was, one_is)];
    if all.iter().any(|sketch| sketch.count < ROWS_MIN) {
        return false;
    }
    if all.iter().all(|sketch| !sketch.choices.is_empty() && sketch.numbers * 10 < sketch.count) {
        let alike = |was: &Sketch, is: &Sketch| distribution::choices_alike(&was.choices, &is.choices);
        return alike(one_was, other_was) == 0.0 && across.iter().all(|(was, is)| alike(was, is) >= CHOICES_ALIKE);
    }
    let apart = |was: &Sketch, is: &Sketch| distribution::numbers_apart(was, is);
    apart(one_was, other_was).is_some_and(|apart| apart >= SIZES_APART)
        && across.iter().all(|(was, is)| apart(was, is).is_some_and(|apart| apart <= SIZES_ALIKE))
}

fn sketches<'c>((then, now): (&'c ColumnShape, &'c ColumnShape)) -> Option<(&'c Sketch, &'c Sketch)> {
    Some((then.sketch.as_ref()?, now.sketch.as_ref()?))
}

/// How alike the values of two columns are, where anything about them can be compared.
fn alike(was: &ColumnShape, is: &ColumnShape) -> Option<f64> {
    let (then, now) = (was.sketch.as_ref()?, is.sketch.as_ref()?);
    if then.count < 20 || now.count < 20 {
        return None;
    }
    let chosen = |choices: &[(String, u64)], count: u64| !choices.is_empty() && choices.len() as u64 * 4 <= count;
    if chosen(&then.choices, then.count) && chosen(&now.choices, now.count) {
        return Some(distribution::choices_alike(&then.choices, &now.choices));
    }
    if let Some(apart) = distribution::numbers_apart(then, now) {
        return Some((1.0 - apart).max(0.0));
    }
    let forms = distribution::forms_alike(then, now);
    Some(forms.max(then.containment(now)))
}
