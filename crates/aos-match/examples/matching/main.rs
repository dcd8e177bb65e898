//! Measures the matcher on labelled cases, and learns its model from them.
//!
//! ```text
//! matching samples ROOT        the sample sources of the repository against their gold set
//! matching eval DIR            the shipped model on a folder of labelled cases, with values and by names only
//! matching loso DIR            leave one system out: learns from the other systems, tests on the one left out
//! matching memory DIR          the same with what was decided of the other systems as evidence, beside without; and on second connections
//! matching fit  DIR            learns from all cases and writes crates/aos-match/model.json
//! ```
//! `--raw FILE` writes every figure as JSON; `--mistakes` lists what went wrong.

mod case;
mod learn;
mod measure;
mod remembered;
mod samples;

use aos_core::Ontology;
use aos_match::Matcher;
use aos_match::training::Model;
use case::{Case, View, read_cases};
use indexmap::IndexMap;
use learn::{Lesson, fit, lessons, platt};
use measure::Score;
use std::path::{Path, PathBuf};

fn main() {
    if let Err(error) = run() {
        eprintln!("matching: {error}");
        std::process::exit(1);
    }
}

fn run() -> Result<(), String> {
    let mut arguments: Vec<String> = std::env::args().skip(1).collect();
    let mistakes = take_flag(&mut arguments, "--mistakes");
    let raw = take_value(&mut arguments, "--raw");
    let [command, folder] = arguments.as_slice() else {
        return Err("expected: matching samples|eval|loso|memory|fit DIR [--raw FILE] [--mistakes]".to_owned());
    };
    if command == "samples" {
        return measure_samples(Path::new(folder), mistakes, raw.as_deref());
    }
    let cases = read_cases(Path::new(folder))?;
    let ontology = Ontology::shipped();
    let mut report = Report { mistakes, raw: IndexMap::new() };
    match command.as_str() {
        "eval" => {
            let matcher = Matcher::new(&ontology);
            for (view, title) in VIEWS {
                report.print(&format!("shipped model, {title}"), &scores(&cases, view, |_| &matcher));
            }
        }
        "loso" => leave_one_out(&cases, &ontology, &mut report),
        "memory" => remembered::measure(&cases, &fold_matchers(&cases, &ontology), &mut report),
        "fit" => learn_all(&cases, &ontology, &mut report)?,
        other => return Err(format!("no command `{other}`; expected eval, loso, memory or fit")),
    }
    write_raw(&report.raw, raw.as_deref())
}

fn write_raw<T: serde::Serialize>(figures: &T, path: Option<&str>) -> Result<(), String> {
    let Some(path) = path else { return Ok(()) };
    let text = serde_json::to_string_pretty(figures).map_err(|error| error.to_string())?;
    std::fs::write(path, text).map_err(|error| format!("cannot write {path}: {error}"))
}

fn measure_samples(root: &Path, mistakes: bool, raw: Option<&str>) -> Result<(), String> {
    let mut figures = IndexMap::new();
    for (names_only, title) in [(false, "names, types and values"), (true, "names only")] {
        println!(
            "\nsamples, {title}\n{:<26} {:>6} {:>6} {:>6} {:>6} {:>9} {:>6}",
            "set (source)", "prec", "recall", "F1", "ECE", "decided", "entity"
        );
        let mut total = samples::Tally::default();
        let mut tallies = samples::measure(root, names_only)?;
        tallies.values().for_each(|tally| total.add(tally));
        tallies.insert("TOTAL".to_owned(), total);
        for (name, tally) in &tallies {
            println!(
                "{name:<26} {:>6.3} {:>6.3} {:>6.3} {:>6.3} {:>9} {:>3}/{:<2}",
                tally.precision(),
                tally.recall(),
                tally.f1(),
                tally.ece(),
                tally.judged.len(),
                tally.entities_right,
                tally.tables
            );
        }
        if mistakes {
            tallies["TOTAL"].mistakes.iter().for_each(|mistake| println!("  {mistake}"));
        }
        figures.insert(title, tallies);
    }
    println!("\nspeed: {}", speed(root)?);
    write_raw(&figures, raw)
}

/// Times the matching of all sample sources, best of several runs.
fn speed(root: &Path) -> Result<String, String> {
    let sources = samples::sources(root)?;
    let matcher = Matcher::new(&Ontology::shipped());
    let mut best = f64::INFINITY;
    for _ in 0..10 {
        let begin = std::time::Instant::now();
        for (_, _, shapes) in &sources {
            std::hint::black_box(matcher.match_source(shapes));
        }
        best = best.min(begin.elapsed().as_secs_f64() * 1e3);
    }
    let tables: usize = sources.iter().map(|(_, _, shapes)| shapes.len()).sum();
    let columns: usize = sources.iter().flat_map(|(_, _, shapes)| shapes).map(|shape| shape.columns.len()).sum();
    Ok(format!("{} sources, {tables} tables, {columns} columns in {best:.1} ms (best of 10)", sources.len()))
}

const VIEWS: [(View, &str); 2] = [(View::Full, "names, labels, types and values"), (View::NamesOnly, "names only")];

fn scores<'m>(cases: &[Case], view: View, matcher: impl Fn(&Case) -> &'m Matcher) -> Vec<(String, Score)> {
    cases.iter().map(|case| (case.id.clone(), Score::of(case, &matcher(case).match_table(&case.shape(view))))).collect()
}

fn leave_one_out(cases: &[Case], ontology: &Ontology, report: &mut Report) {
    let matchers = fold_matchers(cases, ontology);
    for (view, title) in VIEWS {
        report.print(&format!("leave one system out, {title}"), &scores(cases, view, |case| &matchers[case.group()]));
    }
}

/// Matchers that have learned from all systems but one, by that one.
fn fold_matchers(cases: &[Case], ontology: &Ontology) -> IndexMap<String, Matcher> {
    let models = fold_models(cases, ontology);
    models.into_iter().map(|(group, model)| (group, Matcher::with_model(ontology, model))).collect()
}

/// Learns one model per system from all other systems; each is calibrated on systems it did not learn from.
fn fold_models(cases: &[Case], ontology: &Ontology) -> IndexMap<String, Model> {
    let prior = prior();
    let all = lessons(cases, &Matcher::new(ontology));
    let mut groups: Vec<String> = cases.iter().map(|case| case.group().to_owned()).collect();
    groups.sort();
    groups.dedup();
    let mut models = IndexMap::new();
    let mut judged: IndexMap<String, Vec<(f64, bool)>> = IndexMap::new();
    for group in &groups {
        let others: Vec<&Lesson> = all.iter().filter(|lesson| lesson.group != *group).collect();
        let model = fit(&others, &prior, ontology);
        judged.insert(group.clone(), judge(&all, group, &model, ontology));
        models.insert(group.clone(), model);
    }
    for (group, model) in &mut models {
        let others: Vec<(f64, bool)> =
            judged.iter().filter(|(other, _)| *other != group).flat_map(|(_, judged)| judged.iter().copied()).collect();
        model.calibration = platt(&others);
    }
    models
}

/// Confidence and truth of what a model decides about a system it has not seen, before calibration.
fn judge(all: &[Lesson], group: &str, model: &Model, ontology: &Ontology) -> Vec<(f64, bool)> {
    let mut plain = model.clone();
    plain.calibration = aos_match::training::Calibration { slope: 1.0, intercept: 0.0 };
    let matcher = Matcher::with_model(ontology, plain);
    let own = all.iter().filter(|lesson| lesson.group == group);
    own.flat_map(|lesson| Score::of(&lesson.case, &matcher.match_table(&lesson.shape)).judged).collect()
}

fn learn_all(cases: &[Case], ontology: &Ontology, report: &mut Report) -> Result<(), String> {
    let prior = prior();
    let all = lessons(cases, &Matcher::new(ontology));
    let mut model = fit(&all.iter().collect::<Vec<_>>(), &prior, ontology);
    let mut judged = Vec::new();
    for (group, fold) in fold_models(cases, ontology) {
        judged.extend(judge(&all, &group, &fold, ontology));
    }
    model.calibration = platt(&judged);
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("model.json");
    let text = serde_json::to_string_pretty(&model).map_err(|error| error.to_string())?;
    std::fs::write(&path, text + "\n").map_err(|error| format!("cannot write {}: {error}", path.display()))?;
    println!("wrote {} from {} cases; calibrated on {} decisions", path.display(), cases.len(), judged.len());
    let matcher = Matcher::with_model(ontology, model);
    for (view, title) in VIEWS {
        report.print(&format!("on what it learned from, {title}"), &scores(cases, view, |_| &matcher));
    }
    Ok(())
}

/// Where learning starts: weights set by hand from what each feature means.
fn prior() -> Model {
    serde_json::from_str(include_str!("prior.json")).expect("prior.json lists every feature")
}

struct Report {
    mistakes: bool,
    raw: IndexMap<String, IndexMap<String, Score>>,
}

impl Report {
    fn print(&mut self, title: &str, scores: &[(String, Score)]) {
        println!("\n{title}\n{}", Score::header());
        let mut total = Score::default();
        for (name, score) in scores {
            println!("{}", score.line(name));
            total.add(score);
        }
        println!("{}   ({} decisions not judged)", total.line("TOTAL"), total.unjudged);
        if self.mistakes {
            total.mistakes.iter().for_each(|mistake| println!("  {mistake}"));
        }
        let mut kept: IndexMap<String, Score> = scores.iter().cloned().collect();
        kept.insert("TOTAL".to_owned(), total);
        self.raw.insert(title.to_owned(), kept);
    }
}

fn take_flag(arguments: &mut Vec<String>, flag: &str) -> bool {
    let before = arguments.len();
    arguments.retain(|argument| argument != flag);
    arguments.len() != before
}

fn take_value(arguments: &mut Vec<String>, flag: &str) -> Option<String> {
    let at = arguments.iter().position(|argument| argument == flag)?;
    arguments.remove(at);
    (at < arguments.len()).then(|| arguments.remove(at))
}
