//! Holds the matcher to its numbers: the sample sources against their gold set, and the labelled cases of real systems.

#[path = "../examples/matching/case.rs"]
#[allow(dead_code)]
mod case;
#[path = "../examples/matching/measure.rs"]
#[allow(dead_code)]
mod measure;
#[path = "../examples/matching/samples.rs"]
#[allow(dead_code)]
mod samples;

use aos_core::Ontology;
use aos_match::Matcher;
use case::{View, read_cases};
use measure::Score;
use samples::Tally;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

#[test]
fn the_samples_are_matched_as_the_gold_set_says() {
    let mut total = Tally::default();
    samples::measure(&root(), false).unwrap().values().for_each(|tally| total.add(tally));
    assert!(total.judged.len() > 200, "the gold set is there: {}", total.judged.len());
    assert!(total.precision() >= 0.97, "precision {:.3}: {:#?}", total.precision(), total.mistakes);
    assert!(total.recall() >= 0.95, "recall {:.3}: {:#?}", total.recall(), total.mistakes);
}

#[test]
fn the_samples_are_matched_nearly_as_well_by_their_names() {
    let mut total = Tally::default();
    samples::measure(&root(), true).unwrap().values().for_each(|tally| total.add(tally));
    assert!(total.precision() >= 0.97, "precision {:.3}: {:#?}", total.precision(), total.mistakes);
    assert!(total.recall() >= 0.95, "recall {:.3}: {:#?}", total.recall(), total.mistakes);
}

/// Not a measure of quality (the model has seen these cases; `bench/matching/run` leaves systems out) but a guard against breakage.
#[test]
fn the_labelled_cases_still_come_out_right() {
    let matcher = Matcher::new(&Ontology::shipped());
    for view in [View::Full, View::NamesOnly] {
        let mut total = Score::default();
        for case in read_cases(&root().join("bench/matching/cases")).unwrap() {
            total.add(&Score::of(&case, &matcher.match_table(&case.shape(view))));
        }
        let top1 = total.top1 as f64 / total.gold as f64;
        assert!(top1 >= 0.95, "{view:?}: top-1 {top1:.3}");
        assert!(total.precision() >= 0.95, "{view:?}: precision {:.3}", total.precision());
        assert!(
            total.precision_from(0.85).0 >= 0.97,
            "{view:?}: precision of the sure {:.3}",
            total.precision_from(0.85).0
        );
        assert!(total.ece() <= 0.05, "{view:?}: calibration error {:.3}", total.ece());
    }
}
