//! Measures drift detection and repair on generated cases, and learns the drift model from them.
//!
//! ```text
//! drift eval ROOT [N]     the shipped model on the systems it was not learned from; N cases of each kind, table and view; what is
//!                         applied by itself is counted by the default tiers, and under a stated limit of 1 % wrong
//! drift fit  ROOT [N]     learns from the other systems and writes crates/aos-match/drift_model.json
//! ```
//! `--all` takes every system, `--raw FILE` writes the figures as JSON, `--decisions FILE` each decision that the threshold rests on,
//! one in a line, `--mistakes` lists what went wrong.

mod case;
mod chance;
mod change;
mod facts;
mod grow;
mod learn;
mod limit;
mod measure;
mod names;
mod parallel;
mod table;

use aos_match::drift::compare_with;
use aos_match::drift::training::DriftModel;
use case::{DriftCase, View, make};
use change::Kind;
use limit::Acting;
use measure::{Decision, Score};
use names::Names;
use std::collections::BTreeMap;
use std::path::Path;
use table::Table;

/// The name of all scores together.
const TOTAL: &str = "TOTAL";
/// Seeds of the cases that people decide about; with few, the bound and not the mistakes says where the threshold lies.
const DECIDED_MIN: u64 = 4;

/// The files that are written, where they are asked for.
struct Written {
    raw: Option<String>,
    decisions: Option<String>,
}

fn main() {
    if let Err(error) = run() {
        eprintln!("drift: {error}");
        std::process::exit(1);
    }
}

fn run() -> Result<(), String> {
    let mut arguments: Vec<String> = std::env::args().skip(1).collect();
    let mut flag = |name: &str| arguments.iter().position(|one| one == name).map(|at| arguments.remove(at)).is_some();
    let (all, mistakes) = (flag("--all"), flag("--mistakes"));
    let mut file = |name: &str| {
        let at = arguments.iter().position(|one| one == name)?;
        arguments.drain(at..(at + 2).min(arguments.len())).next_back()
    };
    let written = Written { raw: file("--raw"), decisions: file("--decisions") };
    let (command, root, count) = match arguments.as_slice() {
        [command, root] => (command, Path::new(root), 1),
        [command, root, count] => {
            (command, Path::new(root), count.parse().map_err(|_| "N must be a number".to_owned())?)
        }
        _ => {
            return Err(
                "expected: drift eval|fit ROOT [N] [--all] [--raw FILE] [--decisions FILE] [--mistakes]".to_owned()
            );
        }
    };
    let names = Names::read(root)?;
    let tables = table::all(root)?;
    match command.as_str() {
        "fit" => fit(root, &tables, &names, count),
        "eval" => {
            let own: Vec<&Table> = tables.iter().filter(|table| all || part(table, &tables) == Part::Test).collect();
            let calibration: Vec<&Table> =
                tables.iter().filter(|table| part(table, &tables) == Part::Calibration).collect();
            eval((&own, &calibration), &names, count, mistakes, &written)
        }
        other => Err(format!("no command `{other}`; expected eval or fit")),
    }
}

/// What a system is for. Its cases are all of one part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Weights,
    Calibration,
    Test,
}

fn part(table: &Table, tables: &[Table]) -> Part {
    let mut systems: Vec<&str> = tables.iter().map(|table| table.system.as_str()).collect();
    systems.sort_unstable();
    systems.dedup();
    match systems.iter().position(|system| *system == table.system).unwrap_or(0) % 4 {
        0 => Part::Weights,
        2 => Part::Calibration,
        _ => Part::Test,
    }
}

/// Every case of a table: each kind in each view that can show it, and clean pairs where they are asked for.
fn cases<'t>(table: &'t Table, names: &'t Names, count: u64, clean: bool) -> impl Iterator<Item = DriftCase> + 't {
    let of_view = move |view: View| {
        let shown = move |kind: &Kind| match view {
            View::NamesOnly => kind.shows_in_names(),
            View::OtherRows => !kind.needs_same_rows(),
            View::SameRows => true,
        };
        let kinds = Kind::ALL.into_iter().filter(shown).map(Some);
        let clean = if view == View::NamesOnly || !clean { 0 } else { 6 };
        kinds.chain(std::iter::repeat_n(None, clean)).enumerate().map(move |(at, kind)| (view, kind, at as u64))
    };
    let all = View::ALL.into_iter().flat_map(of_view);
    all.flat_map(move |(view, kind, at)| {
        (0..count).filter_map(move |number| {
            make(table, view, kind, if kind.is_none() { at * 1_000 + number } else { number }, names)
        })
    })
}

/// What people decide about on systems that are neither fitted nor measured gives the threshold, as it would for a tenant.
fn decisions(tables: &[&Table], names: &Names, count: u64) -> Vec<Decision> {
    let of_table = |table: &&Table| -> Vec<Decision> {
        let decided = |case: DriftCase| {
            Score::of(&case, &compare_with(&case.before, &case.after, None, DriftModel::shipped()), &Acting::never())
                .decisions
        };
        // Of a clean pair nothing is proposed that anybody could decide.
        cases(table, names, count, false).flat_map(decided).collect()
    };
    parallel::each(tables, of_table).into_iter().flatten().collect()
}

/// Scores of one table, each under the names of what it belongs to.
fn scores(table: &Table, names: &Names, count: u64, acting: &Acting) -> Vec<([String; 4], Score)> {
    let one = |case: DriftCase| {
        let score = Score::of(&case, &compare_with(&case.before, &case.after, None, DriftModel::shipped()), acting);
        let kind = case.kinds.first().map_or("clean".to_owned(), |kind| format!("{kind:?}"));
        let view = case.view.name();
        let of = [
            format!("{view} · {kind}"),
            limit::of_view(case.view),
            format!("system · {}", table.system),
            TOTAL.to_owned(),
        ];
        (of, score)
    };
    cases(table, names, count, true).map(one).collect()
}

fn eval(
    (tables, calibration): (&[&Table], &[&Table]),
    names: &Names,
    count: u64,
    mistakes: bool,
    written: &Written,
) -> Result<(), String> {
    let decisions = decisions(calibration, names, count.max(DECIDED_MIN));
    if let Some(path) = &written.decisions {
        let lines: Result<Vec<String>, _> = decisions.iter().map(serde_json::to_string).collect();
        write(path, lines.map_err(|error| error.to_string())?.join("\n"))?;
    }
    let acting = Acting::of(&decisions);
    let mut all: BTreeMap<String, Score> = BTreeMap::new();
    for (of, score) in parallel::each(tables, |table| scores(table, names, count, &acting)).into_iter().flatten() {
        of.into_iter().for_each(|name| all.entry(name).or_default().add(&score));
    }
    let systems: std::collections::BTreeSet<&str> = tables.iter().map(|table| table.system.as_str()).collect();
    println!("{} systems, {} tables, {} cases", systems.len(), tables.len(), all[TOTAL].cases);
    println!(
        "{:<28} {:>6} {:>7} {:>7} {:>9} {:>7} {:>7} {:>9} {:>7} {:>6} {:>10}",
        "view · kind", "cases", "recall", "alarms", "repairs", "auto", "wrong", "escalated", "top 3", "ECE", "at 1 %"
    );
    all.iter().for_each(|(name, score)| print(name, score));
    limit::tell(&all, TOTAL, &acting);
    if mistakes {
        all[TOTAL].mistakes.iter().for_each(|mistake| println!("  {mistake}"));
    }
    let Some(path) = &written.raw else { return Ok(()) };
    let kept = serde_json::json!({
        "systems": systems.len(), "tables": tables.len(), "seeds": count, "limit": acting,
        "summary": limit::summary(&all, TOTAL), "scores": all,
    });
    write(path, serde_json::to_string_pretty(&kept).map_err(|error| error.to_string())?)
}

fn write(path: &str, text: String) -> Result<(), String> {
    std::fs::write(path, text + "\n").map_err(|error| format!("cannot write {path}: {error}"))
}

fn print(name: &str, score: &Score) {
    let share =
        |part: usize, of: usize| if of == 0 { "-".to_owned() } else { format!("{:.3}", part as f64 / of as f64) };
    println!(
        "{name:<28} {:>6} {:>7} {:>7} {:>9} {:>7} {:>7} {:>9} {:>7} {:>6.3} {:>10}",
        score.cases,
        share(score.detected, score.truths),
        if score.clean > 0 { format!("{}/{}", score.false_alarms, score.clean) } else { "-".to_owned() },
        score.repairable,
        share(score.auto_right, score.repairable),
        format!("{}/{}", score.auto_wrong, score.auto_wrong + score.auto_right),
        score.escalated,
        share(score.escalated_in_first_three, score.escalated),
        score.ece(),
        format!("{}/{}", score.applied_wrong, score.applied_wrong + score.applied_right)
    );
}

fn fit(root: &Path, tables: &[Table], names: &Names, count: u64) -> Result<(), String> {
    let of = |wanted: Part| tables.iter().filter(move |table| part(table, tables) == wanted);
    let learned: Vec<learn::Example> = of(Part::Weights)
        .flat_map(|table| cases(table, names, count, false))
        .filter(|case| !case.truths.is_empty() && case.truths.len() < 8)
        .flat_map(|case| learn::examples(&case))
        .collect();
    let path = root.join("crates/aos-match/drift_prior.json");
    let text = std::fs::read_to_string(&path).map_err(|error| format!("cannot read {}: {error}", path.display()))?;
    let prior: DriftModel = serde_json::from_str(&text).map_err(|error| format!("{}: {error}", path.display()))?;
    let mut model = learn::fit(&learned, &prior);
    let mut judged: BTreeMap<&str, Vec<(f64, bool)>> = BTreeMap::new();
    for case in of(Part::Calibration).flat_map(|table| cases(table, names, count, false)) {
        for (view, confidence, right) in aos_match::drift::training::judge(
            &case.before,
            &case.after,
            &model,
            |path, to| {
                case.truths.iter().any(|truth| truth.path == path && matches!(&truth.cure, change::Cure::Read { sources, .. } if sources.len() == 1 && sources[0] == to))
            },
        ) {
            judged.entry(view).or_default().push((confidence, right));
        }
    }
    let calibrated = |view: &str| judged.get(view).map_or(prior.names, |judged| learn::platt(judged));
    (model.names, model.values, model.rows) = (calibrated("names"), calibrated("values"), calibrated("rows"));
    println!(
        "{} pairs learned from, {} judged for calibration",
        learned.len(),
        judged.values().map(Vec::len).sum::<usize>()
    );
    for (name, weight) in &model.pair {
        println!("{name:<26} {weight:>8.3}");
    }
    println!("{:?}\n{:?}\n{:?}", model.names, model.values, model.rows);
    let out = root.join("crates/aos-match/drift_model.json");
    let text = serde_json::to_string_pretty(&model).map_err(|error| error.to_string())?;
    std::fs::write(&out, text + "\n").map_err(|error| format!("cannot write {}: {error}", out.display()))
}
