//! Two versions of one stream compared: first what names alone explain, then what rows prove, then what is likely. Each step takes
//! away what it has explained, so that nothing is said twice.

use super::align::Aligned;
use super::family::families;
use super::model::DriftModel;
use super::parts::{Whole, joined};
use super::story::Story;
use super::{Drift, moved, objects, swapped, turns};
use aos_core::drift::{PathDiff, Snapshot};
use aos_core::mapping::StreamMapping;

/// Compares two versions of a stream. With a mapping, only what it reads can be broken.
pub fn compare(before: &Snapshot, after: &Snapshot, mapping: Option<&StreamMapping>) -> Drift {
    compare_with(before, after, mapping, DriftModel::shipped())
}

/// The same with a model of one's own.
pub fn compare_with(before: &Snapshot, after: &Snapshot, mapping: Option<&StreamMapping>, model: &DriftModel) -> Drift {
    let diff = PathDiff::between(&before.shape, &after.shape);
    let aligned = Aligned::of(before, after);
    let mut story = explained(Story::new(before, after, mapping, &diff, aligned.as_ref()));
    for taken in moved::moved(&mut story, model) {
        story.taken(taken);
    }
    story.kept();
    story.left();
    story.told()
}

/// Takes away what names, parts, objects and exchanges explain.
fn explained(mut story: Story<'_>) -> Story<'_> {
    let (before, after) = (story.before, story.after);
    story.keys();
    for family in families(&before.shape, &after.shape, &story.gone, &story.come) {
        story.family(family);
    }
    for whole in [Whole::Before, Whole::After] {
        for joined in joined(before, after, story.aligned, &story.gone, &story.come, whole) {
            story.joined(&joined, whole);
        }
    }
    for taken in objects::turned(&story) {
        story.taken(taken);
    }
    for pair in swapped::swapped(&story) {
        story.swapped(pair);
    }
    for one in turns::elsewhere(&story) {
        story.elsewhere(one);
    }
    for pair in turns::crossed(&story) {
        story.crossed(&pair);
    }
    story
}

/// The best pair of each column that the model is asked about: paths, what it rests on, probability.
pub(crate) fn weighed(
    before: &Snapshot,
    after: &Snapshot,
    model: &DriftModel,
) -> Vec<(String, String, &'static str, f64)> {
    let diff = PathDiff::between(&before.shape, &after.shape);
    let aligned = Aligned::of(before, after);
    let story = explained(Story::new(before, after, None, &diff, aligned.as_ref()));
    moved::weighed(&story, model)
}
